import { UserError } from '../errors.ts';
import { findMetric, METRIC_GROUPS, type Metric } from './metrics-table.ts';
import { type UserRanks, WHOLE } from './types.ts';

/** Cut-offs every evaluation reports. */
export const CUTOFFS: readonly number[] = [5, 10, 20, 50, 100, 200];

/** A metric that follows from one rank a user. */
export interface RankMetric {
  ofRank: NonNullable<Metric['ofRank']>;
  /** Infinity where the metric has no cut-off. */
  cutoff: number;
}

/**
 * Reads a metric name with or without its split: "hr@10", "test/ndcg@50", "valid/mrr", "final/hr@10", "mean-rank".
 * Null when it is no metric of a rank, for example "train/loss".
 */
export function parseRankMetric(name: string): RankMetric | null {
  const { metric, parameter } = findMetric(name) ?? {};
  if (!metric?.ofRank || (parameter === null) === metric.name.endsWith('@k') || parameter === 0) return null;
  return { ofRank: metric.ofRank, cutoff: parameter ?? Number.POSITIVE_INFINITY };
}

/** The metric of every user, [users], in the order of `ranks`. Throws UserError for a name that is no rank metric. */
export function perUserMetric(ranks: ArrayLike<number>, name: string): Float64Array {
  const metric = parseRankMetric(name);
  if (!metric) {
    const known = rankRows.map((row) => row.name).join(', ');
    throw new UserError(`"${name}" is not a ranking metric; use one of ${known}`);
  }
  // A plain loop: from() with a callback takes several times as long over many users.
  const values = new Float64Array(ranks.length);
  const { ofRank, cutoff } = metric;
  for (let user = 0; user < ranks.length; user++) values[user] = ofRank(ranks[user], cutoff);
  return values;
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index];
  return sum / values.length;
}

/** Over the values that are finite numbers; null where none is. */
export function meanOfKnown(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => Number.isFinite(value)) as number[];
  return known.length > 0 ? mean(known) : null;
}

/** Values less their mean; exactly 0 where all values are equal, whose mean may be off by rounding. */
export function deviations(values: ArrayLike<number>): Float64Array {
  const shifted = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) shifted[index] = values[index] - values[0];
  const centre = mean(shifted);
  return shifted.map((value) => value - centre);
}

/** The mean over columns of values of the same users or rows, [rows]. */
export function meanColumns(columns: readonly Float64Array[]): Float64Array {
  const [first, ...others] = columns;
  const means = first.slice();
  for (const column of others) for (let row = 0; row < means.length; row++) means[row] += column[row];
  for (let row = 0; row < means.length; row++) means[row] /= columns.length;
  return means;
}

/** Every metric of ranks, at every cut-off, named as in "ndcg@10". */
export function metricsOfRanks(
  ranks: ArrayLike<number>,
  cutoffs: readonly number[] = CUTOFFS,
): Record<string, number> {
  return Object.fromEntries(rankMetricNames(cutoffs).map((name) => [name, mean(perUserMetric(ranks, name))]));
}

const rankRows = METRIC_GROUPS.flatMap(({ metrics }) => metrics.filter(({ ofRank }) => ofRank));

/** Every metric that ranks give. */
export function rankMetricNames(cutoffs: readonly number[] = CUTOFFS): string[] {
  return rankRows.flatMap(({ name }) =>
    name.endsWith('@k') ? cutoffs.map((cutoff) => name.replace('@k', `@${cutoff}`)) : [name],
  );
}

/** The metrics of a run, with those that its ranks give and an earlier version did not keep. `ranks` are read where some may be missing. */
export function withRankMetrics(
  metrics: Readonly<Record<string, number>>,
  ranks: Iterable<Pick<UserRanks, 'split' | 'ranks' | 'lengths'>>,
): Record<string, number> {
  const splits = ['test', 'valid', 'final'].filter(
    (split) => `${split}/mrr` in metrics || `${split}/hr@10` in metrics,
  );
  const isWhole = splits.every((split) => rankMetricNames().every((name) => `${split}/${name}` in metrics));
  if (isWhole) return { ...metrics };
  const found = [...ranks].filter(({ split }) => splits.includes(split)).map((of) => rankMetrics(of));
  return Object.assign({}, ...found, metrics);
}

/** Whether the list of a user says what the rank is, and not only what it is larger than. */
export function isRankKnown({ ranks, lengths }: Pick<UserRanks, 'ranks' | 'lengths'>, at: number): boolean {
  return lengths === undefined || lengths[at] === WHOLE || ranks[at] <= lengths[at];
}

/** Of the users, those of whom a metric need not be known: their lists end before its cut-off, and count as missed. */
const MOST_UNKNOWN = 0.005;

/**
 * Whether ranks say what a metric is: a list that ends before its cut-off, without the held-out item, says nothing of it. Of metrics
 * of other kinds they say nothing.
 */
export function isKnown({ ranks, lengths }: Pick<UserRanks, 'ranks' | 'lengths'>, name: string): boolean {
  const metric = parseRankMetric(name);
  if (lengths === undefined || metric === null) return true;
  let unknown = 0;
  for (const [at, length] of lengths.entries())
    if (length > 0 && length < metric.cutoff && !isRankKnown({ ranks, lengths }, at)) unknown++;
  return unknown <= MOST_UNKNOWN * lengths.length;
}

/** The metrics of one evaluation that its ranks know, named with its split as in "test/ndcg@10". */
export function rankMetrics(
  ranks: Pick<UserRanks, 'split' | 'ranks' | 'lengths' | 'crossEntropy'>,
  cutoffs: readonly number[] = CUTOFFS,
): Record<string, number> {
  const metrics = metricsOfRanks(ranks.ranks, cutoffs);
  if (ranks.crossEntropy !== undefined) metrics['cross-entropy'] = ranks.crossEntropy;
  return Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => isKnown(ranks, name))
      .map(([name, value]) => [`${ranks.split}/${name}`, value]),
  );
}
