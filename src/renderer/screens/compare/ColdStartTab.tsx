import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { baselineName, type ComparisonView } from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { MetricSelect } from '../../app/MetricSelect.tsx';
import { Figure } from '../../charts/Figure.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, type Estimate } from '../../components/columns.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { bytesText, countText, signed } from '../../format/format.ts';
import { useRowColours, useRowTiles } from '../../runs/comparison/colours.ts';
import { api } from '../../state/api.ts';
import { useChoice } from '../../state/navigation.ts';
import { type ColdStartPoint, type ColdStartRow, coldStartPoints, coldStartRows } from './cold-start.ts';
import { coldStartFigure } from './figures.ts';
import { RowName } from './MetricRow.tsx';

/** Parameters are numbers of 32 bits. */
const BYTES_EACH = 4;

const METRICS = ['test/auc', 'test/logloss', 'test/ne'] as const;

/** How what stands for an item decides on new and rare ones: every representation in every slice by the item's age. */
export function ColdStartTab({ view }: { view: ComparisonView }) {
  const rows = useMemo(() => coldStartRows(view), [view]);
  const runs = useMemo(() => rows.flatMap(({ row }) => row.runs.map(({ id }) => id)), [rows]);
  const baseline = view.baseline === null ? null : view.rows[view.baseline];
  const slices = useQuery(
    api.compare.slices.queryOptions({ input: { runs, baseline: baseline?.id ?? null } }),
  );
  const { data } = slices;
  const [metric, setMetric] = useChoice<string>('cold-metric', METRICS);
  const points = useMemo(() => coldStartPoints(rows, data ?? [], metric), [rows, data, metric]);
  if (!data) return <Missing query={slices}>Counting the slices</Missing>;
  if (points.length === 0) {
    return (
      <EmptyState
        title="No items to tell apart"
        text="The rows of these runs have no item column, or the runs keep no predictions."
      />
    );
  }
  return (
    <div className="flow">
      <div className="toolbar curves-toolbar flattens">
        <MetricSelect metrics={METRICS} value={metric} onValue={setMetric} />
      </div>
      <ColdStartFigure view={view} rows={rows} points={points} metric={metric} />
    </div>
  );
}

interface FigureProps {
  view: ComparisonView;
  rows: readonly ColdStartRow[];
  points: readonly ColdStartPoint[];
  metric: string;
}

function ColdStartFigure({ view, rows, points, metric }: FigureProps) {
  const colours = useRowColours(view);
  const slices = [...new Set(points.map(({ slice }) => slice))];
  const title = `${metricLabel(metric)} by training rows of the item`;
  const columns = sliceColumns(slices, points, useRowTiles(view), meanOf);
  return (
    <section className="stack gap-2">
      <Figure
        spec={coldStartFigure(title, points, colours)}
        controls={<CopyMenu what={title} columns={columns} rows={() => rows} />}
      />
      <Table label={title} columns={columns} rows={rows} />
      <p className="muted">
        95 % intervals over rows (per-row contributions, averaged over seeds): DeLong of AUC, bootstrap of
        log-loss and NE.{gapsText(rows, points, slices)}
      </p>
      <Differences view={view} rows={rows} points={points} metric={metric} />
    </section>
  );
}

/** Why cells of the table are empty. */
function gapsText(
  rows: readonly ColdStartRow[],
  points: readonly ColdStartPoint[],
  slices: readonly string[],
): string {
  const reasons = [
    rows.some(({ representation }) => representation === null) &&
      'under "Item is" the model has no such setting',
    rows.some(({ row }) => row.parameters === null) && 'under "Parameters" they were not counted',
    points.length < rows.length * slices.length &&
      'in a slice there are no rows of it, or none of both labels',
  ].filter((reason) => reason !== false);
  return reasons.length > 0 ? ` –: ${reasons.join('; ')}.` : '';
}

/** Every row against the baseline in every slice; nothing where no row was tested against it. */
function Differences({ view, rows, points, metric }: FigureProps) {
  const tiles = useRowTiles(view);
  const tested = points.filter(({ difference }) => difference);
  if (tested.length === 0) return null;
  const title = `${metricLabel(metric)}, difference to ${baselineName(view)}`;
  const shown = rows.filter(({ row }) => tested.some(({ id }) => id === row.id));
  const slices = [...new Set(tested.map(({ slice }) => slice))];
  const columns = sliceColumns(slices, points, tiles, differenceOf, differenceText);
  return (
    <>
      <Table title={title} columns={columns} rows={shown} />
      <p className="muted">
        †: p &lt; 0.05, DeLong's test of AUC, paired t of log-loss, Holm-adjusted over the rows and slices of
        a kind; the intervals are of each slice alone.
      </p>
    </>
  );
}

function sliceColumns(
  slices: readonly string[],
  points: readonly ColdStartPoint[],
  tiles: ReadonlyMap<string, string>,
  estimateOf: (point: ColdStartPoint) => Estimate | null,
  text?: (point: ColdStartPoint) => string,
): Column<ColdStartRow>[] {
  return [
    column('representation', 'Item is', 'text', ({ representation }) => representation, {
      text: ({ representation }) => representation ?? '–',
    }),
    column('name', 'Run', 'text', ({ row }) => row.name, {
      render: ({ row }) => <RowName row={row} tile={tiles.get(row.id)} />,
    }),
    column('parameters', 'Parameters', 'count', ({ row }) => row.parameters),
    column('size', 'Size', 'text', ({ row }) =>
      row.parameters === null ? '–' : bytesText(BYTES_EACH * row.parameters),
    ),
    ...slices.map((slice): Column<ColdStartRow> => {
      const count = points.find((point) => point.slice === slice)?.rows ?? 0;
      const pointOf = ({ row }: ColdStartRow) =>
        points.find((point) => point.id === row.id && point.slice === slice);
      const given =
        <T,>(of: (point: ColdStartPoint) => T) =>
        (row: ColdStartRow) => {
          const point = pointOf(row);
          return point && of(point);
        };
      const details = text && { text: (row: ColdStartRow) => given(text)(row) ?? '–' };
      return column(slice, `${slice} (${countText(count, 'row')})`, 'estimate', given(estimateOf), details);
    }),
  ];
}

const meanOf = ({ value, low, high }: ColdStartPoint): Estimate => ({
  estimate: value,
  interval: low === undefined || high === undefined ? null : [low, high],
});

const differenceOf = ({ difference }: ColdStartPoint): Estimate | null =>
  difference ? { estimate: difference.difference, interval: difference.interval } : null;

function differenceText({ difference }: ColdStartPoint): string {
  if (!difference) return '–';
  const [low, high] = difference.interval.map((end) => signed(end, 4));
  return `${signed(difference.difference, 4)}${difference.significant ? '†' : ''} [${low}, ${high}]`;
}
