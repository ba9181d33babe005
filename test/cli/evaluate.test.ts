import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { writeFiles } from '../../src/core/store/files/write-files.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { CommandLine, SMALL } from './command-line.ts';

const cli = new CommandLine();
const RUN = 'sasrec-sample-seed1';

beforeAll(async () => {
  await cli.importSample();
  const train = ['train', '--dataset', 'sample', '--device', 'cpu', '--threads', '1'];
  await Promise.all([
    cli.text(...train, '--model', 'popularity', '--name', 'baseline'),
    cli.text(...train, '--model', 'sasrec', ...SMALL, '--set', 'epochs=3'),
  ]);
});

interface Evaluated {
  run: string;
  status: string;
  metrics: Record<string, number>;
}

async function evaluate(...args: string[]): Promise<Evaluated> {
  const output = await cli.text('evaluate', ...args, '--device', 'cpu', '--threads', '1', '--json');
  return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Evaluated;
}

function ranksOf(run: string) {
  const store = openStore(cli.home);
  try {
    const { id, evaluates, protocol } = store.runs.findOwn(run);
    return { evaluates, protocol, valid: store.ranks.read(id, 'valid'), test: store.ranks.read(id, 'test') };
  } finally {
    store.close();
  }
}

test.each([RUN, 'baseline'])('%s, evaluated as it was trained, has the same ranks', async (run) => {
  const trained = ranksOf(run);
  const again = ranksOf((await evaluate(run)).run);
  expect(again.test).toEqual(trained.test);
  expect(again.valid).toEqual(trained.valid);
  expect(again.protocol).toEqual(trained.protocol);
  expect(again.evaluates).toMatchObject({ name: run, splits: ['valid', 'test'] });
});

test('a stray that is adopted to be measured again has the same ranks, and none is adopted that cannot be', async () => {
  await cli.text(
    'train',
    '--like',
    RUN,
    '--name',
    'stray',
    '--seed',
    '2',
    '--device',
    'cpu',
    '--threads',
    '1',
  );
  const trained = ranksOf('stray');
  const store = openStore(cli.home);
  onTestFinished(() => store.close());
  await writeFiles(store);
  const { id } = store.runs.find('stray');
  const folder = store.runs.folder(id);
  renameSync(folder, `${folder}-aside`);
  await store.trash.purgeDirectly('run', id);
  renameSync(`${folder}-aside`, folder);
  renameSync(join(folder, 'checkpoints'), `${cli.home}/aside`);
  const adopt = ['trash', 'adopt', `runs/${id}`, '--measure', '--json'];
  expect(await cli.run(...adopt)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/checkpoint/),
  });
  expect(store.runs.exists(id)).toBe(false);
  renameSync(`${cli.home}/aside`, join(folder, 'checkpoints'));
  const { queued } = JSON.parse(await cli.text(...adopt));
  expect(store.runs.get(id).status).toBe('completed');
  expect(store.queue.list().map(({ run }) => run)).toEqual(queued);
  await cli.text('train', '--resume', queued[0]);
  expect(ranksOf(queued[0]).test).toEqual(trained.test);
});

test('another protocol gives another record, which compare keeps apart and says why', async () => {
  const name = 'unfiltered';
  const { run, metrics } = await evaluate(
    RUN,
    '--set',
    'historyFilter=none',
    '--split',
    'test',
    '--name',
    name,
  );
  const [trained, open] = [ranksOf(RUN), ranksOf(run)];
  expect(open.valid).toBeNull();
  expect(Object.keys(metrics).some((metric) => metric.startsWith('valid/'))).toBe(false);
  // Nothing is left out, so no target can come earlier.
  const later = open.test?.ranks.map((rank, user) => rank - (trained.test?.ranks[user] ?? 0)) ?? [];
  expect(Math.min(...later)).toBe(0);
  expect(Math.max(...later)).toBeGreaterThan(0);
  const text = await cli.text('compare', RUN, name);
  expect(text).toContain('Protocols A and B differ (history filter: all against none)');
  expect(await cli.text('runs', 'show', name)).toMatch(
    /Evaluates +sasrec-sample-seed1 .* best checkpoint, epoch \d/,
  );

  const limited = await evaluate(RUN, '--set', 'rankLimit=20', '--checkpoint', 'last', '--split', 'valid');
  const last = ranksOf(limited.run);
  expect(Math.max(...(last.valid?.ranks ?? []))).toBe(21);
  expect(last.protocol).toMatchObject({ target: 'valid', rankLimit: 20, selection: 'final-epoch' });
});

