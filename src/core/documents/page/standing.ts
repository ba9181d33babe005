/** Answers that a page computes from what it holds, by the functions that measured and tested the runs. */
import {
  meanColumns,
  parseRankMetric,
  perUserMetric,
  pickRows,
  rankMetrics,
  userStarts,
} from '../../evaluation/metrics.ts';
import { adjusted, testAgainst } from '../../evaluation/paired/pairing.ts';
import type { Significance, TestedRun } from '../../evaluation/paired/types.ts';
import { FEWEST_USERS, standardDeviation } from '../../evaluation/significance.ts';
import { type UserRanks, WHOLE } from '../../evaluation/types.ts';
import { unpack } from './packed.ts';
import type { PageData, PageRow, PageSlice } from './page-types.ts';

type Ranks = Pick<UserRanks, 'split' | 'several' | 'users' | 'targets' | 'ranks' | 'lengths'>;

/** That of comparisons. */
const BOOTSTRAP_SEED = 1;

/** A page whose numbers are unpacked. */
export interface OpenPage extends Omit<PageData, 'rows' | 'slices'> {
  rows: (Omit<PageRow, 'ranks' | 'lengths'> & { ranks: Ranks[] | null })[];
  slices: (Omit<PageSlice, 'rows'> & { rows: Int32Array })[];
  /** [users + 1] Where the ranks of each user begin, and the end of the last. */
  starts: Int32Array;
}

export function openPage({ rows, slices, ...data }: PageData): OpenPage {
  const { split, several } = data;
  let user = -1;
  const users = unpack(data.goesOn).map((goesOn) => (goesOn ? user : ++user));
  // What a page does not say is which items these are: equal ones have equal places.
  const targets = users.map((_, at) => at);
  const opened = rows.map(({ ranks, lengths, ...row }) => ({
    ...row,
    ranks:
      ranks?.map((packed, seed): Ranks => {
        const known = lengths && unpack(lengths[seed]).map((one) => (one === 0 ? WHOLE : one - 1));
        return { split, several, users, targets, ranks: unpack(packed), ...(known && { lengths: known }) };
      }) ?? null,
  }));
  return {
    ...data,
    rows: opened,
    slices: slices.map((slice) => ({ ...slice, rows: unpack(slice.rows) })),
    starts: userStarts({ users, several, ranks: targets }),
  };
}

export interface Question {
  /** Places among the metrics. */
  metrics: readonly number[];
  /** Place among the slices; null for all users. */
  slice: number | null;
  /** Place among the rows; null where nothing is tested. */
  baseline: number | null;
}

export interface MeanOfSeeds {
  mean: number | null;
  /** Over seeds (n − 1); null for one. */
  std: number | null;
}

/** How many users a slice has. */
export function usersIn({ slices, starts, rows }: OpenPage, slice: number | null): number {
  if (slice === null) return starts.length - 1;
  const users = rows.find(({ ranks }) => ranks)?.ranks?.[0].users;
  return users ? new Set(slices[slice].rows.map((row) => users[row])).size : 0;
}

