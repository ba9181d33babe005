import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Answers } from '../../../test/window/answers.ts';
import { mount } from '../../../test/window/mount.tsx';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import type { ModelInfo } from '../../core/api/models.ts';
import type { QueueState } from '../../core/api/queue.ts';
import { settingsSchema } from '../../core/api/settings.ts';
import { queryClient } from '../state/api.ts';
import { NewRunDialog } from './NewRunDialog.tsx';
import { closeNewRun, openNewRun } from './new-run.ts';

const dataset = (name: string) =>
  ({ id: name, name, statistics: { users: 1, items: 1 } }) as unknown as DatasetSummary;
const model = {
  ...{
    id: 'popularity',
    title: 'Popularity',
    summary: '',
    task: 'next-item',
    kind: 'fitted',
    group: 'baseline',
  },
  ...{ presets: {}, groups: {}, essentials: [], paper: {}, configSchema: z.toJSONSchema(z.object({})) },
} as unknown as ModelInfo;

const answers = (sets: readonly string[], readable: (name: string) => boolean): Answers => {
  const read = <T,>(name: string | undefined, value: T) => {
    if (name !== undefined && !readable(name)) throw new Error(`no file of ${name} is left`);
    return value;
  };
  return {
    datasets: { list: () => sets.map(dataset) },
    models: {
      list: () => [model],
      obstacles: ({ dataset: name }) => read(name, {}),
      resolve: ({ dataset: name }) => read(name, { config: {}, problem: null }),
    },
    settings: { read: () => settingsSchema.parse({}), readView: () => null },
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
};

beforeEach(() => {
  closeNewRun();
  openNewRun({ model: 'popularity' });
});

test('a data set that cannot be read says so beside it, and another one can be chosen', async () => {
  mount(
    <NewRunDialog />,
    answers(['damaged', 'sound'], (name) => name !== 'damaged'),
  );
  const field = await screen.findByLabelText('Data set', { selector: 'input' });
  expect((await screen.findAllByText('no file of damaged is left')).length).toBeGreaterThan(0);
  fireEvent.change(field, { target: { value: 'sound' } });
  fireEvent.keyDown(field, { key: 'Enter' });
  await expect.poll(() => screen.queryAllByText('no file of damaged is left')).toEqual([]);
});

test('a form of one model opens on the newest data set that it can be trained on, or says why on the newest', async () => {
  const lacking = new Set(['rows', 'more rows']);
  const sets = ['rows', 'more rows', 'films'];
  const known = answers(sets, () => true);
  const obstacles = ({ dataset: name }: { dataset: string }) => ({
    popularity: lacking.has(name) ? "needs users' histories" : null,
  });
  const opened = async () => {
    const { unmount } = mount(<NewRunDialog />, { ...known, models: { ...known.models, obstacles } });
    const field = await screen.findByLabelText('Data set', { selector: 'input' });
    const name = field.closest('.new-run-what')?.querySelector('.pick-chosen strong')?.textContent;
    unmount();
    queryClient.clear();
    return name;
  };
  expect(await opened()).toBe('films');
  openNewRun({ model: 'popularity', dataset: 'rows' });
  expect(await opened()).toBe('rows');
  openNewRun({ model: 'popularity' });
  lacking.add('films');
  expect(await opened()).toBe('rows');
});

test('what a step takes stands in the estimate, and what to change where it is more than is free', async () => {
  const problem =
    'a training step takes about 3.0 GiB of memory, and 2.0 GiB are free; set a lower microBatchTokens';
  let weighed = { bytes: 1e9, free: 4e9, problem: null as string | null };
  const known = answers(['films'], () => true);
  const estimate = () => ({
    ...{
      parameters: 10,
      stateBytes: 280,
      diskBytes: 320,
      memoryBytes: 8e9,
      exceedsMemory: false,
      time: null,
      basis: null,
    },
    ...{ caution: 'films has no item titles', measuredAlike: 0, measuredOtherwise: 0 },
  });
  const models = { ...known.models, estimate, weigh: () => weighed };
  mount(<NewRunDialog />, { ...known, models });
  expect(await screen.findByText('1.0 GB of 4.0 GB free')).toBeTruthy();
  expect(screen.getByText('Disk').nextSibling?.textContent).toBe('320 B');
  expect(screen.getByText('films has no item titles')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
  weighed = { bytes: 3.2e9, free: 2.1e9, problem };
  await queryClient.invalidateQueries();
  expect((await screen.findByRole('alert')).textContent).toBe(problem);
});

test('settings that fit are looked for where a step does not, taken, and named; nothing is changed where none fit', async () => {
  let row = 100;
  const config = { microBatchTokens: 8192 };
  const schema = z.toJSONSchema(z.object({ microBatchTokens: z.int().default(8192) }));
  const known = answers(['films'], () => true);
  const estimate = () => ({
    ...{
      parameters: 10,
      stateBytes: 280,
      diskBytes: 320,
      memoryBytes: 8e9,
      exceedsMemory: false,
      time: null,
    },
    ...{ basis: null, caution: null, measuredAlike: 0, measuredOtherwise: 0 },
  });
  const models = {
    ...known.models,
    list: () => [{ ...model, configSchema: schema } as ModelInfo],
    resolve: ({ overrides = {} }: { overrides?: object }) => ({
      config: { ...config, ...overrides },
      problem: null,
    }),
    estimate,
    weigh: ({ overrides = {} }: { overrides?: object }) => {
      const bytes = 1e6 * Math.max(row, { ...config, ...overrides }.microBatchTokens);
      return { bytes, free: 3e9, problem: bytes > 3e9 ? 'a training step takes too much' : null };
    },
  };
  const { unmount } = mount(<NewRunDialog />, { ...known, models });
  fireEvent.click(await screen.findByRole('button', { name: 'Use settings that fit' }));
  expect(await screen.findByText('Changed to fit: Micro batch tokens 2048')).toBeTruthy();
  await expect.poll(() => screen.queryByRole('alert')).toBeNull();
  expect(screen.queryByRole('button', { name: 'Use settings that fit' })).toBeNull();
  unmount();
  closeNewRun();
  queryClient.clear();
  row = 4000;
  openNewRun({ model: 'popularity' });
  mount(<NewRunDialog />, { ...known, models });
  fireEvent.click(await screen.findByRole('button', { name: 'Use settings that fit' }));
  expect(await screen.findByText(/^No settings of the training bring the step within/)).toBeTruthy();
  expect(screen.getByRole('alert').textContent).toBe('a training step takes too much');
});

test('the form stays as it is where another data set is imported while one types', async () => {
  const sets = ['films'];
  mount(
    <NewRunDialog />,
    answers(sets, () => true),
  );
  fireEvent.click(await screen.findByText('Name, tags'));
  const name = await screen.findByLabelText<HTMLInputElement>('Name');
  name.focus();
  fireEvent.change(name, { target: { value: 'half a na' } });
  sets.unshift('newer');
  await queryClient.invalidateQueries();
  await expect.poll(() => document.activeElement).toBe(name);
  expect(name.isConnected).toBe(true);
  expect(name.value).toBe('half a na');
});

test('what a model is set to is saved as a preset where the button was, and chosen from its menu', async () => {
  const known = answers(['films'], () => true);
  const made: unknown[] = [];
  const mine = { name: 'mine', view: [{ model: 'popularity', preset: '', overrides: { epochs: 3 } }] };
  let saved: (typeof mine)[] = [];
  mount(<NewRunDialog />, {
    ...known,
    settings: {
      ...known.settings,
      system: () => ({ homeKey: 'h' }) as never,
      readView: ({ key }: { key: string }) => (key === 'new-run:presets' ? saved : null),
    },
    changes: {
      make: ({ changes }) => {
        made.push(...changes);
        return changes.map((one) => ({ ...one, from: null })) as never;
      },
    },
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Save as preset' }));
  const field = screen.getByLabelText('Name of the preset');
  fireEvent.change(field, { target: { value: 'mine' } });
  fireEvent.keyDown(field, { key: 'Enter' });
  const view = [{ model: 'popularity', preset: '', overrides: {} }];
  await expect
    .poll(() => made)
    .toMatchObject([{ of: 'view', key: 'new-run:presets', name: 'mine', to: view }]);
  expect(screen.queryByRole('dialog')).toBeTruthy();
  saved = [mine];
  await queryClient.invalidateQueries();
  fireEvent.keyDown(await screen.findByRole('button', { name: 'Preset none of Popularity' }), {
    key: 'Enter',
  });
  fireEvent.click(await screen.findByRole('menuitem', { name: 'mine' }));
  expect(await screen.findByRole('button', { name: 'Preset mine of Popularity' })).toBeTruthy();
});

test('a search among the settings says how many it found, and what was meant where it found none', async () => {
  const known = answers(['films'], () => true);
  const config = z.object({
    dropout: z.number().default(0.5),
    itemDropout: z.number().default(0.2),
    dim: z.int(),
  });
  const groups = { dropout: 'training', itemDropout: 'training', dim: 'model' };
  const wide = { ...model, groups, configSchema: z.toJSONSchema(config) } as unknown as ModelInfo;
  mount(<NewRunDialog />, { ...known, models: { ...known.models, list: () => [wide] } });
  const field = await screen.findByRole<HTMLInputElement>('searchbox', { name: 'Find a setting' });
  const type = (text: string) => fireEvent.change(field, { target: { value: text } });
  type('drop');
  expect(await screen.findByText('2 of 3 settings')).toBeTruthy();
  type('dropouts');
  fireEvent.click(await screen.findByRole('button', { name: 'dropout' }));
  await expect.poll(() => field.value).toBe('dropout');
  expect(await screen.findByText('2 of 3 settings')).toBeTruthy();
});

test('what is pressed before the program knows the settings and their runs starts once it does', async () => {
  const known = answers(['films'], () => true);
  const config = z.object({ tokeniser: z.string(), epochs: z.int().default(9) });
  const groups = { tokeniser: 'model', epochs: 'training' };
  const coded = {
    ...{ ...model, kind: 'trained', groups, essentials: ['epochs'] },
    ...{ sources: { tokeniser: 'required' }, configSchema: z.toJSONSchema(config) },
  } as unknown as ModelInfo;
  const queued: unknown[] = [];
  let tell = () => {};
  const told = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const ids = [{ id: 'ids', name: 'ids' }];
  const problem = { code: 'invalid', problem: 'too many', field: 'epochs' };
  mount(<NewRunDialog />, {
    ...known,
    models: {
      ...known.models,
      list: () => [coded],
      sources: () => told.then(() => ids) as never,
      resolve: ({ overrides = {} }) =>
        ({ config: overrides, problem: Number(overrides.epochs ?? 1) > 1 ? problem : null }) as never,
    },
    queue: {
      ...known.queue,
      enqueue: ({ requests }) => {
        queued.push(...requests.map(({ overrides }) => overrides));
        return { runs: ['one'] };
      },
    },
  });
  const open = () => openNewRun({ model: 'popularity', dataset: 'films' });
  open();
  const press = async () => fireEvent.click(await screen.findByRole('button', { name: /^Queue run/ }));
  await press();
  tell();
  await expect.poll(() => queued).toEqual([{ tokeniser: 'ids' }]);
  // What was wrong a moment ago is not wrong any more.
  open();
  fireEvent.click(await screen.findByRole('button', { name: /^Popularity/, expanded: false }));
  const field = await screen.findByLabelText<HTMLInputElement>('Epochs');
  fireEvent.change(field, { target: { value: '5' } });
  await screen.findByText('too many', { exact: false });
  fireEvent.change(field, { target: { value: '1' } });
  await press();
  await expect.poll(() => queued).toEqual([{ tokeniser: 'ids' }, { tokeniser: 'ids', epochs: 1 }]);
});
