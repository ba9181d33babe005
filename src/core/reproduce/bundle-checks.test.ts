import { expect, it } from 'vitest';
import { csvLines } from '../documents/writers/write-csv.ts';
import { csvRows, numbersCheck, privacyCheck, tableNumbers, tellingMembers } from './bundle-checks.ts';
import type { Recipe } from './recipe.ts';

const run = (seed: number, ndcg: number, config: object = { dim: 8, seed }) => ({
  ...{
    id: String(seed),
    seed,
    model: 'sasrec',
    config,
    metrics: { 'test/ndcg@10': ndcg, 'test/hr@10': null },
  },
});
const recipe = {
  runs: [run(1, 0.1), run(2, 0.2), run(3, 0.9, { dim: 16 })],
  others: [],
  rows: ['1', '2', '3'],
};
const numbers = (rows: string[][]) =>
  tableNumbers(
    [['run', 'seeds', 'slice', 'test/ndcg@10', 'test/ndcg@10 n'], ...rows],
    recipe as unknown as Recipe,
  );

it('finds the numbers of a table as means over the seeds of one config, and names those that are none', () => {
  expect(
    numbers([
      ['a', '1 2', '', '0.150000', '2'],
      ['b', '3', '', '0.900000', '1'],
    ]),
  ).toEqual({ looked: 2, missing: [] });
  const wrong = numbers([['a', '1 2', '', '0.400000', '2']]);
  expect(numbersCheck('table', wrong, 'runs')).toEqual({
    ...{ what: 'Numbers of the table', isGood: false },
    detail: '1 of 1 not found in the runs: test/ndcg@10 0.400000',
  });
  // Slices and published rows are of no run.
  expect(
    numbers([
      ['a', '', 'new', '0.400000', '2'],
      ['p', '', '', '0.7', ''],
    ]).looked,
  ).toBe(0);
});

it('takes runs of two data sets for no seeds of one row', () => {
  const runs = [run(1, 0.1), run(2, 0.2), run(1, 0.5), run(2, 0.8)].map((one, at) => ({
    ...{ ...one, id: String(at), dataset: at < 2 ? 'films' : 'toys' },
  }));
  const lines = [
    ['run', 'seeds', 'test/ndcg@10'],
    ['films', '1 2', '0.150000'],
    ['toys', '1 2', '0.650000'],
  ];
  const found = tableNumbers(lines, { runs, others: [], rows: [] } as unknown as Recipe);
  expect(found).toEqual({ looked: 2, missing: [] });
});

it('takes a seed that is there again for a row of its own, as the table does', () => {
  const runs = [run(1, 0.1), run(2, 0.2), { ...run(1, 0.1), id: '3' }];
  const lines = [
    ['run', 'seeds', 'test/ndcg@10'],
    ['a', '1 2', '0.150000'],
    ['b', '1', '0.100000'],
  ];
  const found = tableNumbers(lines, { runs, others: [], rows: [] } as unknown as Recipe);
  expect(found).toEqual({ looked: 2, missing: [] });
});

it('finds folders anywhere, and names only as words of their own', () => {
  const words = [
    { word: '/home/ann', isWhole: false },
    { word: 'ann', isWhole: true },
  ];
  const members = { a: 'in /home/anna', b: 'a banner', c: 'by ann.', 'ann/d': '', e: 'ann-arbor' };
  expect(tellingMembers(members, words)).toEqual(['a', 'c', 'ann/d']);
  expect(privacyCheck(['a', 'c'], 5)).toMatchObject({ detail: 'found in a, c', isGood: false });
  expect(privacyCheck([], 1)).toMatchObject({ detail: 'looked for in 1 file', isGood: true });
});

it('reads the table as it is written', () => {
  const rows = [
    ['run', 'a "b", c'],
    ['two, words', '1.5'],
    ['', ''],
  ];
  expect(csvRows(csvLines(rows))).toEqual(rows);
});
