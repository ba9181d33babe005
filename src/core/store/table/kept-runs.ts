/** Answers to questions about all runs. After a change, only the runs that changed are asked about again. */
import { LRUCache } from 'lru-cache';
import type { Query } from '../db/connection.ts';
import { ChangedRuns, type Seen } from './changed-runs.ts';

interface Known {
  id: string;
}
/** A value a run, in the order of the ids. */
export interface Column<Value> {
  ids: readonly string[];
  values: readonly Value[];
}

interface Answer extends Column<unknown> {
  seen: Seen;
}

/** Some hundred kilobytes each in a very large home. */
const MOST_KEPT = 12;

export class KeptRuns extends ChangedRuns {
  readonly #answers = new LRUCache<string, Answer>({ max: MOST_KEPT });
  readonly #made = new WeakMap<object, Map<string, object>>();

  /**
   * What `read` has of each run that the question answers by its `id`, in the order of the ids; the same column until one of them
   * changes. It may ask for the run, its tags, metrics, project and study (resources/migrations/034-changed-runs.sql).
   */
  column<Found extends Known, Value>(
    [sql, parameters = {}]: [sql: string, parameters?: Record<string, string | number>],
    read: (found: Found) => Value,
  ): Column<Value> {
    const key = JSON.stringify([sql, parameters]);
    const known = this.#answers.get(key) as (Answer & Column<Value>) | undefined;
    const seen = this.now();
    if (known && isSame(known.seen, seen)) return known;
    const changes = known ? this.since(known.seen) : null;
    const of = (...query: Query) => this.#asked(query, read);
    const column =
      known && changes
        ? withChanged(known, [...changes.runs, ...changes.gone], of(...among(sql, parameters, changes.runs)))
        : of(sql, parameters);
    this.#answers.set(key, { ...column, seen });
    return column;
  }

  /** Asks the database. An id that the latest column has is not stored a second time: ids would take most of the memory. */
  #asked<Found extends Known, Value>(query: Query, read: (found: Found) => Value): Column<Value> {
    const [latest] = this.#answers.values();
    const known = latest?.ids ?? [];
    const [ids, values]: [string[], Value[]] = [[], []];
    let next = 0;
    const keep = (found: Found) => {
      while (next < known.length && known[next] < found.id) next++;
      ids.push(known[next] === found.id ? known[next] : found.id);
      values.push(read(found));
    };
    this.connection.each(keep, ...query);
    return { ids, values };
  }

  /** What follows from such values, and from what is named: made once. */
  from<Made extends object>(values: object, what: unknown, make: () => Made): Made {
    const made = this.#made.get(values) ?? new Map<string, object>();
    this.#made.set(values, made);
    const key = JSON.stringify(what);
    const known = (made.get(key) as Made | undefined) ?? make();
    made.set(key, known);
    return known;
  }
}

const isSame = (one: Seen, other: Seen) => one.at === other.at && one.rollbacks === other.rollbacks;

/** The same question about some of the runs. */
function among(sql: string, parameters: Record<string, string | number>, runs: readonly string[]): Query {
  const changed = JSON.stringify(runs);
  return [
    `SELECT * FROM (${sql}) WHERE id IN (SELECT value FROM json_each(@changed))`,
    { ...parameters, changed },
  ];
}

/** The column with what `fresh` has of the runs that changed; they go where it has nothing. */
function withChanged<Value>(
  column: Column<Value>,
  changed: readonly string[],
  fresh: Column<Value>,
): Column<Value> {
  if (changed.length === 0) return column;
  const [ids, values] = [[...column.ids], [...column.values]];
  const places = new Map(fresh.ids.map((id, at) => [id, at]));
  for (const id of changed) {
    const at = placeOf(ids, id);
    const gone = ids[at] === id ? 1 : 0;
    const now = places.get(id);
    ids.splice(at, gone, ...(now === undefined ? [] : [id]));
    values.splice(at, gone, ...(now === undefined ? [] : [fresh.values[now]]));
  }
  return { ids, values };
}

/** Where an id is or would be. */
function placeOf(ids: readonly string[], id: string): number {
  let [from, to] = [0, ids.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ids[middle] < id) from = middle + 1;
    else to = middle;
  }
  return from;
}
