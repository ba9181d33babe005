import { fireEvent, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { PipelineRun } from '../../../core/api/language.ts';
import { useNewRun } from '../../new-run/new-run.ts';
import { PipelineTab } from './PipelineTab.tsx';

const run = (id: string, stage: string, changes: Partial<PipelineRun> = {}): PipelineRun => ({
  ...{ id, name: id, model: 'brew', stage, status: 'completed', dataset: 'films', from: null, parameters: 1 },
  ...{ asItStarted: false, pretrained: [], sample: null, carried: {}, depth: 0, evaluated: false },
  metrics: { 'valid/loss': 1.5 },
  ...changes,
});

test('what is to be known of a run stands below the table, and a loss that no run has is no column', async () => {
  const runs = [
    run('plain', 'instruction'),
    run('start-', 'fine-tuning', { asItStarted: true }),
    run('both-', 'fine-tuning', { asItStarted: true, pretrained: ['SmolLM2-135M'], depth: 1 }),
  ];
  mount(<PipelineTab />, { language: { pipeline: () => runs } });
  const table = within(await screen.findByRole('table', { name: 'Language runs' }));
  expect(table.getAllByRole('rowheader').map(({ textContent }) => textContent)).toEqual([
    'plain',
    'start-a',
    '↳ from the run above, both-a b',
  ]);
  const notes = screen.getAllByRole('listitem').map(({ textContent }) => textContent);
  expect(notes).toEqual([
    'a As it started: no epoch was better.',
    'b What SmolLM2-135M read before is not known: the data set may be in it.',
  ]);
  const heads = table.getAllByRole('columnheader').map(({ textContent }) => textContent);
  expect(heads.filter((head) => head?.startsWith('Loss'))).toEqual([
    'Loss (answers of tasks)',
    'Loss (one answer)',
  ]);
});

test.each([
  ['before the first run', []],
  ['beside runs', [run('there', 'pretraining')]],
])('a first stage and a pretrained model as it is can be begun %s', async (_, runs) => {
  mount(<PipelineTab />, { language: { pipeline: () => runs } });
  const opened = (name: string) => {
    fireEvent.click(screen.getByRole('button', { name }));
    return useNewRun.getState().template;
  };
  await screen.findByRole('button', { name: 'New first stage' });
  // Of no data set: the form looks for one that the model can be trained on.
  expect(opened('New first stage')).toEqual({ model: 'brew', overrides: { stage: 'pretraining' } });
  expect(opened('Ask a pretrained model as it is')).toEqual({
    model: 'brew',
    overrides: { stage: 'fine-tuning', epochs: 0 },
  });
});
