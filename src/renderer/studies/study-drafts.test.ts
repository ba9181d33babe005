import { expect, it } from 'vitest';
import { formProblems } from '../components/use-form.ts';
import { emptyStudy, emptySweep, studyDraft, sweepDraft } from './study-drafts.ts';

const study = { ...emptyStudy, dataset: 'club' };
const sweep = { ...emptySweep, dataset: 'club' };

it('makes the request of a law of what is typed', () => {
  expect(studyDraft.parse({ ...study, shares: '100, 25', seeds: '1-2', settings: 'epochs=2' })).toEqual({
    kind: 'law',
    dataset: 'club',
    model: 'sasrec',
    sizes: ['16x2', '32x2', '64x2', '128x2', '256x2'],
    shares: [0.25, 1],
    seeds: [1, 2],
    overrides: { epochs: 2 },
  });
});

it('asks the other question of the same fields', () => {
  const draft = { ...study, kind: 'base-large' as const, settings: '', blocks: '2, 8' };
  expect(studyDraft.parse(draft)).toMatchObject({ kind: 'base-large', settings: 'ml-1m', blocks: [2, 8] });
  expect(formProblems(studyDraft, { ...draft, blocks: '8, 2', models: [] })).toEqual({
    blocks: 'Enter two whole numbers, the larger one last: 2, 8',
    models: 'Choose at least one model',
  });
});

it('says what is wrong by field', () => {
  expect(
    formProblems(studyDraft, { ...study, dataset: '', shares: '0', sizes: ' ', seeds: 'x', settings: 'a' }),
  ).toEqual({
    dataset: 'Import a data set first',
    shares: 'Enter percentages above 0 and up to 100',
    sizes: 'Enter sizes such as 32x2, 64x2',
    seeds: expect.stringContaining('isn’t a seed') as string,
    settings: expect.stringContaining('key=value') as string,
  });
});

it('makes the request of a sweep: what is varied is not fixed as well, and a grid draws nothing', () => {
  const base = { name: 'a', overrides: { learningRate: 0.1, dim: 8 } };
  expect(sweepDraft.parse({ ...sweep, base, settings: 'dim=16' })).toEqual({
    kind: 'sweep',
    dataset: 'club',
    model: 'sasrec',
    search: 'grid',
    vary: [{ key: 'learningRate', values: '0.0003, 0.001, 0.003' }],
    seeds: [1],
    overrides: { dim: 16 },
  });
  expect(sweepDraft.parse({ ...sweep, search: 'random' })).toMatchObject({ trials: 20, draw: 1 });
});

it('asks of a grid nothing that only a random search needs', () => {
  const draft = { ...sweep, trials: '', draw: 'x' };
  expect(formProblems(sweepDraft, { ...draft, search: 'random' })).toEqual({
    trials: 'Enter a whole number from 1 on',
    draw: 'Enter a whole number from 0 on',
  });
  expect(sweepDraft.parse(draft)).not.toHaveProperty('trials');
});

it('says which varied setting has no values', () => {
  const vary = [
    { key: 'dim', values: '8, 16' },
    { key: 'dropout', values: ' ' },
  ];
  expect(formProblems(sweepDraft, { ...sweep, vary, search: 'random', trials: '0' })).toEqual({
    'vary.1.values': expect.stringContaining('Enter values') as string,
    trials: 'Enter a whole number from 1 on',
  });
});
