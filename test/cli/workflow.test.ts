import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CommandLine, SMALL } from './command-line.ts';

const cli = new CommandLine();
let imported: Record<string, unknown> = {};

beforeAll(async () => {
  imported = await cli.importSample();
  const train = ['train', '--dataset', 'sample', '--device', 'cpu', '--threads', '1'];
  const sasrec = ['--model', 'sasrec', ...SMALL, '--set', 'epochs=2'];
  await Promise.all([
    cli.text(...train, '--model', 'popularity', '--name', 'baseline'),
    ...['1', '2'].map((seed) => cli.text(...train, ...sasrec, '--seed', seed)),
  ]);
});

test('a data set is imported, listed and shown', async () => {
  expect(imported).toEqual({
    name: 'sample',
    users: 300,
    items: expect.any(Number),
    interactions: expect.any(Number),
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    badRows: 0,
    seconds: expect.any(Number),
  });
  expect(await cli.json('datasets', 'list')).toMatchObject([imported]);
  expect(await cli.json('datasets', 'show', 'sample')).toMatchObject({
    statistics: { users: 300 },
    name: 'sample',
  });
  expect(await cli.text('datasets', 'show', 'sample')).toContain('Interactions of a user');
  expect(await cli.text('datasets', 'list')).toMatch(/^Name +Kind +Users/);
});

test('the sample is imported by one command, the same each time', async () => {
  const first = await cli.json<Record<string, unknown>>('datasets', 'sample');
  expect(first).toMatchObject({ name: 'tessera-sample', users: 3000, badRows: 0 });
  expect((await cli.run('datasets', 'sample')).stderr).toContain('already a data set named tessera-sample');
  const { fingerprint } = first;
  expect(await cli.json('datasets', 'sample', '--name', 'club')).toMatchObject({ name: 'club', fingerprint });
  for (const name of ['tessera-sample', 'club']) await cli.text('datasets', 'delete', name, '--for-good');
});

test('train --json prints one event a line and the result last', async () => {
  const options = [
    '--model',
    'bprmf',
    '--device',
    'cpu',
    '--threads',
    '1',
    '--set',
    'epochs=2',
    '--seed',
    '3',
  ];
  const output = await cli.text('train', '--dataset', 'sample', ...options, '--json');
  const lines = output.trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ type: 'run', seed: 3, dataset: 'sample', config: { epochs: 2 } });
  const types = new Set(events.slice(0, -1).map(({ type }) => type));
  for (const type of ['started', 'progress', 'series', 'checkpoint']) expect(types).toContain(type);
  const result = events.at(-1);
  expect(Object.keys(result)).toEqual(['run', 'status', 'device', 'epochs', 'seconds', 'metrics']);
  expect(result).toMatchObject({ run: events[0].run, status: 'completed', device: 'cpu', epochs: 2 });
  expect(result.metrics['test/ndcg@10']).toBeGreaterThan(0);
  expect(await cli.json('runs', 'show', result.run)).toMatchObject({ metrics: result.metrics });
});

test('compare has every format, folds seeds, and tests against the baseline', async () => {
  const runs = ['baseline', 'sasrec-sample-seed1', 'sasrec-sample-seed2'];
  const compare = (...options: string[]) => cli.text('compare', ...runs, ...options);
  expect(await compare()).toMatch(/sasrec.*2: 1, 2.*±/);
  expect((await compare('--format', 'csv', '--metrics', 'ndcg@10')).split('\r\n')[0]).toContain(
    'test/ndcg@10 p holm',
  );
  expect(await compare('--format', 'md')).toContain('| --: |');
  expect(await compare('--format', 'latex')).toContain('\\toprule');
  expect(await compare('--format', 'html')).toMatch(/^<!doctype html>[\s\S]*<svg/);
  const json = await cli.json<{ baseline: string; rows: unknown[] }>('compare', ...runs);
  expect(json).toMatchObject({ format: 'tessera-comparison', baseline: 'baseline' });
  expect(json.rows).toHaveLength(2);
  const other = await cli.json('compare', ...runs.slice(1), '--baseline', 'baseline', '--metrics', 'mrr');
  expect(other).toMatchObject({ baseline: 'baseline', columns: [{ name: 'test/mrr' }] });
});

