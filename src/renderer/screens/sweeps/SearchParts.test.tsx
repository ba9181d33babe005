import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { SweepPage, SweepTrial, TuningBudget } from '../../../core/api/studies.ts';
import { Finalists } from './Finalists.tsx';
import { Budgets, Rungs, WorthContinuing } from './SearchParts.tsx';

function trial(number: number, rank: number, seeds: number[]): SweepTrial {
  const rungs = [{ epochs: 3, value: 0.04 }, ...(rank < 3 ? [{ epochs: 9, value: 0.05 }] : [])];
  const runs = seeds.map((value, at) => ({
    id: `${number}-${at}`,
    name: '',
    seed: at + 1,
    status: 'completed' as const,
    message: null,
    value,
  }));
  return {
    ...{ number, rank, rungs, runs, settings: { dim: 8 * number }, status: 'completed', message: null },
    ...{ value: { mean: seeds[0], std: null }, epochs: 9, plannedEpochs: 9, seconds: 1 },
  };
}

const page = (trials: SweepTrial[], changes: object = {}) =>
  ({
    ...{ id: 's', name: 'tuning', trials, test: { metric: 'test/ndcg@10', mean: 0.0528, std: 0.0004 } },
    spec: {
      ...{ model: 'sasrec', seeds: [1], sizes: trials },
      sweep: {
        metric: 'valid/ndcg@10',
        search: 'tpe',
        trials: 40,
        vary: [{ key: 'dim' }],
        finalists: { seeds: [1, 2, 3] },
        ...changes,
      },
    },
  }) as unknown as SweepPage;

test('finalists stand with their seeds, and the chosen one alone has a test result', () => {
  const trials = [
    trial(27, 1, [0.051, 0.05, 0.052]),
    trial(34, 2, [0.05, 0.049, 0.051]),
    trial(20, 3, [0.03]),
  ];
  mount(<Finalists sweep={page(trials)} />);
  const rows = within(screen.getByRole('table', { name: 'Finalists' }))
    .getAllByRole('row')
    .slice(1);
  expect(rows).toHaveLength(2);
  expect(rows[0].textContent).toMatch(/27.*chosen.*0\.0528/);
  expect(rows[1].textContent).toMatch(/34.*p = 0\.\d{3}/);
  expect(rows[1].textContent).not.toContain('0.0528');
  expect(rows[0].querySelectorAll('rect')).toHaveLength(3);
});

test('rungs say how many were promoted, and a search with trials left whether they are worth it', () => {
  const trials = Array.from({ length: 10 }, (_, at) => trial(at + 1, at + 1, [0.05 - at / 1000]));
  mount(
    <>
      <Rungs sweep={page(trials)} />
      <WorthContinuing sweep={page(trials, { state: 'open' })} />
    </>,
  );
  expect(screen.getByText('2 of 10')).toBeTruthy();
  expect(
    screen.getByText(/^30 more trials like the first 10 find a better one with a probability of 75 %/),
  ).toBeTruthy();
});

test('the model that was given the fewest trials can be given as many', async () => {
  const budget = (model: string, trials: number, changes: Partial<TuningBudget> = {}): TuningBudget => ({
    ...{ study: model, name: model, model, trials, seconds: 60 * trials, canExtend: true, ...changes },
  });
  const extend = vi.fn();
  const budgets = () => [budget('sasrec', 40), budget('hstu', 16)];
  mount(<Budgets sweep={page([])} />, { studies: { budgets, extend } });
  expect(await screen.findByText(/HSTU had 16 of 40/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Extend by 24, 24 min' }));
  await vi.waitFor(() => expect(extend).toHaveBeenCalledWith({ study: 'hstu', trials: 24 }));
});

test('where no other model was tuned on the data, nothing is said of budgets', async () => {
  const budgets = vi.fn(() => []);
  mount(<Budgets sweep={page([])} />, { studies: { budgets } });
  await vi.waitFor(() => expect(budgets).toHaveBeenCalled());
  expect(screen.queryByText('Budget on this data')).toBeNull();
});
