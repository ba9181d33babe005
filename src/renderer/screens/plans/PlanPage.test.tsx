import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { PlanCheck, PlanHead, PlanPaper } from '../../../core/api/plans.ts';
import { blocksOf } from '../../../core/plans/expand-plan.ts';
import { readPlanParts } from '../../../core/plans/read-plan.ts';
import { performAction } from '../../actions/registry.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { PlanPage } from './PlanPage.tsx';

const TEXT = `plan: Who remembers   # a question
tables:
  - data: films
models:
  # simple
  - popularity
  - itemknn: { trials: 12 }   # enough
  - sasrec:
      preset: beauty
      # by hand
      trials: 40
seeds: 1-2   # two
`;
const HEAD: PlanHead = {
  ...{ id: 'p', name: 'Who remembers', file: '/home/plans/p.yaml', isOwn: true, state: 'draft' },
  ...{ wentOnAt: null, problem: null, changedAt: 0, heldBy: null },
};

/** As the program reads a text where its data are there and nothing is trained. */
function checkOf(text: string): PlanCheck {
  const { plan, entries, problems } = readPlanParts(text);
  if (plan === null) return { problems, plan: null };
  const views = plan.models.map(({ model, name, preset, trials }, at) => ({
    ...{ entry: entries[at], model, name: model, reference: name ?? model, preset: preset ?? null },
    ...{ settings: {}, space: [], tuned: trials === undefined ? null : ['dropout'] },
    ...{ trials: trials ?? null, problem: null },
  }));
  const unread = problems.flatMap((problem) =>
    problem.model === null
      ? []
      : [
          {
            ...{ entry: problem.model, model: '', name: `line ${problem.line}`, reference: '', preset: null },
            ...{ settings: {}, space: [], tuned: null, trials: null, problem },
          },
        ],
  );
  const blocks = blocksOf(plan).map(({ rows, title, table }) => ({
    ...{ table, title, dataset: 'films' },
    cells: rows.map(({ entry, seeds }) => ({
      ...{
        entry: entries[entry],
        trials: null,
        value: null,
        best: null,
        chosen: null,
        left: null,
        repeats: false,
      },
      seeds: seeds.map((seed) => ({ seed, state: 'open' as const, run: null })),
    })),
  }));
  const missing = blocks.flatMap(({ cells }) => cells.flatMap(({ seeds }) => seeds)).length;
  return {
    problems,
    plan: {
      ...{ name: plan.plan, search: 'drawn at random', baseline: 'sasrec', style: 'acm', results: [] },
      ...{ metrics: plan.metrics, seeds: plan.seeds, unequal: [], memory: { most: null, machine: 1e9 } },
      tables: [
        { data: 'films', splits: ['leave-last-out'], slices: [], models: null, items: 9, absent: null },
      ],
      models: [...views, ...unread].sort((one, other) => one.entry - other.entry),
      blocks,
      takes: {
        blocks: [],
        done: 0,
        missing,
        diverged: 0,
        trials: 0,
        time: { low: 60, high: 60 },
        otherVersions: [],
      },
    },
  };
}

/** With one box that can be checked. */
function paperOf(without: readonly string[] = []): PlanPaper {
  return {
    ...{ style: 'acm', text: '\\begin{table*}', numbers: [], missing: [], warnings: [] },
    parts: [{ part: 'zero', isShown: !without.includes('zero'), absent: null }],
    tables: [
      {
        ...{ caption: 'Films', heads: [], headings: ['Model'], textColumns: 1, source: [], notes: [] },
        lines: [],
      },
    ],
    prose: [],
    compared: { runs: ['a', 'b'], baseline: 'a', metrics: ['ndcg@10'], labels: { b: 'Ours' } },
  };
}

function show(save = vi.fn(() => ({ id: 'p', version: 'v2' })), start = vi.fn(), head = HEAD) {
  const check = vi.fn(({ text }: { text: string }) => checkOf(text));
  mount(<PlanPage plan="p" />, {
    plans: {
      read: () => ({ head, text: TEXT, version: 'v1', where: { usesOthers: true } }),
      paper: ({ without }) => paperOf(without),
      check,
      save,
      start,
    },
    models: { list: () => [] },
    hosts: { list: () => [] },
  });
  return { save, start, check };
}

beforeEach(() => {
  location.hash = '#/plans/p?shown=both';
  useRoute.setState(parseRoute(location.hash));
  localStorage.clear();
  // A wide window.
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }));
});

const file = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'File of the plan' });
const startButton = () => screen.getByRole<HTMLButtonElement>('button', { name: /^Start / });

