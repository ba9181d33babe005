import { expect, it } from 'vitest';
import { someRun } from '../../../../../test/reports/runs.ts';
import { compareRuns } from '../comparison.ts';

const labels = (...runs: Parameters<typeof compareRuns>[0]) =>
  compareRuns(runs, { names: 'short' }).rows.map(({ name }) => name);
const dataset = { name: 'Toys', fingerprint: 'ab12' };

it('rows are called after their models, and what they share is left out', () => {
  expect(
    labels(
      someRun('popularity-Toys-seed1', 'popularity', 1, 1, { dataset }),
      someRun('sasrec-Toys-seed1', 'sasrec', 1, 3, { dataset }),
      someRun('sasrec-Toys-seed2', 'sasrec', 2, 3, { dataset }),
    ),
  ).toEqual(['Popularity', 'SASRec']);
});

it('a row is called what its user calls it here, everywhere, and two of one name are told apart', () => {
  const runs = [
    someRun('popularity-Toys-seed1', 'popularity', 1, 1, { dataset, id: 'a' }),
    someRun('sasrec-Toys-seed1', 'sasrec', 1, 3, { dataset, id: 'b' }),
    someRun('sasrec-Toys-seed2', 'sasrec', 2, 3, { dataset, id: 'c' }),
  ];
  const named = (given: Record<string, string>, names: 'short' | 'full' = 'short') =>
    compareRuns(runs, { names, labels: given }).rows.map(({ name }) => name);
  expect(named({ c: 'Ours' })).toEqual(['Popularity', 'Ours']);
  expect(named({ c: 'Ours' }, 'full')).toEqual(['popularity-Toys-seed1', 'Ours']);
  expect(named({ a: 'Ours', b: 'Ours' })).toEqual(['Ours, seed 1, a', 'Ours, seed 1, seed 2, b']);
  expect(named({ a: 'sasrec-Toys' }, 'full')[0]).toBe('sasrec-Toys, seed 1, a');
  const { rows } = compareRuns(runs, { labels: { c: 'Ours' } });
  expect(rows[1]).toMatchObject({ label: { title: 'Ours', detail: '' }, fullName: 'sasrec-Toys' });
});

it('a name that the user gave stays whole', () => {
  expect(
    labels(someRun('night run', 'sasrec', 1, 3, { dataset }), someRun('b', 'hstu', 1, 3, { dataset })),
  ).toEqual(['night run', 'b']);
  expect(labels(someRun('sasrec-Toys-wide', 'sasrec', 1, 3, { dataset }))).toEqual(['sasrec-Toys-wide']);
});

it('rows of one model are told apart by their settings, at most three, else by seed and run', () => {
  const name = 'sasrec-Toys-seed1';
  const run = (config: Record<string, unknown>, id: string) =>
    someRun(name, 'sasrec', 1, 3, { dataset, config, id });
  expect(
    labels(
      run({ dim: 64, learningRate: 0.1, seed: 1 }, 'a'),
      run({ dim: 32, learningRate: 0.1, seed: 2 }, 'b'),
    ),
  ).toEqual(['SASRec, dim 64', 'SASRec, dim 32']);
  const many = (at: number) => ({ a: at, b: at, c: at, d: at, learningRate: at });
  expect(labels(run(many(1), 'a'), run(many(2), 'b'))[1]).toBe('SASRec, a 2, b 2, c 2');
  const trial = someRun('sasrec-Toys-sweep-trial3-seed1', 'sasrec', 1, 3, {
    dataset,
    config: { dim: 8 },
    id: 'c',
  });
  expect(labels(run({ dim: 64 }, 'a'), trial)).toEqual(['SASRec, dim 64', 'SASRec, dim 8']);
  const twice = labels(run({ dim: 1 }, 'first'), run({ dim: 1 }, 'second'));
  expect(twice).toEqual(['SASRec, seed 1, first', 'SASRec, seed 1, second']);
});

it('trials of a sweep that its user has named are called after it, and by their number', () => {
  const trial = (number: number, seed: number, dim: number) =>
    someRun(`Wide or deep-trial${number}-seed${seed}`, 'sasrec', seed, 3, { dataset, config: { dim } });
  expect(labels(trial(1, 1, 64), trial(2, 1, 128), trial(2, 2, 128))).toEqual([
    'Wide or deep, trial 1',
    'Wide or deep, trial 2',
  ]);
});

it('rows of several data sets name theirs where the model is the same', () => {
  const other = { name: 'Books', fingerprint: 'cd34' };
  expect(
    labels(
      someRun('ease-Toys-seed1', 'ease', 1, 1, { dataset }),
      someRun('ease-Books-seed1', 'ease', 1, 1, { dataset: other }),
      someRun('hstu-Books-seed1', 'hstu', 1, 1, { dataset: other }),
    ),
  ).toEqual(['EASE, Toys', 'EASE, Books', 'HSTU']);
});

it('a result of another program is called after its model, and by its name where others have that model', () => {
  const result = (name: string, model: string, program: string) =>
    someRun(name, model, 1, 1, { dataset, program, id: name });
  expect(
    labels(
      result('BERT4Rec-Toys', 'BERT4Rec', 'RecBole 1.2'),
      result('BERT4Rec-Toys-wide', 'BERT4Rec', 'RecBole 1.2'),
      someRun('sasrec-Toys', 'sasrec', 1, 3, { dataset }),
    ),
  ).toEqual(['BERT4Rec', 'BERT4Rec, BERT4Rec-Toys-wide', 'sasrec-Toys']);
  expect(
    labels(result('st-knn', 'kNN', 'RecBole 1.2'), result('lists', 'RecBole 1.2', 'RecBole 1.2')),
  ).toEqual(['kNN', 'lists']);
});
