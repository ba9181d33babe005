import { expect, test } from 'vitest';
import type { CodeMap } from '../../../../core/api/codebooks.ts';
import { iterationText, mapStatement } from './map-words.ts';

const map = {
  ...{ root: [], levels: [{ told: null }], starts: [0, 2, 2, 3], itemCount: 3, sharing: 2, ids: 2 },
  ...{ byPair: false, items: [] },
} as unknown as CodeMap;
const told = { isTraining: false, hasTitles: true, category: null };

test('a map without titles says what is not there, and that of a training which of its states it is', () => {
  const sharing = '66.7\u00a0% of the items share their ID, collision rate 33.3\u00a0%.';
  expect(mapStatement(map, told)).toEqual({
    fact: '3 items',
    limit: ' in 2 codes of level 1',
    numbers: sharing,
  });
  const snapshots = [{ step: 40, epoch: 6 }];
  const state = iterationText({ selected: 40, snapshots }, { step: null });
  const bare = mapStatement(map, { ...told, isTraining: true, hasTitles: false }, state);
  expect([bare.fact, bare.limit]).toEqual(['The map of iteration 6', ', drawn again with its next state']);
  expect(bare.numbers).toMatch(/^This data set has no categories and no titles: .* is its id\. 66\.7/);
});
