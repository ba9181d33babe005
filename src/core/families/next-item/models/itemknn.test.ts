import { expect, test } from 'vitest';
import type { Interactions } from '../../../data/types.ts';
import { configOfRun, resolveConfig } from '../../registry.ts';
import type { FitContext } from '../next-item-model.ts';
import { itemknn } from './itemknn.ts';

const ITEMS = 4;

/** Items of each user; the first two items are the most popular. */
const users = [
  [0, 1],
  [0, 1],
  [0, 2],
  [0, 1, 3],
  [1, 3],
  [2, 0],
];
const interactions = {
  users: users.length,
  items: ITEMS,
  offsets: Int32Array.from([0, 2, 4, 6, 9, 11, 13]),
  itemIds: Int32Array.from(users.flat()),
} as Interactions;

/** Cosine of the sets of users of two items, damped by `shrinkage`. */
function similarity(one: number, other: number, shrinkage: number): number {
  const of = (item: number) => users.filter((items) => items.includes(item)).length;
  const both = users.filter((items) => items.includes(one) && items.includes(other)).length;
  return both / (Math.sqrt(of(one) * of(other)) + shrinkage);
}

/** The most similar others of an item. */
const nearest = (item: number, count: number) =>
  [0, 1, 2, 3]
    .filter((other) => other !== item && similarity(item, other, 1) > 0)
    .sort((a, b) => similarity(item, b, 1) - similarity(item, a, 1) || a - b)
    .slice(0, count);

const fitted = async (config: object) => {
  const model = itemknn.build({ shrinkage: 1, ...config });
  const context = { interactions, trainEnd: interactions.offsets.slice(1), onProgress: () => {} };
  const state = await model.fit(context as unknown as FitContext);
  return { model, state };
};

async function scores(config: object, history: number[]): Promise<number[]> {
  const { model, state } = await fitted(config);
  const found = new Float32Array(ITEMS);
  model.scorer(state, interactions).score(0, Int32Array.from(history), found);
  return [...found];
}

test.each(['candidate', 'history'] as const)(
  'scores add up the similarities that are kept of every %s item',
  async (neighboursOf) => {
    for (const neighbours of [1, 2, 9]) {
      for (const history of [[0], [1, 3], [2, 0, 2]]) {
        const isKept = (candidate: number, item: number) =>
          neighboursOf === 'candidate'
            ? nearest(candidate, neighbours).includes(item)
            : nearest(item, neighbours).includes(candidate);
        const expected = Array.from({ length: ITEMS }, (_, candidate) =>
          [...new Set(history)].reduce(
            (sum, item) => sum + (isKept(candidate, item) ? similarity(candidate, item, 1) : 0),
            0,
          ),
        );
        const found = await scores({ neighbours, neighboursOf }, history);
        found.forEach((value, item) => {
          expect(value, `${neighbours} ${history} ${item}`).toBeCloseTo(expected[item], 6);
        });
      }
    }
  },
);

test('the two readings differ, and a checkpoint says by itself which one it has', async () => {
  const config = { neighbours: 1 };
  const [candidate, history] = await Promise.all([
    fitted({ ...config, neighboursOf: 'candidate' }),
    fitted({ ...config, neighboursOf: 'history' }),
  ]);
  const score = (model: typeof candidate.model, state: typeof candidate.state) => {
    const found = new Float32Array(ITEMS);
    model.scorer(state, interactions).score(0, Int32Array.of(0), found);
    return [...found];
  };
  const own = score(candidate.model, candidate.state);
  expect(own).not.toEqual(score(history.model, history.state));
  expect(score(history.model, candidate.state)).toEqual(own);
  for (const { model, state } of [candidate, history])
    expect(Object.keys(model.stateSpecs(state)).sort()).toEqual(Object.keys(state).sort());
});

test('new runs keep the neighbours of candidates, and runs of before there was a choice those of histories', () => {
  expect(resolveConfig('itemknn').neighboursOf).toBe('candidate');
  const old = { model: 'itemknn', config: { neighbours: 10 } };
  expect(configOfRun(old).neighboursOf).toBe('history');
  expect(configOfRun({ ...old, config: resolveConfig('itemknn') }).neighboursOf).toBe('candidate');
});
