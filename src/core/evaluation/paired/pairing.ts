import { drawCounts, resampleMeans, type SeedMeans } from '../bootstrap.ts';
import { isReadable, parseListMetric, perUserOfLists } from '../list-metrics.ts';
import type { ItemFacts } from '../list-values.ts';
import {
  distinctUsers,
  isKnown,
  mean,
  meanColumns,
  meanOfKnown,
  metricOfRank,
  parseRankMetric,
  perUserMetric,
  userStarts,
} from '../metrics.ts';
import { findMetric } from '../metrics-table.ts';
import type { PracticalTest } from '../practical/index.ts';
import { holm, pairedDifferences } from '../significance.ts';
import { type Sample, tallyOf } from '../tally.ts';
import type { UserRanks } from '../types.ts';
import { testClicks } from './click-pairing.ts';
import { ofSplit } from './kept.ts';
import { type BootstrapOptions, significanceOf } from './paired-tests.ts';
import { countedPairs } from './rank-pairs.ts';
import type { SharedMeans, Significance, SliceTest, TestedRun } from './types.ts';

/** Holm-adjusted p below which a difference is marked. */
export const ALPHA = 0.05;

/** Two rows on the users they share: for every metric the mean over the row's seeds, user by user. */
export interface PairedRows<Differences extends Sample = Float64Array> {
  /** Of both rows. */
  users: Int32Array;
  /** Users that only one of the two rows evaluated. */
  unpaired: number;
  /** Those asked for that the ranks of both rows know. */
  metrics: string[];
  /** Row minus baseline of the means over each one's seeds, [metrics][users], or [metrics] as tallies. */
  differences: Differences[];
  /** Over the same users, [metrics]. */
  means: SharedMeans[];
  /** The same of every seed, [metrics]. */
  seeds: SeedMeans[];
}

/** The per-user results of a metric's split, one a run; null unless every run has them. */
export function ranksOf(runs: readonly TestedRun[], split: string): UserRanks[] | null {
  const found = runs.map(({ ranks }) => ofSplit(ranks, split));
  return found.every((ranks) => ranks !== null) ? found : null;
}

/** The ranks of one seed, with the users and the place of each, and where their rows begin. */
interface IndexedRanks {
  ranks: UserRanks;
  users: Int32Array;
  /** Made when it is first asked for: with very many users that takes longer than their tests. */
  index(): ReadonlyMap<number, number>;
  starts: Int32Array;
  /** [users] */
  valuesOf(metric: string): Float64Array;
}

function indexByUser(ranks: UserRanks): IndexedRanks {
  const users = distinctUsers(ranks);
  return {
    ...{ ranks, users, index: indexOf(users), starts: userStarts(ranks) },
    valuesOf: (metric) => perUserMetric(ranks, metric),
  };
}

function indexOf(users: Int32Array, placeOf = (_user: number, at: number) => at): IndexedRanks['index'] {
  let made: Map<number, number> | undefined;
  return () => {
    made ??= new Map(Array.from(users, (user, at) => [user, placeOf(user, at)]));
    return made;
  };
}

/** Of the users of whom a metric of lists says something. */
function indexByList(ranks: UserRanks, items: ItemFacts, name: string): IndexedRanks | null {
  const metric = parseListMetric(name);
  if (!metric) return null;
  const whole = indexByUser(ranks);
  const values = perUserOfLists(ranks, metric, items);
  const users = whole.users.filter((_, place) => Number.isFinite(values[place]));
  const index = indexOf(users, (user) => whole.index().get(user) ?? 0);
  return { ...whole, users, index, valuesOf: () => values };
}

