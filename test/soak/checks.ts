/** What must be so after a soak, whatever has happened. Every finding is a line. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Store } from '../../src/core/store/store.ts';

/** All that a completed run has left, except what time it took. */
export type Remains = Record<string, string>;

const hash = (value: string | Uint8Array) => createHash('sha256').update(value).digest('hex').slice(0, 16);

/** Everything that must be equal, to the bit, in a run that was interrupted and its twin that was not. */
export function remainsOf(store: Store, run: string): Remains {
  const remains: Remains = {};
  const { metrics, epochs, selectedEpoch, protocolFingerprint } = store.runs.get(run);
  const timeless = Object.entries(metrics).filter(([name]) => !/second|time/.test(name));
  remains.result = JSON.stringify({ metrics: timeless, epochs, selectedEpoch, protocolFingerprint });
  for (const { metric } of store.series.list(run)) {
    const { steps, epochs: at, values } = store.series.read(run, metric);
    remains[`series ${metric}`] = /second|time/.test(metric)
      ? `${steps}`
      : JSON.stringify([steps, at, values]);
  }
  for (const split of ['valid', 'test'] as const) {
    const ranks = store.ranks.read(run, split);
    if (ranks) remains[`ranks ${split}`] = hash(JSON.stringify(ranks, (_, value) => plain(value)));
  }
  const folder = store.runs.folder(run);
  for (const name of filesIn(folder)) {
    // The trainer's state beside a checkpoint has the seconds it took.
    const timed = /checkpoints\/.*\.json$/.test(name);
    remains[`file ${name}`] = timed ? 'there' : hash(readFileSync(join(folder, name)));
  }
  return remains;
}

const plain = (value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Int32Array)] : value);

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

/** Where a run differs from its twin. */
export function differences(found: Remains, expected: Remains): string[] {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return keys
    .filter((key) => found[key] !== expected[key])
    .map((key) => `${key}: ${short(found[key])}, and of its twin ${short(expected[key])}`);
}

const short = (text: string | undefined) => (text === undefined ? 'nothing' : text.slice(0, 200));

/** The history of a completed run: attempts in a row, each ended, none but the last completed. */
export function brokenHistory(store: Store, run: string): string[] {
  const attempts = store.runs.attempts(run);
  const found: string[] = [];
  if (attempts.some(({ number }, at) => number !== at + 1)) found.push('attempts with gaps in their numbers');
  if (attempts.some(({ outcome }) => outcome === null)) found.push('an attempt without an end');
  if (attempts.filter(({ outcome }) => outcome === 'completed').length !== 1)
    found.push('completed not once');
  if (attempts.at(-1)?.outcome !== 'completed') found.push('an attempt after the completed one');
  return found;
}

/** What a closed home must look like: a sound database, no log beside it, nothing that no row knows. */
export function homeFindings(home: string): string[] {
  const found: string[] = [];
  const log = join(home, 'tessera.db-wal');
  if (existsSync(log) && statSync(log).size > 0)
    found.push('tessera.db-wal holds what is not in the database');
  const database = new Database(join(home, 'tessera.db'), { readonly: true });
  const ids = (sql: string) => new Set(database.prepare(sql).pluck().all() as string[]);
  try {
    const integrity = database.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') found.push(`the database is damaged: ${integrity}`);
    const dangling = database.pragma('foreign_key_check') as unknown[];
    if (dangling.length > 0) found.push(`${dangling.length} dangling references`);
    const leases = ids('SELECT run FROM leases');
    if (leases.size > 0) found.push(`${leases.size} leases are left`);
    found.push(...unknownEntries(join(home, 'runs'), ids('SELECT id FROM runs')));
    found.push(...unknownEntries(join(home, 'datasets'), ids('SELECT id FROM datasets')));
    for (const id of ids('SELECT id FROM datasets')) {
      if (!existsSync(join(home, 'datasets', id, 'dataset.json')))
        found.push(`the data set ${id} has no files`);
    }
  } finally {
    database.close();
  }
  const passing = filesIn(home).filter((name) => /\.partial$|\.importing-|\.deleted-|\/spill\//.test(name));
  found.push(...passing.map((name) => `${name} is left over`));
  return found;
}

function unknownEntries(folder: string, known: ReadonlySet<string>): string[] {
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  return entries.filter((name) => !known.has(name)).map((name) => `${folder}/${name} is in no table`);
}