/** The row's runs over the users of the question, with its metrics. */
function runsOf(page: OpenPage, row: number, { metrics, slice }: Question): TestedRun[] | null {
  const { rows, slices, split } = page;
  const wanted = new Set(metrics.map((at) => page.metrics[at].name.replace(/^[^/]*\//, '')));
  const cutoffs = metrics
    .map((at) => parseRankMetric(page.metrics[at].name)?.cutoff ?? Infinity)
    .filter(Number.isFinite);
  return (
    rows[row].ranks?.map((whole) => {
      const ranks = slice === null ? whole : pickRows(whole, slices[slice].rows);
      const facts = { candidates: 0, historyLengths: ranks.users, topK: 0, topItems: new Int32Array() };
      const known = rankMetrics({ ...ranks, split }, [...new Set(cutoffs)], (name) => wanted.has(name));
      return { metrics: known, ranks: [{ ...ranks, ...facts }] };
    }) ?? null
  );
}

/** [rows][metrics of the question]; rows whose ranks the page does not hold are known over all users alone. */
export function meansOf(page: OpenPage, question: Question): MeanOfSeeds[][] {
  return page.rows.map((row, at) => {
    const runs = runsOf(page, at, question);
    return question.metrics.map((metric) => {
      if (runs === null && question.slice !== null) return { mean: null, std: null };
      if (runs === null || question.slice === null)
        return { mean: row.means[metric], std: row.spreads[metric] };
      const name = page.metrics[metric].name;
      const values = runs.map(({ metrics }) => metrics[name]).filter(Number.isFinite);
      const mean = values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
      return { mean, std: values.length > 1 ? standardDeviation(values) : null };
    });
  });
}

/**
 * Tests of the rows against the baseline, [rows][metrics of the question], with a pause before each row that takes long: it yields
 * how many rows are done. Over fewer users than an interval needs there are none.
 */
export function* testsOf(
  page: OpenPage,
  question: Question,
): Generator<number, (Significance | null)[][], void> {
  const { baseline, metrics, slice } = question;
  const none = page.rows.map(() => metrics.map((): Significance | null => null));
  if (baseline === null || usersIn(page, slice) < FEWEST_USERS) return none;
  if (slice === null && baseline === page.baseline)
    return page.tests.map((tests) => metrics.map((metric) => tests[metric]));
  const base = runsOf(page, baseline, question);
  if (base === null) return none;
  const names = metrics.map((metric) => page.metrics[metric].name);
  const bootstrap = { resamples: page.resamples, seed: BOOTSTRAP_SEED };
  const found = none;
  for (const row of page.rows.keys()) {
    const runs = row === baseline ? null : runsOf(page, row, question);
    if (runs === null) continue;
    yield row;
    found[row] = testAgainst(base, runs, names, bootstrap).cells;
  }
  const byMetric = names.map((_, at) => adjusted(found.map((cells) => cells[at])));
  return found.map((_, row) => names.map((_name, at) => byMetric[at][row]));
}

/** Of one metric, what the slices of one kind add to each row's mean: the mean over the slice times its share of the users. */
export function partsOf(page: OpenPage, metric: number, by: PageSlice['by']): (number[] | null)[] {
  const slices = page.slices.filter((slice) => slice.by === by);
  return page.rows.map(({ ranks }) => {
    // Slices are of targets, a metric of several is not.
    if (ranks === null || page.several !== undefined) return null;
    const values = meanColumns(ranks.map((seed) => perUserMetric(seed, page.metrics[metric].name)));
    return slices.map(({ rows }) => rows.reduce((sum, row) => sum + values[row], 0) / values.length);
  });
}

/** The users of a slice by how much the rows disagree, most first: their first seeds, by the gain of the best rank. */
export function byDisagreement(page: OpenPage, slice: number | null): Int32Array {
  const first = page.rows.flatMap(({ ranks }) => (ranks ? [ranks[0].ranks] : []));
  const gain = (rank: number) => 1 / Math.log2(1 + rank);
  const spread = (user: number) => {
    const gains = first.map((ranks) => gain(ranks[page.starts[user]]));
    return Math.max(...gains) - Math.min(...gains);
  };
  const users = usersOf(page, slice);
  const spreads = new Map(Array.from(users, (user) => [user, spread(user)]));
  return users.toSorted((a, b) => (spreads.get(b) ?? 0) - (spreads.get(a) ?? 0));
}

/** Users of a slice, in order. */
export function usersOf(page: OpenPage, slice: number | null): Int32Array {
  if (slice === null) return Int32Array.from({ length: page.starts.length - 1 }, (_, user) => user);
  const users = page.rows.find(({ ranks }) => ranks)?.ranks?.[0].users ?? new Int32Array();
  return Int32Array.from(new Set(page.slices[slice].rows.map((row) => users[row])));
}