/** Whether a run keeps lists that are long enough for a metric of lists, and all that it reads besides. */
export function keepsLists({ lists, items }: TestedRun, name: string): boolean {
  const metric = parseListMetric(name);
  const kept = ofSplit(lists, splitOf(name));
  return Boolean(metric && items && isReadable(metric, items) && kept && kept.topK >= metric.cutoff);
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** Whether both are rows of the same users and targets in the same order, as they are of one data set. */
const areAlike = (one: IndexedRanks, other: IndexedRanks) =>
  isSame(one.users, other.users) &&
  isSame(one.starts, other.starts) &&
  isSame(one.ranks.targets, other.ranks.targets);

/** Whether a user is to find the same items in both. */
function haveSameTargets(user: number, one: IndexedRanks, other: IndexedRanks): boolean {
  const targetsOf = ({ ranks, index, starts }: IndexedRanks) => {
    const place = index().get(user) ?? 0;
    return ranks.targets.subarray(starts[place], starts[place + 1]);
  };
  return isSame(targetsOf(one), targetsOf(other));
}

/** A metric of both rows over the same users. */
interface PairedMetric<Differences extends Sample> {
  differences: Differences;
  means: SharedMeans;
  seeds: SeedMeans;
}

/** Of the listed users, null for all that both have in the same order. */
type Pairing<Differences extends Sample> = (
  left: readonly IndexedRanks[],
  right: readonly IndexedRanks[],
  users: Int32Array | null,
) => (metric: string) => PairedMetric<Differences>;

/** A metric of the listed users: the mean over seeds of each, [users], and that of each seed, [seeds]. */
function valuesOfSeeds(seeds: readonly IndexedRanks[], users: Int32Array | null) {
  const places = seeds.map(({ index }) => users?.map((user) => index().get(user) ?? 0));
  return (metric: string): { users: Float64Array; seeds: number[] } => {
    const values = seeds.map(({ valuesOf }, seed) => {
      const [all, wanted] = [valuesOf(metric), places[seed]];
      return wanted ? Float64Array.from(wanted, (place) => all[place]) : all;
    });
    return { users: values.length === 1 ? values[0] : meanColumns(values), seeds: values.map(mean) };
  };
}

const userByUser: Pairing<Float64Array> = (left, right, users) => {
  const [baseline, row] = [left, right].map((seeds) => valuesOfSeeds(seeds, users));
  return (metric) => {
    const of = { baseline: baseline(metric), row: row(metric) };
    return {
      differences: pairedDifferences(of.baseline.users, of.row.users),
      means: { baseline: mean(of.baseline.users), row: mean(of.row.users) },
      seeds: { baseline: of.baseline.seeds, row: of.row.seeds },
    };
  };
};

/** As tallies, which tests of very many users read in place of every user. */
const tallied: Pairing<Sample> = (left, right, users) => {
  const one = userByUser(left, right, users);
  const ranked = [...left, ...right].every(({ ranks }) => ranks.several === undefined);
  const [[{ ranks: a }], [{ ranks: b }]] = [left, right];
  return (metric) => {
    const isCounted = users === null && ranked && left.length + right.length === 2 && parseRankMetric(metric);
    const counted = isCounted ? countedPairs(a.ranks, b.ranks, metricOfRank(metric)) : null;
    if (counted !== null) {
      const { baseline, row } = counted.means;
      return { ...counted, seeds: { baseline: [baseline], row: [row] } };
    }
    const found = one(metric);
    return { ...found, differences: tallyOf(found.differences) };
  };
};

/**
 * Null when there is nothing to pair, or when a user's target differs between the runs. Metrics that the lists of a run end
 * before are left out.
 */
export function pairRows(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  split: string,
  names: readonly string[],
): PairedRows | null {
  return pairRanks(baseline, row, split, names, () => userByUser);
}

/** How a number of users is paired. */
type Chosen<Differences extends Sample> = (users: number) => Pairing<Differences>;

function pairRanks<Differences extends Sample>(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  split: string,
  names: readonly string[],
  pairing: Chosen<Differences>,
): PairedRows<Differences> | null {
  const indexed = (runs: readonly TestedRun[]) => ranksOf(runs, split)?.map(indexByUser);
  return paired(indexed(baseline), indexed(row), names, pairing);
}

/** The same for a metric of lists, over the users who have a value in both. */
function pairLists<Differences extends Sample>(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  split: string,
  [name]: readonly string[],
  pairing: Chosen<Differences>,
): PairedRows<Differences> | null {
  if (![...baseline, ...row].every((run) => keepsLists(run, name))) return null;
  const indexed = (runs: readonly TestedRun[]) =>
    runs.flatMap(({ lists, items }) => {
      const kept = ofSplit(lists, split);
      return (kept && items && indexByList(kept, items, name)) ?? [];
    });
  return paired(indexed(baseline), indexed(row), [name], pairing);
}

/** The users that all have, how many not all have, and whether all have the same ones with the same targets. */
function sharedUsers(
  indexes: readonly IndexedRanks[],
): Pick<PairedRows, 'users' | 'unpaired'> & { isAll: boolean } {
  const [first, ...others] = indexes;
  if (others.every((other) => areAlike(first, other)))
    return { users: first.users, unpaired: 0, isAll: true };
  const everyone = new Set(indexes.flatMap(({ users }) => [...users]));
  const users = first.users.filter((user) => indexes.every(({ index }) => index().has(user)));
  return { users, unpaired: everyone.size - users.length, isAll: false };
}

function paired<Differences extends Sample>(
  left: readonly IndexedRanks[] | undefined,
  right: readonly IndexedRanks[] | undefined,
  names: readonly string[],
  pairing: Chosen<Differences>,
): PairedRows<Differences> | null {
  if (!left || !right) return null;
  const indexes = [...left, ...right];
  const metrics = names.filter((name) => indexes.every(({ ranks }) => isKnown(ranks, name)));
  const { users, unpaired, isAll } = sharedUsers(indexes);
  const sameTargets =
    isAll || users.every((user) => indexes.every((one) => haveSameTargets(user, left[0], one)));
  if (users.length < 2 || !sameTargets || metrics.length === 0) return null;
  // Of a metric of lists a run has values of users who are left out, too.
  const wanted = isAll && indexes.every(({ starts }) => starts.length === users.length + 1) ? null : users;
  const each = metrics.map(pairing(users.length)(left, right, wanted));
  return {
    users,
    unpaired,
    metrics,
    differences: each.map(({ differences }) => differences),
    means: each.map(({ means }) => means),
    seeds: each.map(({ seeds }) => seeds),
  };
}

export interface PairedTests {
  /** Aligned with the metrics; null where one is not one of ranks or the runs have no per-user results. */
  cells: (Significance | null)[];
  /** Aligned with the metrics; null if one is missing, or if users differ and it has no value for each user. */
  means: (SharedMeans | null)[];
  unpaired: number;
}

/** By the ids of the runs of a row. */
export type RowTests = Map<string, PairedTests>;

/** Tests a row against the baseline in these metrics; Holm's part comes later, over all rows. */
export function testAgainst(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  names: readonly string[],
  bootstrap: BootstrapOptions,
): PairedTests {
  const cells = testClicks(baseline, row, names, bootstrap);
  const means = names.map((): SharedMeans | null => null);
  let unpaired = 0;
  for (const [split, places] of Map.groupBy(names.keys(), (at) => splitOf(names[at]))) {
    const isListed = places.some((place) => parseListMetric(names[place]));
    const [left, right] = [baseline, row].map((runs) => withKept(runs, split, isListed));
    const alike = sameUsers([...left, ...right], split);
    if (alike) {
      for (const place of places) means[place] = wholeMeans(baseline, row, names[place]);
    }
    const [ranked, listed] = [parseRankMetric, parseListMetric].map((parse) =>
      places.filter((place) => parse(names[place])),
    );
    const pairing = (users: number): Pairing<Sample> =>
      drawCounts(users, bootstrap.resamples) ? tallied : userByUser;
    const test = (of: readonly number[], pair: typeof pairRanks) => {
      const asked = of.map((place) => names[place]);
      const found = of.length > 0 ? pair(left, right, split, asked, pairing) : null;
      if (!found) return;
      // A user without a list is evaluated all the same.
      if (pair === pairRanks) unpaired = Math.max(unpaired, found.unpaired);
      const resampled = resampleMeans(found.differences, bootstrap);
      for (const place of of) {
        const at = found.metrics.indexOf(names[place]);
        if (at < 0) continue;
        const [differences, seeds] = [found.differences[at], found.seeds[at]];
        const values = { differences, seeds, unit: 'users', metric: names[place] } as const;
        cells[place] = significanceOf(values, resampled[at], bootstrap);
        if (!alike) means[place] = found.means[at];
      }
    };
    test(ranked, pairRanks);
    for (const place of listed) test([place], pairLists);
  }
  return { cells, means, unpaired };
}

function splitOf(metric: string): string {
  return findMetric(metric)?.prefix ?? 'test';
}

/** The runs with the ranks of one split, and its lists where they are asked for, each read once. */
function withKept(runs: readonly TestedRun[], split: string, isListed: boolean): TestedRun[] {
  const of = (kept: TestedRun['ranks']) => [ofSplit(kept, split)].filter((one) => one !== null);
  return runs.map((run) => ({
    ...run,
    ranks: of(run.ranks),
    ...(isListed ? { lists: of(run.lists) } : {}),
  }));
}

/** Runs that keep no results a user are taken at their word. */
function sameUsers(runs: readonly TestedRun[], split: string): boolean {
  const [first, ...others] = runs.flatMap(({ ranks }) => ofSplit(ranks, split)?.users ?? []);
  return others.every((users) => isSame(users, first));
}

function wholeMeans(
  baseline: readonly TestedRun[],
  row: readonly TestedRun[],
  metric: string,
): SharedMeans | null {
  const [left, right] = [baseline, row].map((runs) =>
    meanOfKnown(runs.map(({ metrics }) => metrics[metric])),
  );
  return left === null || right === null ? null : { baseline: left, row: right };
}

/** Tests with their p-values adjusted over all of them, after Holm, and what stays below 0.05 marked; null stands for what was not tested. */
export function adjusted<T extends Significance | SliceTest | null>(tests: readonly T[]): T[] {
  const over = (pOf: (test: Significance | SliceTest) => number | undefined) =>
    holm(tests.map((test) => (test && pOf(test)) ?? Number.NaN));
  const p = over((test) => test.p);
  const t = over((test) => (test.test === 't' ? test.t.p : Number.NaN));
  const wilcoxon = over((test) => (test.test === 't' ? test.wilcoxon.p : Number.NaN));
  const equivalent = over((test) => (test.test === 't' ? test.practical?.rope?.equivalence.p : undefined));
  return tests.map((test, at) => {
    if (test === null) return test;
    const decided = { ...test, holm: p[at], significant: p[at] < ALPHA };
    if (decided.test !== 't') return decided;
    const { practical } = decided;
    return {
      ...decided,
      ...(practical && { practical: withHolm(practical, equivalent[at]) }),
      t: { ...decided.t, holm: t[at] },
      wilcoxon: { ...decided.wilcoxon, holm: wilcoxon[at] },
    };
  });
}

function withHolm({ rope, ...practical }: PracticalTest, adjusted: number): PracticalTest {
  return {
    ...practical,
    ...(rope && { rope: { ...rope, equivalence: { ...rope.equivalence, holm: adjusted } } }),
  };
}

/** Rows whose tests are adjusted, those of a metric over all rows. */
export function adjustedRows<Row extends { cells: readonly { significance: Significance | null }[] }>(
  rows: readonly Row[],
): Row[] {
  const tests = (rows[0]?.cells ?? []).map((_, at) =>
    adjusted(rows.map((row) => row.cells[at].significance)),
  );
  const own = (row: number) => rows[row].cells.map((cell, at) => ({ ...cell, significance: tests[at][row] }));
  return rows.map((row, index) => ({ ...row, cells: own(index) }));
}
