import { UserError } from '../errors.ts';
import { allMetrics, findMetric, type Metric } from './metrics-table.ts';
import { countsIn, type Sample, sizeOf, valuesIn } from './tally.ts';
import { type UserRanks, WHOLE } from './types.ts';

/** Cut-offs every evaluation reports. */
export const CUTOFFS: readonly number[] = [5, 10, 20, 50, 100, 200];

/** A metric that follows from the ranks of a user's targets. */
export interface RankMetric extends Pick<Metric, 'ofRank' | 'ofRanks'> {
  /** Infinity where the metric has no cut-off. */
  cutoff: number;
}

/**
 * Reads a metric name with or without its split: "hr@10", "test/ndcg@50", "valid/mrr", "final/hr@10", "mean-rank".
 * Null when it is no metric of ranks, for example "train/loss".
 */
export function parseRankMetric(name: string): RankMetric | null {
  const { metric, parameter } = findMetric(name) ?? {};
  if (!metric || (parameter === null) === metric.name.endsWith('@k') || parameter === 0) return null;
  const { ofRank, ofRanks } = metric;
  return ofRank || ofRanks ? { ofRank, ofRanks, cutoff: parameter ?? Number.POSITIVE_INFINITY } : null;
}

/** A rank a row: one a user, or of users with several targets those of one user behind each other. */
export interface RankRows extends Partial<Pick<UserRanks, 'users' | 'several'>> {
  ranks: ArrayLike<number>;
}

/** [users + 1] Where the rows of each user begin, and the end of the last. */
export function userStarts({ users, several, ranks }: RankRows): Int32Array {
  const rows = new Int32Array(ranks.length + 1);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  if (several === undefined || users === undefined) return rows;
  return rows.filter((row) => row === 0 || row === users.length || users[row] !== users[row - 1]);
}

/** The users of an evaluation, each once. */
export function distinctUsers(rows: RankRows & Pick<UserRanks, 'users'>): Int32Array {
  return rows.several === undefined
    ? rows.users
    : userStarts(rows)
        .subarray(0, -1)
        .map((row) => rows.users[row]);
}

/** By user, the row that is shown where one is: of several targets in one list that of the best, else the first. */
export function leadingRows({ users, ranks, several }: Pick<UserRanks, 'users' | 'ranks' | 'several'>) {
  const rows = new Map<number, number>();
  for (const [row, user] of users.entries()) {
    const best = rows.get(user);
    if (best === undefined || (several === 'all' && ranks[row] < ranks[best])) rows.set(user, row);
  }
  return rows;
}

/** Some of the rows, by their places. */
export function pickRows(
  { split, several, users, targets, ranks, lengths }: PickedRows,
  rows: Int32Array,
): PickedRows {
  const pick = (column: Int32Array) => rows.map((row) => column[row]);
  return {
    ...{ split, several, users: pick(users), targets: pick(targets), ranks: pick(ranks) },
    ...(lengths === undefined ? {} : { lengths: pick(lengths) }),
  };
}

type PickedRows = Pick<UserRanks, 'split' | 'several' | 'users' | 'targets' | 'ranks' | 'lengths'>;

/** The metric of every user, [users], in the order of the rows. Throws UserError for a name that is no rank metric. */
export function perUserMetric(rows: RankRows, name: string): Float64Array {
  return valuesOf(sortedRows(rows), namedMetric(name));
}

/** The metric of a user with one target, by its rank. Throws UserError for a name that is no rank metric. */
export function metricOfRank(name: string): (rank: number) => number {
  const metric = namedMetric(name);
  const ofOne = valueOfOne(metric);
  return (rank) => ofOne(rank, metric.cutoff);
}

function namedMetric(name: string): RankMetric {
  const metric = parseRankMetric(name);
  if (metric) return metric;
  const known = rankRows()
    .map((row) => row.name)
    .join(', ');
  throw new UserError(`"${name}" is not a ranking metric; use one of ${known}`);
}

const valueOfOne = ({ ofRank, ofRanks }: RankMetric) =>
  ofRank ?? ((rank: number, cutoff: number) => ofRanks?.([rank], cutoff) ?? Number.NaN);

interface SortedRows extends Pick<RankRows, 'several'> {
  /** Ascending for each user where they stand in one list. */
  ranks: ArrayLike<number>;
  /** Of users with several targets. */
  starts: Int32Array | null;
}

function sortedRows(rows: RankRows): SortedRows {
  const { ranks, several } = rows;
  if (several === undefined) return { ranks, starts: null };
  const [starts, sorted] = [userStarts(rows), Float64Array.from(ranks)];
  if (several === 'all')
    for (let user = 1; user < starts.length; user++) sorted.subarray(starts[user - 1], starts[user]).sort();
  return { ranks: sorted, several, starts };
}

