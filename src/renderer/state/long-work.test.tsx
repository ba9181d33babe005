import { expect, test } from 'vitest';
import { z } from 'zod';
import { answerWith } from '../../../test/window/answers.ts';
import type { WorkState } from '../../core/api/work.ts';
import { keepDraft, keptDraft } from './drafts.ts';
import { announceWork, startWork } from './long-work.ts';
import { tellIn, useToasts } from './toasts.ts';

const ended = (id: string, status: WorkState['status']): WorkState => ({
  ...{ of: 'result-import', id, name: 'lists.csv', subject: null, status },
  ...{ doing: '', fraction: 1, since: 0, problem: null, result: null },
});
const kept = () => keptDraft('result', z.unknown());

test('what was typed for long work is there until it is done, and never what was typed since', async () => {
  const ids = ['a', 'b', 'c'];
  answerWith({ work: { start: () => ({ id: ids.shift() ?? '' }) } });
  const begin = async (value: object) => {
    keepDraft('result', value);
    const input = { path: 'lists.csv', dataset: 'films' };
    await startWork('Could not save', { of: 'result-import', input }, { key: 'result', value });
  };
  await begin({ model: 'A' });
  announceWork(ended('a', 'failed'));
  expect(kept()).toEqual({ model: 'A' });
  await begin({ model: 'B' });
  announceWork(ended('b', 'completed'));
  expect(kept()).toBeUndefined();
  await begin({ model: 'C' });
  keepDraft('result', { model: 'D' });
  announceWork(ended('c', 'completed'));
  expect(kept()).toEqual({ model: 'D' });
});

test('what came of an import is told under the dialogs, with an offer to take it back', async () => {
  const end = tellIn(Symbol('dialog'));
  answerWith({ work: { start: () => ({ id: 'runs' }) } });
  await startWork('Could not import', { of: 'tracker-import', input: { paths: ['mlruns'] } } as never);
  const run = { id: 'r1', name: 'theirs', state: 'new' };
  const result = { runs: [run], sweeps: [] } as never;
  announceWork({ ...ended('runs', 'completed'), of: 'tracker-import', result } as never);
  const told = useToasts.getState().toasts.at(-1);
  expect(told).toMatchObject({ title: 'Imported 1 run', foot: null, action: { label: 'Undo' } });
  end();
});
