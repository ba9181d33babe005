import { expect, it } from 'vitest';
import { mostLiveBytes } from './live-memory.ts';

it('a value lives from the step that makes it to the last that reads it, and what is given out to the end', () => {
  const steps = [
    { input: ['x'], output: ['a'] },
    { input: ['a'], output: ['b'] },
    { input: ['a', 'b'], output: ['c'] },
    { input: ['c'], output: ['d'] },
  ];
  const sizes = new Map([
    ['x', 1000],
    ['a', 1],
    ['b', 10],
    ['c', 100],
    ['d', 5],
  ]);
  // a, b and c; then c and d.
  expect(mostLiveBytes(steps, sizes, new Set(['d']))).toBe(111);
  expect(mostLiveBytes(steps, sizes, new Set(['b', 'd']))).toBe(115);
  // Never read.
  expect(
    mostLiveBytes(
      [
        { input: [], output: ['a', 'c'] },
        { input: [], output: ['d'] },
      ],
      sizes,
      new Set(),
    ),
  ).toBe(101);
});
