import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { realPath } from '../../files/inside.ts';
import type { TrainSpec } from '../../training/events.ts';
import { jsonOf, rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';
import { newRunId } from '../runs/run-id.ts';
import { storedPath } from './home-paths.ts';

/** draft: never started, or only by a command. paused: nothing of it begins. ended: nothing of it is left that trains by itself. */
export const PLAN_STATES = ['draft', 'running', 'paused', 'ended'] as const;
export type PlanState = (typeof PLAN_STATES)[number];

/** Where a plan trains, as it was asked for. */
export interface PlanWhere {
  device?: TrainSpec['device'];
  /** Names of hosts; "here" is this machine. Default: this machine. */
  hosts?: readonly string[];
  usesOthers?: boolean;
}

export interface PlanRecord {
  id: string;
  name: string;
  /** Absolute path of its text. */
  file: string;
  /** Whether its text is one of the home, which the window may write. */
  isOwn: boolean;
  state: PlanState;
  where: PlanWhere;
  /** Unix milliseconds; null where it never went on after a restart. */
  wentOnAt: number | null;
  /** Why it does not go on. */
  problem: string | null;
  /** Unix milliseconds. */
  changedAt: number;
}

const planRow = rowOf({
  id: z.string(),
  name: z.string(),
  file: z.string(),
  state: z.enum(PLAN_STATES).catch('draft'),
  place: jsonOf<PlanWhere>(),
  went_on_at: z.number().nullable(),
  problem: z.string().nullable(),
  changed_at: z.number(),
});

const noSuch = (id: string) =>
  new UserError(`there is no plan ${id}: it was deleted, or belongs to another data folder`);

/** Marks the runs that a plan made. */
export const planTag = (name: string): string => `plan:${name}`;

const fileOf = (id: string) => `plans/${id}.yaml`;

/** The plans that a home knows. What is in the trash is in no list. */
export class Plans extends StoreTables {
  /** Last changed first. */
  list(): PlanRecord[] {
    const sql = 'SELECT * FROM plans WHERE deleted_at IS NULL ORDER BY changed_at DESC, id DESC';
    return this.connection.rows(planRow, sql).map((row) => this.#record(row));
  }

  /** Throws UserError where there is none, or it is in the trash. */
  find(id: string): PlanRecord {
    const row = this.connection.first(planRow, 'SELECT * FROM plans WHERE id = ? AND deleted_at IS NULL', id);
    if (row) return this.#record(row);
    throw noSuch(id);
  }

  /** A plan whose text is to be written into the home. */
  create(name: string): PlanRecord {
    const id = newRunId();
    this.connection.insert('plans', { id, name, file: fileOf(id), changed_at: Date.now() });
    return this.find(id);
  }

  /** A plan whose text is at a path that a command has named; one that is known already comes back from the trash. */
  remember(path: string, name: string): PlanRecord {
    // The home may have been opened by a link.
    const file = storedPath(realPath(this.connection.home), realPath(path));
    this.connection.transaction(() => {
      this.#rename('file = ?', file, name);
      this.connection.run(
        `INSERT INTO plans (id, name, file, changed_at) VALUES (@id, @name, @file, @now)
         ON CONFLICT (file) DO UPDATE SET name = @name, deleted_at = NULL`,
        { id: newRunId(), name, file, now: Date.now() },
      );
    });
    const row = this.connection.first(planRow, 'SELECT * FROM plans WHERE file = ?', file);
    if (!row) throw new Error(`the plan ${path} was not stored`);
    return this.#record(row);
  }

  /** Throws UserError where there is none, or it is in the trash. */
  change(
    id: string,
    {
      where,
      ...changes
    }: Partial<Pick<PlanRecord, 'name' | 'state' | 'where' | 'wentOnAt' | 'problem' | 'changedAt'>>,
  ): void {
    const columns = {
      ...{ name: changes.name, state: changes.state, went_on_at: changes.wentOnAt },
      ...{ problem: changes.problem, changed_at: changes.changedAt },
      place: where && JSON.stringify(where),
    };
    const set = Object.entries(columns).filter(([, value]) => value !== undefined);
    if (set.length === 0) return;
    const sql = `UPDATE plans SET ${set.map(([key]) => `${key} = @${key}`).join(', ')} WHERE id = @id AND deleted_at IS NULL`;
    const values = Object.fromEntries(set) as Record<string, string | number | null>;
    this.connection.transaction(() => {
      if (changes.name !== undefined) this.#rename('id = ?', id, changes.name);
      if (this.connection.run(sql, { id, ...values }) === 0) throw noSuch(id);
    });
  }

  /** The runs that a plan made stay its own. Of a name that several plans have nobody knows whose they are. */
  #rename(where: 'id = ?' | 'file = ?', key: string, name: string): void {
    const known = this.connection.first(planRow, `SELECT * FROM plans WHERE ${where}`, key);
    if (!known || known.name === name) return;
    const others = 'SELECT * FROM plans WHERE name = ? AND id <> ?';
    if (this.connection.first(planRow, others, known.name, known.id)) return;
    const [before, after] = [planTag(known.name), planTag(name)];
    const sql = 'INSERT OR IGNORE INTO run_tags (run, tag) SELECT run, ? FROM run_tags WHERE tag = ?';
    this.connection.run(sql, after, before);
    this.connection.run('DELETE FROM run_tags WHERE tag = ?', before);
  }

  #record({ place, file, ...row }: z.output<typeof planRow>): PlanRecord {
    const path = isAbsolute(file) ? file : join(this.connection.home, file);
    return { ...row, where: place, file: path, isOwn: file === fileOf(row.id) };
  }
}
