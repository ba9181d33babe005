/** What stands below the table of metrics. */
import { useMemo } from 'react';
import {
  type ComparedRow,
  type ComparisonView,
  differenceOf,
  differencesFigure,
  FEWEST_USERS,
  type SliceGroup,
  sliceGroups,
  trainingFigure,
} from '../../../core/api/compare.ts';
import { signOf } from '../../../core/api/metrics.ts';
import { Figure } from '../../charts/Figure.tsx';
import { capital, grouped } from '../../format/format.ts';
import { useFigureColours } from '../../runs/comparison/colours.ts';
import { api, useKeptQuery } from '../../state/api.ts';

const HEIGHT = 220;
const PIXELS = 600;

/** What training looked like, as a report draws it. */
export function TrainingFigure({ view }: { view: ComparisonView }) {
  const colours = useFigureColours(view);
  const runs = view.rows.flatMap((row) => row.runs.map(({ id }) => id));
  const { data } = useKeptQuery(api.compare.curves.queryOptions({ input: { runs, pixels: PIXELS } }));
  const spec = useMemo(
    () =>
      data && data.curves.length > 0
        ? trainingFigure(view, data.metrics[0], data.curves, colours, { height: HEIGHT })
        : null,
    [data, view, colours],
  );
  return spec && <Figure spec={spec} />;
}

interface LeadSlicesProps {
  view: ComparisonView;
  /** Best first. */
  rows: readonly ComparedRow[];
  column: ComparisonView['columns'][number];
}

/** Where the best row leads the baseline, or the second where the best is the baseline: by popularity of the target. */
export function LeadSlices({ view, rows, column }: LeadSlicesProps) {
  const colours = useFigureColours(view);
  const [first, second] = rows;
  // As everywhere, a row minus the baseline.
  const [best, other] = first.isBaseline
    ? [second, first]
    : [first, rows.find((row) => row.isBaseline && row.protocol === first.protocol) ?? second];
  const compared = best && other && best.protocol === other.protocol ? [best, other] : [];
  const runs = compared.flatMap((row) => row.runs.map(({ id }) => id));
  const { data } = useKeptQuery({
    ...api.compare.slices.queryOptions({ input: { runs, baseline: other?.id ?? null } }),
    enabled: runs.length > 0,
  });
  if (!data || runs.length === 0) return null;
  const slices = compared.map(({ id }) => data.find((row) => row.id === id)?.slices ?? []);
  const pair = compared.map((row) => ({ ...row, isBaseline: row === other }));
  const group = sliceGroups({ rows: pair, slices, column }).find(({ by }) => by.startsWith('item '));
  const points = group ? pointsOf(group) : [];
  if (!group || points.length === 0) return null;
  const isWhole = points.length === group.lines.length;
  const title = `${best.name} − ${other.name} ${group.title.toLowerCase()}`;
  return (
    <Figure
      spec={differencesFigure({
        ...{ title, description: title, points, sign: signOf(column.direction), numbered: true },
        subtitle: `${column.label}, 95 % interval${isWhole ? '' : `, slices of ${FEWEST_USERS} users or more`}`,
        fileName: title,
        colours: new Map(points.map(({ id }) => [id, colours.get(best.id) ?? 'muted'])),
      })}
    />
  );
}

/** The tested slices of the first row. */
function pointsOf({ lines }: SliceGroup) {
  return lines.flatMap(({ key, slice, most, unit, cells: [cell] }) =>
    differenceOf(key, cell?.difference ?? undefined).map((point) => ({
      ...point,
      name: `${capital(slice)}, ${grouped(most)} ${unit}`,
    })),
  );
}
