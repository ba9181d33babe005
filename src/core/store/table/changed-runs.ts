import { StoreTables } from '../db/store-tables.ts';

/** Where more have changed, all are read sooner. */
const MOST_READ_AGAIN = 2_000;

interface Changes {
  /** Ids of the runs that there are. */
  runs: string[];
  /** Ids of those that were deleted for good. */
  gone: string[];
}

/** Which runs have changed, by any program, in what the table of runs shows of them (resources/migrations/034-changed-runs.sql). */
export class ChangedRuns extends StoreTables {
  /** The number of the last change to any run; asked for before what is read after it. */
  now(): number {
    const sql = 'SELECT coalesce(max(id), 0) AS at FROM changed_runs';
    return (this.connection.get(sql) as { at: number }).at;
  }

  /** What has changed after this number; null where it is too much. */
  since(at: number): Changes | null {
    const sql =
      'SELECT run, EXISTS (SELECT 1 FROM runs WHERE id = run) AS there FROM changed_runs WHERE id > ? LIMIT ?';
    const changed = this.connection.all(sql, at, MOST_READ_AGAIN + 1) as { run: string; there: number }[];
    if (changed.length > MOST_READ_AGAIN) return null;
    const ids = (there: number) => changed.flatMap((one) => (one.there === there ? one.run : []));
    return { runs: ids(1), gone: ids(0) };
  }
}
