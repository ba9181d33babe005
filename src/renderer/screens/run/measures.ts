/** Metrics of a run as one table: a measure a row, a cut-off a column. */
import { metricDecimals, metricLabel, metricsUsed, statedSample } from '../../../core/api/metrics.ts';
import type { RunRecord } from '../../../core/api/runs.ts';

export interface MeasureRow {
  title: string;
  /** By cut-off, "" for a measure without one. */
  values: Record<string, number>;
  /** Equal ones in a row. */
  decimals: number;
}

const SPLITS = ['test', 'final', 'valid'];
const FIRST = [...new Set(metricsUsed('column').map((name) => name.split('@')[0]))];

/** "test/ndcg@10" → "NDCG" at "10"; "valid/mrr" → "Validation MRR" at "". */
export function measureTable({ metrics, protocol }: Pick<RunRecord, 'metrics' | 'protocol'>): {
  columns: string[];
  rows: MeasureRow[];
} {
  const rows = new Map<string, { name: string; values: Record<string, number> }>();
  for (const [metric, value] of Object.entries(metrics)) {
    const [name, cutoff = ''] = metric.split('@', 2);
    const row = rows.get(name) ?? { name, values: {} };
    row.values[cutoff] = value;
    rows.set(name, row);
  }
  const cutoffs = new Set([...rows.values()].flatMap(({ values }) => Object.keys(values)));
  const sorted = [...rows.values()].sort(
    (a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1),
  );
  return {
    columns: [...cutoffs].sort((a, b) => Number(a) - Number(b)),
    rows: sorted.map(({ name, values }) => ({
      title: titleOf(name, protocol),
      values,
      decimals: metricDecimals(name),
    })),
  };
}

/** Says where a value is of some of the users. */
function titleOf(name: string, protocol: RunRecord['protocol']): string {
  const sample = statedSample(protocol, name.split('/', 1)[0]);
  return sample === null ? metricLabel(name) : `${metricLabel(name)} (${sample})`;
}

/** Test metrics first, and of each split the ones every paper has. */
function place(name: string): number {
  const [split, measure = ''] = name.split('/', 2);
  const first = FIRST.indexOf(measure);
  const splitAt = SPLITS.indexOf(split);
  return 10 * (splitAt < 0 ? SPLITS.length : splitAt) + (first < 0 ? FIRST.length : first);
}
