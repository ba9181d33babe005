import { expect, test } from 'vitest';
import type { Interactions } from '../../../data/types.ts';
import type { FitContext } from '../next-item-model.ts';
import { contentKnn } from './content-knn.ts';

const interactions = { items: 5 } as Interactions;

// Two directions; item 3 is longer than the others, item 4 has no content. The last row is of no candidate.
const vectors = { items: 6, dim: 2, data: Float32Array.of(1, 0, 0, 1, 1, 1, 4, 0, 0, 0, 0, 1) };

const rounded = (values: number[]) => values.map((value) => Math.round(value * 1e3) / 1e3);

async function scores(lastItems: number, history: number[]): Promise<number[]> {
  const model = contentKnn.build({ lastItems });
  const state = await model.fit({ interactions, content: async () => vectors } as FitContext);
  expect(model.stateSpecs(state)).toEqual({ vectors: { shape: [10], dtype: 'float32' } });
  const found = new Float32Array(5);
  model.scorer(state, interactions).score(0, Int32Array.from(history), found);
  return rounded(Array.from(found));
}

test('scores are cosines with the mean of the last items, whatever the length of a vector', async () => {
  const half = Math.SQRT1_2;
  expect(await scores(1, [1, 0])).toEqual(rounded([1, 0, half, 1, 0]));
  expect(await scores(2, [3, 1, 0])).toEqual(rounded([half, half, 1, half, 0]));
  // More items than the history has: all of it. The mean is (5, 1) / 3.
  const [along, across] = [5, 1].map((part) => part / Math.sqrt(26));
  expect(await scores(9, [3, 1, 0])).toEqual(rounded([along, across, half * (along + across), along, 0]));
});

test('a history without content tells nothing', async () => {
  expect(await scores(3, [4])).toEqual([0, 0, 0, 0, 0]);
  expect(await scores(3, [])).toEqual([0, 0, 0, 0, 0]);
});
