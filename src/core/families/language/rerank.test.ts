import { expect, test } from 'vitest';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext } from '../../engine/index.ts';
import type { ScoredRun } from '../../training/ranking/scorer.ts';
import { retrieved } from './rerank.ts';
import type { Verbaliser } from './text/prompt.ts';

test('a retrieved list has no items of the history, but a held-out item that the user had before', async () => {
  // The first user's last item is new, the second's a repeated one.
  const sequences = [
    [0, 1, 2, 3],
    [4, 1, 2, 4],
  ];
  const data = {
    users: 2,
    items: 6,
    offsets: Int32Array.of(0, 4, 8),
    itemIds: Int32Array.from(sequences.flat()),
  } as Interactions;
  const options = {
    verbaliser: { data } as Verbaliser,
    split: leaveLastOut(data),
    device: {} as DeviceContext,
    scoreUsers: async (
      _run: unknown,
      _data: unknown,
      users: readonly unknown[],
      _device: unknown,
      use: Take,
    ) => {
      for (const at of users.keys()) use(at, Float32Array.of(9, 8, 7, 6, 5, 4));
    },
  };
  type Take = (index: number, scores: Float32Array) => void;
  const lists = await retrieved(options, {} as ScoredRun, [0, 1]);
  expect(lists.map(({ target, items }) => [target, ...items])).toEqual([
    [3, 3, 4, 5],
    [4, 0, 3, 4, 5],
  ]);
});
