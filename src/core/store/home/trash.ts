import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';
import { removeFolder } from '../../files/durable.ts';
import { countText, freeName } from '../../names.ts';
import { rowOf } from '../db/columns.ts';
import { isFull } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { phaseOf, RUN_STATUSES } from '../runs/run-life.ts';
import { folderBytes, strayFolders } from './stray-folders.ts';
import { STUDY_KIND_SQL } from './studies.ts';
import {
  type RowKind,
  TRASH_DAYS,
  TRASH_KINDS,
  TRASH_NOUNS,
  type TrashItem,
  type TrashKept,
  type TrashRef,
} from './trash-types.ts';

const DAY_MS = 24 * 3_600_000;
/** Rows deleted at once: others wait for that, and the caller's thread. */
const BATCH = 100;

/** Where each kind is, and the folder of the home that holds the folder of each, or its file with such an ending. */
const PLACES: Record<
  RowKind,
  { table: string; folder: 'runs' | 'datasets' | 'plans' | null; ending?: string }
> = {
  run: { table: 'runs', folder: 'runs' },
  dataset: { table: 'datasets', folder: 'datasets' },
  study: { table: 'studies', folder: null },
  sweep: { table: 'studies', folder: null },
  plan: { table: 'plans', folder: 'plans', ending: '.yaml' },
  project: { table: 'projects', folder: null },
  comparison: { table: 'comparisons', folder: null },
};
const ROW_KINDS = Object.keys(PLACES) as RowKind[];

const HOSTED = RUN_STATUSES.filter((status) => phaseOf(status) === 'hosted');
/** No run that trains goes, however it came to be in the trash. */
const REMOVABLE: Partial<Record<RowKind, string>> = {
  run: `status NOT IN (${HOSTED.map((status) => `'${status}'`).join(', ')})`,
};

const ALL = `
  SELECT 'run' AS kind, id, name, deleted_at, model FROM runs WHERE deleted_at IS NOT NULL
  UNION ALL SELECT 'dataset', id, name, deleted_at, NULL FROM datasets WHERE deleted_at IS NOT NULL
  UNION ALL SELECT ${STUDY_KIND_SQL}, id, name, deleted_at, NULL FROM studies WHERE deleted_at IS NOT NULL
  UNION ALL SELECT 'plan', id, name, deleted_at, NULL FROM plans WHERE deleted_at IS NOT NULL
  UNION ALL SELECT 'project', id, name, deleted_at, NULL FROM projects WHERE deleted_at IS NOT NULL
  UNION ALL SELECT 'comparison', id, name, deleted_at, NULL FROM comparisons WHERE deleted_at IS NOT NULL
  ORDER BY deleted_at DESC, id DESC`;

const itemRow = rowOf({
  kind: z.enum(TRASH_KINDS).exclude(['folder']),
  id: z.string(),
  name: z.string(),
  deleted_at: z.number(),
  model: z.string().nullable(),
});
const SEEN = 'SELECT place, id, days FROM trash_days';
const seenRow = z.object({ place: z.string(), id: z.string(), days: z.number() });
const idRow = z.object({ id: z.string() });
const namedRow = z.object({ id: z.string(), name: z.string() });
const knownRow = rowOf({ id: z.string(), name: z.string(), deleted_at: z.number().nullable() });
const pathRow = z.object({ path: z.string() });

/** What was deleted and can be brought back, and the folders that no row knows. */
export class Trash extends StoreTables {
  /** Newest first, folders last, with their sizes. */
  async list(): Promise<TrashItem[]> {
    const items: TrashItem[] = [];
    for (const row of this.#deleted()) {
      const { folder, ending = '' } = PLACES[row.kind];
      const bytes =
        folder === null ? null : await folderBytes(join(this.connection.home, folder, row.id + ending));
      items.push({ ...row, bytes });
    }
    for (const path of await this.strays()) {
      const bytes = await folderBytes(join(this.connection.home, path));
      items.push({ kind: 'folder', id: path, name: path, deletedAt: null, purgedAt: null, bytes });
    }
    return items;
  }

  /** How many things of a kind there are, without their files. */
  kept(kind: RowKind): TrashKept {
    const dates = this.#deleted().flatMap((row) => (row.kind === kind ? [row.purgedAt] : []));
    return {
      count: dates.length,
      purgedAt: dates.length === 0 ? null : dates.reduce((a, b) => Math.min(a, b)),
    };
  }

  get isEmpty(): boolean {
    return this.#deleted().length === 0;
  }

