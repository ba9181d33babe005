import { expect, it } from 'vitest';
import { waitingEvaluations } from '../../src/main/services/runs/evaluations.ts';
import { addRun, temporaryHome, temporaryStore } from '../store/home.ts';
import { runHere } from './command-line.ts';

it('an evaluation that is put into the queue waits there for whoever trains it', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const [run, other] = [addRun(store, { name: 'brew' }).id, addRun(store, { name: 'dlrm' }).id];
  const evaluate = ['--home', home, 'language', 'evaluate'];
  const { code, stdout } = await runHere([
    ...evaluate,
    'brew',
    '--queue',
    '--users',
    '10',
    '--against',
    'dlrm',
    '--json',
  ]);
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      id: expect.any(String),
      input: { run, users: 10, fewerUsers: 300, candidates: 99, retriever: null, against: [other] },
    },
  ]);
  expect(waitingEvaluations(store)).toEqual([JSON.parse(stdout)]);
  const { id } = JSON.parse(stdout);
  const listed = await runHere(['--home', home, 'queue', '--json']);
  expect(JSON.parse(listed.stdout).evaluations).toEqual([{ id, run, name: 'brew' }]);
  const shown = await runHere(['--home', home, 'queue']);
  expect(shown.stdout).toMatch(new RegExp(`1 +${run} +brew +cpu +– +–`));
  expect(shown.stdout).toContain('Nothing is running. 1 evaluation has no estimate.');
  expect((await runHere([...evaluate, 'nothing', '--queue'])).code).toBe(1);
  expect(waitingEvaluations(store)).toHaveLength(1);
});
