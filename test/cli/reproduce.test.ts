import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { beforeAll, expect, test } from 'vitest';
import { recipeIn } from '../../src/core/reproduce/recipe.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { planOfBundle } from '../../src/main/services/analysis/plans/plan-of-bundle.ts';
import { recipeRun } from '../../src/main/services/analysis/reproduce/recipe-of-runs.ts';
import {
  noteReproduction,
  reproducedRuns,
} from '../../src/main/services/analysis/reproduce/reproduced-runs.ts';
import { createRun } from '../../src/main/services/runs/create-run.ts';
import { CommandLine, SMALL, TRAIN } from './command-line.ts';

const [cli, other, empty] = [new CommandLine(), new CommandLine(), new CommandLine()];
const report = join(cli.folder, 'report.html');
const data = join(cli.folder, 'sample');

beforeAll(async () => {
  await cli.importSample();
  const small = [...SMALL, '--set', 'epochs=1', '--name', 'base'];
  await cli.text(...TRAIN, '--dataset', 'sample', '--model', 'sasrec', ...small);
  const rested = ['--set', 'content=run', '--set', 'vectorsFrom=base', '--name', 'near/by'];
  await cli.text(...TRAIN, '--dataset', 'sample', '--model', 'content-knn', ...rested);
  await cli.text('compare', 'base', '--out', report);
}, 60_000);

/** Of its files. */
const MEMBERS = [
  ...['recipe.json', 'plan.yaml', 'README.md', 'report/index.html', 'report/results.csv', 'report/table.tex'],
  ...['configs/base.json', 'configs/near-by.json', 'splits/sample-leave-last-out.json'],
  ...['results/ranks.parquet', 'results/lists.parquet', 'results/metrics.parquet', 'results/curves.parquet'],
];

interface Bundled {
  members: { name: string }[];
  left: string[];
  checks: { what: string; detail: string; isGood: boolean }[];
}

interface Told {
  expected: string;
  conditions: { what: string; mark: string }[];
  runs: { now: { name: string }; agreement: { isExact: boolean; metrics: number; different: object[] } }[];
}

test('a stored checkpoint is measured again with the same metrics and ranks, and nothing is trained', async () => {
  const before = await cli.json<object[]>('runs', 'list');
  const told = await cli.json<Told>('reproduce', 'base', '--evaluate');
  expect(told.runs).toMatchObject([{ agreement: { isExact: true, different: [] } }]);
  expect(told.runs[0].agreement.metrics).toBeGreaterThan(40);
  expect(await cli.json<object[]>('runs', 'list')).toHaveLength(before.length + 1);
});

test('whoever finishes a run that "reproduce" began is told whether it has the numbers of then', async () => {
  const store = openStore(cli.home);
  const base = store.runs.findOwn('base');
  const { model, config, seed, threads, dataset } = base;
  const request = {
    model,
    config,
    seed,
    threads,
    dataset: dataset.name,
    device: 'cpu',
    name: 'left',
  } as const;
  const { id } = createRun(store, request);
  const earlier = recipeRun(store, base);
  noteReproduction(store, id, { how: 'train', source: 'base', together: [id], earlier, ranks: null });
  store.close();
  const text = await cli.text('train', '--resume', 'left');
  expect(text).toMatch(
    /^Makes base \(\w+\) again\. Bit for bit: \d+ metrics equal, ranks of 300 users \(test\) equal/m,
  );
});

/** What is not the same beforehand: the version of a clone is not known where its files differ from the commit. */
const marks = ({ conditions }: Told) =>
  conditions
    .filter(({ mark, what }) => mark !== 'same' && what !== 'Tessera')
    .map(({ what, mark }) => [what, mark]);

