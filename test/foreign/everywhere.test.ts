/** Every procedure and every command that takes a run, or nothing, answers where there is one of another program, or says in one line why not. */
import { expect, it } from 'vitest';
import { openStore } from '../../src/core/store/open-store.ts';
import { runHere } from '../cli/command-line.ts';
import { ENDED, ForeignWriter } from '../store/foreign-writer.ts';
import { temporaryHome } from '../store/home.ts';
import { askEverything } from './procedures.ts';

function homeWithForeignRun() {
  const home = temporaryHome();
  openStore(home).close();
  // Of another one nothing is known.
  new ForeignWriter(home, {}, ENDED);
  const writer = new ForeignWriter(home, { model: 'sasrec', dataset: 'beauty', config: { dim: 8 } }, ENDED);
  writer.log('valid/ndcg@10', [1, 2], [0.1, 0.2]);
  writer.write({ type: 'finished', metrics: { 'test/ndcg@10': 0.3 } });
  return { home, id: writer.id };
}

/** Those that answer; all others refuse, as there is nothing of the run that they could use. */
const ANSWERS = [...['fields', 'totals'], ...['annotations', 'deletion', 'logs', 'series', 'show', 'system']];

it('procedures', async () => {
  const { home, id } = homeWithForeignRun();
  const { asked, answered } = await askEverything(home, id);
  expect(asked).toBeGreaterThan(40);
  expect(
    answered
      .filter((path) => path.startsWith('runs.'))
      .map((path) => path.slice(5))
      .sort(),
  ).toEqual(ANSWERS.sort());
});

it('commands', async () => {
  const { home, id } = homeWithForeignRun();
  const refused = [
    ['evaluate', id],
    ['recommend', '--run', id, '--user', '1'],
    ['semantic-ids', 'stats', id],
    ['semantic-ids', 'compare', id, id],
    ['semantic-ids', 'export', id],
    ['language', 'evaluate', id],
    ['language', 'complete', id, '--user', '1'],
    ['train', '--resume', id],
  ];
  for (const args of refused) {
    const { code, stderr } = await runHere(['--home', home, ...args]);
    expect([args, code, stderr]).toEqual([
      args,
      1,
      expect.stringMatching(/^[^\n]*(PyTorch 2\.6|no results)[^\n]*\n$/),
    ]);
  }
  const shown = await runHere(['--home', home, 'runs', 'show', id]);
  expect(shown.stdout).toMatch(/Trained by +PyTorch 2\.6[\s\S]*Reported[\s\S]*test\/ndcg@10 +0\.3000/);
  expect((await runHere(['--home', home, 'runs', 'list'])).stdout).toContain('sasrec');
  for (const args of [
    ['runs', 'show', id, '--json'],
    ['runs', 'list', '--json'],
    ['compare', id],
    ['projects', 'create', 'paper'],
    ['projects', 'add', 'paper', id],
    ['projects', 'remove', id],
    ['runs', 'delete', id],
  ])
    expect([args, (await runHere(['--home', home, ...args])).stderr]).toEqual([args, '']);
});
