/** Works through the users of a ranking chunk by chunk, so that filters, histories and scores of one chunk alone stand in memory. */
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../errors.ts';
import type { ReportDone } from '../progress.ts';

/** What is scored at once: places among all, one a row. */
export interface Chunk {
  readonly members: readonly number[];
}

export interface ChunkUse {
  /** Hears how many members are done. */
  onProgress?: ReportDone;
  signal?: AbortSignal;
}

/** Places 0 to `total` (exclusive) in chunks of `rows`. */
export function* chunksOf(total: number, rows: number): Generator<Chunk> {
  for (let from = 0; from < total; from += rows)
    yield { members: Array.from({ length: Math.min(rows, total - from) }, (_, row) => from + row) };
}

/**
 * Scores each chunk, then takes its members one by one. Messages of the parent get in between chunks.
 * Throws CancelledError where the signal says so before a chunk.
 */
export async function forEachChunk<C extends Chunk, S>(
  chunks: Iterable<C>,
  total: number,
  score: (chunk: C) => S | Promise<S>,
  take: (scored: S, row: number, index: number) => void | Promise<void>,
  { onProgress, signal }: ChunkUse,
): Promise<void> {
  let done = 0;
  for (const chunk of chunks) {
    await setImmediate();
    throwIfCancelled(signal);
    const scored = await score(chunk);
    for (const [row, index] of chunk.members.entries()) await take(scored, row, index);
    done += chunk.members.length;
    onProgress?.(done, total);
  }
}
