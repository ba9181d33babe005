/** Tests of the differences between rows in single slices. */
import { clickSlices, measureSlice, selectRows } from '../click-slices.ts';
import { mean, parseRankMetric, pickRows } from '../metrics.ts';
import { parseClickMetric } from '../predictions.ts';
import { comparisonKey } from '../protocol.ts';
import { FEWEST_USERS, meanTest, studentInterval } from '../significance.ts';
import { type PairedPredictions, pairPredictions, testClickMetric } from './click-pairing.ts';
import { ofSplit } from './kept.ts';
import { winsOf } from './paired-tests.ts';
import { adjusted, type PairedRows, pairRows } from './pairing.ts';
import type { ComparedSlice, Significance, SliceTest, TestedRun } from './types.ts';

const TESTED = ['test/auc', 'test/logloss'];
const RESAMPLES = 1000;

/**
 * Slices of rows of click predictions, one list a row, with the differences to the baseline's row where both are of one
 * protocol; none of a row whose runs keep no predictions of the same test rows.
 */
export function compareClickSlices(
  rows: readonly { runs: readonly TestedRun[] }[],
  baseline: number | null,
): ComparedSlice[][] {
  const compared = rows.map(({ runs }, at) => {
    const base = baseline === null || baseline === at ? null : rows[baseline].runs;
    return rowSlices(runs, base && sameProtocol(base[0], runs[0]) ? base : null);
  });
  return adjustedSlices(compared);
}

/** Slices of a row of ranks and the users in each. */
export interface RankSlices {
  runs: readonly TestedRun[];
  slices: ComparedSlice[];
  /** Aligned with the slices. */
  users: readonly ReadonlySet<number>[];
  /** The rows of each where users have several targets, of which a slice has some; aligned, too. */
  rows?: readonly Int32Array[];
}

/**
 * The slices of a row of ranks, with differences to the baseline over the users that both evaluated. A slice has no
 * differences if it holds other users of the baseline (which was trained on other interactions), and none has if the
 * protocols differ. The Holm correction comes later, over all rows.
 */
export function testRankSlices(base: RankSlices, { runs, slices, users, rows }: RankSlices): ComparedSlice[] {
  const names = [...new Set(slices.flatMap(({ metrics }) => Object.keys(metrics)))].filter(parseRankMetric);
  const isTested = names.length > 0 && sameProtocol(base.runs[0], runs[0]);
  if (isTested && rows && base.rows) return testParts(base, { runs, slices, users, rows }, names);
  const pair = isTested ? pairRows(base.runs, runs, 'test', names) : null;
  if (!pair) return slices;
  const placeOf = new Map(Array.from(pair.users, (user, place) => [user, place]));
  return slices.map((slice, at) => {
    const other = base.slices.findIndex(({ by, slice: name }) => by === slice.by && name === slice.slice);
    const placesIn = (of: ReadonlySet<number>) => [...of].flatMap((user) => placeOf.get(user) ?? []);
    const places = placesIn(users[at]);
    const shared = other < 0 ? [] : placesIn(base.users[other]);
    const isSame =
      places.length === shared.length && shared.every((place) => users[at].has(pair.users[place]));
    const differences = isSame ? testPlaces(pair, places) : null;
    return differences ? { ...slice, differences } : slice;
  });
}

/** The same where a slice has some of the targets of a user. */
function testParts(
  base: RankSlices,
  { runs, slices, rows = [] }: RankSlices,
  names: readonly string[],
): ComparedSlice[] {
  const partOf = (of: readonly TestedRun[], part: Int32Array) =>
    of.map((run) => {
      const ranks = ofSplit(run.ranks, 'test');
      return { ...run, ranks: ranks && [{ ...ranks, ...pickRows(ranks, part) }] };
    });
  return slices.map((slice, at) => {
    const other = base.slices.findIndex(({ by, slice: name }) => by === slice.by && name === slice.slice);
    if (other < 0) return slice;
    const pair = pairRows(
      partOf(base.runs, base.rows?.[other] ?? new Int32Array()),
      partOf(runs, rows[at]),
      'test',
      names,
    );
    const differences = pair?.unpaired === 0 ? testPlaces(pair, [...pair.users.keys()]) : null;
    return differences ? { ...slice, differences } : slice;
  });
}

/** The same with p-values adjusted over the slices of one kind and metric of all rows. */
export function adjustedSlices(compared: readonly (readonly ComparedSlice[])[]): ComparedSlice[][] {
  const tests = compared
    .flat()
    .flatMap(({ by, differences = {} }) =>
      Object.entries(differences).map(([name, test]) => ({ family: `${by} ${name}`, test })),
    );
  const found = new Map(
    [...Map.groupBy(tests, ({ family }) => family).values()].flatMap((family) => {
      const before = family.map(({ test }) => test);
      return adjusted(before).map((after, at) => [before[at], after] as const);
    }),
  );
  const after = (differences: NonNullable<ComparedSlice['differences']>) =>
    Object.fromEntries(Object.entries(differences).map(([name, test]) => [name, found.get(test) ?? test]));
  return compared.map((slices) =>
    slices.map(({ differences, ...slice }) =>
      differences ? { ...slice, differences: after(differences) } : slice,
    ),
  );
}

/** Null for too few places. */
function testPlaces(
  { differences, metrics }: PairedRows,
  places: readonly number[],
): Record<string, SliceTest> | null {
  if (places.length < FEWEST_USERS) return null;
  return Object.fromEntries(
    metrics.map((name, at): [string, SliceTest] => {
      const chosen = Float64Array.from(places, (place) => differences[at][place]);
      const { wins, ties, losses } = winsOf(chosen, name);
      const difference = mean(chosen);
      const counts = { unit: 'users', count: chosen.length, wins, ties, losses } as const;
      const { p, exact } = meanTest(chosen);
      const interval = studentInterval(chosen);
      return [
        name,
        { test: 'student', ...counts, difference, interval, p, exact, holm: Number.NaN, significant: false },
      ];
    }),
  );
}

function sameProtocol(one: TestedRun, other: TestedRun): boolean {
  return Boolean(
    one.protocol &&
      other.protocol &&
      comparisonKey(one.protocol) === comparisonKey(other.protocol) &&
      !one.seenHeldOut === !other.seenHeldOut,
  );
}

function rowSlices(runs: readonly TestedRun[], base: readonly TestedRun[] | null): ComparedSlice[] {
  const pair = base && pairPredictions(base, runs, 'test');
  const seeds = pair?.row ?? pairPredictions(runs, [], 'test')?.baseline;
  if (!seeds) return [];
  return clickSlices(seeds[0]).map((slice) => {
    const measured = measureSlice(seeds, slice);
    if (!pair) return measured;
    const of = (all: PairedPredictions['row']) => all.map((one) => selectRows(one, slice.members));
    return { ...measured, differences: testSlice({ baseline: of(pair.baseline), row: of(pair.row) }) };
  });
}

function testSlice(pair: PairedPredictions): Record<string, Significance> {
  const tested = TESTED.flatMap((name): [string, Significance][] => {
    const metric = parseClickMetric(name);
    const test = metric && testClickMetric(pair, metric, name, { resamples: RESAMPLES, seed: 1 });
    return test ? [[name, test]] : [];
  });
  return Object.fromEntries(tested);
}
