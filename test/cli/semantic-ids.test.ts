import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';

const cli = new CommandLine();
const small = ['levels=2', 'codes=8', 'contentDim=16'].flatMap((setting) => ['--set', setting]);
const ids = (...args: string[]) => ['semantic-ids', ...args];

interface Stats {
  name: string;
  codebookSizes: number[];
  metrics: Record<string, number>;
  measures: { levels: { counts: number[] }[] };
}

beforeAll(async () => {
  await cli.importSample();
  const train = ids('train', '--dataset', 'sample', '--model', 'residual-kmeans', '--threads', '1', ...small);
  expect(await cli.text(...train, '--name', 'clustered')).toMatch(/Collision rate +0\.\d{4}/);
});

test('IDs that are exported come back as a run of their own, and measure the same', async () => {
  const path = join(cli.folder, 'exported.json');
  await cli.text(...ids('export', 'clustered', '--out', path));
  const exported = Object.entries(JSON.parse(readFileSync(path, 'utf8')));
  expect(exported[0][1]).toEqual({
    title: expect.any(String),
    codes: [expect.any(Number), expect.any(Number)],
    collisionToken: expect.any(Number),
  });
  await cli.text(...ids('import', path, '--dataset', 'sample', '--codes', '8', ...small.slice(-2)));
  const [original, copy] = await Promise.all(
    ['clustered', 'exported'].map((run) => cli.json<Stats>(...ids('stats', run))),
  );
  const { 'ids/reconstruction-mse@1': mse, ...metrics } = copy.metrics;
  expect(mse).toBeUndefined();
  for (const [name, value] of Object.entries(metrics))
    expect(original.metrics[name], name).toBeCloseTo(value, 9);
  expect(copy.codebookSizes).toEqual([8, 8]);
  expect(copy.measures.levels[0].counts.reduce((sum, count) => sum + count, 0)).toBe(exported.length);
  const stats = await cli.text(...ids('stats', 'clustered'));
  expect(stats).toMatch(/Usage +– +1\.0000 +1\.0000/);
  expect(stats).toContain('max interaction share: of all but the last two interactions of a user');

  const compared = await cli.json<{ stability: object[] }>(...ids('compare', 'clustered', 'exported'));
  expect(compared.stability).toEqual([expect.objectContaining({ items: exported.length, kept: [1, 1] })]);
  expect(await cli.text(...ids('compare', 'clustered', 'exported'))).toMatch(/exported +2 +\d+ +1\.0000/);

  const csv = (await cli.text(...ids('export', 'clustered', '--format', 'csv'))).trimEnd().split('\n');
  expect(csv[0]).toBe('item,title,code_1,code_2,collision_token');
  expect(csv).toHaveLength(exported.length + 1);
  const table = join(cli.folder, 'exported.csv');
  writeFileSync(table, `${csv.join('\n')}\n`);
  const runs = await cli.json<object[]>('runs', 'list');
  const dry = ids('import', table, '--dataset', 'sample', '--dry-run');
  expect(await cli.json(...dry)).toMatchObject({ matched: exported.length, levels: 2, problems: [] });
  expect(await cli.text(...dry)).toMatch(/Codes per level +8, 8/);
  expect(await cli.json<object[]>('runs', 'list')).toEqual(runs);
});

test('a file that is wrong is refused with counts, and leaves no run', async () => {
  const before = await cli.json<object[]>('runs', 'list');
  const path = join(cli.folder, 'wrong.json');
  writeFileSync(path, '{"1": [1, 2], "1": [1, 2], "nobody": [3, 300]}');
  expect(await cli.run(...ids('import', path, '--dataset', 'sample', '--codes', '256'))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /1 item named twice.*2 items that the data set does not have.*1 code outside/,
    ),
  });
  expect(await cli.json<object[]>('runs', 'list')).toHaveLength(before.length);
  expect(await cli.run(...ids('train', '--dataset', 'sample', '--model', 'sasrec'))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/sasrec makes no Semantic IDs; choose one of: residual-kmeans, rq-vae/),
  });
});

test('IDs from the vectors of a run with split=time are measured on what lies before its cut, and say so', async () => {
  const by = ['--dataset', 'sample', '--threads', '1', '--set'];
  await cli.text('train', '--model', 'bprmf', ...by, 'split=time', '--set', 'epochs=1', '--name', 'timed');
  const source = ['--set', 'content=run', '--set', 'vectorsFrom=timed', '--name', 'of-timed'];
  await cli.text(
    ...ids('train', '--model', 'residual-kmeans', ...by, 'levels=2', '--set', 'codes=8', ...source),
  );
  const { protocol, metrics } = await cli.json<Stats & { protocol: object }>('runs', 'show', 'of-timed');
  expect(protocol).toMatchObject({ task: 'tokeniser', split: 'time' });
  expect(await cli.text(...ids('stats', 'of-timed'))).toMatch(
    /share: of interactions before the cut for validation \(split=time, .*\), as of timed\n/,
  );
  const stats = await cli.json<Stats>(...ids('stats', 'of-timed'));
  expect(stats.metrics['ids/collaborative-lift@1']).toBe(metrics['ids/collaborative-lift@1']);
  expect(await cli.text(...ids('compare', 'clustered', 'of-timed'))).toContain(
    'Of of-timed only what the runs of their vectors were trained on counts.',
  );
});
