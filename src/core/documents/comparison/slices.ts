import { clickSlices, measureSlice, selectRows } from '../../evaluation/click-slices.ts';
import { idsNote } from '../../evaluation/familiarity.ts';
import { mean, parseRankMetric, pickRows } from '../../evaluation/metrics.ts';
import { parseClickMetric } from '../../evaluation/predictions.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import { meanTest, studentInterval } from '../../evaluation/significance.ts';
import type { SliceResult } from '../../evaluation/slices.ts';
import { fixed, grouped, pValue, signed } from '../format.ts';
import type {
  ComparedRun,
  ComparedSlice,
  Comparison,
  MetricColumn,
  Significance,
  SliceTest,
  TableSection,
} from '../types.ts';
import { type PairedPredictions, pairPredictions, testClickMetric } from './click-pairing.ts';
import { metricColumn } from './columns.ts';
import { exactWords, markedName } from './footnotes.ts';
import { ofSplit } from './kept.ts';
import { winsOf } from './paired-tests.ts';
import { adjustColumn, type PairedRows, pairRows } from './pairing.ts';
import { FEWEST_USERS, KIND_TITLES, SLICE_KINDS } from './slice-table.ts';

const TESTED = ['test/auc', 'test/logloss'].map(metricColumn);
const RESAMPLES = 1000;

/**
 * Slices of rows of click predictions, one list a row, with the differences to the baseline's row where both are of one
 * protocol; none of a row whose runs keep no predictions of the same test rows.
 */
export function compareClickSlices(
  rows: readonly { runs: readonly ComparedRun[] }[],
  baseline: number | null,
): ComparedSlice[][] {
  const compared = rows.map(({ runs }, at) => {
    const base = baseline === null || baseline === at ? null : rows[baseline].runs;
    return rowSlices(runs, base && sameProtocol(base[0], runs[0]) ? base : null);
  });
  adjustSlices(compared);
  return compared;
}

/** Slices of a row of ranks and the users in each. */
export interface RankSlices {
  runs: readonly ComparedRun[];
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
  const partOf = (of: readonly ComparedRun[], part: Int32Array) =>
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

/** Fills in the Holm fields of all rows, over the slices of one kind and metric. */
export function adjustSlices(compared: readonly (readonly ComparedSlice[])[]): void {
  for (const by of SLICE_KINDS) {
    const family = compared.flat().filter((slice) => slice.by === by);
    const names = new Set(family.flatMap(({ differences = {} }) => Object.keys(differences)));
    for (const name of names) adjustColumn(family.map(({ differences }) => differences?.[name] ?? null));
  }
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
      const { wins, ties, losses } = winsOf(chosen, metricColumn(name));
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

function sameProtocol(one: ComparedRun, other: ComparedRun): boolean {
  return Boolean(
    one.protocol &&
      other.protocol &&
      comparisonKey(one.protocol) === comparisonKey(other.protocol) &&
      !one.seenHeldOut === !other.seenHeldOut,
  );
}

function rowSlices(runs: readonly ComparedRun[], base: readonly ComparedRun[] | null): ComparedSlice[] {
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
  const tested = TESTED.flatMap((column): [string, Significance][] => {
    const metric = parseClickMetric(column.name);
    const test = metric && testClickMetric(pair, metric, column, { resamples: RESAMPLES, seed: 1 });
    return test ? [[column.name, test]] : [];
  });
  return Object.fromEntries(tested);
}

/** The tables of the slices, a metric in the slices of one kind each, for the metrics among the comparison's columns that slices have. */
export function sliceSections(comparison: Comparison): TableSection[] {
  const { columns, slices = [] } = comparison;
  return columns.flatMap((column) =>
    SLICE_KINDS.flatMap((by) => {
      const lines = sliceLines(comparison, slices, column, by);
      if (lines.length === 0) return [];
      const tested = slices.flat().some(({ differences }) => differences?.[column.name]);
      const estimated = slices.flat().some(({ intervals }) => intervals?.[column.name]);
      const unit = slices.flat()[0].unit === 'rows' ? 'Rows' : 'Users';
      const cells = [
        ...['Slice', unit, 'Run', column.label].map((heading) => ({ heading, shown: true })),
        { heading: '95 % interval', shown: estimated },
        ...['Difference', '95 % interval', 'p'].map((heading) => ({ heading, shown: tested })),
      ];
      const shown = (_: unknown, at: number) => cells[at].shown;
      return [
        {
          title: `${column.label} ${KIND_TITLES[by]}${idsNote(slices.flat().filter((slice) => slice.by === by))}`,
          headings: cells.map(({ heading }) => heading).filter(shown),
          textColumns: 3,
          lines: lines.map((line) => line.filter(shown)),
        },
      ];
    }),
  );
}

function sliceLines(
  { rows }: Comparison,
  slices: readonly ComparedSlice[][],
  column: MetricColumn,
  by: SliceResult['by'],
): string[][] {
  const names = new Set(slices.flat().flatMap((slice) => (slice.by === by ? [slice.slice] : [])));
  return [...names].flatMap((name) =>
    rows.flatMap((row, at) => {
      const match = slices[at].find((slice) => slice.by === by && slice.slice === name);
      return match && column.name in match.metrics ? [sliceCells(markedName(row), match, column)] : [];
    }),
  );
}

function sliceCells(row: string, slice: ComparedSlice, { name, decimals }: MetricColumn): string[] {
  const { metrics, intervals, spreads, differences } = slice;
  const spread = spreads ? ` ± ${fixed(spreads[name], decimals)}` : '';
  const difference = differences?.[name];
  return [
    ...[slice.slice, grouped(slice.users), row, fixed(metrics[name], decimals) + spread],
    rangeText(intervals?.[name], (end) => fixed(end, decimals)),
    signed(difference?.difference, decimals) + (difference?.significant ? '†' : ''),
    rangeText(difference?.interval, (end) => signed(end, decimals)),
    pValue(difference?.holm),
  ];
}

function rangeText(interval: readonly [number, number] | undefined, text: (end: number) => string): string {
  return interval ? interval.map(text).join(' to ') : '–';
}

/** How the intervals and tests of slices were made; null where there are none. */
export function sliceNote({ slices = [], rows, baseline }: Comparison): string | null {
  const all = slices.flat();
  const estimated = all.some(({ intervals }) => intervals);
  const tests = all.flatMap(({ differences = {} }) => Object.values(differences));
  if (!estimated && (baseline === null || tests.length === 0)) return null;
  const intervals =
    'Slices: 95 % intervals over rows, those of one user together, what a row adds averaged over the seeds first (± is the standard deviation over ' +
    "seeds): DeLong's of the AUC, BCa bootstrap of the log-loss.";
  if (baseline === null || tests.length === 0) return intervals;
  const how = estimated
    ? `${intervals} Differences to ${rows[baseline].name}: DeLong's test of the AUC, paired t of the log-loss`
    : `Slices: each row's users are cut by the interactions that it was trained on. Differences to ${rows[baseline].name} are over the users of a slice, averaged over the seeds first, by the paired t with its 95 % intervals${exactWords(tests)}, where both rows have the same users in the slice, ${FEWEST_USERS} or more`;
  return `${how}, p Holm-adjusted over the rows and slices of one table; †: p < 0.05.`;
}
