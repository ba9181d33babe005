import { expect, it } from 'vitest';
import { planOfRequests } from './plan-of-requests.ts';
import { readPlan } from './read-plan.ts';

it('says of a plan what was asked of a new run, its split and what is varied among it', () => {
  const text = planOfRequests(
    [
      { model: 'popularity', overrides: { split: 'time' }, dataset: 'my films', seeds: [1, 2] },
      {
        ...{ model: 'sasrec', preset: 'small', overrides: { split: 'time', epochs: 3 } },
        ...{ dataset: 'my films', seeds: [1, 2] },
        search: {
          ...{ search: 'tpe', trials: 40, draw: 7, asha: { min: 3, eta: 3 }, stop: { unimproved: 9 } },
          vary: [
            { key: 'dropout', values: '0.1,0.5' },
            { key: 'learningRate', values: 'log:0.0001..0.01' },
          ],
        },
      },
    ],
    'New models',
  );
  const { plan } = readPlan(text, 'plan.yaml');
  expect(plan).toMatchObject({ plan: 'New models', seeds: [1, 2] });
  expect(plan.tables).toMatchObject([{ data: 'my films', split: [{ settings: { split: 'time' } }] }]);
  expect(plan.tables[0].models).toBeUndefined();
  expect(plan.search).toMatchObject({ propose: 'tpe', trials: 40, draw: 7, asha: { min: 3 } });
  expect(plan.models).toMatchObject([
    { model: 'popularity', settings: {} },
    {
      ...{ model: 'sasrec', preset: 'small', settings: { epochs: 3 } },
      space: [
        { key: 'dropout', values: '0.1,0.5' },
        { key: 'learningRate', values: 'log:0.0001..0.01' },
      ],
    },
  ]);
});
