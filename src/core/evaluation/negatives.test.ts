import { expect, it } from 'vitest';
import { type NegativesRule, negativesDrawer } from './negatives.ts';

const popularity = [40, 0, 30, 20, 0, 10, 5, 5];
const draw = (rule: Partial<NegativesRule>, user = 3, excluded: number[] = []) => [
  ...negativesDrawer({ count: 3, by: 'uniform', seed: 1, ...rule }, popularity)(user, new Set(excluded)),
];

it('negatives are different items, none of the user, and follow from seed, user and rule alone', () => {
  for (const by of ['uniform', 'popularity'] as const) {
    for (let user = 0; user < 50; user++) {
      const found = draw({ by }, user, [0, 5]);
      expect(new Set(found).size).toBe(3);
      expect(found.filter((item) => [0, 5].includes(item))).toEqual([]);
      expect(draw({ by }, user, [0, 5])).toEqual(found);
      // Fewer are the first of more.
      expect(draw({ by, count: 2 }, user, [0, 5])).toEqual(found.slice(0, 2));
    }
  }
  const others = [draw({ count: 8 }), draw({ count: 8, seed: 2 }), draw({ count: 8 }, 4)];
  expect(new Set(others.map(String)).size).toBe(3);
});

it('there are as many as are left, and by popularity none that nobody had', () => {
  expect(draw({ count: 100 }).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(draw({ count: 100, by: 'popularity' }, 0, [0, 2]).toSorted()).toEqual([3, 5, 6, 7]);
  expect(draw({}, 0, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual([]);
  expect([...negativesDrawer({ count: 2, by: 'popularity', seed: 1 }, [0, 0])(1, new Set())]).toEqual([]);
  expect([...negativesDrawer({ count: 2, by: 'uniform', seed: 1 }, [])(1, new Set())]).toEqual([]);
  // One item has nearly all the weight, and is the user's own.
  const skewed = negativesDrawer({ count: 2, by: 'popularity', seed: 1 }, [1e9, 1, 1, 1]);
  expect(skewed(0, new Set([0]))).toHaveLength(2);
});

it('the first is drawn as often as its weight says', () => {
  const times = new Float64Array(popularity.length);
  const drawOne = negativesDrawer({ count: 1, by: 'popularity', seed: 7 }, popularity);
  for (let user = 0; user < 20_000; user++) times[drawOne(user, new Set([2]))[0]]++;
  for (const [item, weight] of popularity.entries())
    expect(times[item] / 20_000).toBeCloseTo(item === 2 ? 0 : weight / 80, 1.7);
});