test('compare --out writes whole files, in the format of their names, or none', async () => {
  const file = join(cli.folder, 'report.html');
  expect(await cli.json('compare', 'baseline', '--out', file)).toEqual({ file, format: 'html' });
  expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  const markdown = join(cli.folder, 'report.md');
  const edited = [
    '--title',
    'Ours',
    '--conclusion',
    'It *works*.',
    '--columns',
    'seeds',
    '--parts',
    'curves',
  ];
  const shown = await cli.text('compare', 'baseline', 'sasrec-sample-seed1', '--out', markdown, ...edited);
  expect(shown).toMatch(/^Wrote .*report\.md \(md\) and \d charts beside it\.\n$/);
  const text = readFileSync(markdown, 'utf8');
  expect(text).toMatch(
    /^# Ours\n\n\*\*.* NDCG.*\*\*.*\n\nIt \\\*works\\\*\.\n\n## Test results, sorted by NDCG&#64;10\n\n\| Model \| Seeds \| NDCG/,
  );
  expect(text).not.toContain('Difference to');
  expect(text).toContain('](report-1.svg)');
  expect(readFileSync(join(cli.folder, 'report-1.svg'), 'utf8')).toMatch(/^<svg xmlns/);
  expect(await cli.run('compare', 'baseline', '--format', 'csv', '--title', 'Ours')).toMatchObject({
    code: 1,
    stderr:
      'tessera: the format csv has no place for --title; choose html or folder or page or md or latex with --format\n',
  });
  const renamed = await cli.text(
    'compare',
    'baseline',
    'sasrec-sample-seed1',
    '--format',
    'csv',
    '--label',
    'baseline=Floor',
  );
  expect(renamed).toMatch(/^Floor,/m);
  expect(await cli.run('compare', 'sasrec-sample-seed1', '--label', 'baseline=Floor')).toMatchObject({
    code: 1,
    stderr: 'tessera: --label names "baseline", which is not among the compared runs\n',
  });
  const missing = await cli.run('compare', 'baseline', '--out', join(cli.folder, 'nowhere', 'x.csv'));
  expect(missing).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^tessera: .*no folder.*\n$/),
  });
  expect(readdirSync(cli.folder).filter((name) => name.includes('partial'))).toEqual([]);
});

interface Recommended {
  history: { item: string; title: string }[];
  recommendations: { rank: number; item: string; title: string; score: number }[];
  heldOut?: { item: string; rank: number };
}

