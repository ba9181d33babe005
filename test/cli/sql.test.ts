/** Queries over a home, and what they cannot do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { VIEWS } from '../../src/core/store/db/views.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { StudySpec } from '../../src/core/studies/study.ts';
import { CommandLine, TRAIN } from './command-line.ts';

const cli = new CommandLine();
const rows = async (query: string, ...options: string[]) =>
  ((await cli.json('sql', query, ...options)) as { rows: unknown[][] }).rows;

beforeAll(async () => {
  const paths = writeSample(join(cli.home, 'sample'), { users: 40, items: 60 });
  await cli.text('datasets', 'import', ...paths, '--name', 'club');
  for (const name of ['kept', 'gone'])
    await cli.text(...TRAIN, '--dataset', 'club', '--model', 'popularity', '--name', name);
  await cli.text('runs', 'delete', 'gone');
}, 120_000);

it('reads runs with their metrics, settings and data set, without what is in the trash', async () => {
  const [own] = (await cli.json('runs', 'list')) as { metrics: Record<string, number> }[];
  const query = `SELECT name, model, runs.dataset, value FROM runs JOIN metrics ON run = runs.id WHERE metric = 'test/ndcg@10'`;
  expect(await rows(query)).toEqual([['kept', 'popularity', 'club', own.metrics['test/ndcg@10']]]);
  expect(await rows(`SELECT value FROM config WHERE key = 'protocol'`)).toEqual([['validated']]);
  expect(await rows('SELECT name, users FROM datasets')).toEqual([['club', 40]]);
  expect(await rows('SELECT created_at FROM runs')).toEqual([
    [expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)],
  ]);
});

it('reads ranks of users, points of curves, protocols, attempts, sources and published numbers', async () => {
  const [own] = (await cli.json('runs', 'list')) as { id: string; metrics: Record<string, number> }[];
  const hits = `SELECT avg(rank <= 10), count(*), min(history) > 0 FROM ranks WHERE run = '${own.id}' AND split = 'test'`;
  expect(await rows(hits)).toEqual([[expect.closeTo(own.metrics['test/hr@10'], 12), 40, 1]]);
  expect(await rows(`SELECT count(*) FROM ranks JOIN runs ON id = run WHERE name = 'gone'`)).toEqual([[0]]);
  const store = openStore(cli.home);
  store.series.append(own.id, [
    { metric: 'x', steps: [1, 5], epochs: [1, 2], times: [1000, 2000], values: [0.5, Infinity] },
  ]);
  const spec = {
    kind: 'sweep',
    sizes: [{ label: 'a', config: { lr: 0.1, dim: 8 } }],
  } as unknown as StudySpec;
  store.studies.setRun(store.studies.create('rates', spec).id, { size: 0, share: 1, seed: 3 }, own.id);
  store.close();
  expect(await rows(`SELECT step, epoch, time, value FROM points WHERE metric = 'x'`)).toEqual([
    [1, 1, '1970-01-01T00:00:01Z', 0.5],
    [5, 2, '1970-01-01T00:00:02Z', 'Infinity'],
  ]);
  expect(await rows('SELECT study, trial, seed, key, value FROM trials ORDER BY key')).toEqual([
    ['rates', 0, 3, 'dim', 8],
    ['rates', 0, 3, 'lr', 0.1],
  ]);
  const protocol =
    'SELECT split, target, history_filter, selection FROM protocols JOIN runs USING (protocol)';
  expect(await rows(protocol)).toEqual([['leave-last-out', 'test', 'all', expect.any(String)]]);
  expect(await rows('SELECT number, outcome FROM attempts')).toEqual([[1, 'completed']]);
  expect(await rows(`SELECT count(*) > 100 FROM published WHERE metric = 'ndcg@10'`)).toEqual([[1]]);
});

it('keeps whole numbers of 64 bits and infinity in every output', async () => {
  const query = 'SELECT 9007199254740993 AS a, -9007199254740993 AS b, 9e999 AS c, 12 AS d';
  expect(await rows(query)).toEqual([['9007199254740993', '-9007199254740993', 'Infinity', 12]]);
  for (const flags of [[], ['--csv']])
    expect(await cli.text('sql', ...flags, query)).toMatch(
      /9007199254740993\D+-9007199254740993\D+Infinity\D+12/,
    );
});

it('lists the views, each of which answers, as the manual does', async () => {
  const text = await cli.text('sql');
  for (const name of Object.keys(VIEWS)) {
    expect(text).toContain(`${name}: `);
    expect(await rows(`SELECT * FROM ${name}`)).toBeInstanceOf(Array);
  }
  expect(await cli.text('sql', '--csv', `SELECT 'a,b' AS x, 1 AS y`)).toBe('x,y\n"a,b",1\n');
  expect(await cli.text('sql', '--limit', '2', 'SELECT * FROM metrics')).toContain('Only the first 2 rows');
});

it.each([
  ['DELETE FROM main.runs', 'write a SELECT'],
  ['UPDATE runs SET name = 1 RETURNING id', 'cannot modify runs because it is a view'],
  ['SELECT * FROM main.settings', '"main" cannot be read here: the views are runs, metrics'],
  ['SELECT * FROM "MAIN" /* x */ . [runs]', '"main" cannot be read here'],
  [`SELECT * FROM 'main'.'logs'`, '"main" cannot be read here'],
  ['SELECT * FROM run_metrics', 'no such table: run_metrics, which is no view; the views are'],
  ['SELECT * FROM settings', 'no such table'],
  ['SELECT * FROM pragma_database_list', '"pragma_database_list" cannot be read here'],
  ["SELECT sql FROM 'sqlite_schema'", '"sqlite_schema" cannot be read here'],
  ['SELECT * FROM temp.sqlite_master', '"temp" cannot be read here'],
  ['PRAGMA database_list', 'cannot be read'],
  ['SELECT 1; DELETE FROM main.runs', 'more than one statement'],
  ["ATTACH '/tmp/other.db' AS other", 'write a SELECT'],
  ["SELECT load_extension('x')", 'the query failed'],
  ['SELECT absent FROM runs', 'no such column: absent; the views are runs, metrics'],
  [' ', 'the query is empty'],
])('refuses %s in one line, and changes nothing', async (query, problem) => {
  const file = join(cli.home, 'tessera.db');
  const before = readFileSync(file);
  const { code, stderr } = await cli.run('sql', query);
  expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
  expect(stderr).toContain(problem);
  expect(readFileSync(file).equals(before)).toBe(true);
});
