import { z } from 'zod';
import type { UserRanks } from '../../evaluation/types.ts';
import { rowOf } from '../db/columns.ts';
import { StoreTables } from '../db/store-tables.ts';

const int32 = z.instanceof(Uint8Array).transform((blob) => new Int32Array(blob.slice().buffer));
const ranksRow = rowOf({
  split: z.enum(['valid', 'test', 'final']),
  several: z.enum(['all', 'successive']).nullable(),
  candidates: z.number(),
  top_k: z.number(),
  users: int32,
  targets: int32,
  ranks: int32,
  /** Of earlier versions: the length of the longest list, which was taken for that of each. */
  known: z.number().nullable(),
  lengths: int32.nullable(),
  history_lengths: int32,
  top_items: int32,
}).transform(({ known, lengths, several, ...others }) => {
  const ranks = several === null ? others : { ...others, several };
  const own = lengths ?? (known === null ? null : new Int32Array(ranks.users.length).fill(known));
  return own === null ? ranks : { ...ranks, lengths: own };
});

/** Below the billion bytes that SQLite takes in one row. */
const MAX_ROW_BYTES = 900_000_000;

/** Per-user ranks of a run, one set a split. */
export class Ranks extends StoreTables {
  /**
   * Stores the ranks of one split in place of earlier ones. Returns false where the lists of so many users would make the
   * row larger than `maxBytes`: it then has none, as if no lists had been requested.
   */
  save(run: string, ranks: UserRanks, maxBytes = MAX_ROW_BYTES): boolean {
    const rows = ranks.users.length;
    const columns = [ranks.targets, ranks.ranks, ranks.historyLengths, ranks.lengths ?? ranks.users];
    const sized = columns.every((column) => column.length === rows);
    if (!sized || ranks.topItems.length !== rows * ranks.topK) {
      throw new Error(`ranks of run ${run}: columns of different lengths`);
    }
    const listsFit = rows * (4 + ranks.topK) * Int32Array.BYTES_PER_ELEMENT <= maxBytes;
    this.connection.replace('ranks', {
      run,
      split: ranks.split,
      several: ranks.several ?? null,
      candidates: ranks.candidates,
      top_k: listsFit ? ranks.topK : 0,
      users: bytes(ranks.users),
      targets: bytes(ranks.targets),
      ranks: bytes(ranks.ranks),
      known: null,
      lengths: ranks.lengths === undefined ? null : bytes(ranks.lengths),
      history_lengths: bytes(ranks.historyLengths),
      top_items: bytes(listsFit ? ranks.topItems : new Int32Array()),
    });
    return listsFit;
  }

  /** The stored ranks, or null where the run has none for this split. */
  read(run: string, split: UserRanks['split']): UserRanks | null {
    return this.#read('top_k, top_items', run, split);
  }

  /** Those of every split without their lists, which are most of them and of no use to metrics and tests: `topK` is 0. */
  *withoutLists(run: string): Generator<UserRanks, void, void> {
    for (const split of ['test', 'final', 'valid'] as const) {
      const ranks = this.#read("0 AS top_k, x'' AS top_items", run, split);
      if (ranks !== null) yield ranks;
    }
  }

  #read(lists: string, run: string, split: UserRanks['split']): UserRanks | null {
    const sql = `SELECT split, several, candidates, users, targets, ranks, known, lengths, history_lengths, ${lists} FROM ranks
      WHERE run = ? AND split = ?`;
    return this.connection.first(ranksRow, sql, run, split);
  }
}

function bytes(array: Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
