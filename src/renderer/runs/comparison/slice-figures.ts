import type { ComparisonView, MetricColumn, SliceGroup } from '../../../core/api/compare.ts';
import type { ChartColours, FigureSpec } from '../../../core/api/figures.ts';
import { clippedApart } from '../../../core/api/numbers.ts';
import { mixed } from '../../charts/colours.ts';
import { fixed } from '../../format/format.ts';

/** Of a row's colour, the first slice the strongest. */
const STRENGTHS = [1, 0.55, 0.25, 0.12];
const NAME_LENGTH = 28;
const ROW = 24;
/** Rounding of a mean over users. */
const CLOSE = 1e-6;

/**
 * What each slice of a kind adds to the mean of a row: its value times its share of the users. Null where the slices do not
 * add up to the mean, as those of an AUC.
 */
export function originFigure(
  view: ComparisonView,
  { by, title: kind, lines }: SliceGroup,
  column: MetricColumn,
  colours: ReadonlyMap<string, string>,
  chart: Pick<ChartColours, 'text' | 'background' | 'muted'>,
): FigureSpec | null {
  if (lines.length > STRENGTHS.length || lines.some(({ unit }) => unit === 'rows')) return null;
  const at = view.columns.findIndex(({ name }) => name === column.name);
  const rows = view.rows.flatMap((row, index) => {
    const mean = at < 0 ? null : row.cells[at].mean;
    if (mean === null) return [];
    const cells = lines.map((line) => line.cells[index]);
    const users = cells.reduce((total, cell) => total + (cell?.users ?? 0), 0);
    const parts = cells.map((cell) => (cell ? (cell.value * cell.users) / users : 0));
    const sum = parts.reduce((total, part) => total + part, 0);
    return Math.abs(sum - mean) <= CLOSE * Math.max(1, Math.abs(mean)) ? [{ row, mean, parts }] : [];
  });
  if (rows.length === 0) return null;
  const sorted = rows.toSorted((a, b) => b.mean - a.mean);
  const names = clippedApart(
    sorted.map(({ row }) => row.name),
    NAME_LENGTH,
  );
  const title = `Where each ${column.label} comes from`;
  const series = lines.map(({ key, slice }, line) => ({
    ...{ id: key, label: slice, bars: true, colour: mixed(chart.text, chart.background, STRENGTHS[line]) },
    points: sorted.map(({ row, mean, parts }, at) => {
      const from = parts.slice(0, line).reduce((total, part) => total + part, 0);
      return {
        ...{ x: from, to: from + parts[line], y: names[at] },
        colour: mixed(colours.get(row.id) ?? chart.muted, chart.background, STRENGTHS[line]),
        label: line === lines.length - 1 ? fixed(mean, column.decimals) : undefined,
        tip: `${row.name}, ${slice}: ${fixed(parts[line], column.decimals)} of ${fixed(mean, column.decimals)}`,
      };
    }),
  }));
  return {
    title,
    subtitle: kind.toLowerCase(),
    description: `${title}, ${kind.toLowerCase()}: the share of each slice in the mean of each run`,
    fileName: `where-it-comes-from-${column.label}-${by}`,
    along: 'x',
    height: ROW * sorted.length + 40,
    x: { zero: true },
    y: { kind: 'names', names },
    series,
  };
}
