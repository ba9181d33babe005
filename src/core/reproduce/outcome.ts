/** What came of a run that was made again: then, now, and in words how far both agree. */
import { metricsUsed } from '../evaluation/metrics-table.ts';
import { countText, withCommas } from '../names.ts';
import type { RunStatus } from '../store/types.ts';
import type { Agreement, Difference, Numbers } from './agreement.ts';
import type { Condition } from './conditions.ts';

/** Trained again from the start, or its stored checkpoint measured again. */
export const REMAKE_KINDS = ['train', 'evaluate'] as const;
export type Remaking = (typeof REMAKE_KINDS)[number];

/** Differences of a metric up to so much are taken for rounding, where nothing else speaks against it. */
export const ROUNDING = 0.0015;

/** exact: every number. rounding: all columns of tables within `ROUNDING` and the same epoch. apart: a test tells both apart. differs: none of these. */
export type AgreementDegree = 'exact' | 'rounding' | 'differs' | 'apart';

export const DEGREE_WORDS: Record<AgreementDegree, string> = {
  exact: 'Bit for bit',
  rounding: 'Within rounding',
  differs: 'Differs, not told apart',
  apart: 'Told apart',
};

/** What is known of a run that was made again, as far as it has come. */
export interface ReproducedRun {
  run: { id: string; name: string; model: string; seed: number; status: RunStatus };
  how: Remaking;
  /** What its user named: a run, a report, a bundle. */
  source: string;
  /** Ids of the runs that were made again together with it, in their order, and its own. */
  together: string[];
  /** `isHere`: the earlier run is one of this home. */
  earlier: { id: string; name: string; isHere: boolean };
  /** The one that is shown. */
  metric: string | null;
  before: number | null;
  after: number | null;
  /** Null until it has completed. */
  agreement: Agreement | null;
  degree: AgreementDegree | null;
  /** Of the test, how many users have the rank of then; null where the ranks of then are a hash alone. */
  ranks: { equal: number; users: number } | null;
  /** Of the paired test over users; null where there is none. */
  p: number | null;
  /** Why numbers differ, the most probable first; none where they agree. */
  causes: Condition[];
}

const COLUMNS = metricsUsed('column');
const measureOf = (name: string) => name.split('/').at(-1) ?? name;

/** Metrics that stand in tables, by whose size a difference can be judged. */
const isColumn = ({ name }: Difference) => COLUMNS.includes(measureOf(name));

export function degreeOfAgreement(
  { isExact, different, epochs }: Agreement,
  p: number | null,
): AgreementDegree {
  if (isExact) return 'exact';
  if (p !== null && p < 0.05) return 'apart';
  const isWithin = different
    .filter(isColumn)
    .every(({ earlier, now }) => earlier !== null && now !== null && Math.abs(now - earlier) <= ROUNDING);
  return isWithin && epochs.earlier === epochs.now ? 'rounding' : 'differs';
}

/** The metric that stands for all of a run: the first main one of the test, else of what there is. */
export function shownMetric({ metrics }: Pick<Numbers, 'metrics'>): string | null {
  const names = Object.keys(metrics);
  const found = ['test/', 'final/', 'valid/', ''].flatMap((part) =>
    metricsUsed('main').flatMap((measure) => names.filter((name) => name === `${part}${measure}`)),
  );
  return found[0] ?? names.find((name) => name.startsWith('test/')) ?? names[0] ?? null;
}

/** An evaluation measures less than a training: of then what it has measured. */
export function measuredPart(earlier: Numbers, now: Numbers): Numbers {
  const of = <T>(all: Readonly<Record<string, T>>, known: object) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(known, name)));
  return { ...earlier, metrics: of(earlier.metrics, now.metrics), ranks: of(earlier.ranks, now.ranks) };
}

/** "Six of seven agree, three of them bit for bit": of the runs that have completed. */
export function outcomeStatement(runs: readonly ReproducedRun[]): { fact: string; limit: string } {
  const done = runs.filter(({ degree }) => degree !== null);
  const count = (...degrees: AgreementDegree[]) =>
    done.filter(({ degree }) => degree !== null && degrees.includes(degree)).length;
  const open = runs.length - done.length;
  const rest = open === 0 ? '' : `; ${countText(open, 'run')} to come`;
  if (done.length === 0) return { fact: 'Nothing has been made again yet', limit: rest };
  const [first] = done;
  if (runs.length === 1)
    return { fact: DEGREE_WORDS[first.degree ?? 'differs'], limit: `: ${ranksText(first)}` };
  const [agree, exact] = [count('exact', 'rounding'), count('exact')];
  const fact = agree === done.length ? `All ${done.length} agree` : `${agree} of ${done.length} agree`;
  const exactly = exact === agree ? 'bit for bit' : `${exact} of them bit for bit`;
  return { fact, limit: `${agree > 0 ? `, ${exactly}` : ''}${rest}` };
}

/** "22,301 of 22,363 users have the same rank" */
export function ranksText({ ranks, agreement }: Pick<ReproducedRun, 'ranks' | 'agreement'>): string {
  if (ranks && ranks.equal === ranks.users) return `all ${countText(ranks.users, 'user')} have the same rank`;
  if (ranks) return `${withCommas(ranks.equal)} of ${countText(ranks.users, 'user')} have the same rank`;
  const test = agreement?.ranks.find(({ part }) => part === 'test') ?? agreement?.ranks[0];
  if (!test || test.equal === null) return 'ranks of users are not known of both';
  return test.equal
    ? `all ${countText(test.users, 'user')} have the same rank`
    : 'not all users have the same rank; how many is not recorded';
}

/** Whether the order of the models by the shown metric is another one than then, in a sentence; null where it is the same, or less than two are known. */
export function orderText(runs: readonly ReproducedRun[]): string | null {
  const known = runs.filter(({ before, after }) => before !== null && after !== null);
  const order = (key: 'before' | 'after') =>
    known.toSorted((a, b) => Number(b[key]) - Number(a[key])).map(({ earlier }) => earlier.name);
  const [then, now] = [order('before'), order('after')];
  const moved = now.find((name, at) => name !== then[at]);
  if (known.length < 2 || moved === undefined) return null;
  return `The order of the runs changes: ${moved} is now ${placeText(now.indexOf(moved) + 1)}, and was ${placeText(then.indexOf(moved) + 1)}`;
}

const placeText = (place: number) => (place === 1 ? 'first' : `number ${place}`);