  /** The hidden rows, newest first, with the earliest day that each is deleted permanently. */
  #deleted() {
    const seen = new Map(
      this.connection.rows(seenRow, SEEN).map(({ place, id, days }) => [place + id, days]),
    );
    // Days are counted: a time of day would move on with every answer.
    const today = new Date().setHours(0, 0, 0, 0);
    return this.connection.rows(itemRow, ALL).map((row) => {
      const left = TRASH_DAYS - (seen.get(PLACES[row.kind].table + row.id) ?? 0);
      return { ...row, purgedAt: today + Math.max(0, left) * DAY_MS };
    });
  }

  /** Of the things that there are, how each is called and whether it is here. */
  knows(kind: RowKind, ids: readonly string[]): Map<string, { name: string; deleted: boolean }> {
    const sql = `SELECT id, name, deleted_at FROM ${PLACES[kind].table} WHERE id IN (SELECT value FROM json_each(?))`;
    const rows = this.connection.rows(knownRow, sql, JSON.stringify(ids));
    return new Map(rows.map(({ id, name, deletedAt }) => [id, { name, deleted: deletedAt !== null }]));
  }

  /** Hides things with all that belongs to them. Throws UserError for a run that trains and for what there is not. */
  put(kind: RowKind, ids: readonly string[]): void {
    const { table } = PLACES[kind];
    const parameters = { ids: JSON.stringify(ids) };
    this.connection.transaction(() => {
      const unknown = `SELECT value AS id FROM json_each(@ids) WHERE value NOT IN (SELECT id FROM ${table}) LIMIT 1`;
      const missing = this.connection.first(idRow, unknown, parameters);
      if (missing) throw new UserError(`there is no ${TRASH_NOUNS[kind]} ${missing.id}`);
      if (kind === 'run') this.#refuseHosted(parameters.ids);
      this.connection.run(
        `UPDATE ${table} SET deleted_at = @now WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(@ids))`,
        { ...parameters, now: Date.now() },
      );
    });
  }

  /** Brings things back; where its name has been taken, one gets a free name. Throws UserError for what is gone for good. */
  restore(refs: readonly TrashRef[]): void {
    this.connection.transaction(() => {
      for (const { kind, id } of refs) {
        if (kind === 'folder') throw strayError(id);
        const { table } = PLACES[kind];
        const found = this.connection.first(namedRow, `SELECT id, name FROM ${table} WHERE id = ?`, id);
        if (!found) {
          throw new UserError(
            `the ${TRASH_NOUNS[kind]} ${id} cannot be restored: it has been deleted permanently`,
          );
        }
        // Names of runs need not differ, and those of plans stand in their files.
        const name = kind === 'run' || kind === 'plan' ? found.name : this.#freeName(table, found);
        if (name !== found.name) this.#rename(kind, id, name);
        this.connection.run(`UPDATE ${table} SET deleted_at = NULL WHERE id = ?`, id);
        this.connection.run('DELETE FROM trash_days WHERE place = ? AND id = ?', table, id);
      }
    });
  }

  /** Deletes things permanently, with their files. What is not in the trash, or no longer, stays, and so does a run that trains. */
  async purge(refs: readonly TrashRef[], signal?: AbortSignal): Promise<void> {
    for (const [kind, chosen] of Map.groupBy(refs, (ref) => ref.kind)) {
      const ids = chosen.map(({ id }) => id);
      if (kind === 'folder') await this.#removeStrays(ids);
      else {
        const where = 'deleted_at IS NOT NULL AND id IN (SELECT value FROM json_each(@ids))';
        await this.#purgeRows(kind, where, { ids: JSON.stringify(ids) }, signal);
      }
    }
  }

  /** Deletes something permanently that is not in the trash. Throws UserError for a run that trains. */
  async purgeDirectly(kind: RowKind, id: string): Promise<void> {
    if (kind === 'run') this.#refuseHosted(JSON.stringify([id]));
    await this.#purgeRows(kind, 'id = @id', { id });
  }

  /** Deletes permanently all that was put here. Folders that no row knows stay. */
  async purgeAll(signal?: AbortSignal): Promise<void> {
    for (const kind of ROW_KINDS) await this.#purgeRows(kind, 'deleted_at IS NOT NULL', {}, signal);
  }

  /** Deletes permanently what was seen here on more than so many days, this one (Unix milliseconds) included. */
  async purgeOld(now = Date.now(), signal?: AbortSignal): Promise<void> {
    this.#countDay(Math.floor(now / DAY_MS));
    const old =
      'deleted_at IS NOT NULL AND id IN (SELECT id FROM trash_days WHERE place = @place AND days > @most)';
    for (const kind of ROW_KINDS) {
      const { table } = PLACES[kind];
      await this.#purgeRows(kind, old, { place: table, most: TRASH_DAYS }, signal);
    }
  }

  /** The clock alone is not believed: one that was wrong, when something was deleted or now, would purge what is new. */
  #countDay(day: number): void {
    this.connection.transaction(() => {
      for (const table of new Set(ROW_KINDS.map((kind) => PLACES[kind].table))) {
        const inTrash = `SELECT id FROM ${table} WHERE deleted_at IS NOT NULL`;
        this.connection.run(`DELETE FROM trash_days WHERE place = ? AND id NOT IN (${inTrash})`, table);
        this.connection.run(
          `INSERT INTO trash_days SELECT @table, id, 1, @day FROM (${inTrash}) WHERE TRUE
           ON CONFLICT DO UPDATE SET days = days + 1, last = excluded.last WHERE last != excluded.last`,
          { table, day },
        );
      }
    });
  }

  /**
   * A row goes first and leaves a note of its folder: so what was restored meanwhile stays whole, and a folder that a crash
   * leaves is removed by the next call. On a full disk the folders go first, which makes room to write that.
   */
  async #purgeRows(
    kind: RowKind,
    chosen: string,
    parameters: Record<string, string | number>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { table, folder, ending = '' } = PLACES[kind];
    const conditions = `${chosen} AND ${REMOVABLE[kind] ?? 'TRUE'}`;
    const batch = `SELECT id FROM ${table} WHERE ${conditions} ORDER BY id LIMIT ${BATCH}`;
    const deleteBatch = () =>
      this.connection.transaction(() => {
        const note = `INSERT OR IGNORE INTO deleted_folders SELECT '${folder}/' || id || '${ending}' FROM (${batch})`;
        if (folder !== null) this.connection.run(note, parameters);
        this.connection.run(`DELETE FROM ${table} WHERE id IN (${batch})`, parameters);
      });
    // Looked for first: every start asks, and writes only where there is something.
    while (!signal?.aborted && this.connection.get(batch, parameters) !== undefined) {
      try {
        deleteBatch();
      } catch (error) {
        if (!isFull(error) || folder === null) throw error;
        const ids = this.connection.rows(idRow, batch, parameters);
        for (const { id } of ids) await this.#removeFolder(`${folder}/${id}${ending}`);
        deleteBatch();
      }
      await this.#removeFolders(signal);
    }
    await this.#removeFolders(signal);
  }

  async #removeFolders(signal?: AbortSignal): Promise<void> {
    const failed: string[] = [];
    for (const { path } of this.connection.rows(pathRow, 'SELECT path FROM deleted_folders')) {
      if (signal?.aborted) return;
      try {
        await this.#removeFolder(path);
        this.connection.run('DELETE FROM deleted_folders WHERE path = ?', path);
      } catch (error) {
        failed.push(`${path} (${messageOf(error)})`);
      }
    }
    if (failed.length === 0) return;
    throw new UserError({
      code: 'invalid',
      problem: `${countText(failed.length, 'folder')} in ${this.connection.home} could not be removed: ${failed.slice(0, 3).join(', ')}`,
      fix: 'end the programs that use them; the next start tries again',
    });
  }

  /** A restored database may be of anybody: what it names can lie elsewhere. */
  async #removeFolder(path: string): Promise<void> {
    if (/^(runs|datasets|plans)\/[^/\\]+$/.test(path) && !/\/\.\.?$/.test(path))
      await removeFolder(join(this.connection.home, path));
  }

  async #removeStrays(paths: readonly string[]): Promise<void> {
    const strays = await this.strays();
    for (const path of paths) if (strays.includes(path)) await this.#removeFolder(path);
  }

  /** The folders that no row knows, by their paths inside the home. */
  strays(): Promise<string[]> {
    return strayFolders(this.connection.home, (folder) => {
      const known = `SELECT '${folder}/' || id AS path FROM ${folder} UNION ALL SELECT path FROM deleted_folders`;
      return new Set(this.connection.rows(pathRow, known).map(({ path }) => path));
    });
  }

  #refuseHosted(ids: string): void {
    const hosted = this.connection.first(
      namedRow,
      `SELECT id, name FROM runs WHERE NOT (${REMOVABLE.run}) AND id IN (SELECT value FROM json_each(?)) LIMIT 1`,
      ids,
    );
    if (hosted)
      throw new UserError(`run ${hosted.name} (${hosted.id}) is running: cancel it before deleting it`);
  }

  /** Its name, with a number added if another one has that name now. */
  #freeName(table: string, { id, name }: z.output<typeof namedRow>): string {
    const taken = `SELECT id FROM ${table} WHERE name = ? AND id != ? AND deleted_at IS NULL`;
    return freeName(name, (free) => Boolean(this.connection.get(taken, free, id)));
  }

  #rename(kind: RowKind, id: string, name: string): void {
    const { table } = PLACES[kind];
    this.connection.run(`UPDATE ${table} SET name = ? WHERE id = ?`, name, id);
    if (kind !== 'dataset') return;
    this.connection.run(
      `UPDATE datasets SET summary = json_set(summary, '$.name', ?) WHERE id = ?`,
      name,
      id,
    );
    this.connection.run('UPDATE runs SET dataset_name = ? WHERE dataset_id = ?', name, id);
  }
}

function strayError(path: string): UserError {
  return new UserError({
    code: 'invalid',
    problem: `${path} was never deleted: the database does not know it`,
    fix: {
      cli: `bring it into the database with "tessera trash adopt ${path}"`,
      window: 'restore it by itself',
    },
  });
}
