import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { Answers } from '../../../test/window/answers.ts';
import { mount } from '../../../test/window/mount.tsx';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { Estimate, ModelInfo } from '../../core/api/models.ts';
import type { QueueState } from '../../core/api/queue.ts';
import { settingsSchema } from '../../core/api/settings.ts';
import type { CheckedRequest, StudyPlan } from '../../core/api/studies.ts';
import { NewRunDialog } from './NewRunDialog.tsx';
import { closeNewRun, keepRunDraft, openNewRun } from './new-run.ts';

const model = {
  ...{ id: 'sasrec', title: 'SASRec', summary: '', task: 'next-item', kind: 'trained', group: 'sequential' },
  ...{ presets: {}, essentials: ['dropout', 'scores', 'temperature'], paper: {} },
  groups: { dropout: 'model', scores: 'model', temperature: 'model' },
  configSchema: {
    properties: {
      dropout: { type: 'number', minimum: 0, exclusiveMaximum: 1, default: 0.2 },
      scores: { type: 'string', enum: ['dot', 'cosine'], default: 'cosine' },
      temperature: { type: 'number', exclusiveMinimum: 0, default: 0.05, readWith: { scores: ['cosine'] } },
    },
  },
} as unknown as ModelInfo;

const DEFAULTS = { dropout: 0.2, scores: 'cosine', temperature: 0.05 };
const made: CheckedRequest[] = [];
/** The model of which no sweep can be made. */
let broken = '';
let plan = (request: unknown): StudyPlan => {
  const { vary } = request as Extract<CheckedRequest, { kind: 'sweep' }>;
  const trials = vary[0].values.split(', ').map((value) => ({ [vary[0].key]: Number(value) }));
  return { trials, proposed: false, rungs: [], runs: trials.length, metric: 'valid/ndcg@10', problem: null };
};
const usualPlan = plan;

const answers: Answers = {
  datasets: {
    list: () => [
      { id: 'club', name: 'club', statistics: { users: 1, items: 1 } } as unknown as DatasetSummary,
    ],
  },
  models: {
    list: () => [model, { ...model, id: 'hstu', title: 'HSTU' }],
    obstacles: () => ({}),
    times: () => ({}),
    resolve: ({ overrides }) => ({ config: { ...DEFAULTS, ...overrides }, problem: null }),
    estimate: () =>
      ({ time: null, basis: null, measuredAlike: 0, measuredOtherwise: 0 }) as unknown as Estimate,
  },
  studies: {
    plan: (request) => plan(request),
    create: ({ request }) => {
      if ('model' in request && request.model === broken) throw new Error('the disk is full');
      made.push(request as CheckedRequest);
      return { id: 'new' };
    },
  },
  settings: { read: () => settingsSchema.parse({}), readView: () => null, writeView: () => undefined },
  hosts: { list: () => [] },
  queue: {
    show: () =>
      ({
        paused: false,
        pausedMachines: [],
        evaluations: [],
        slots: {},
        reached: {},
        running: [],
        waiting: [],
      }) as unknown as QueueState,
  },
  projects: { list: () => [] },
};

const template = { model: 'sasrec' };
const field = (name: string) => screen.findByLabelText<HTMLInputElement>(name, { selector: 'input' });
const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }));
const type = async (name: string, text: string) =>
  fireEvent.change(await field(name), { target: { value: text } });
const starts = (deed: string) => screen.findByRole('button', { name: new RegExp(`^${deed} `) });

async function show(opened = false): Promise<void> {
  mount(<NewRunDialog />, answers);
  if (!opened) await press('SASRec');
}

beforeEach(() => {
  plan = usualPlan;
  broken = '';
  made.length = 0;
  closeNewRun();
  keepRunDraft(template, null);
  openNewRun(template);
});