test('a change of the form rewrites its line alone, and one of the file is in the form', async () => {
  const { save } = show();
  const text = await file();
  expect(text.value).toBe(TEXT);
  fireEvent.click(await screen.findByRole('button', { name: 'itemknn' }));
  const trials = screen.getByRole('textbox', { name: 'Trials' });
  fireEvent.change(trials, { target: { value: '30' } });
  fireEvent.blur(trials);
  const changed = TEXT.replace('trials: 12', 'trials: 30');
  await waitFor(() => expect(text.value).toBe(changed));
  // The other way round.
  fireEvent.change(text, { target: { value: changed.replace('trials: 40', 'trials: 8') } });
  expect(await screen.findByRole('cell', { name: '8' })).toBeTruthy();
  expect(screen.getByText('Draft saved')).toBeTruthy();
  performAction('plans.save');
  await waitFor(() =>
    expect(save).toHaveBeenCalledWith({
      ...{ plan: 'p', version: 'v1', text: changed.replace('trials: 40', 'trials: 8') },
    }),
  );
});

test('it is checked and started again as it was started last', async () => {
  const { start, check } = show();
  await file();
  await waitFor(() => expect(startButton().disabled).toBe(false));
  const where = { usesOthers: true, hosts: undefined };
  expect(check).toHaveBeenLastCalledWith({ plan: 'p', text: TEXT, where });
  performAction('plans.start');
  await waitFor(() => expect(start).toHaveBeenCalledWith({ plan: 'p', where }));
});

test('a line that cannot be read greys its row alone, and says why the plan cannot start', async () => {
  show();
  const text = await file();
  await waitFor(() => expect(startButton().disabled).toBe(false));
  fireEvent.change(text, { target: { value: TEXT.replace('trials: 12', 'trials: many') } });
  expect(await screen.findByText('line 7 of the file')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'sasrec' })).toBeTruthy();
  expect([startButton().disabled, startButton().title]).toEqual([true, 'Line 7 cannot be read']);
  fireEvent.change(text, { target: { value: TEXT } });
  await waitFor(() => expect(startButton().disabled).toBe(false));
});

test('the file may be no YAML for a while, and nothing of it is lost', async () => {
  const { start } = show();
  const text = await file();
  await waitFor(() => expect(startButton().disabled).toBe(false));
  fireEvent.change(text, { target: { value: 'models: [' } });
  await waitFor(() => expect(startButton().title).toBe('Line 1 cannot be read'));
  expect(text.value).toBe('models: [');
  performAction('plans.start');
  expect(start).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
  await waitFor(() => expect(text.value).toBe(TEXT));
});

const openPaper = () => {
  location.hash = '#/plans/p?view=paper';
  useRoute.setState(parseRoute(location.hash));
};
const zero = () => screen.findByRole<HTMLInputElement>('checkbox', { name: 'Leading zero' });

test('a box of the paper changes the file as the form does, and changed back it leaves nothing', async () => {
  openPaper();
  const { save } = show(undefined, undefined, { ...HEAD, state: 'ended' });
  fireEvent.click(await zero());
  expect(await screen.findByText('Draft saved')).toBeTruthy();
  await waitFor(async () => expect((await zero()).checked).toBe(false));
  performAction('plans.save');
  const text = `${TEXT}paper: { without: [ zero ] }\n`;
  await waitFor(() => expect(save).toHaveBeenCalledWith({ plan: 'p', version: 'v1', text }));
  await waitFor(() => expect(screen.queryByText('Draft saved')).toBe(null));
  fireEvent.click(await zero());
  expect(await screen.findByText('Draft saved')).toBeTruthy();
  fireEvent.click(await zero());
  await waitFor(() => expect(screen.queryByText('Draft saved')).toBe(null));
  expect(localStorage.length).toBe(0);
});

test('a box of a file that is changed elsewhere is of the view alone, and says so', async () => {
  openPaper();
  show(undefined, undefined, { ...HEAD, isOwn: false, state: 'ended' });
  fireEvent.click(await zero());
  await waitFor(async () => expect((await zero()).checked).toBe(false));
  expect(screen.getByText(/^For this view alone/)).toBeTruthy();
  expect(screen.queryByText('Draft saved')).toBe(null);
  expect(location.hash).toContain('without=zero');
});

test('the runs of a paper are bundled as the plan compares them', async () => {
  openPaper();
  show(undefined, undefined, { ...HEAD, state: 'ended' });
  const bundle = await screen.findByRole<HTMLButtonElement>('button', { name: /^Bundle/ });
  await waitFor(() => expect(bundle.disabled).toBe(false));
  performAction('plans.write-bundle');
  expect(await screen.findByRole('dialog', { name: 'Bundle of this plan' })).toBeTruthy();
});
