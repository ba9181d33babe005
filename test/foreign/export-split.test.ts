/** The split taken along: written with the ids of the sources, and known again in what other programs made from it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { withDuck } from '../../src/core/data/duck.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { describeSplit } from '../../src/core/foreign/split/export-split.ts';
import { type Manifest, splitChoice } from '../../src/core/foreign/split/manifest.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { ExternalRun } from '../../src/core/store/types.ts';
import { CommandLine } from '../cli/command-line.ts';

const cli = new CommandLine();

const PYTHON = process.env.TESSERA_PYTHON ?? 'python3';
const hasCroissant = spawnSync(PYTHON, ['-c', 'import mlcroissant, pyarrow']).status === 0;
const READ_CROISSANT = `
import json, sys, mlcroissant
data = mlcroissant.Dataset(sys.argv[1] + '/croissant.json')
sets = [one.id for one in data.metadata.record_sets]
print(json.dumps({'errors': list(data.metadata.issues.errors), 'rows': {one: sum(1 for _ in data.records(one)) for one in sets}}))
`;
let sources: { user: string; item: string; time: number }[];

/** Of each user the interactions in order of time, by the imported ids. */
const sequences = () =>
  Map.groupBy(
    sources.toSorted((a, b) => a.time - b.time),
    ({ user }) => user,
  );

beforeAll(async () => {
  const paths = writeSample(join(cli.home, 'sample'), { users: 80, items: 60 });
  await cli.text('datasets', 'import', ...paths, '--name', 'club');
  sources = await withDuck((duck) =>
    duck.rows(
      `SELECT "user"::VARCHAR AS "user", item::VARCHAR AS item, timestamp::DOUBLE AS "time" FROM read_csv('${paths[0]}')`,
    ),
  );
}, 120_000);

async function exported(folder: string, ...options: string[]): Promise<{ to: string; manifest: Manifest }> {
  const to = join(cli.home, folder);
  // As scripts of earlier versions call the option.
  const manifest = (await cli.json('datasets', 'export', 'club', '--to', to, ...options)) as Manifest;
  return { to, manifest };
}

const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');
/** Rows of a CSV file without quoted values, by column. */
function rowsOf(path: string): Record<string, string>[] {
  const [head, ...rows] = lines(path).map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]])));
}

it('keeps a column of the items that has the name of one of the export', async () => {
  const folder = join(cli.home, 'named');
  mkdirSync(folder);
  const visits = Array.from({ length: 40 }, (_, at) => `u${at % 8},i${at % 5},${at}`);
  writeFileSync(join(folder, 'visits.csv'), `user,item,timestamp\n${visits.join('\n')}\n`);
  const items = Array.from({ length: 5 }, (_, item) => `i${item},kind ${item}`);
  writeFileSync(join(folder, 'items.csv'), `item,candidate\n${items.join('\n')}\n`);
  await cli.text('datasets', 'import', folder, '--name', 'named');
  const to = join(cli.home, 'named-split');
  const manifest = (await cli.json('datasets', 'export', 'named', '--out', to)) as Manifest;
  const [first] = rowsOf(join(to, 'items.csv'));
  expect(first).toEqual({ item: 'i0', candidate: '1', item_candidate: 'kind 0' });
  expect(manifest.reading.item_candidate).toBe('the column "candidate" of the imported items');
});

