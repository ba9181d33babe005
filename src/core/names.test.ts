import { expect, it } from 'vitest';
import { clippedApart, someNames } from './names.ts';

it('shortens texts that begin alike so that they stay apart', () => {
  const names = ['an experiment with itemknn, small', 'an experiment with itemknn, large', 'EASE'];
  expect(clippedApart(names, 28)).toEqual([
    'an experiment w…emknn, small',
    'an experiment w…emknn, large',
    'EASE',
  ]);
  expect(clippedApart(['a', 'a'], 28)).toEqual(['a 1', 'a 2']);
});

it('names a few, and of many the first with how many others there are', () => {
  const names = Array.from({ length: 206 }, (_, at) => `run ${at + 1}`);
  expect(someNames(names.slice(0, 5))).toBe('run 1, run 2, run 3, run 4, run 5');
  expect(someNames(names)).toBe('run 1, run 2, run 3 and 203 others');
});