test('recommend names items of the catalogue that the user has not had, best first', async () => {
  for (const run of ['baseline', 'sasrec-sample-seed1']) {
    const { history, recommendations } = await cli.json<Recommended>(
      ...['recommend', '--run', run, '--user', 'u7', '--k', '5'],
    );
    expect(recommendations.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    const scores = recommendations.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(history.length).toBeGreaterThan(0);
    expect([...history, ...recommendations].every(({ title }) => title.length > 0)).toBe(true);
    const seen = new Set(history.map(({ item }) => item));
    expect(recommendations.filter(({ item }) => seen.has(item))).toEqual([]);

    const tested = await cli.json<Recommended>(
      ...['recommend', '--run', run, '--user', 'u7', '--held-out', '--k', '1000'],
    );
    const { item, rank = 0 } = tested.heldOut ?? {};
    expect(item).toBe(history.at(-1)?.item);
    const place = tested.recommendations.findIndex((one) => one.item === item) + 1;
    // Popular items tie, and ties count against the model.
    if (run === 'baseline') expect(place).toBeLessThanOrEqual(rank);
    else expect(place).toBe(rank);
    expect(place).toBeGreaterThan(0);
  }
  const stranger = await cli.run('recommend', '--run', 'baseline', '--user', 'nobody');
  expect(stranger).toMatchObject({ code: 1, stderr: expect.stringContaining('has no user "nobody"') });
});

test('runs are shown by id, prefix or name, and deleted with their folder', async () => {
  const runs = await cli.json<{ id: string; name: string }[]>('runs', 'list');
  const run = runs.find(({ name }) => name === 'sasrec-sample-seed2');
  if (!run) throw new Error('the run is not listed');
  expect(await cli.json('runs', 'show', run.id.slice(0, 10))).toMatchObject({
    id: run.id,
    status: 'completed',
  });
  expect(await cli.text('runs', 'show', run.name)).toMatch(/valid\/ndcg@10 +\d/);
  const written = await cli.text('runs', 'show', run.name, '--format', 'md');
  expect(written).toContain(`# Run ${run.name}`);
  expect(written).toMatch(/^- Status: completed$[\s\S]*^\| Metric \| Value \|$/m);
  expect(existsSync(join(cli.home, 'runs', run.id))).toBe(true);
  if (process.platform !== 'win32') {
    const files = readdirSync(join(cli.home, 'runs'), { recursive: true, encoding: 'utf8' });
    const folders = readdirSync(join(cli.home, 'datasets')).map((name) => join('datasets', name));
    const open = [...files.map((name) => join('runs', name)), ...folders].filter(
      (name) => (statSync(join(cli.home, name)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
  }
  expect(await cli.text('runs', 'delete', run.name)).toContain(`trash restore ${run.id}`);
  expect((await cli.run('runs', 'show', run.id)).code).toBe(1);
  expect(await cli.json('trash', 'list')).toMatchObject([{ kind: 'run', id: run.id, name: run.name }]);
  await cli.text('trash', 'restore', run.name);
  expect((await cli.run('runs', 'show', run.id)).code).toBe(0);
  await cli.text('runs', 'delete', run.name);
  expect(existsSync(join(cli.home, 'runs', run.id))).toBe(true);
  expect(await cli.text('trash', 'delete', run.id)).toBe(`Deleted the run ${run.name} permanently.\n`);
  expect(existsSync(join(cli.home, 'runs', run.id))).toBe(false);
});

test('what the device "auto" stands for is found out by whatever starts a training', async () => {
  const train = ['train', '--dataset', 'sample', '--model', 'popularity', '--threads', '1', '--json'];
  const waiting = await cli.json<{ id: string }>(...train, '--queue');
  const devices = await cli.json<{ id: string; preferred: boolean }[]>('devices');
  const auto = devices.find(({ preferred }) => preferred)?.id;
  for (const command of [
    train,
    ['train', '--resume', waiting.id, '--json'],
    ['evaluate', 'sasrec-sample-seed1', '--json'],
  ]) {
    const result = (await cli.text(...command)).trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(result)).toMatchObject({ status: 'completed', device: auto });
  }
});

test('models, devices and golden answer in text and JSON', async () => {
  const schema = { properties: { heads: { type: 'integer', default: 2, description: expect.any(String) } } };
  expect(await cli.json('models', 'sasrec')).toMatchObject({
    id: 'sasrec',
    paper: { year: 2018 },
    configSchema: schema,
  });
  const models = await cli.json<{ id: string }[]>('models');
  expect(models.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['popularity', 'itemknn', 'ease', 'bprmf', 'sasrec']),
  );
  expect(await cli.text('models', 'sasrec')).toMatch(/heads +integer +2 +> 0/);
  const golden = (name: string) => join(import.meta.dirname, '..', 'golden', name);
  const result = await cli.json('golden', golden('stats-a.json'));
  expect(result).toMatchObject({
    model: 'stats',
    pass: true,
    maxError: { output: expect.any(Number), loss: null },
  });
  expect(Object.keys(result as object)).toEqual(['file', 'model', 'pass', 'maxError']);
  expect(await cli.json('golden', golden('stats-a.json'), golden('bpr-a.json'))).toHaveLength(2);
});