describe('a split that is taken along', () => {
  it('has every interaction once, in order, by the ids of the sources', async () => {
    const { to, manifest } = await exported('plain');
    const parts = ['train', 'validation', 'test'].map((part) => rowsOf(join(to, `${part}.csv`)));
    const all = Map.groupBy(parts.flat(), ({ user }) => user);
    for (const [user, own] of sequences())
      expect(all.get(user)?.map(({ item }) => item)).toEqual(own.map(({ item }) => item));
    for (const { user, item, position, time } of parts[2]) {
      const own = sequences().get(user) ?? [];
      expect([item, Number(position), Number(time)]).toEqual([
        own.at(-1)?.item,
        own.length - 1,
        own.at(-1)?.time,
      ]);
    }
    expect(manifest.counts).toMatchObject({ testUsers: parts[2].length, train: parts[0].length });
    expect(manifest.filters).toEqual({ minUser: 0, minItem: 0, dedupe: 'none', ties: 'file', seed: 0 });
    expect(lines(join(to, 'items.csv'))[0]).toMatch(/^item,candidate,title,/);
    for (const { name, sha256, bytes } of manifest.files) {
      const content = readFileSync(join(to, name));
      expect([createHash('sha256').update(content).digest('hex'), content.length]).toEqual([sha256, bytes]);
    }
    const croissant = JSON.parse(readFileSync(join(to, 'croissant.json'), 'utf8'));
    expect(
      croissant.distribution.map(({ name, sha256 }: { name: string; sha256: string }) => [name, sha256]),
    ).toEqual(manifest.files.map(({ name, sha256 }) => [name, sha256]));
    for (const { '@id': part, field } of croissant.recordSet)
      expect(field.map(({ name }: { name: string }) => name)).toEqual(
        lines(join(to, `${part}.csv`))[0].split(','),
      );
    const written = JSON.parse(readFileSync(join(to, 'manifest.json'), 'utf8'));
    expect({ ...written, folder: to }).toEqual(manifest);
  });

  it.skipIf(!hasCroissant).each(['csv', 'parquet', 'recbole', 'sequences'])(
    'is described as %s so that mlcroissant reads it without an error',
    async (format) => {
      const { to, manifest } = await exported(`croissant-${format}`, '--format', format);
      const { stdout, stderr } = spawnSync(PYTHON, ['-c', READ_CROISSANT, to], { encoding: 'utf8' });
      expect(stderr).not.toMatch(/error|not standard/i);
      const tables = manifest.files.filter(({ name }) => !name.endsWith('.txt'));
      expect(JSON.parse(stdout)).toEqual({
        errors: [],
        rows: Object.fromEntries(tables.map(({ part, rows }) => [part, rows])),
      });
    },
  );

  it('by time has nothing in train that is not before everything else', async () => {
    const { to, manifest } = await exported('by-time', '--set', 'split=time', '--set', 'testShare=0.2');
    const times = (part: string) => rowsOf(join(to, `${part}.csv`)).map(({ time }) => Number(time));
    const [train, validation, test] = ['train', 'validation', 'test'].map(times);
    expect(Math.max(...train)).toBeLessThan(Math.min(...validation));
    expect(Math.max(...validation)).toBeLessThan(Math.min(...test));
    expect(test.length).toBe(manifest.counts.testUsers);
    const store = openStore(cli.home);
    const folder = store.datasets.folder(store.datasets.find('club').id);
    store.close();
    const described = await describeSplit(folder, splitChoice({ split: 'time', testShare: 0.2 }));
    expect(described).toEqual({ ...manifest, folder: undefined, files: [], reading: {} });
    const plain = await exported('plain-again');
    expect(plain.manifest.fingerprint).not.toBe(manifest.fingerprint);
  });

  it.each(['all', 'successive'])('has every target where targets=%s', async (targets) => {
    const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting]);
    const chosen = set('split=time', 'testShare=0.3', `targets=${targets}`);
    const { to, manifest } = await exported(`targets-${targets}`, ...chosen);
    const test = rowsOf(join(to, 'test.csv'));
    const from = Math.min(...test.map(({ time }) => Number(time)));
    const expected = [...sequences().values()].flatMap((own) => {
      const later = own.filter(({ time }) => time >= from);
      return later.length < own.length ? later : [];
    });
    expect(test.map(({ user, item }) => `${user} ${item}`).toSorted()).toEqual(
      expected.map(({ user, item }) => `${user} ${item}`).toSorted(),
    );
    expect(expected.length).toBeGreaterThan(manifest.counts.testUsers);
    expect(manifest).toMatchObject({ targets, split: { split: 'time', testShare: 0.3 } });
    const { to: recbole } = await exported(`recbole-${targets}`, '--format', 'recbole', ...chosen);
    const rows = lines(join(recbole, 'club.test.inter')).slice(1);
    expect(rows).toHaveLength(test.length);
    const histories = Map.groupBy(
      rows.map((line) => line.split('\t')),
      ([user]) => user,
    );
    for (const own of histories.values()) {
      const known = own.map((row) => row.at(-1));
      expect(new Set(known).size).toBe(targets === 'all' ? 1 : own.length);
    }
  });

  it('by users has the history of those who are held out in a file of its own', async () => {
    const { to, manifest } = await exported('by-users', '--set', 'split=users', '--set', 'foldIn=0.5');
    const [train, history, validation, test] = ['train', 'history', 'validation', 'test'].map((part) =>
      rowsOf(join(to, `${part}.csv`)),
    );
    const users = (rows: typeof train) => new Set(rows.map(({ user }) => user));
    expect(users(test).size).toBe(manifest.counts.testUsers);
    expect(users(validation).size).toBe(manifest.counts.validationUsers);
    expect(users(history)).toEqual(new Set([...users(validation), ...users(test)]));
    expect([...users(train)].filter((user) => users(history).has(user))).toEqual([]);
    for (const user of users(test)) {
      const own = sequences().get(user) ?? [];
      const known = history.filter((row) => row.user === user).map(({ item }) => item);
      expect(known).toEqual(own.slice(0, own.length - Math.round(own.length / 2)).map(({ item }) => item));
      expect(test.filter((row) => row.user === user).map(({ item }) => item)).toEqual([
        own[known.length].item,
      ]);
    }
  });

  it('is the same in every format', async () => {
    const { to: csv } = await exported('as-csv');
    const train = rowsOf(join(csv, 'train.csv'));
    const { to: parquet } = await exported('as-parquet', '--format', 'parquet');
    const read = await withDuck((duck) =>
      duck.rows<{ user: string; item: string }>(`SELECT * FROM '${join(parquet, 'train.parquet')}'`),
    );
    expect(read.map(({ user, item }) => [user, item])).toEqual(train.map(({ user, item }) => [user, item]));
    const { to: sequential } = await exported('as-sequences', '--format', 'sequences');
    expect(lines(join(sequential, 'train.txt'))).toEqual(
      [...Map.groupBy(train, ({ user }) => user)].map(([user, own]) =>
        [user, ...own.map(({ item }) => item)].join(' '),
      ),
    );
    const { to: recbole } = await exported('as-recbole', '--format', 'recbole');
    expect(readdirSync(recbole).toSorted()).toEqual([
      'club.item',
      'club.pairs.inter',
      'club.test.inter',
      'club.train.inter',
      'club.valid.inter',
      'croissant.json',
      'manifest.json',
    ]);
    const [head, ...tests] = lines(join(recbole, 'club.test.inter')).map((line) => line.split('\t'));
    const columns =
      'user_id:token item_id:token position:float rating:float timestamp:float item_id_list:token_seq';
    expect(head.join(' ')).toBe(columns);
    const count = (name: string) => lines(join(recbole, `club.${name}.inter`)).length - 1;
    const users = new Set(train.map(({ user }) => user)).size;
    expect([count('pairs'), count('train')]).toEqual([train.length, train.length - users]);
    for (const [user, item, position, , , known] of tests) {
      const own = (sequences().get(user) ?? []).map((row) => row.item);
      expect([item, known]).toEqual([own.at(-1), own.slice(0, -1).slice(-50).join(' ')]);
      expect(Number(position)).toBe(own.length - 1);
    }
  });

  it('leaves a folder alone that holds something else, and replaces an earlier export', async () => {
    const { to } = await exported('twice');
    await exported('twice', '--format', 'parquet');
    expect(readdirSync(to).toSorted()).toEqual([
      ...[
        'croissant.json',
        'items.parquet',
        'manifest.json',
        'test.parquet',
        'train.parquet',
        'validation.parquet',
      ],
    ]);
    writeFileSync(join(to, 'lists.csv'), 'mine');
    const refused = await cli.run('datasets', 'export', 'club', '--out', to);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('holds something else (lists.csv)'),
    ]);
    const other = join(cli.home, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'manifest.json'), '{"name":"an app"}');
    expect((await cli.run('datasets', 'export', 'club', '--out', other)).stderr).toMatch(/something else/);
    expect(readdirSync(cli.home).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect((await cli.run('datasets', 'export', 'club', '--out', to, '--set', 'split=never')).stderr).toMatch(
      /the split: split: /,
    );
    const within = (...parts: string[]) => ['--out', join(cli.home, ...parts)];
    const inFile = await cli.run(
      'datasets',
      'export',
      'club',
      ...within('other', 'manifest.json', 'deep', 'er'),
    );
    expect(inFile.stderr).toMatch(/deep: cannot be made \(a file is in its way\); choose another folder\n$/);
    // The folders that it is to be in are made, and stay only with it.
    const unwritten = ['--set', 'testShare=2', '--set', 'split=time'];
    await cli.run('datasets', 'export', 'club', ...within('no', 'where'), ...unwritten);
    expect(existsSync(join(cli.home, 'no'))).toBe(false);
    expect(await cli.run('datasets', 'export', 'club', ...within('no', 'where'))).toMatchObject({ code: 0 });
    expect(readdirSync(join(cli.home, 'no'))).toEqual(['where']);
  });
});

