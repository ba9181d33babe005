import { expect, it } from 'vitest';
import { clippedApart } from './names.ts';

it('shortens texts that begin alike so that they stay apart', () => {
  const names = ['an experiment with itemknn, small', 'an experiment with itemknn, large', 'EASE'];
  expect(clippedApart(names, 28)).toEqual([
    'an experiment w…emknn, small',
    'an experiment w…emknn, large',
    'EASE',
  ]);
  expect(clippedApart(['a', 'a'], 28)).toEqual(['a 1', 'a 2']);
});