test('a report is enough on an empty home: it asks for the data by its hash, and the numbers are the same bit for bit', async () => {
  const { sha256 } = JSON.parse(recipeIn(readFileSync(report, 'utf8')) ?? '').datasets[0].files[0];
  const asked = await other.run('reproduce', report);
  expect(asked).toMatchObject({ code: 1, stdout: expect.stringContaining('Missing here: ratings.csv') });
  expect(asked.stderr).toContain(`name its files with --data (ratings.csv`);
  expect(asked.stderr).toContain(`sha256 ${sha256}`);
  expect(await other.json('runs', 'list')).toEqual([]);
  const told = await other.json<Told>('reproduce', report, '--data', data);
  expect(marks(told)).toEqual([]);
  expect(told.runs).toMatchObject([{ now: { name: 'base' }, agreement: { isExact: true, different: [] } }]);
  expect(told.runs[0].agreement.metrics).toBeGreaterThan(40);
  // Known by what they hold, whatever they are called.
  expect(marks(await other.json<Told>('reproduce', report, '--check'))).toEqual([]);
});

test('a bundle of a saved comparison opens in another home as imported rows, and is made again on an empty one with all that it rests on', async () => {
  const bundle = join(cli.folder, 'paper.zip');
  const store = openStore(cli.home);
  const run = store.runs.find('near/by');
  // What a user notes may name folders of the machine.
  store.table.annotate(run.id, { notes: `see ${join(cli.home, 'x')} and ${join(homedir(), 'y')}` });
  store.comparisons.save({ name: 'Table 2', notes: 'Near.', runs: [run.id], project: null });
  store.close();
  const { members, left, checks } = await cli.json<Bundled>(...['bundle', 'Table 2', '--out', bundle]);
  expect(members.map(({ name }) => name)).toEqual(expect.arrayContaining(MEMBERS));
  expect(left).toEqual(['the data: reproduce asks for them by their hashes']);
  expect(checks.filter(({ isGood }) => !isGood)).toEqual([]);
  expect(checks.map(({ what, detail }) => `${what}: ${detail}`)).toEqual([
    'Opens in an empty data folder: 1 run',
    expect.stringMatching(/^Numbers of the table: all \d+ found in the runs$/),
    expect.stringMatching(/^Numbers of the runs: all \d+ found in the ranks$/),
    expect.stringMatching(/^No folder, host or user name: looked for in \d+ files$/),
    'Seeds, versions and processors: 1 of 1',
  ]);
  const unzipped = unzipSync(readFileSync(bundle));
  // Another home has the data under another name.
  expect(Buffer.from(unzipped['plan.yaml']).toString()).toMatch(/fingerprint: [0-9a-f]{16}/);
  expect(planOfBundle({ path: bundle })).toBe(Buffer.from(unzipped['plan.yaml']).toString());
  expect(() => planOfBundle({ path: data })).toThrow(`${data}: is no bundle of Tessera`);
  const named = Object.values(unzipped).map((bytes) => Buffer.from(bytes).toString('latin1'));
  expect(named.filter((text) => text.includes(cli.folder) || text.includes(homedir()))).toEqual([]);

  const chosen = await empty.run('reproduce', bundle, '--only', 'base');
  expect(chosen.stderr).toMatch(/paper\.zip: has no run "base"; there are near\/by$/m);

  const first = await empty.text('runs', 'import', bundle);
  expect(first).toMatch(/^1 run of a bundle of Tessera: 1 new\.$/m);
  expect(await empty.text('runs', 'import', bundle)).toMatch(/: 1 unchanged\.$/m);
  expect(await empty.json('runs', 'list')).toMatchObject([
    { kind: 'imported', name: 'near/by', stated: { 'test/ndcg@10': run.metrics['test/ndcg@10'] } },
  ]);
  // A bundle of that row alone has no run that was measured there, and brings nothing that is known here or where it came from.
  const rows = join(cli.folder, 'rows.zip');
  const again = await empty.json<Bundled>('bundle', 'near/by', '--out', rows);
  expect(again.checks.map(({ what, detail }) => `${what}: ${detail}`).join()).not.toMatch(/all 0|of 0/);
  for (const home of [empty, cli])
    expect(await home.text('runs', 'import', rows)).toMatch(/: 1 unchanged\.$/m);

  const told = await empty.json<Told>('reproduce', bundle, '--data', data);
  expect(marks(told)).toEqual([]);
  expect(told.runs).toMatchObject([
    { now: { name: 'base' }, agreement: { isExact: true } },
    { now: { name: 'near/by-2' }, agreement: { isExact: true } },
  ]);
  // Of a bundle it is known how many users have the rank of then.
  const there = openStore(empty.home);
  const [outcome] = await reproducedRuns(there, { runs: [there.runs.find('near/by-2').id] });
  there.close();
  expect(outcome).toMatchObject({ degree: 'exact', ranks: { equal: 300, users: 300 }, p: 1 });
});

