import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { readFilters, valueField } from './typed-filters.ts';

const fields: RunTableFields = {
  ...{ runs: 3, archived: 0, decisive: [] },
  metrics: ['test/hr@10', 'test/ndcg@10', 'test/ndcg@50', 'valid/ndcg@10'],
  config: ['dim', 'learningRate', 'loss'],
  differing: [],
  models: ['sasrec', 'fuxi-alpha', 'fuxi-beta'],
  datasets: ['Amazon Beauty', 'club'],
  projects: ['Long histories'],
  tags: [],
};
const read = (text: string) => readFilters(text, fields);
const filter = (field: string, operator: string, value: unknown) => ({ field, operator, value });

it('reads fields, operators and values among words that are searched for', () => {
  expect(read('beauty ndcg@10 > .05 model is SASRec')).toMatchObject({
    filters: [filter('metric:test/ndcg@10', '>', 0.05), filter('model', '=', 'sasrec')],
    words: 'beauty',
    problem: null,
  });
  const cases: [string, ReturnType<typeof filter>][] = [
    ['ndcg>=0.1', filter('metric:test/ndcg@10', '>=', 0.1)],
    ['valid/ndcg@10 < 1e-2', filter('metric:valid/ndcg@10', '<', 0.01)],
    ['lr:0.001', filter('config:learningRate', '=', 0.001)],
    ['loss is not bce', filter('config:loss', '!=', 'bce')],
    ['data is "Amazon Beauty"', filter('dataset', '=', 'Amazon Beauty')],
    ['dataset:cl', filter('dataset', '=', 'club')],
    ['time ≤ 60', filter('seconds', '<=', 60)],
    ['tags has first', filter('tags', 'contains', 'first')],
    ['DIM = 64', filter('config:dim', '=', 64)],
  ];
  for (const [text, expected] of cases) expect([text, read(text).filters]).toEqual([text, [expected]]);
});

it('takes a field for a word where no operator follows it, and what is in quotes', () => {
  expect(read('model club')).toMatchObject({ filters: [], words: 'model club' });
  expect(read('"ndcg@10" > 3')).toMatchObject({ filters: [] });
  expect(read('dim toString 3')).toMatchObject({ filters: [], words: 'dim toString 3', problem: null });
  expect(read('')).toEqual({ filters: [], words: '', problem: null, completions: [] });
});

it('searches for a model whose name is also the beginning of a metric, and not for a metric half typed', () => {
  const some = {
    ...fields,
    metrics: [...fields.metrics, 'test/popularity-lift'],
    models: [...fields.models, 'popularity'],
  };
  for (const typed of ['popu', 'popularity', 'Popularity'])
    expect(readFilters(typed, some)).toMatchObject({ words: typed, filters: [] });
  expect(readFilters('popularity-', some).words).toBe('');
  expect(readFilters('popu', { ...some, models: [] }).words).toBe('');
});

it('says what cannot be read, and where', () => {
  expect(read('sasrec ndgc@10 > 1').problem).toEqual({
    ...{ at: 7, text: 'Runs have no "ndgc@10".' },
    meant: { name: 'ndcg@10', text: 'sasrec ndcg@10 > 1' },
  });
  expect(read('colour is red').problem).toEqual({ at: 0, text: 'Runs have no "colour".' });
  expect(read('ndcg@10 > high').problem).toEqual({ at: 10, text: '"high" is not a number.' });
  expect(read('model is fuxi').problem).toEqual({ at: 9, text: 'No run has "fuxi" here.' });
  expect(read('data is "Amazon Beuty" club').problem).toMatchObject({
    meant: { name: 'Amazon Beauty', text: 'data is "Amazon Beauty" club' },
  });
  expect(read('model is ').problem).toBeNull();
});

it('completes fields, and the values that runs have', () => {
  const texts = (text: string) => read(text).completions.map((one) => one.text);
  expect(texts('club ndcg')).toEqual(['club ndcg > ', 'club ndcg@50 > ']);
  expect(texts('model is f')).toEqual(['model is fuxi-alpha ', 'model is fuxi-beta ']);
  expect(texts('data is not ')).toEqual(['data is not "Amazon Beauty" ', 'data is not club ']);
  expect(texts('m')).toEqual([]);
  expect(['club ndc', 'club ndcg', 'club sas', 'model '].map((text) => read(text).words)).toEqual([
    ...['club', 'club', 'club sas', 'model'],
  ]);
});

it('offers every field, then its operators and the values that are known, where all is asked for', () => {
  const all = (text: string, values?: string[]) =>
    readFilters(text, fields, { all: true, values }).completions;
  expect(all('').map(({ label }) => label)).toEqual(expect.arrayContaining(['Model', 'Status', 'Dimension']));
  expect(all('learning')).toEqual([{ text: 'lr ', label: 'Learning rate', group: 'Config' }]);
  expect(all('ndcg@50 ').map(({ text }) => text)).toEqual(
    ['is', 'is not', '<', '<=', '>', '>='].map((operator) => `ndcg@50 ${operator} `),
  );
  expect(all('ndcg ')[0].text).toBe('ndcg is ');
  expect(
    ['club status is ', 'dim >= 1', 'lr ', 'status is failed '].map((text) => valueField(text, fields)),
  ).toEqual([...['status', 'config:dim', null, null]]);
  expect(all('status is not ', ['timed-out'])).toEqual([
    { text: 'status is not timed-out ', label: 'timed out', isValue: true },
  ]);
});

it('takes the text of a column for text, also where it is a number', () => {
  expect(read('name is 7').filters).toEqual([filter('name', '=', '7')]);
});

it('reads anything that is typed', () => {
  const pieces = fc.constantFrom(
    'ndcg',
    '>',
    '<=',
    '!',
    '"',
    ':',
    'is',
    'not',
    'model',
    ' ',
    '.05',
    'é',
    '=',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (all) => {
      const { problem, filters } = read(all.join(''));
      expect(problem === null || problem.at >= 0).toBe(true);
      for (const { field } of filters) expect(field).toMatch(/^(metric:|config:|model)/);
    }),
  );
});
