import { StoreTables } from '../db/store-tables.ts';

/** Where more have changed, all are read sooner. */
const MOST_READ_AGAIN = 2_000;

interface Changes {
  /** Ids of the runs that there are. */
  runs: string[];
  /** Ids of those that were deleted for good. */
  gone: string[];
}

/** How far changes were seen. */
export interface Seen {
  /** Number of the last change to any run. */
  at: number;
  /** What was read in a transaction that was taken back is not so, and numbers given in it are given again. */
  rollbacks: number;
}

/** Which runs have changed, by any program, in what the table of runs shows of them (resources/migrations/034-changed-runs.sql). */
export class ChangedRuns extends StoreTables {
  #seen: Seen = { at: 0, rollbacks: 0 };

  /** Asked for before what is read after it. */
  now(): Seen {
    const sql = 'SELECT coalesce(max(id), 0) AS at FROM changed_runs';
    return { ...(this.connection.get(sql) as { at: number }), rollbacks: this.connection.rollbacks };
  }

  /** What has changed after that; null where it is too much, or not known. */
  since({ at, rollbacks }: Seen): Changes | null {
    if (rollbacks !== this.connection.rollbacks) return null;
    const sql =
      'SELECT run, EXISTS (SELECT 1 FROM runs WHERE id = run) AS there FROM changed_runs WHERE id > ? LIMIT ?';
    const changed = this.connection.all(sql, at, MOST_READ_AGAIN + 1) as { run: string; there: number }[];
    if (changed.length > MOST_READ_AGAIN) return null;
    const ids = (there: number) => changed.flatMap((one) => (one.there === there ? one.run : []));
    return { runs: ids(1), gone: ids(0) };
  }

  /** Ids of the runs that have changed since the last look; null where all may have: nothing says any more what a run was that is gone. */
  look(): readonly string[] | null {
    const before = this.#seen;
    // First: what another program changes meanwhile is then told twice, and not never.
    this.#seen = this.now();
    const changes = this.since(before);
    return changes === null || changes.gone.length > 0 ? null : changes.runs;
  }
}
