/** How runs become rows of the table: in memory, because a search, another order or another page then has nothing to ask of the database. */
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

/** The same with a number in the place of a long text. */
export interface TableRun extends Omit<AskedRun, 'kin'> {
  kin: number;
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
  /** What results of a protocol have in common, by its fingerprint. */
  measured: ReadonlyMap<string, string>;
}

/** Numbers from 0 on in the place of values: the same for the same. */
export class Numbering<Value extends string | number | null> {
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

export interface Valued<Value> {
  /** Of a run. */
  id: string;
  value: Value;
}

/** Values of some of the runs along these; both come in the order of their ids. */
export function alongRuns<Value>(
  runs: readonly TableRun[],
  valued: readonly Valued<Value>[],
): (Value | undefined)[] {
  let next = 0;
  return runs.map(({ id }) => {
    while (next < valued.length && valued[next].id !== id && valued[next].id < id) next++;
    return valued[next]?.id === id ? valued[next].value : undefined;
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
  const chosen = Int32Array.from(places);
  const rows = new Map<string | number, number[]>();
  const keys = fold ? rowKeys(all, chosen) : chosen;
  for (let at = chosen.length - 1; at >= 0; at--) {
    const key = (fold && foldStudies ? all[chosen[at]].study : null) ?? keys[at];
    const row = rows.get(key);
    if (row) row.push(chosen[at]);
    else rows.set(key, [chosen[at]]);
  }
  return Array.from(rows.values(), (numbers) => orderOf(numbers, all, measured));
}

/** [places] The same number for runs of one row. */
function rowKeys(all: readonly TableRun[], places: Int32Array): Int32Array {
  const protocols = protocolsOf(all, places);
  const [parts, texts, seeds] = [
    new Numbering<string>(),
    new Numbering<string>(),
    new Numbering<number | null>(),
  ];
  const [alike, siblings, rows] = [pairs(), pairs(), pairs()];
  const keys = places.map((place, at) => {
    const { kin, project, evaluation } = all[place];
    return alike(alike(kin, parts.of(`${project ?? ''} ${evaluation ?? ''}`)), texts.of(protocols[at]));
  });
  const before = new Map<number, number>();
  for (const hasResults of [true, false])
    for (const [at, place] of places.entries()) {
      const { protocol, seed } = all[place];
      if ((protocol !== null) !== hasResults) continue;
      const sibling = siblings(keys[at], seeds.of(seed));
      const count = before.get(sibling) ?? 0;
      before.set(sibling, count + 1);
      keys[at] = rows(keys[at], count);
    }
  return keys;
}

/** [places] Another protocol's results are another row; a run without results belongs with the newest of its kind that has some. */
function protocolsOf(all: readonly TableRun[], places: Int32Array): string[] {
  const newest = new Map<string, string>();
  const kind = ({ kin, evaluation }: TableRun) => `${kin} ${evaluation === null}`;
  const runs = Array.from(places, (place) => all[place]);
  const waiting = new Set(runs.filter(({ protocol }) => protocol === null).map(kind));
  for (const run of runs)
    if (run.protocol !== null && waiting.has(kind(run))) newest.set(kind(run), run.protocol);
  return runs.map((run) => run.protocol ?? newest.get(kind(run)) ?? '');
}

/** Numbers of pairs of numbers below 2^26: the same for the same. */
function pairs(): (one: number, other: number) => number {
  const known = new Map<number, number>();
  return (one, other) => {
    const pair = one * 2 ** 26 + other;
    const number = known.get(pair) ?? known.size;
    known.set(pair, number);
    return number;
  };
}

function orderOf(numbers: number[], all: readonly TableRun[], known: Folding['measured']): Order {
  const members = numbers.map((at) => all[at]);
  const runs = members.map(({ id }) => id);
  const measured = members.map(({ protocol }) => (protocol === null ? null : (known.get(protocol) ?? null)));
  return {
    ...{ runs, numbers, ids: runs.join(' '), measured: largest(measured) },
    first: members.reduce((first, run) => ((run.seed ?? 0) <= (first.seed ?? 0) ? run : first)).id,
  };
}
