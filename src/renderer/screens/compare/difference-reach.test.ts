import { expect, it } from 'vitest';
import { differenceReach } from './difference-reach.ts';

const point = (difference: number) => ({ difference, low: difference - 0.001, high: difference + 0.001 });

it('all rows that are about as far away fit into the figure', () => {
  expect(differenceReach([])).toBe(Infinity);
  expect(differenceReach([point(-0.04)])).toBe(Infinity);
  expect(differenceReach([point(0.001), point(-0.002), point(0.002)])).toBe(Infinity);
});

it('rows many times as far away as the nearer half lie outside', () => {
  const reach = differenceReach([0.0017, 0.0008, -0.0015, -0.0178, -0.0173, -0.0473].map(point));
  expect(reach).toBeCloseTo(1.6 * 0.0027);
});