test('saved candidates are of the users that the evaluation tests', async () => {
  const file = join(cli.folder, 'negatives.csv');
  const among = ['--negatives', '9', '--save-negatives', file];
  const { run } = await evaluate('baseline', ...among, '--set', 'testUsers=7', '--name', 'among ten');
  const [head, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\r\n');
  expect(head).toBe('user,item,held_out');
  expect(rows).toHaveLength(7 * 10);
  expect(ranksOf(run).test?.users).toHaveLength(7);
  expect(rows.filter((row) => row.endsWith(',1'))).toHaveLength(7);
});

test('what cannot be evaluated is refused in one line, before there is a run', async () => {
  const timed = ['--set', 'split=time', '--set', 'targets=all', '--name', 'timed'];
  await cli.text('train', '--dataset', 'sample', '--model', 'popularity', ...timed);
  const runs = (await cli.json<unknown[]>('runs', 'list')).length;
  const refusals: [string[], RegExp][] = [
    [[RUN, '--set', 'dim=32'], /^tessera: "dim" cannot be changed without training again.*rankLimit\n$/],
    [[RUN, '--set', 'targetTime=hidden'], /"targetTime" cannot be changed/],
    [[RUN, '--set', 'historyFilter=some'], /sasrec config "historyFilter"/],
    [['nobody'], /there is no run "nobody"/],
    [
      ['timed', '--negatives', '9', '--save-negatives', join(cli.folder, 'none.csv')],
      /^tessera: sampled candidates are for one target per user; set targets=first\n$/,
    ],
  ];
  for (const [args, stderr] of refusals) {
    expect(await cli.run('evaluate', ...args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(stderr),
    });
  }
  expect(await cli.json('runs', 'list')).toHaveLength(runs);
  expect(existsSync(join(cli.folder, 'none.csv'))).toBe(false);
});

test('a run that has learnt from hidden items is refused as a source in one line, before there is a run', async () => {
  const runs = (await cli.json<unknown[]>('runs', 'list')).length;
  const sources = ['--set', 'content=run', '--set', `vectorsFrom=${RUN}`];
  const train = [
    'train',
    '--dataset',
    'sample',
    '--model',
    'content-knn',
    '--set',
    'coldItems=0.1',
    ...sources,
  ];
  expect(await cli.run(...train)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^tessera: config "vectorsFrom": run sasrec-sample-seed1 \(\w+\) has learnt from items that coldItems=0.1 hides here: .*\n$/,
    ),
  });
  expect(await cli.json('runs', 'list')).toHaveLength(runs);
});

test('an evaluation outlives the run it is of', async () => {
  const { run } = await evaluate('baseline', '--name', 'kept');
  const store = openStore(cli.home);
  const [{ path }] = store.checkpoints.list(store.runs.find('baseline').id);
  store.close();
  rmSync(path);
  const gone = await cli.run('evaluate', 'baseline');
  expect(gone).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/has no best checkpoint to evaluate/),
  });
  await cli.text('runs', 'delete', 'baseline');
  expect(ranksOf(run).evaluates).toMatchObject({ run: null, name: 'baseline' });
  expect(await cli.text('runs', 'show', 'kept')).toContain('baseline (deleted)');
  expect(await cli.text('compare', 'kept', '--out', join(cli.folder, 'kept.md'))).toContain('Wrote');
});
