import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Difference, differenceScale } from './difference-scale.ts';

const rows = (...differences: number[]): Difference[] =>
  differences.map((difference, at) => ({
    id: String(at),
    difference,
    low: difference - 0.001,
    high: difference + 0.001,
  }));

const clipped = (...differences: number[]) => [...differenceScale(rows(...differences), 1, 4).clipped].sort();

it('leaves out rows that are far worse than all others, and those alone', () => {
  expect(clipped(0.0017, 0.0008, -0.0015, -0.007, -0.0173, -0.0473)).toEqual([]);
  expect(clipped(0.0017, 0.0008, -0.0015, -0.0473, -0.05)).toEqual(['3', '4']);
  expect(clipped(0.001, 0.002, -0.0005, 0.6)).toEqual([]);
});

it('has a one-sided axis where all rows lie on one side, with 0 on it', () => {
  const { low, high } = differenceScale(rows(0.3, 0.5), 1, 4);
  expect(low).toBeCloseTo(-0.04 * 0.501);
  expect(high).toBeCloseTo(0.501 * 1.04);
});

it('has an axis where nothing differs', () => {
  const same = [1, 2].map((at) => ({ id: String(at), difference: 0, low: 0, high: 0 }));
  const { low, high, ticks } = differenceScale(same, 1, 4);
  expect(low).toBeLessThan(0);
  expect(high).toBeGreaterThan(0);
  expect(ticks).toContain(0);
  expect(differenceScale([{ id: '1', difference: 0, low: 0, high: 5e-324 }], 1, 4).ticks).toContain(0);
  // One real difference among rows without any decides the axis.
  const one = differenceScale([...same, { id: '3', difference: 0.03, low: 0.02, high: 0.04 }], 1, 4);
  expect(one.high).toBeGreaterThan(0.04);
  expect(one.clipped.size).toBe(0);
});

it('whatever the rows: 0, the best row and its interval are on the axis, and half of the rows at least', () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  const row = fc.tuple(value, fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(1 as const, -1 as const),
      (list, sign) => {
        const all = list.map(([difference, half], at) => ({
          id: String(at),
          difference,
          low: difference - half,
          high: difference + half,
        }));
        const scale = differenceScale(all, sign, 5);
        const shown = all.filter(({ id }) => !scale.clipped.has(id));
        const best = all.toSorted((a, b) => sign * (b.difference - a.difference))[0];
        expect(scale.low).toBeLessThanOrEqual(0);
        expect(scale.high).toBeGreaterThanOrEqual(0);
        expect(shown.length).toBeGreaterThanOrEqual(Math.ceil(all.length / 2));
        for (const { low, high } of [...shown, best]) {
          expect(low).toBeGreaterThanOrEqual(scale.low);
          expect(high).toBeLessThanOrEqual(scale.high);
        }
      },
    ),
  );
});
