import { z } from 'zod';
import type { Cursor, ToldFacts } from '../../foreign/trackers/told.ts';
import { clip } from '../../names.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';
import { insertRun } from '../runs/insert-run.ts';
import { newRunId, runIdOf } from '../runs/run-id.ts';

/** Where a run of another tracker comes from. */
export interface RunOrigin {
  /** "tensorboard", "mlflow", … */
  tracker: string;
  /** That tracker's own id of it. */
  id: string;
  path: string;
}

/** How far a run has been imported. */
export interface Imported {
  cursor: Cursor;
  /** What its metrics were called, and what they are kept as. */
  names: Record<string, string>;
}

export interface KnownRun extends Imported {
  run: string;
  /** What was named when it was read last. */
  path: string;
  /** It lies in the trash. */
  isDeleted: boolean;
}

const originRow = rowOf({
  run: z.string(),
  deleted_at: z.number().nullable(),
  cursor: jsonOf<Cursor>(),
  names: jsonOf<Imported['names']>(),
  path: z.string(),
});

const whereRow = z.object({ tracker: z.string(), id: z.string(), path: z.string() });

const factRow = z.object({
  config: z.string().nullable(),
  environment: z.string().nullable(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
});

/** What its tracker tells of a run, as columns; what it did not tell is left out. */
function columnsOf(facts: Partial<ToldFacts>) {
  const { model, dataset, seed, startedAt, endedAt, status, message } = facts;
  const whole = (time: number | undefined) => (time === undefined ? undefined : Math.round(time));
  const told = {
    ...{ model, dataset_name: dataset, seed, status, started_at: whole(startedAt), ended_at: whole(endedAt) },
    message: message === undefined ? undefined : message || null,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | number | null
  >;
}

const numbers = (...values: unknown[]) => values.filter((value) => typeof value === 'number');

/** Numbers that are not finite are kept as words. */
const json = (value: object) =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner,
  );

/** The runs of other trackers, by where they come from. */
export class TrackerRuns extends StoreTables {
  /** The run that this one was imported as. */
  find(tracker: string, id: string): KnownRun | null {
    const sql = `SELECT run, deleted_at, cursor, names, path FROM run_origins JOIN runs ON runs.id = run
      WHERE tracker = ? AND run_origins.id = ?`;
    const found = this.connection.first(originRow, sql, tracker, id);
    if (found === null) return null;
    const { deletedAt, ...known } = found;
    return { ...known, isDeleted: deletedAt !== null };
  }

  originOf(run: string): RunOrigin | null {
    return this.connection.first(whereRow, 'SELECT tracker, id, path FROM run_origins WHERE run = ?', run);
  }

  /** Adds a run, and returns its id. */
  add({ tracker, id, path }: RunOrigin, facts: Partial<ToldFacts>): string {
    const { name = '', program = tracker, startedAt, config = {}, environment = {} } = facts;
    const now = Date.now();
    const row = {
      ...{ kind: 'imported', name: clip(name, 200) || program, program, status: 'completed' },
      created_at: Math.round(startedAt ?? now),
      config: Object.keys(config).length > 0 ? json(config) : null,
      environment: Object.keys(environment).length > 0 ? json(environment) : null,
      ...columnsOf(facts),
    };
    const run = insertRun(
      this.connection,
      row,
      startedAt === undefined ? newRunId : () => runIdOf(startedAt),
    );
    this.connection.insert('run_origins', { run, tracker, id, path, cursor: '{}', names: '{}' });
    return run;
  }

  /** Records what is known of a run now; its name is its user's. Returns whether that is new. */
  update(run: string, facts: Partial<ToldFacts>): boolean {
    const kept = this.connection.first(
      factRow,
      'SELECT config, environment, started_at, ended_at FROM runs WHERE id = ?',
      run,
    );
    const joined = (old: string | null | undefined, added: object = {}) => {
      const all = { ...(JSON.parse(old ?? '{}') as object), ...added };
      return Object.keys(all).length > 0 ? json(all) : null;
    };
    const told = columnsOf(facts);
    // A part of its files has a part of its time.
    const times = {
      started_at: Math.min(...numbers(kept?.started_at, told.started_at)),
      ended_at: Math.max(...numbers(kept?.ended_at, told.ended_at)),
    };
    const columns = {
      ...told,
      ...Object.fromEntries(Object.entries(times).filter(([, time]) => Number.isFinite(time))),
      config: joined(kept?.config, facts.config),
      environment: joined(kept?.environment, facts.environment),
    };
    const names = Object.keys(columns);
    const sets = names.map((name) => `${name} = @${name}`).join(', ');
    const differs = names.map((name) => `${name} IS NOT @${name}`).join(' OR ');
    return (
      this.connection.run(`UPDATE runs SET ${sets} WHERE id = @run AND (${differs})`, { ...columns, run }) > 0
    );
  }

  /** Gives a curve and its final figure another name, where that is free. */
  renameMetric(run: string, metric: string, name: string): void {
    this.connection.run(
      'UPDATE OR IGNORE series SET metric = ? WHERE run = ? AND metric = ?',
      name,
      run,
      metric,
    );
    this.connection.run(
      'UPDATE OR IGNORE stated_metrics SET name = ? WHERE run = ? AND name = ?',
      name,
      run,
      metric,
    );
  }

  /** Records how far it has been read. */
  setImported(run: string, { cursor, names }: Imported, path: string): void {
    const sql = 'UPDATE run_origins SET cursor = ?, names = ?, path = ? WHERE run = ?';
    this.connection.run(sql, JSON.stringify(cursor), JSON.stringify(names), path, run);
  }
}
