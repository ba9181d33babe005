import { expect, test } from 'vitest';
import { EMPTY_DRAFT } from './import-draft.ts';
import { oddThings } from './import-odd.ts';

const count = {
  users: 60,
  items: 97,
  interactions: 1198,
  described: 97,
  repeats: 0,
  tied: 0,
  source: { users: 60, items: 97, interactions: 1198 },
  badRows: 0,
  badRowExamples: [],
  badRowPlaces: [],
  mixed: [],
};
const texts = (changes: Partial<typeof count>, draft = {}) =>
  oddThings({ ...count, ...changes }, { ...EMPTY_DRAFT, ...draft }).map(({ text }) => text);

test('what is odd about files says what becomes of it', () => {
  expect(texts({})).toEqual([]);
  expect(texts({ described: 90 })).toEqual(['7 of the 97 items are not described.']);
  expect(oddThings({ ...count, described: 0 }, EMPTY_DRAFT)).toMatchObject([{ grave: true }]);
  expect(texts({ interactions: 0, items: 0, described: 0 })).toEqual([
    'No interactions remain. Relax the filters.',
  ]);
  expect(texts({ repeats: 1, tied: 300 })).toEqual([
    'One row repeats a user, item and time; all are kept.',
    '300 rows (25.0 % of 1,198) share user and time with another; in the order of the file.',
  ]);
  expect(texts({ repeats: 12, tied: 1198 }, { dedupe: 'exact', ties: 'shuffle', seed: ' 7 ' })).toEqual([
    '12 rows repeat a user, item and time; they are left out.',
    '1,198 rows (all) share user and time with another; shuffled by seed 7.',
  ]);
});
