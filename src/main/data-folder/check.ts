/** Checks whether a folder can become the data folder. */

import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { HomeCheck } from '../../core/api/settings.ts';
import { messageOf } from '../../core/errors.ts';
import { freeBytes } from '../../core/files/durable.ts';
import { isInside } from '../../core/files/inside.ts';
import { withUserFolder } from '../../core/files/user-folder.ts';
import { existingPart, unwritable } from '../../core/files/writable.ts';
import { countText, terminalQuote } from '../../core/names.ts';
import { livenessOf } from '../../core/process-identity.ts';
import { orphanedData } from '../../core/store/db/damage.ts';
import { readMigrations, shippedMigrations } from '../../core/store/db/migrations.ts';
import { databaseOf, isHome } from '../../core/store/home/home-paths.ts';
import type { Environment } from './choice.ts';
import { program } from './command-line.ts';
import { defaultHome } from './home.ts';
import { INCOMING } from './interrupted-move.ts';

/** SQLite's application_id, as the first migration sets it. */
const APPLICATION_ID = 0x54657373;

/** Checks a folder, in place of the home that is open, without changing anything. `path` may begin with "~". */
export function checkHome(path: string, home: string, environment: Environment): HomeCheck {
  const absolute = withUserFolder(path.trim(), environment.userFolder);
  const failed = { path: absolute, notes: [], moveCommands: [], freeBytes: null };
  if (absolute === '') return { ...failed, problem: 'enter a folder' };
  if (!isAbsolute(absolute)) return { ...failed, problem: 'give an absolute path' };
  const folder = resolve(absolute);
  const problem = placeProblem(folder, home, defaultHome(environment));
  if (problem !== null) return { ...failed, path: folder, problem };
  const lost = orphanedData(folder);
  if (lost !== null) {
    const lacks = `it has lost its database, and holds ${lost}: restore a backup there, or choose another folder`;
    return { ...failed, path: folder, problem: lacks };
  }
  const free = freeBytes(existingPart(folder));
  if (isHome(folder)) {
    return { ...failed, path: folder, ...inspectHome(databaseOf(folder)), freeBytes: free };
  }
  const notes = [existsSync(folder) ? 'The folder is empty.' : 'The folder will be created.'];
  const commands = moveCommands(home, folder, environment);
  return { path: folder, problem: null, notes, moveCommands: commands, freeBytes: free };
}

/** Copies a home, and makes the copy the data folder. */
function moveCommands(home: string, folder: string, environment: Environment): string[] {
  const { platform } = environment;
  const windows = platform === 'win32';
  const [from, to] = [resolve(home), folder].map((path) => terminalQuote(path, platform));
  const copy = windows ? `robocopy ${from} ${to} /E` : `mkdir -p ${to} && cp -a ${from}/. ${to}`;
  return [copy, `${program(environment)} data-folder ${to}`];
}

function placeProblem(folder: string, home: string, defaultFolder: string): string | null {
  if (folder === home) return 'this is the current data folder';
  if (isInside(home, folder)) return 'it is inside the current data folder: choose one outside of it';
  const problem = unwritable(folder);
  if (problem !== null) return problem;
  if (!existsSync(folder) || isHome(folder) || folder === defaultFolder) return null;
  const foreign = readdirSync(folder).filter((name) => name !== INCOMING);
  if (foreign.length === 0) return null;
  return 'it is not empty and holds no Tessera data: choose an empty folder, or a new one inside it';
}

const lockRow = z.object({ pid: z.number(), space: z.string(), start_time: z.string() });

/** Which data the home holds, whether this program can open it, and who else has it open. */
function inspectHome(file: string): Pick<HomeCheck, 'problem' | 'notes'> {
  let database: Database.Database | null = null;
  try {
    database = new Database(file, { readonly: true });
    const number = (sql: string) => Number(database?.prepare(sql).pluck().get());
    const version = number('PRAGMA user_version');
    const latest = readMigrations(shippedMigrations()).length;
    if (number('PRAGMA application_id') !== APPLICATION_ID) {
      return refusal('its tessera.db belongs to another program: choose another folder');
    }
    if (version > latest) {
      return refusal(
        `it was written by a newer Tessera (schema ${version}, this one supports ${latest}): update Tessera first`,
      );
    }
    const [datasets, runs] = ['datasets', 'runs'].map((table) => number(`SELECT count(*) FROM ${table}`));
    const notes = [`It holds ${countText(datasets, 'data set')} and ${countText(runs, 'run')}.`];
    if (version < latest) {
      notes.push(
        `It was written by an earlier version (schema ${version}) and will be updated; a backup stays in it.`,
      );
    }
    const other = otherScheduler(database);
    if (other !== null) {
      notes.push(`Another Tessera (process ${other}) has it open and continues to start its queue.`);
    }
    return { problem: null, notes };
  } catch (error) {
    return refusal(`its tessera.db cannot be read (${messageOf(error)}): choose another folder`);
  } finally {
    database?.close();
  }
}

function refusal(problem: string): Pick<HomeCheck, 'problem' | 'notes'> {
  return { problem, notes: [] };
}

function otherScheduler(database: Database.Database): number | null {
  const hasLocks = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'locks'").get();
  const row = hasLocks && database.prepare("SELECT * FROM locks WHERE name = 'scheduler'").get();
  if (!row) return null;
  const { pid, space, start_time: startTime } = lockRow.parse(row);
  return livenessOf({ pid, pidScope: space, startTime }) === 'dead' ? null : pid;
}
