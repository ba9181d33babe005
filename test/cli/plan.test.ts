import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { CommandLine } from './command-line.ts';

/** The example of the documentation. */
const [, EXAMPLE = ''] =
  /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(import.meta.dirname, '../../docs/plans.md'), 'utf8')) ?? [];
const HERE = ['--device', 'cpu', '--threads', '1'];

/** The most popular items for everybody, as another program may list them. */
function popularLists(ratings: string): string {
  const rows = ratings
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const byItem = Map.groupBy(rows, ([, item]) => item);
  const items = [...byItem].sort(([, a], [, b]) => b.length - a.length).slice(0, 20);
  const users = [...new Set(rows.map(([user]) => user))];
  const lines = users.flatMap((user) => items.map(([item], at) => `${user},${item},${at + 1}`));
  return ['user,item,rank', ...lines].join('\n');
}

function planFile(folder: string, plan = EXAMPLE): string {
  mkdirSync(folder);
  writeSample(folder, { users: 300, items: 150, seed: 1 });
  writeFileSync(join(folder, 'lists.csv'), popularLists(readFileSync(join(folder, 'ratings.csv'), 'utf8')));
  writeFileSync(join(folder, 'paper.yaml'), plan);
  return join(folder, 'paper.yaml');
}

const [killed, whole] = [new CommandLine(), new CommandLine()];

test('the example of the documentation, killed on its way, becomes the same paper as without a kill', async () => {
  const file = planFile(join(killed.folder, 'a'));
  const check = await killed.text('plan', 'check', file);
  expect(check).toContain('To import first: films');
  const first = killed.start('plan', 'run', file, ...HERE);
  await first.line('popularity-films-seed1: ');
  const second = await killed.run('plan', 'run', file, ...HERE);
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(/^tessera: .*paper\.yaml: process \d+ runs this plan already: wait for it.*\n$/),
  ]);
  first.child.kill('SIGKILL');
  await first.finished;
  const resumed = await killed.text('plan', 'run', file, ...HERE);
  expect(resumed).not.toContain('popularity-films-seed1: ');
  expect(resumed).toMatch(/^Wrote 8 files to .*paper: tables\.tex, paper\.tex/m);

  // Of one split: trainings are what takes time.
  const other = planFile(join(whole.folder, 'a'), EXAMPLE.replace(/split: \[.*\]/, 'split: leave-last-out'));
  await whole.text('plan', 'run', other, ...HERE);
  const [ours, theirs] = [file, other].map((path) =>
    readFileSync(join(path, '..', 'paper/tables.csv'), 'utf8'),
  );
  const rows = (text: string) =>
    text.split('\r\n').filter((line) => /^"?films, leave-last-out"?,/.test(line));
  expect(rows(ours)).toHaveLength(4);
  expect(rows(ours)).toEqual(rows(theirs));
});

test('a plan that is done takes nothing, and its table is written in every style', async () => {
  const file = join(killed.folder, 'a', 'paper.yaml');
  expect(await killed.text('plan', 'check', file)).toMatch(
    /Nothing to train: all 6 runs are there\.\n1 of 1 result of other programs measured\.\n$/,
  );
  const again = await killed.text('plan', 'run', file, ...HERE);
  expect(again).toMatch(/^Wrote 8 files to /m);
  // What its user has written stays as it is, and a plan is no folder.
  const own = join(killed.folder, 'manuscript');
  mkdirSync(own);
  writeFileSync(join(own, 'paper.tex'), 'mine');
  expect((await killed.run('plan', 'run', file, '--out', own, ...HERE)).stderr).toMatch(
    /manuscript.paper\.tex: was not written by a plan and is not written over/,
  );
  expect(readFileSync(join(own, 'paper.tex'), 'utf8')).toBe('mine');
  copyFileSync(file, join(file, '..', 'plan'));
  expect(await killed.text('plan', 'run', join(file, '..', 'plan'), ...HERE)).toMatch(
    /^Wrote 8 files to .*plan-tables: /,
  );
  const ieee = await killed.text('plan', 'table', file, '--style', 'ieee', '--standalone');
  expect(ieee).toContain('{IEEEtran}');
  expect(ieee).toMatch(/Copy \[a, b, c\] & -- & .*\\\\/);
  const markdown = await killed.text('plan', 'table', file, '--style', 'markdown');
  expect(markdown).toMatch(/^\| EASE \| – \| .*0\.\d{4}/m);
  expect(await killed.text('plan', 'table', file, '--style', 'csv')).toMatch(
    /^"?films, leave-last-out"?,ItemKNN,2,0\.\d{4}/m,
  );
});

test('mistakes are told with their line, and what cannot be trained is passed over', async () => {
  const file = join(whole.folder, 'a', 'paper.yaml');
  writeFileSync(file, EXAMPLE.replace('l2: 300', 'l3: 300').replace(/results:\n.*\n/, ''));
  expect(await whole.run('plan', 'check', file)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^tessera: .*paper\.yaml:9: ease has no config key "l3"/),
  });
  writeFileSync(file, EXAMPLE.replace('name: films }', 'name: films, minUser: 5 }'));
  expect((await whole.run('plan', 'check', file)).stderr).toMatch(
    /paper\.yaml:3: the data set films of this home was imported with minUser 0, not 5; give the files another name/,
  );
});

test('compared runs are saved as a plan that has nothing left to train', async () => {
  const file = join(whole.folder, 'again.yaml');
  const runs = await whole.json<{ id: string; name: string }[]>('runs', 'list');
  const chosen = runs.filter(({ name }) => /^(popularity|ease)-films/.test(name)).map(({ id }) => id);
  expect(chosen).toHaveLength(2);
  await whole.text('compare', ...chosen, '--save-plan', file);
  expect(await whole.text('plan', 'check', file)).toContain('Nothing to train: all 2 runs are there.');
});