describe('a result that names the split', () => {
  /** The most popular items of train for each user of test. */
  function lists(to: string): string {
    const train = rowsOf(join(to, 'train.csv'));
    const counts = new Map<string, number>();
    for (const { item } of train) counts.set(item, (counts.get(item) ?? 0) + 1);
    const top = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 20);
    const users = new Set(rowsOf(join(to, 'test.csv')).map(({ user }) => user));
    const rows = [...users].flatMap((user) => top.map(([item], at) => `${user},${item},${at + 1}`));
    const path = join(cli.home, `${rows.length}-lists.csv`);
    writeFileSync(path, `user,item,rank\n${rows.join('\n')}\n`);
    return path;
  }

  const imported = (...args: string[]) =>
    cli.json('results', 'import', ...args, '--dataset', 'club') as Promise<ExternalRun>;

  it('is checked to be of it, and measured as it says', async () => {
    const { to, manifest } = await exported('cut', '--set', 'split=time');
    const file = lists(to);
    const run = await imported(file, '--manifest', join(to, 'manifest.json'));
    expect(run.result).toMatchObject({ manifest: 'manifest.json', testUsers: manifest.counts.testUsers });
    expect(run.protocol).toMatchObject({ split: 'time', validShare: 0.1, testShare: 0.1 });
    const trained = new Set(rowsOf(join(to, 'train.csv')).map(({ item }) => item));
    const cold = rowsOf(join(to, 'test.csv')).filter(({ item }) => !trained.has(item)).length;
    expect(run.metrics).toMatchObject({ 'test/cold-users': cold, 'test/cold-share@10': 0 });
    expect(cold > 0).toBe('test/cold-hr@20' in run.metrics);
    for (const name of ['test/cold-hr@50', 'test/cold-mrr']) expect(run.metrics).not.toHaveProperty([name]);
    const stated = await imported(file, '--set', 'split=time');
    expect(stated.result).not.toHaveProperty('manifest');
    expect(stated.protocolFingerprint).toBe(run.protocolFingerprint);
    const both = await cli.run(
      ...['results', 'import', file, '--dataset', 'club', '--manifest', join(to, 'manifest.json')],
      ...['--set', 'split=time'],
    );
    expect(both.stderr).toMatch(/says what is held out; leave --set split out/);
  });

  it.each([
    ['split=users', 'userSeed=3', 'foldIn=0.5', 'targets=all'],
    ['split=windows', 'windows=2', 'window=1'],
  ])('is of it with whatever settings: %s, %s', async (...settings) => {
    const { to, manifest } = await exported(settings.join(' '), ...settings.flatMap((one) => ['--set', one]));
    const file = lists(to);
    const run = await imported(file, '--manifest', join(to, 'manifest.json'));
    const stated = Object.fromEntries(settings.map((one) => one.split('=')));
    for (const [key, value] of Object.entries(stated)) expect(`${run.protocol?.[key as never]}`).toBe(value);
    expect(run.result).toMatchObject({
      testUsers: manifest.counts.testUsers,
      withoutList: 0,
      unknownUsers: 0,
    });
    const said = await imported(file, ...settings.flatMap((one) => ['--set', one]));
    expect(said.protocolFingerprint).toBe(run.protocolFingerprint);
  });

  it('is refused where the data set is another one, or the manifest none', async () => {
    const { to } = await exported('theirs');
    const rows = sources.slice(10).map(({ user, item, time }) => `${user},${item},${time}`);
    const path = join(cli.home, 'fewer.csv');
    writeFileSync(path, `user,item,time\n${rows.join('\n')}\n`);
    await cli.text('datasets', 'import', path, '--name', 'fewer');
    const beside = join(to, 'lists.csv');
    writeFileSync(beside, readFileSync(lists(to)));
    const refused = (dataset: string, ...options: string[]) =>
      cli.run('results', 'import', beside, '--dataset', dataset, '--preview', ...options);
    expect((await refused('fewer')).stderr).toMatch(
      /it belongs to the data set "club" \(fingerprint .* name the data set/,
    );
    expect((await refused('club')).stdout).toMatch(/checked by manifest\.json/);
    expect((await refused('club', '--manifest', beside)).stderr).toMatch(/cannot be read as JSON/);
    writeFileSync(join(to, 'manifest.json'), '{"schema":"tessera-split-1"}');
    expect((await refused('club')).stderr).toMatch(/not the manifest of an exported split/);
    writeFileSync(join(to, 'manifest.json'), '{"name":"an app"}');
    expect((await refused('club')).stdout).toMatch(/Split +unknown/);
  });
});