test('a field that is varied makes it a search, and one that is fixed has the value that it had', async () => {
  await show();
  await type('Dropout', '0.5');
  await press('Vary Dropout');
  expect([(await field('Dropout from')).value, (await field('Dropout to')).value]).toEqual(['0.25', '0.75']);
  expect(document.activeElement).not.toBe(document.body);
  await starts('Start 3 trials');
  expect(screen.getByText('A varied field makes it a search')).toBeTruthy();
  await type('Dropout to', '0.35');
  await type('Number of values of Dropout', '2');
  await starts('Start 2 trials');
  await press('Fix Dropout');
  expect((await field('Dropout')).value).toBe('0.5');
  await starts('Queue run');
  await press('Vary Dropout');
  expect((await field('Dropout to')).value).toBe('0.35');
  fireEvent.click(await starts('Start 2 trials'));
  await expect
    .poll(() => made)
    .toMatchObject([
      { kind: 'sweep', dataset: 'club', overrides: {}, vary: [{ key: 'dropout', values: '0.25, 0.35' }] },
    ]);
});

test('what is varied is there again where the form is opened again', async () => {
  await show();
  await press('Vary Dropout');
  await press('List of Dropout');
  const box = await field('Dropout');
  fireEvent.change(box, { target: { value: '0.4' } });
  fireEvent.keyDown(box, { key: 'Enter', ctrlKey: true });
  await starts('Start 4 trials');
  expect(made).toEqual([]);
  closeNewRun();
  await expect.poll(() => screen.queryByRole('dialog')).toBeNull();
  openNewRun(template);
  await starts('Start 4 trials');
  expect(await screen.findByRole('button', { name: 'Leave out 0.4' })).toBeTruthy();
});

test('what cannot be searched says so in one line under its field, and nothing starts', async () => {
  await show();
  await press('Vary Dropout');
  await starts('Start 3 trials');
  const says = async (line: string | RegExp) => {
    expect(await screen.findByText(line)).toBeTruthy();
    fireEvent.keyDown(await field('Dropout from'), { key: 'Enter', ctrlKey: true });
  };
  await type('Dropout from', '0.9');
  await says('The range runs backwards: enter 0.3 first');
  await type('Dropout from', '');
  await says('Enter where the range begins and ends');
  await type('Dropout from', '0');
  await press('Spacing of Dropout: even');
  await says(/^A log range begins above 0/);
  await press('Spacing of Dropout: log');
  await type('Number of values of Dropout', '1');
  await says(/^One value varies nothing/);
  await type('Number of values of Dropout', '3');
  plan = () => ({ problem: { code: 'invalid', problem: 'a sweep has at most 1,000 trials, not 10,000' } });
  await type('Dropout to', '0.5');
  await says(/at most 1,000 trials, not 10,000/);
  plan = () => ({ problem: { code: 'bad-config', field: 'dropout', problem: 'it changes the evaluation' } });
  await type('Dropout to', '0.6');
  await says(/^It changes the evaluation/i);
  expect(made).toEqual([]);
});

test('what was typed and cannot be taken is no hindrance once the field is varied', async () => {
  await show();
  await type('Dropout', '2');
  await press('Vary Dropout');
  await starts('Start 3 trials');
  await press('Fix Dropout');
  expect((await field('Dropout')).value).toBe('0.2');
  await starts('Queue run');
});

test('two varied settings of which one depends on the other say what to do', async () => {
  await show();
  await press('Vary Temperature');
  expect(await screen.findByText('Only read with scores cosine')).toBeTruthy();
  await press('Vary Scores');
  expect(await screen.findByText(/^Only read with scores cosine: leave out dot there/)).toBeTruthy();
  const scores = await screen.findByRole('group', { name: 'Scores' });
  fireEvent.click(within(scores).getByRole('button', { name: 'dot' }));
  expect(await screen.findByText(/^One value varies nothing/)).toBeTruthy();
  await press('Fix Scores');
  await starts('Start 3 trials');
});

test('of several sweeps none is made twice where one of them cannot be made', async () => {
  keepRunDraft(template, null);
  openNewRun({ ...template, others: ['hstu'], again: { vary: [{ key: 'dropout', values: '0.1, 0.2' }] } });
  await show(true);
  await press('HSTU');
  const other = await screen.findByRole('region', { name: 'HSTU' });
  fireEvent.click(within(other).getByRole('button', { name: 'Vary Dropout' }));
  broken = 'hstu';
  fireEvent.click(await starts('Start 5 trials'));
  await expect.poll(() => made).toMatchObject([{ model: 'sasrec' }]);
  broken = '';
  fireEvent.click(await starts('Start 3 trials'));
  await expect.poll(() => made).toMatchObject([{ model: 'sasrec' }, { model: 'hstu' }]);
});
