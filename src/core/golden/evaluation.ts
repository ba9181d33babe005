import { timeBucket } from '../layers/relative-bias.ts';
import { type EvalFixture, evalFixtureSchema, statsFixtureSchema } from './evaluation-schema.ts';
import { compareRanking, ranksOf } from './rank-metrics.ts';
import { checkStatsFixture } from './statistics.ts';
import { fixtureCheck, type GoldenCheck, type Tensor } from './tensor-compare.ts';

/** Runs our statistics on a stats fixture (test/golden) and compares every field. */
export const checkStats = fixtureCheck('stats', statsFixtureSchema, checkStatsFixture);

/** Runs our ranking, metrics and time buckets on an eval fixture (test/golden) and compares every field. */
export const checkEval = fixtureCheck('eval', evalFixtureSchema, (check, fixture) => {
  checkRuns(check, fixture);
  if (fixture.time_buckets) checkTimeBuckets(check, fixture.time_buckets);
});

/** Rows divided by max(norm, 1e-6). */
function normalisedRow(table: Tensor, row: number): number[] {
  const dim = table.shape[1];
  const values = table.data.slice(row * dim, (row + 1) * dim);
  const norm = Math.max(Math.hypot(...values), 1e-6);
  return values.map((value) => value / norm);
}

/** Cosine of every query and candidate, [queries, candidates]. */
function cosineScores(inputs: EvalFixture['inputs']): Float64Array {
  const [queries] = inputs.queries.shape;
  const vectors = inputs.candidates.data.map((item) => normalisedRow(inputs.item_table, item));
  const scores = new Float64Array(queries * vectors.length);
  for (let query = 0; query < queries; query++) {
    const direction = normalisedRow(inputs.queries, query);
    vectors.forEach((vector, column) => {
      scores[query * vectors.length + column] = vector.reduce((sum, x, axis) => sum + x * direction[axis], 0);
    });
  }
  return scores;
}

function checkRuns(check: GoldenCheck, fixture: EvalFixture): void {
  const { inputs, config } = fixture;
  const scores = cosineScores(inputs);
  const request = { ...inputs, scores, rankIfAbsent: config.rank_if_absent };
  fixture.runs.forEach((run, index) => {
    // Scores this close are equal up to rounding; the reference's sort leaves their order open, so any rank among them is right.
    const rankWith = (shift: number): Int32Array =>
      ranksOf(request, run, shift).map((rank) => (rank > config.max_k ? config.rank_if_absent : rank));
    const [best, worst] = [rankWith(1e-13), rankWith(-1e-13)];
    const ranks = best.map((rank, user) =>
      Math.max(rank, Math.min(worst[user], run.ranks.data[user] ?? rank)),
    );
    compareRanking(check, `runs.${run.name ?? index}`, ranks, run);
  });
}

type TimeBuckets = NonNullable<EvalFixture['time_buckets']>;

/** The bucket in float64 arithmetic, from which the fixture lists the differences. */
function timeBucketInFloat64(seconds: number): number {
  return Math.floor(Math.log(Math.max(1, Math.abs(seconds))) / 0.301);
}

function checkTimeBuckets(check: GoldenCheck, buckets: TimeBuckets): void {
  const { samples = [], float32_vs_float64_differences: ranges = [] } = buckets;
  check.compare(
    'output',
    'time_buckets.samples',
    samples.map(([seconds]) => timeBucket(seconds)),
    samples.map(([, bucket]) => bucket),
  );
  const measured = ranges.map((range) => {
    const margin = range.count + 50;
    const differing: number[] = [];
    for (let seconds = range.first - margin; seconds <= range.last + margin; seconds++) {
      if (timeBucket(seconds) !== timeBucketInFloat64(seconds)) differing.push(seconds);
    }
    return [differing.length, differing[0] ?? -1, differing.at(-1) ?? -1];
  });
  const listed = ranges.map((range) => [range.count, range.first, range.last]);
  measured.forEach((values, index) => {
    // Seconds are compared as distances from the range, else their size would hide an error of one.
    const { first, bucket } = ranges[index];
    const near = ([count, from, to]: number[]) => [count, from - first, to - first];
    check.compare('output', `time_buckets.differences.${bucket}`, near(values), near(listed[index]));
  });
  checkSmallest(check, buckets);
}

/**
 * The smallest difference of every bucket. The fixture looked for it only a few seconds below the border in float64, so
 * where its own list of float32 ranges covers the value, that list, checked above, decides instead.
 */
function checkSmallest(check: GoldenCheck, buckets: TimeBuckets): void {
  const covered = (bucket: number, seconds: number): boolean =>
    (buckets.float32_vs_float64_differences ?? []).some(
      (range) =>
        range.bucket === bucket &&
        Math.fround(seconds) >= Math.fround(range.first) &&
        Math.fround(seconds) <= Math.fround(range.last),
    );
  const open = (buckets.smallest_difference_per_bucket_float32 ?? []).filter(
    ([bucket, s]) => !covered(bucket, s),
  );
  if (open.length === 0) return;
  // Every second value must reach its bucket and the one before it must not: 1 and 0.
  const reached = open.map(([bucket, seconds]) => Number(timeBucket(seconds) >= bucket));
  const early = open.map(([bucket, seconds]) => Number(timeBucket(seconds - 1) >= bucket));
  check.compare('output', 'time_buckets.smallest', reached, new Array(open.length).fill(1));
  check.compare('output', 'time_buckets.before_smallest', early, new Array(open.length).fill(0));
}
