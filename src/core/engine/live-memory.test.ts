import { expect, it } from 'vitest';
import { asSearched, graphMemory } from './live-memory.ts';

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
  expect(graphMemory(steps, sizes, new Set(['d'])).live).toBe(111);
  expect(graphMemory(steps, sizes, new Set(['b', 'd'])).live).toBe(115);
  // Never read.
  expect(
    graphMemory(
      [
        { input: [], output: ['a', 'c'] },
        { input: [], output: ['d'] },
      ],
      sizes,
      new Set(),
    ).live,
  ).toBe(101);
});

it('buffers of a size are as many as its values at one time, and stay for later ones', () => {
  const chain = ['a', 'b', 'c', 'd'].map((name, at, all) => ({
    input: at === 0 ? [] : [all[at - 1]],
    output: [name],
  }));
  const sizes = new Map([
    ['a', 8],
    ['b', 4],
    ['c', 8],
    ['d', 2],
  ]);
  expect(graphMemory(chain, sizes, new Set())).toEqual({ live: 12, buffers: 14 });
});

it('a search from the outputs takes what was written last first', () => {
  const node = (output: string, ...input: string[]) => ({ input, output: [output] });
  const nodes = [node('a', 'x'), node('b', 'x'), node('sum', 'a', 'b'), node('other', 'a')];
  expect(asSearched(nodes).map(({ output }) => output[0])).toEqual(['a', 'other', 'b', 'sum']);
});