test('another version is said before, and that the numbers are the same nevertheless after', async () => {
  const old = join(cli.folder, 'old.html');
  writeFileSync(
    old,
    readFileSync(report, 'utf8').replaceAll(/"versions":\["[^"]*"\]/g, '"versions":["0.0.1"]'),
  );
  const text = await other.text('reproduce', old);
  expect(text).toMatch(/^Tessera +0\.0\.1 +may differ /m);
  expect(text).toContain('Close, not bit for bit: Tessera');
  expect(text).toMatch(/^base: bit for bit: \d+ metrics equal, ranks of 300 users \(test\) equal/m);
});

test('another seed and a changed byte of the data cannot agree: trained only when asked for, and the differences are named', async () => {
  const refused = await cli.run('reproduce', 'base', '--seed', '2');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /Cannot agree: Seed .*; nothing was trained\. Train all the same with --anyway/,
    ),
  });
  const file = join(data, 'ratings.csv');
  // Another film for the first user: as many bytes, of which one is another.
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[1] = lines[1].replace(/(?<=,f\d+)\d(?=,)/, (digit) => (digit === '9' ? '8' : '9'));
  writeFileSync(file, lines.join('\n'));
  const check = await cli.run('reproduce', 'base', '--data', data, '--check');
  expect(check).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/Cannot agree: Data \(sha256 .{9}, not .{9}\)/),
  });
  const before = await cli.json<object[]>('runs', 'list');
  const made = await cli.run('reproduce', report, '--data', data, '--seed', '2', '--anyway');
  expect(made.code).toBe(1);
  expect(made.stdout).toContain('Imported sample-2: other sequences');
  expect(made.stdout).toMatch(/^base: \d+ of \d+ metrics equal, largest difference .\d\.\d{6} in /m);
  expect(made.stdout).toMatch(/^base +(test|valid)\/\S+ +[\d.]+ +[\d.]+ +.\d\.\d{6}$/m);
  expect(await cli.json<object[]>('runs', 'list')).toHaveLength(before.length + 1);
});

test('what cannot be made again is refused in one line', async () => {
  const page = join(cli.folder, 'page.html');
  writeFileSync(page, '<!doctype html><p>no report</p>');
  expect((await cli.run('reproduce', page)).stderr).toMatch(
    /page\.html: does not say what makes its runs again; write/,
  );
  writeFileSync(page, readFileSync(report, 'utf8').replace('"threads":1', '"threads":"all"'));
  expect((await cli.run('reproduce', page)).stderr).toMatch(
    /page\.html: what makes its runs again is damaged \(runs\.0\.threads/,
  );
  expect((await cli.run('reproduce', 'nothing')).stderr).toMatch(/there is no run "nothing"/);
  expect((await cli.run('reproduce', report, '--data', join(data, 'absent'))).stderr).toMatch(
    /absent: no such file or folder/,
  );
  expect((await cli.run('reproduce', 'base', '--device', 'abacus')).stderr).toMatch(
    /unknown device "abacus"/,
  );
});
