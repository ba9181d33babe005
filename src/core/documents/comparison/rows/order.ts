/** Which metrics a comparison is about, and in which order its rows and the published ones stand. */
import { signOf } from '../../../evaluation/metrics-table.ts';
import type { Comparison, ComparisonRow, MetricColumn, PublishedRow } from '../../types.ts';

/** Shown beside the main metric. */
const SECOND = 'test/hr@10';

/** Indexes of the main metric, which is the first, and of the one beside it. */
export function leadColumns(columns: readonly MetricColumn[]): number[] {
  const second = columns.findIndex(({ name }, at) => at > 0 && name === SECOND);
  return [...columns.keys()].filter((at) => at === 0 || at === (second < 0 ? 1 : second));
}

type Ordered = Pick<ComparisonRow, 'protocol' | 'cells'>;

/** Rows by a metric, best first within each protocol; the baseline's own protocol first, rows without a value last. */
export function bestFirst<Row extends Ordered>(
  { rows, baseline, columns }: Pick<Comparison, 'baseline' | 'columns'> & { rows: readonly Row[] },
  main: number,
): Row[] {
  const first = baseline === null ? null : rows[baseline].protocol;
  const sign = signOf(columns[main].direction);
  const place = ({ protocol }: Row) => (protocol === first ? -1 : protocol);
  return rows.toSorted((a, b) => {
    const [left, right] = [a.cells[main].mean, b.cells[main].mean];
    if (place(a) !== place(b)) return place(a) - place(b);
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (right - left);
  });
}

/** Of those that state a metric: the model's own paper, and those that ran it again, lowest first; none is chosen by ours. */
export function statedOf(
  published: readonly PublishedRow[],
  metric: string,
): { paper: PublishedRow | undefined; reruns: PublishedRow[] } {
  const stated = published.filter(({ values }) => metric in values);
  return {
    paper: stated.find(({ isPaper }) => isPaper),
    reruns: stated.filter(({ isPaper }) => !isPaper).toSorted((a, b) => a.values[metric] - b.values[metric]),
  };
}
