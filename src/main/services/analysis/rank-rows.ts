/** Where each user's held-out item was ranked, as rows for other programs: with the ids of the imported files. */
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Duck, literal, pathLiteral, withDuck } from '../../../core/data/duck.ts';
import { readItemIds, readUserIds } from '../../../core/data/read.ts';
import { type UserRanks, WHOLE } from '../../../core/evaluation/types.ts';
import { EXPORT_ADVICE } from '../../../core/files/durable.ts';
import { withScratch } from '../../../core/files/scratch.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';

/** As DuckDB reads them. `known`: places of the list that are known; null for all. `history`: items before the target. */
export const RANK_COLUMNS =
  'run: VARCHAR, split: VARCHAR, user: VARCHAR, target: VARCHAR, rank: INTEGER, known: INTEGER, history: INTEGER';

/** Of a report in a folder. */
export const RANKS_FILE = 'ranks.parquet';

const SPLITS = ['test', 'final', 'valid'] as const;
/** Rows that are text in memory at once. */
const BATCH = 50_000;

interface Ids {
  users: readonly string[];
  items: readonly string[];
}

/** Reads the ids of the data set of a run, of each one once; null where it has been deleted. */
export type ReadIds = (run: RunRecord) => Promise<Ids> | null;

export function idsOfDatasets({ datasets }: Store): ReadIds {
  const known = new Map<string, Promise<Ids>>();
  return ({ dataset }) => {
    const id = dataset?.id ?? null;
    if (id === null) return null;
    const ids = known.get(id) ?? readIds(datasets.folder(id));
    known.set(id, ids);
    return ids;
  };
}

async function readIds(folder: string): Promise<Ids> {
  return { users: await readUserIds(folder), items: await readItemIds(folder) };
}

/** Appends the ranks of a run as lines of JSON; users and items have no ids where those are not known any more. */
export async function appendRanks(store: Store, run: RunRecord, ids: ReadIds, file: string): Promise<void> {
  appendFileSync(file, '');
  for (const split of SPLITS) {
    const ranks = store.ranks.read(run.id, split);
    if (ranks === null) continue;
    const named = await ids(run);
    for (let from = 0; from < ranks.users.length; from += BATCH) {
      const lines = Array.from(ranks.users.subarray(from, from + BATCH), (user, place) => {
        const at = from + place;
        const [rank, history] = [ranks.ranks[at], ranks.historyLengths[at]];
        const who = { user: named?.users[user] ?? null, target: named?.items[ranks.targets[at]] ?? null };
        return `${JSON.stringify({ run: run.id, split, ...who, rank, known: lengthOf(ranks, at), history })}\n`;
      });
      appendFileSync(file, lines.join(''));
    }
  }
}

/** How many places of a user's list are known; null for all. */
function lengthOf({ lengths }: UserRanks, at: number): number | null {
  return lengths === undefined || lengths[at] === WHOLE ? null : lengths[at];
}

/** Writes the ranks of runs as one Parquet file. */
export function writeRanks(store: Store, runs: readonly RunRecord[], path: string): Promise<void> {
  return withScratch(async (folder) => {
    const ids = idsOfDatasets(store);
    const rows = join(folder, 'ranks.rows');
    for (const run of runs) await appendRanks(store, run, ids, rows);
    rmSync(path, { force: true });
    const write = async (duck: Duck) => {
      await duck.run(`COPY (${rowsOf(rows, RANK_COLUMNS)}) TO ${literal(path)} (FORMAT parquet)`);
    };
    await withDuck(write, { temporaryDirectory: join(folder, 'spill'), advice: EXPORT_ADVICE });
  });
}

/** A query of lines of JSON with these columns. */
export function rowsOf(file: string, columns: string): string {
  return `SELECT * FROM read_json(${pathLiteral(file)}, format = 'newline_delimited', columns = {${columns.replaceAll(/[A-Z]+/g, "'$&'")}})`;
}
