/** How runs become rows of the table: in memory, because a search, another order or another page then has nothing to ask of the database. */
import type { Column } from './kept-runs.ts';
import { largest } from './row-order.ts';

/** A run as `RunTableSql.runs` has it. */
export interface AskedRun {
  id: string;
  seed: number | null;
  /** Fingerprint of the protocol of its results; null without results. */
  protocol: string | null;
  /** Runs of one model, config and data have it in common; null of one that stands alone. */
  kin: string | null;
  /** What a run measured, where it is no training. */
  evaluation: string | null;
  project: string | null;
  /** The study whose grid it is of. */
  study: string | null;
}

/** The same with numbers in the place of texts that many have in common. */
export interface TableRun extends Pick<AskedRun, 'id' | 'seed' | 'study'> {
  kin: number;
  /** Its project, and what it measured. */
  part: number;
  trains: boolean;
  /** 0 without results. */
  protocol: number;
}

/** A row by its runs, the newest first. */
export interface Order {
  runs: readonly string[];
  /** The places of its runs among all. */
  numbers: readonly number[];
  /** The ids of the runs with spaces between them. */
  ids: string;
  /** That of the smallest seed. */
  first: string;
  /** What results beside each other have in common; null without results. */
  measured: string | null;
}

export interface Folding {
  /** Runs that differ only in their seed become one row. */
  fold: boolean;
  /** The runs of a study, too. */
  foldStudies: boolean;
  /** What results of a protocol have in common, by its number. */
  measured: readonly (string | null)[];
}

/** Numbers from 0 on in the place of values: the same for the same. */
class Numbering<Value extends string | number | null> {
  readonly #known = new Map<Value, number>();
  #last: Value | undefined;
  #number = 0;
  #next = 0;

  of(value: Value): number {
    // What is alike mostly comes one after another, and a long text is sooner compared than looked up.
    if (value === this.#last) return this.#number;
    this.#last = value;
    this.#number = this.#known.get(value) ?? this.#next++;
    this.#known.set(value, this.#number);
    return this.#number;
  }

  /** One that nothing else has. */
  alone(): number {
    return this.#next++;
  }
}

/** Gives runs their numbers; always the same to the same. */
export class RunNumbers {
  readonly #kins = new Numbering<string>();
  readonly #parts = new Numbering<string>();
  readonly #protocols = new Numbering<string | null>();

  constructor() {
    // 0 is of none.
    this.#protocols.of(null);
  }

  read({ id, seed, study, kin, project, evaluation, protocol }: AskedRun): TableRun {
    return {
      ...{ id, seed, study },
      kin: kin === null ? this.#kins.alone() : this.#kins.of(kin),
      part: this.#parts.of(project === null && evaluation === null ? '' : `${project} ${evaluation}`),
      trains: evaluation === null,
      protocol: this.#protocols.of(protocol),
    };
  }
}

/** The values of a column along these runs; both come in the order of their ids. */
export function alongRuns<Value>(
  runs: readonly TableRun[],
  { ids, values }: Column<Value>,
): (Value | undefined)[] {
  let next = 0;
  return runs.map(({ id }) => {
    while (next < ids.length && ids[next] !== id && ids[next] < id) next++;
    return ids[next] === id ? values[next] : undefined;
  });
}

/**
 * Rows of the runs at these places among all, which come oldest first; those of the newest run first. A seed's first run with
 * results is its 1st, the next one its 2nd, and stands in another row; those without results follow them.
 */
export function foldedRows(
  all: readonly TableRun[],
  { fold, foldStudies, measured }: Folding,
  places: Iterable<number> = all.keys(),
): Order[] {
  const chosen = [...places];
  const rows = new Map<string | number, number[]>();
  const keys = fold ? rowKeys(chosen.map((place) => all[place])) : chosen;
  for (let at = chosen.length - 1; at >= 0; at--) {
    const key = (fold && foldStudies ? all[chosen[at]].study : null) ?? keys[at];
    const row = rows.get(key);
    if (row) row.push(chosen[at]);
    else rows.set(key, [chosen[at]]);
  }
  return Array.from(rows.values(), (numbers) => orderOf(numbers, all, measured));
}

/** [runs] The same number for runs of one row. */
function rowKeys(runs: readonly TableRun[]): number[] {
  const parts = pairs(
    runs.map(({ kin }) => kin),
    runs.map(({ part }) => part),
  );
  const alike = pairs(parts, protocolsOf(runs));
  const seeds = new Numbering<number | null>();
  const siblings = pairs(
    alike,
    runs.map(({ seed }) => seeds.of(seed)),
  );
  const before = runs.map(() => 0);
  const repetitions = runs.map(() => 0);
  for (const hasResults of [true, false])
    runs.forEach(({ protocol }, at) => {
      if (protocol > 0 === hasResults) repetitions[at] = before[siblings[at]]++;
    });
  return pairs(alike, repetitions);
}

/** Another protocol's results are another row; a run without results belongs with the newest of its kind that has some. */
function protocolsOf(runs: readonly TableRun[]): number[] {
  const kind = ({ kin, trains }: TableRun) => 2 * kin + Number(trains);
  const waiting = new Set(runs.filter(({ protocol }) => protocol === 0).map(kind));
  const newest = new Map<number, number>();
  for (const run of runs) if (run.protocol > 0 && waiting.has(kind(run))) newest.set(kind(run), run.protocol);
  return runs.map((run) => run.protocol || (newest.get(kind(run)) ?? 0));
}

/** Numbers of pairs of numbers: the same for the same. */
function pairs(ones: readonly number[], others: readonly number[]): number[] {
  const width = others.reduce((most, number) => Math.max(most, number + 1), 1);
  const known = new Numbering<number>();
  return ones.map((one, at) => known.of(one * width + others[at]));
}

function orderOf(numbers: number[], all: readonly TableRun[], known: Folding['measured']): Order {
  const members = numbers.map((at) => all[at]);
  const runs = members.map(({ id }) => id);
  const measured = members.map(({ protocol }) => known[protocol] ?? null);
  return {
    ...{ runs, numbers, ids: runs.join(' '), measured: largest(measured) },
    first: members.reduce((first, run) => ((run.seed ?? 0) <= (first.seed ?? 0) ? run : first)).id,
  };
}
