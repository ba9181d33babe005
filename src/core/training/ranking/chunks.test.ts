/** That the users of a ranking are worked through chunk by chunk. */
import { expect, test, vi } from 'vitest';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext } from '../../engine/index.ts';
import type { Catalogue } from '../../families/generative/code-tokens.ts';
import type { GenerativeModel, ListRequest } from '../../families/generative/generative-model.ts';
import { GenerativeRanker } from '../../families/generative/search/generative-ranker.ts';
import { rankFitted } from '../../families/next-item/ranking/fitted-ranker.ts';
import { type ChunkUse, chunksOf, forEachChunk } from './chunks.ts';
import { evaluationSet } from './evaluation-set.ts';
import { scoreEach } from './scorer.ts';

const ITEMS = 7;
const LENGTH = 4;

/** Users of four interactions each, and how often parts of them were read. */
function counted(users: number): { data: Interactions; reads: () => number } {
  const itemIds = Int32Array.from({ length: users * LENGTH }, (_, at) => at % ITEMS);
  const subarray = vi.spyOn(itemIds, 'subarray');
  const offsets = Int32Array.from({ length: users + 1 }, (_, user) => user * LENGTH);
  const sizes = { users, items: ITEMS, catalogueItems: ITEMS };
  return {
    data: { ...sizes, offsets, itemIds, times: null, ratings: null },
    reads: () => subarray.mock.calls.length,
  };
}

const rule = { historyFilter: 'all', historyWindow: 0, rankLimit: null } as const;

test('chunks are scored one after the other, and nothing of what is not there', async () => {
  const seen: string[] = [];
  const score = ({ members }: { members: readonly number[] }) => seen.push(`score ${members}`);
  const take = (_: unknown, row: number, index: number) => void seen.push(`take ${row} ${index}`);
  await forEachChunk(chunksOf(0, 2), 0, score, take, {});
  expect(seen).toEqual([]);
  const onProgress = (done: number, total: number) => void seen.push(`${done} of ${total}`);
  await forEachChunk(chunksOf(3, 2), 3, score, take, { onProgress });
  expect(seen).toEqual(['score 0,1', 'take 0 0', 'take 1 1', '2 of 3', 'score 2', 'take 0 2', '3 of 3']);
});

test('a signal stops before the next chunk', async () => {
  const abort = new AbortController();
  let taken = 0;
  const take = () => {
    if (++taken === 2) abort.abort();
  };
  const work = forEachChunk(chunksOf(9, 2), 9, () => {}, take, { signal: abort.signal });
  await expect(work).rejects.toThrow(/cancel/i);
  expect(taken).toBe(2);
});

test('a scorer is released where a list cannot be taken', async () => {
  const released = vi.fn(async () => {});
  const { data } = counted(3);
  const open = async () => ({
    scores: async () => new Float32Array(16 * ITEMS),
    [Symbol.asyncDispose]: released,
  });
  const request = { config: {}, checkpoint: '', data, device: async () => ({}) as DeviceContext };
  const userOf = (user: number) => ({ user, end: (user + 1) * LENGTH });
  const take = () => {
    throw new Error('the disk is full');
  };
  await expect(scoreEach(open, request, 3, userOf, take, {})).rejects.toThrow('the disk is full');
  expect(released).toHaveBeenCalledTimes(1);
});

test('histories and filters are read with their own chunk', async () => {
  const { data, reads } = counted(1000);
  const set = evaluationSet(leaveLastOut(data), 'test');
  const before = reads();
  let first = 0;
  const scorer = {
    score: () => {
      first ||= reads() - before;
    },
  };
  await rankFitted({ scorer, data, set, rule, topK: 2 });
  expect(first).toBeLessThan(3);
});

test('filters of generated lists are made with their own batch, and what is done before them is told', async () => {
  const { data, reads } = counted(1000);
  const set = evaluationSet(leaveLastOut(data), 'test');
  let before = 0;
  const batches: number[] = [];
  const lister = {
    prepare: async ({ onProgress }: ChunkUse) => {
      onProgress?.(3, 9, 'items of the item graph');
      before = reads();
    },
    lists: async (_: unknown, __: unknown, requests: readonly ListRequest[]) => {
      batches.push(reads() - before, requests.length);
      return requests.map(() => ({ list: { items: [0, 1], ranks: [1, 2], scores: [2, 1] }, ranks: [1] }));
    },
    measures: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
  const model = {
    ...{ levels: 1, tokensPerItem: 1, config: { maxLength: 3, microBatchTokens: 24 } },
    ...{ lister: () => lister, sourceLength: (items: number) => items, positionOf: (item: number) => item },
  } as unknown as GenerativeModel;
  const tokens = {
    levels: { sizes: [ITEMS], userTokens: 0, separator: null },
    tokens: new Int32Array(ITEMS).fill(1),
  };
  const catalogue = { tokens } as unknown as Catalogue;
  const device = {} as DeviceContext;
  const options = { model, catalogue, data, device, seed: 1, set, rule, topK: 2, purpose: 'result' as const };
  const said: unknown[] = [];
  const { ranks } = await new GenerativeRanker(options).rank((...progress) => said.push(progress));
  expect(said[0]).toEqual([3, 9, 'items of the item graph']);
  expect(said.at(-1)).toEqual([1000, 1000]);
  expect(ranks).toEqual(new Int32Array(1000).fill(1));
  expect(batches[0]).toBe(batches[1]);
});
