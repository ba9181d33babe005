/** Runs written for other programs, and read again: each run, setting, metric and point is there. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { withDuck } from '../../src/core/data/duck.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { OwnRun } from '../../src/core/store/types.ts';
import { CommandLine, TRAIN } from '../cli/command-line.ts';

const cli = new CommandLine();
let run: OwnRun;
let points: { metric: string; steps: number[]; values: number[] }[];

beforeAll(async () => {
  const paths = writeSample(join(cli.home, 'sample'), { users: 60, items: 60 });
  await cli.text('datasets', 'import', ...paths, '--name', 'club');
  for (const name of ['bprmf', 'ü "quoted", name'])
    await cli.text(...TRAIN, '--dataset', 'club', '--model', 'bprmf', '--name', name, '--set', 'epochs=3');
  run = (await cli.json('runs', 'show', 'bprmf')) as OwnRun;
  const store = openStore(cli.home);
  points = store.series.list(run.id).map(({ metric }) => {
    const { steps, values } = store.series.read(run.id, metric);
    return { metric, steps: [...steps], values: [...values] };
  });
  store.close();
}, 120_000);

it.each(['csv', 'parquet', 'jsonl'] as const)('as tables in %s', async (format) => {
  const folder = join(cli.home, format);
  await cli.text('runs', 'export', '--out', folder, '--format', format);
  expect(readdirSync(folder).toSorted()).toEqual(
    ['config', 'curves', 'metrics', 'ranks', 'runs'].map((table) => `${table}.${format}`),
  );
  const rows = (sql: string) =>
    withDuck((duck) =>
      duck.rows<Record<string, unknown>>(
        sql.replace(/\$(\w+)/, (_, table) => `'${join(folder, `${table}.${format}`)}'`),
      ),
    );
  const names = (await rows('SELECT name FROM $runs ORDER BY name')).map(({ name }) => name);
  expect(names).toEqual(['bprmf', 'ü "quoted", name']);
  const metrics = await rows(`SELECT metric, value FROM $metrics WHERE run = '${run.id}'`);
  expect(Object.fromEntries(metrics.map(({ metric, value }) => [metric, value]))).toEqual(run.metrics);
  const config = await rows(`SELECT key, value::VARCHAR AS value FROM $config WHERE run = '${run.id}'`);
  expect(config).toHaveLength(Object.keys(run.config).length);
  expect(config).toContainEqual({ key: 'epochs', value: '3' });
  const [hits] = await rows(
    `SELECT avg((rank <= 10)::INTEGER) AS hr, count(DISTINCT "user") AS users FROM $ranks WHERE run = '${run.id}' AND split = 'test'`,
  );
  expect(hits.hr).toBeCloseTo(run.metrics['test/hr@10'], 12);
  const ratings = readFileSync(join(cli.home, 'sample', 'ratings.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const [someone] = await rows(
    `SELECT "user", target, history FROM $ranks WHERE run = '${run.id}' AND split = 'test' ORDER BY "user" LIMIT 1`,
  );
  const own = ratings.map((row) => row.split(',')).filter(([user]) => user === someone.user);
  expect(own.length - 1).toBe(Number(someone.history));
  expect(own.map(([, item]) => item)).toContain(someone.target);
  for (const { metric, steps, values } of points) {
    const curve = await rows(
      `SELECT step::DOUBLE AS step, value FROM $curves WHERE run = '${run.id}' AND metric = '${metric}' ORDER BY step`,
    );
    expect(curve).toEqual(steps.map((step, at) => ({ step, value: values[at] })));
  }
});

it('as CSV in which nothing is a formula, and numbers stay numbers', async () => {
  const store = openStore(cli.home);
  const told = store.trackers.add(
    { tracker: 'csv', id: 'x', path: '/x' },
    { name: '=HYPERLINK("http://e")', config: { a: '@SUM(1)', b: '+1-1|cmd', c: -3, d: '-4.5' } },
  );
  store.close();
  const folder = join(cli.home, 'inert');
  await cli.text('runs', 'export', told, '--out', folder);
  expect(readFileSync(join(folder, 'runs.csv'), 'utf8')).toContain(`"'=HYPERLINK(""http://e"")"`);
  const config = readFileSync(join(folder, 'config.csv'), 'utf8').trim().split('\n').slice(1);
  expect(config.map((row) => row.split(',')[2])).toEqual([`'@SUM(1)`, `'+1-1|cmd`, '-3', '-4.5']);
  await cli.text('runs', 'delete', told, '--for-good');
});

it('a report in a folder has the ranks beside it', async () => {
  const folder = join(cli.home, 'report');
  await cli.text('compare', run.id, 'ü "quoted", name', '--out', `${folder}/`);
  const [{ runs, rows }] = await withDuck((duck) =>
    duck.rows<Record<string, unknown>>(
      `SELECT count(DISTINCT run) AS runs, count(*) AS rows FROM '${join(folder, 'ranks.parquet')}' WHERE split = 'test'`,
    ),
  );
  expect([Number(runs), Number(rows)]).toEqual([2, 120]);
});

it('as event files, which our own reader takes in again', async () => {
  const folder = join(cli.home, 'board');
  await cli.text('runs', 'export', 'bprmf', '--out', folder, '--format', 'tensorboard');
  const other = new CommandLine();
  await other.text('runs', 'import', folder);
  const store = openStore(other.home);
  const [again] = store.runs.newest(10);
  for (const { metric, steps, values } of points) {
    const read = store.series.read(again.id, metric);
    expect([...read.steps], metric).toEqual(steps);
    expect([...read.values]).toEqual(values.map(Math.fround));
  }
  store.close();
});

it('into a new or empty folder alone, whole or not at all', async () => {
  const kept = join(cli.home, 'kept');
  mkdirSync(kept);
  writeFileSync(join(kept, 'mine'), 'mine');
  const refused = async (...args: string[]) => (await cli.run('runs', 'export', ...args)).stderr;
  expect(await refused('--out', kept)).toContain('holds something');
  expect(await refused('--out', join(kept, 'mine', 'runs'))).toContain(
    'cannot be made (a file is in its way)',
  );
  expect(await refused('absent', '--out', join(cli.home, 'new'))).toContain('absent');
  expect(readFileSync(join(kept, 'mine'), 'utf8')).toBe('mine');
  expect(readdirSync(cli.home).filter((name) => name.includes('partial') || name === 'new')).toEqual([]);
});

it('of a curve whose times are not known, with none in tables, and with that of the run in event files', async () => {
  const other = new CommandLine();
  const table = join(cli.home, 'runs.csv');
  writeFileSync(table, 'run,ndcg@10\nhand,0.5\n');
  await other.text('runs', 'import', table);
  const store = openStore(other.home);
  const [{ id, createdAt }] = store.runs.newest(1);
  store.series.append(id, [
    {
      metric: 'heat',
      steps: [1, 2],
      epochs: [Number.NaN, Number.NaN],
      times: [Number.NaN, Number.NaN],
      values: [2, 1],
    },
  ]);
  store.close();
  await other.text('runs', 'export', '--out', join(cli.home, 'tables'), '--format', 'jsonl');
  const [line] = readFileSync(join(cli.home, 'tables', 'curves.jsonl'), 'utf8').split('\n', 1);
  expect(JSON.parse(line)).toEqual({ run: id, metric: 'heat', step: 1, epoch: null, time: null, value: 2 });
  await other.text('runs', 'export', '--out', join(cli.home, 'untimed'), '--format', 'tensorboard');
  const again = new CommandLine();
  await again.text('runs', 'import', join(cli.home, 'untimed'));
  const read = openStore(again.home);
  expect([...read.series.read(read.runs.newest(1)[0].id, 'heat').times]).toEqual([createdAt, createdAt]);
  read.close();
});
