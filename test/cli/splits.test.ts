/** A training with each split, from the command line to what is kept of it and shown beside others. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openInteractions, readUserIds } from '../../src/core/data/read.ts';
import { splitIds, splits } from '../../src/core/data/splits/index.ts';
import type { NextItemProtocol } from '../../src/core/evaluation/types.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { trainingPart } from '../../src/core/training/ranking/context.ts';
import { recommendationFor } from '../../src/main/services/analysis/recommendations.ts';
import { CommandLine, SMALL, TRAIN } from './command-line.ts';

const cli = new CommandLine();

const train = (model: string, name: string, ...settings: string[]) => [
  ...[...TRAIN, '--dataset', 'sample', '--model', model, '--name', name],
  ...settings.flatMap((setting) => ['--set', setting]),
];

beforeAll(async () => {
  await cli.importSample();
  for (const id of splitIds)
    await cli.text(...train('sasrec', id, `split=${id}`, 'epochs=1'), ...SMALL, '--seed', '1');
});

describe.each(splitIds)('a run with split=%s', (id) => {
  it('keeps what it was measured by, and says it', async () => {
    const run = await cli.json<{ protocol: NextItemProtocol; metrics: object }>('runs', 'show', id);
    expect(run.metrics).toHaveProperty(['test/ndcg@10'], expect.any(Number));
    expect(run.protocol).toMatchObject({ split: id, testHistory: splits[id].testHistory });
    for (const key of Object.keys(splits[id].settings)) expect(run.protocol).toHaveProperty(key);
    expect('times' in run.protocol).toBe(splits[id].needsTimes);
    expect(await cli.text('runs', 'show', id)).toContain(splits[id].term);
  });
});

it('no two splits are compared with each other', async () => {
  const { protocols, rows } = await cli.json<{ protocols: unknown[]; rows: { protocol: number }[] }>(
    'compare',
    ...splitIds,
  );
  expect(protocols).toHaveLength(splitIds.length);
  expect(new Set(rows.map(({ protocol }) => protocol)).size).toBe(splitIds.length);
});

it('each window is a protocol of its own', async () => {
  await cli.text(...train('popularity', 'first window', 'split=windows'));
  await cli.text(...train('popularity', 'second window', 'split=windows', 'window=2'));
  expect(await cli.text('compare', 'first window', 'second window')).toMatch(/window: 1 against 2/);
});

describe('held-out users', () => {
  it('are refused by a model that learns a vector for each user, whoever asks', async () => {
    const refused = await cli.run(...train('bprmf', 'strangers', 'split=users'));
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/BPRMF learns a vector for each user, .*set split=leave-last-out or time/);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['next-item models without steps', ['popularity', 'itemknn', 'ease']],
    ['recurrent ones and those of masked items', ['gru4rec', 'bert4rec']],
  ])('are tested by %s', async (_, models) => {
    for (const model of models) {
      const steps = model.endsWith('4rec') ? ['epochs=1', 'batchSize=64'] : [];
      const settings = ['split=users', 'targets=all', ...steps];
      const { metrics } = await cli.json<{ metrics: Record<string, number> }>(
        ...train(model, `${model} of strangers`, ...settings),
      );
      expect(metrics['test/recall@20']).toBeGreaterThan(0);
    }
  });

  it('are too many where nobody is left', async () => {
    const path = join(cli.folder, 'two.csv');
    const rows = [0, 1].flatMap((user) => [0, 1, 2, 3].map((at) => `${user},${at},${at}`));
    writeFileSync(path, `user,item,time\n${rows.join('\n')}\n`);
    await cli.text('datasets', 'import', path, '--name', 'two');
    const options = ['--dataset', 'two', '--model', 'popularity', '--set', 'split=users'];
    expect((await cli.run(...TRAIN, ...options)).stderr).toMatch(/has no user to train on beside those/);
  });
});

it.each(splitIds.filter((id) => splits[id].needsTimes))('split=%s needs times', async (id) => {
  const [path, name] = [join(cli.folder, `${id}.csv`), `untimed for ${id}`];
  const rows = [0, 1, 2].flatMap((user) => [0, 1, 2, 3].map((item) => `${user},${item}`));
  writeFileSync(path, `user,item\n${rows.join('\n')}\n`);
  await cli.text('datasets', 'import', path, '--name', name);
  const options = ['--dataset', name, '--model', 'popularity', '--set', `split=${id}`];
  expect((await cli.run(...TRAIN, ...options)).stderr).toMatch(
    new RegExp(`needs times, for split=${id}, .*set split=leave-last-out`),
  );
});

it('what a user is shown to have held out is what the run was to find', async () => {
  await cli.text(...train('popularity', 'several', 'split=time', 'targets=all', 'testShare=0.3'));
  const store = openStore(cli.home);
  const run = store.runs.findOwn('several');
  const folder = store.datasets.folder(store.datasets.find('sample').id);
  const { split } = trainingPart(await openInteractions(folder), run.config);
  const ids = await readUserIds(folder);
  const range = (from: number, to: number, start: number) =>
    Array.from({ length: to - from }, (_, at) => from + at - start);
  for (const user of split.usersWithTargets().subarray(0, 10)) {
    const { history } = await recommendationFor(store, {
      ...{ run, user: ids[user], place: 'test', k: 5, history: 1000, sampling: null },
      ...{ device: 'cpu', threads: 1 },
    });
    const places = Array.from(history.keys()).filter((at) => history[at].heldOut);
    expect(places).toEqual(range(split.testIndex(user), split.heldOutEnd(user, 'test'), split.start(user)));
  }
  store.close();
});