function valuesOf({ ranks, several, starts }: SortedRows, metric: RankMetric): Float64Array {
  const { ofRanks, cutoff } = metric;
  const ofOne = valueOfOne(metric);
  if (several === 'all' && starts !== null) {
    const of = (user: number) => {
      const [first, end] = [starts[user], starts[user + 1]];
      return ofRanks
        ? ofRanks((ranks as Float64Array).subarray(first, end), cutoff)
        : ofOne(ranks[first], cutoff);
    };
    return Float64Array.from({ length: starts.length - 1 }, (_, user) => of(user));
  }
  // A plain loop: from() with a callback takes several times as long over many users.
  const values = new Float64Array(ranks.length);
  for (let row = 0; row < ranks.length; row++) values[row] = ofOne(ranks[row], cutoff);
  return starts === null ? values : meansOfUsers(values, starts);
}

/** What rows come to for each of their users, [users]. */
export function meansOfUsers(values: Float64Array, starts: Int32Array): Float64Array {
  return Float64Array.from({ length: starts.length - 1 }, (_, user) =>
    mean(values.subarray(starts[user], starts[user + 1])),
  );
}

/** Arithmetic mean; NaN of nothing. */
export function mean(sample: Sample): number {
  const [values, counts] = [valuesIn(sample), countsIn(sample)];
  let sum = 0;
  if (counts === null) for (let index = 0; index < values.length; index++) sum += values[index];
  else for (let index = 0; index < values.length; index++) sum += counts[index] * values[index];
  return sum / sizeOf(sample);
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
  // A plain loop: map() with a callback takes several times as long over many users.
  for (let index = 0; index < shifted.length; index++) shifted[index] -= centre;
  return shifted;
}

/** The sums of powers of the deviations, without an array of them. */
export function deviationSums(sample: Sample): { squares: number; cubes: number } {
  const [values, counts] = [valuesIn(sample), countsIn(sample)];
  const times = (index: number) => (counts === null ? 1 : counts[index]);
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += times(index) * (values[index] - values[0]);
  const centre = sum / sizeOf(sample);
  let [squares, cubes] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    const deviation = values[index] - values[0] - centre;
    const square = times(index) * deviation ** 2;
    squares += square;
    cubes += square * deviation;
  }
  return { squares, cubes };
}

/** The mean over columns of values of the same users or rows, [rows]. */
export function meanColumns(columns: readonly Float64Array[]): Float64Array {
  const [first, ...others] = columns;
  const means = first.slice();
  for (const column of others) for (let row = 0; row < means.length; row++) means[row] += column[row];
  for (let row = 0; row < means.length; row++) means[row] /= columns.length;
  return means;
}

/** Every metric of ranks, at every cut-off, named as in "ndcg@10". Default: all that are there. */
export function metricsOfRanks(
  rows: RankRows,
  cutoffs: readonly number[] = CUTOFFS,
  isWanted: (name: string) => boolean = () => true,
): Record<string, number> {
  const sorted = sortedRows(rows);
  const names = rankMetricNames(cutoffs, rows.several).filter(isWanted);
  return Object.fromEntries(
    names.map((name) => [name, mean(valuesOf(sorted, parseRankMetric(name) as RankMetric))]),
  );
}

const rankRows = () => allMetrics().filter(({ ofRank, ofRanks }) => ofRank ?? ofRanks);

/** Every metric that ranks give: of one target a user, or of several in one list. */
export function rankMetricNames(
  cutoffs: readonly number[] = CUTOFFS,
  several?: UserRanks['several'],
): string[] {
  return rankRows()
    .filter(({ ofRank }) => ofRank || several === 'all')
    .flatMap(({ name }) =>
      name.endsWith('@k') ? cutoffs.map((cutoff) => name.replace('@k', `@${cutoff}`)) : [name],
    );
}

/** What the metrics of one evaluation follow from. */
export type MeasuredRanks = RankRows & Pick<UserRanks, 'split' | 'ranks' | 'lengths' | 'crossEntropy'>;

/** The metrics of a run, with those that its ranks give and an earlier version did not keep. `ranks` are read where some may be missing. */
export function withRankMetrics(
  metrics: Readonly<Record<string, number>>,
  ranks: Iterable<MeasuredRanks>,
): Record<string, number> {
  const splits = ['test', 'valid', 'final'].filter(
    (split) => `${split}/mrr` in metrics || `${split}/hr@10` in metrics,
  );
  const isWhole = splits.every((split) =>
    rankMetricNames(CUTOFFS, `${split}/recall@10` in metrics ? 'all' : undefined).every(
      (name) => `${split}/${name}` in metrics,
    ),
  );
  if (isWhole) return { ...metrics };
  const found = [...ranks]
    .filter(({ split }) => splits.includes(split))
    .map((of) => rankMetrics(of, CUTOFFS, (name) => !(`${of.split}/${name}` in metrics)));
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
  ranks: MeasuredRanks,
  cutoffs: readonly number[] = CUTOFFS,
  isWanted?: (name: string) => boolean,
): Record<string, number> {
  const metrics = metricsOfRanks(ranks, cutoffs, isWanted);
  if (ranks.crossEntropy !== undefined) metrics['cross-entropy'] = ranks.crossEntropy;
  return Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => isKnown(ranks, name))
      .map(([name, value]) => [`${ranks.split}/${name}`, value]),
  );
}
