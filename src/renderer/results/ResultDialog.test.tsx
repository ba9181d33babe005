import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { PreviewedResult, ResultFile, ResultRequest } from '../../core/api/results.ts';
import type { WorkAsked } from '../../core/api/work.ts';
import { queryClient } from '../state/api.ts';
import { ResultDialog } from './ResultDialog.tsx';
import { openResult } from './result-import.ts';

const club = { id: 'club', name: 'club', clicks: null } as unknown as DatasetSummary;
const file: ResultFile = {
  columns: ['user', 'item', 'score'],
  roles: { user: 'user', item: 'item', score: 'score' },
  ...{ readings: [], arrays: false, likeness: 'surely' },
};
const result = (model: string): PreviewedResult => ({
  ...{ part: { model }, metrics: [['NDCG@10', '0.0412']], users: { tested: 200, listed: 198 } },
  ...{ manifest: null, unknown: [] },
  facts: [
    { count: 990, fact: 'Rows of csv', example: '', follows: '' },
    {
      ...{ count: 2, fact: 'Users without a list', example: '', follows: 'count as missed' },
      users: { who: 'Users without a list', first: ['ann', 'bob'] },
    },
  ],
});

/** Opens the dialog on a file of these models; what it asks to be saved. */
function open(models: string[], changes: Partial<ResultFile> = {}): WorkAsked[] {
  const asked: WorkAsked[] = [];
  mount(<ResultDialog />, {
    datasets: { list: () => [club] },
    settings: { readView: () => null },
    results: {
      look: () => ({ ...file, ...changes }),
      preview: async () => ({
        next: async () => ({ done: true, value: { results: models.map(result), known: [] } }),
      }),
    } as never,
    work: { start: (request) => ({ id: String(asked.push(request)) }) },
  });
  openResult({ path: '/lists.csv' });
  return asked;
}

const box = (model: string) => screen.getByRole<HTMLInputElement>('checkbox', { name: `Save ${model}` });
const pressed = (group: string) =>
  within(screen.getByRole('group', { name: group })).getByRole('button', { pressed: true }).textContent;

test('a model that is left out stays so by its name, where the file was written again in another order', async () => {
  const models = ['BERT4Rec', 'SASRec', 'GRU4Rec'];
  const asked = open(models);
  await screen.findByRole('checkbox', { name: 'Save SASRec' });
  // Space is of its box, wherever the focus is in its row.
  fireEvent.keyDown(screen.getByRole('button', { name: /^SASRec/ }), { key: ' ' });
  expect(box('SASRec').checked).toBe(false);
  models.reverse().unshift('NARM');
  await queryClient.invalidateQueries();
  await screen.findByRole('checkbox', { name: 'Save NARM' });
  expect(['NARM', 'GRU4Rec', 'SASRec', 'BERT4Rec'].map((model) => box(model).checked)).toEqual([
    ...[true, true, false, true],
  ]);
  fireEvent.keyDown(screen.getByRole('button', { name: /^BERT4Rec/ }), { key: 'Enter', ctrlKey: true });
  await waitFor(() => expect(asked).toHaveLength(1));
  const { only } = asked[0].input as ResultRequest & { only: unknown };
  expect(only).toEqual([{ model: 'NARM' }, { model: 'GRU4Rec' }, { model: 'BERT4Rec' }]);
});

test('a count shows whom it is of, and digits choose what is said of the file', async () => {
  open(['BERT4Rec']);
  fireEvent.click(await screen.findByRole('button', { name: '2, Users without a list' }));
  expect(screen.getByText('ann, bob')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /^990/ })).toBeNull();
  const unknown = within(screen.getByRole('group', { name: 'Settings tuned on' })).getByText('Unknown');
  fireEvent.keyDown(unknown, { key: '4' });
  expect(pressed('Settings tuned on')).toBe('Not tuned');
  fireEvent.keyDown(unknown, { key: '5' });
  expect(pressed('Settings tuned on')).toBe('Not tuned');
  expect(pressed('Checkpoint selected on')).toBe('Unknown');
});

test('where two columns could be the order nothing is measured or saved until a digit says which it is', async () => {
  const asked = open(['BERT4Rec'], {
    roles: null,
    readings: [
      { role: 'score', column: 'score', first: '0.9, 0.8' },
      { role: 'score', column: 'prediction', first: '7, 5' },
    ],
  });
  expect(await screen.findByText('2 columns could be the order')).toBeTruthy();
  expect(await screen.findByText('Users without a list')).toBeTruthy();
  expect(screen.queryByText('NDCG@10 is 0.0412')).toBeNull();
  const save = screen.getByRole<HTMLButtonElement>('button', { name: /^Save as a run/ });
  expect(save.disabled).toBe(true);
  fireEvent.keyDown(document.body, { key: '3' });
  fireEvent.keyDown(document.body, { key: '2' });
  expect(await screen.findByText('NDCG@10 is 0.0412')).toBeTruthy();
  expect(screen.getByRole('button', { name: /^prediction/, pressed: true })).toBeTruthy();
  await waitFor(() => expect(save.disabled).toBe(false));
  fireEvent.click(save);
  await waitFor(() => expect(asked).toHaveLength(1));
  expect((asked[0].input as ResultRequest).map).toEqual({ score: 'prediction' });
});
