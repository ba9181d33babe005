/** Answers to questions about all runs. After a change, only the runs that changed are asked about again. */
import { LRUCache } from 'lru-cache';
import type { Query } from '../db/connection.ts';
import { ChangedRuns, type Seen } from './changed-runs.ts';

interface Known {
  id: string;
}
interface Answer {
  seen: Seen;
  rows: readonly Known[];
}

/** Some megabytes each in a very large home. */
const MOST_KEPT = 12;

export class KeptRuns extends ChangedRuns {
  readonly #answers = new LRUCache<string, Answer>({ max: MOST_KEPT });
  readonly #made = new WeakMap<object, Map<string, object>>();

  /**
   * A row a run with its `id`, in the order of the ids, each as `read` has it; the same array until one of them changes. They
   * may tell of the run, its tags, metrics, project and study (resources/migrations/034-changed-runs.sql).
   */
  rows<Found extends Known, Row extends Known>(
    [sql, parameters = {}]: [sql: string, parameters?: Record<string, string | number>],
    read: (found: Found) => Row,
  ): readonly Row[] {
    const key = JSON.stringify([sql, parameters]);
    const known = this.#answers.get(key) as (Answer & { rows: readonly Row[] }) | undefined;
    const seen = this.now();
    if (known && isSame(known.seen, seen)) return known.rows;
    const ask = (...query: Query) => (this.connection.all(...query) as Found[]).map(read);
    const changes = known ? this.since(known.seen) : null;
    const rows =
      known && changes
        ? withChanged(
            known.rows,
            [...changes.runs, ...changes.gone],
            ask(...among(sql, parameters, changes.runs)),
          )
        : ask(sql, parameters);
    this.#answers.set(key, { seen, rows });
    return rows;
  }

  /** What follows from such rows, and from what is named: made once. */
  from<Made extends object>(rows: readonly Known[], what: unknown, make: () => Made): Made {
    const made = this.#made.get(rows) ?? new Map<string, object>();
    this.#made.set(rows, made);
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

/** Rows in the order of their ids, those of `changed` replaced by what `fresh` has of them; they go where it has nothing. */
function withChanged<Row extends Known>(
  rows: readonly Row[],
  changed: readonly string[],
  fresh: readonly Row[],
): readonly Row[] {
  if (changed.length === 0) return rows;
  const all = [...rows];
  const byId = new Map(fresh.map((row) => [row.id, row]));
  for (const id of changed) {
    const at = placeOf(all, id);
    const row = byId.get(id);
    all.splice(at, all[at]?.id === id ? 1 : 0, ...(row ? [row] : []));
  }
  return all;
}

/** Where a row with the id is or would be. */
function placeOf(rows: readonly Known[], id: string): number {
  let [from, to] = [0, rows.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (rows[middle].id < id) from = middle + 1;
    else to = middle;
  }
  return from;
}
