/** How runs become rows of the table: in memory, because a search, another order or another page then has nothing to ask of the database. */
import { byBytes, type Comparable } from './row-order.ts';

type Means = Record<`m${number}`, number | null>;

/** A run as `RunTableSql.runs` has it. */
export interface AskedRun extends Means {
  id: string;
  seed: number | null;
  has_results: number;
  /** Runs of one row have it in common. */
  alike: string;
  /** Of a row that stands for a study. */
  study: string | null;
  grouped: Comparable | null;
  measured: string | null;
}

/** The same with numbers in the place of long texts. */
export interface TableRun extends Omit<AskedRun, 'alike'> {
  /** Its place among all that were asked for. */
  number: number;
  alike: number;
  /** Runs of one number are `alike`, and of one seed. */
  sibling: number;
}

/** A row by its runs, the newest first, with means of metrics as `m0`. */
export interface Order extends Means {
  runs: readonly string[];
  numbers: readonly number[];
  /** The ids of the runs with spaces between them. */
  ids: string;
  /** That of the smallest seed. */
  first: string;
  grouped: Comparable | null;
  measured: string | null;
  /** Of its group. */
  key?: string;
}

export function tableRuns(asked: readonly AskedRun[]): TableRun[] {
  const [alikes, seeds] = [numbering<string>(), numbering<number | null>()];
  return asked.map(({ alike: text, ...run }, number): TableRun => {
    const alike = alikes(text);
    return { ...run, number, alike, sibling: seeds(run.seed) * asked.length + alike };
  });
}

/** Values of some of the runs by the numbers of these; both come in the order of their ids. */
export function valuesByNumber(
  runs: readonly TableRun[],
  valued: readonly { id: string; value: Comparable }[],
): (Comparable | undefined)[] {
  let next = 0;
  return runs.map(({ id }) => {
    while (next < valued.length && valued[next].id !== id && valued[next].id < id) next++;
    return valued[next]?.id === id ? valued[next].value : undefined;
  });
}

/** Numbers from 0 on, the same for the same. */
function numbering<T>(): (of: T) => number {
  const known = new Map<T, number>();
  let [last, number]: [T | undefined, number] = [undefined, 0];
  return (of) => {
    // What is alike mostly comes one after another, and a long text is sooner compared than looked up.
    if (of === last) return number;
    number = known.get(of) ?? known.size;
    known.set(of, number);
    last = of;
    return number;
  };
}

/**
 * Rows of runs that come oldest first, those of the newest run first, with means of so many metrics. A seed's first run with results
 * is its 1st, the next one its 2nd, and stands in another row; those without results follow them.
 */
export function foldedRows(runs: readonly TableRun[], metrics: number): Order[] {
  const repetitions = repetitionsOf(runs);
  const rows = new Map<string | number, TableRun[]>();
  for (let at = runs.length - 1; at >= 0; at--) {
    const run = runs[at];
    const again = repetitions[at] === 0 ? run.alike : `${run.alike} ${repetitions[at]}`;
    const key = run.study ?? again;
    const row = rows.get(key);
    if (row) row.push(run);
    else rows.set(key, [run]);
  }
  return Array.from(rows.values(), (members) => orderOf(members, metrics));
}

/** [runs] How many runs of its seed come before each. */
function repetitionsOf(runs: readonly TableRun[]): Int32Array {
  const repetitions = new Int32Array(runs.length);
  const before = new Map<number, number>();
  for (const hasResults of [1, 0])
    for (const [at, run] of runs.entries()) {
      if (run.has_results !== hasResults) continue;
      const count = before.get(run.sibling) ?? 0;
      repetitions[at] = count;
      before.set(run.sibling, count + 1);
    }
  return repetitions;
}

function orderOf(members: readonly TableRun[], metrics: number): Order {
  const largest = <T extends Comparable>(of: (run: TableRun) => T | null) =>
    members.map(of).reduce((most, one) => {
      if (most === null || one === null) return most ?? one;
      return byBytes(one, most) > 0 ? one : most;
    });
  const runs = members.map(({ id }) => id);
  const order: Order = {
    ...{ runs, numbers: members.map(({ number }) => number), ids: runs.join(' ') },
    first: members.reduce((first, run) => ((run.seed ?? 0) <= (first.seed ?? 0) ? run : first)).id,
    grouped: largest(({ grouped }) => grouped),
    measured: largest(({ measured }) => measured),
  };
  for (let at = 0; at < metrics; at++) {
    const values = members.flatMap((run) => run[`m${at}`] ?? []);
    order[`m${at}`] = values.length === 0 ? null : values.reduce((sum, one) => sum + one) / values.length;
  }
  return order;
}
