import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/core/store/open-store.ts';
import { CommandLine } from './command-line.ts';

const cli = new CommandLine();
const train = ['train', '--dataset', 'sample', '--device', 'cpu', '--threads', '1'];

beforeAll(async () => {
  await cli.importSample();
  const clicks = join(cli.folder, 'clicks.csv');
  writeFileSync(clicks, 'label,site\n1,a\n0,b\n1,b\n0,a\n');
  await cli.text('datasets', 'import', clicks);
  await cli.text(...train, '--model', 'popularity', '--name', 'done');
});

/** Each command must end with the code and say one line of the given kind; the first runs in a process of its own. */
async function expectRefusals(code: number, cases: [args: string[], line: RegExp][]): Promise<void> {
  for (const [at, [args, line]] of cases.entries()) {
    const result = await (at === 0 ? cli.start(...args).finished : cli.run(...args));
    const label = args.join(' ');
    expect(result.stderr, label).toMatch(/^tessera: [^\n]+\n$/);
    expect(result.stderr, label).toMatch(line);
    expect(result.stdout, label).toBe('');
    expect(result.code, label).toBe(code);
  }
}

test('wrong usage is one line and exit code 2', async () => {
  await expectRefusals(2, [
    [['nonsense'], /unknown command 'nonsense'/],
    [['runs', 'lst'], /unknown command 'lst' \(Did you mean list\?\)/],
    [['runs', 'show'], /missing required argument 'run'/],
    [['train', '--model', 'sasrec'], /'--dataset <name>' is missing/],
    [[...train, '--modle', 'sasrec'], /unknown option '--modle' \(Did you mean --model\?\)/],
    [[...train, '--model', 'sasrec', '--seed', '1.5'], /--seed.*whole numbers/],
    [[...train, '--model', 'sasrec', '--set', 'heads'], /--set.*key=value/],
    [['datasets', 'import', 'x.csv', '--map', 'user'], /--map.*user=COLUMN/],
    [
      ['compare', 'done', '--format', 'docx'],
      /--format.*table, html, folder, page, md, latex, figures, csv, json/,
    ],
  ]);
});

test('bad names and values are one line and exit code 1, and leave nothing behind', async () => {
  const ratings = join(cli.folder, 'sample', 'ratings.csv');
  const empty = join(cli.folder, 'empty.csv');
  writeFileSync(empty, '');
  const sasrec = [...train, '--model', 'sasrec'];
  await expectRefusals(1, [
    [[...train, '--model', 'nonsense'], /unknown model "nonsense"; choose one of: popularity/],
    [[...sasrec, '--set', 'heads=3'], /heads must divide dim/],
    [[...sasrec, '--set', 'head=2'], /no config key "head"; its keys: dim/],
    [[...sasrec, '--set', 'dropout=lots'], /"dropout"/],
    [[...sasrec, '--preset', 'nonsense'], /no preset "nonsense"; its presets: original/],
    [[...sasrec, '--device', 'gpu'], /unknown device "gpu"; choose one of: auto, cpu/],
    [['train', '--dataset', 'nonsense', '--model', 'sasrec'], /there is no data set "nonsense"/],
    [
      ['train', '--dataset', 'clicks', '--model', 'sasrec'],
      /sasrec cannot be trained on clicks: it needs users' histories, and a click log has rows/,
    ],
    [
      [...train, '--model', 'dlrm', '--set', 'labels=actions'],
      /dlrm cannot be trained on sample: it needs labels, and the data set has no actions; import/,
    ],
    [['train', '--resume', 'done', '--seed', '9'], /has seed 1, not 9: a resumed run keeps/],
    [['train', '--resume', 'done', '--memory', '64G'], /trains on this machine, and has no job/],
    [['train', '--resume', 'done'], /has completed/],
    [['datasets', 'import', ratings, '--name', 'sample'], /already a data set named sample/],
    [['datasets', 'import', ratings, '--name', 'b', '--map', 'buyer=user'], /"buyer" is not a role/],
    [
      ['datasets', 'import', ratings, '--name', 'b', '--map', 'user=buyer'],
      /ratings\.csv:1: no column "buyer"/,
    ],
    [['datasets', 'import', empty], /empty\.csv/],
    [['datasets', 'delete', 'sample'], /used by 1 run, done .*--force/],
    [['compare', 'nonsense'], /there is no run "nonsense"/],
    [
      ['compare', 'done', '--out', join(cli.folder, 'report.docx')],
      /report\.docx: unknown file extension "\.docx".*--format/,
    ],
    [['compare', 'done', '--metrics', 'nonsense'], /no run has the metric "nonsense"; there are/],
    [['compare', 'done', '--label', 'done=a\nb'], /is no name of a row/],
    [['recommend', '--run', 'nonsense', '--user', '1'], /there is no run "nonsense"/],
    [['golden', empty], /empty\.csv: cannot be read as JSON/],
  ]);
  expect(await cli.json('runs', 'list')).toHaveLength(1);
  expect(await cli.json('datasets', 'list')).toHaveLength(2);
});

test('a device that cannot be used says why before there is a run', async () => {
  const devices = await cli.json<{ id: string; usable: boolean; detail: string }[]>('devices');
  expect(devices.map(({ id }) => id).toSorted()).toEqual(['cpu', 'cuda', 'tfjs-gpu', 'webgpu']);
  expect(devices.find(({ id }) => id === 'cpu')?.usable).toBe(true);
  const unusable = devices.filter(({ usable }) => !usable);
  await expectRefusals(
    1,
    unusable.map(({ id }) => [
      ['train', '--dataset', 'sample', '--model', 'popularity', '--device', id],
      new RegExp(`device "${id}" cannot be used: .{10}`),
    ]),
  );
  expect(await cli.json('runs', 'list')).toHaveLength(1);
});

test('a database of a newer schema, and a file that is none, are refused', async () => {
  const [newer, broken] = ['newer', 'broken'].map((name) => join(cli.folder, name));
  openStore(newer).close();
  const database = new Database(join(newer, 'tessera.db'));
  database.pragma('user_version = 999');
  database.close();
  mkdirSync(broken);
  writeFileSync(
    join(broken, 'tessera.db'),
    'a text that is no database, long enough to have a header'.repeat(20),
  );
  await expectRefusals(1, [
    [['runs', 'list', '--home', newer], /newer version of Tessera \(schema 999; .*update Tessera/],
    [['datasets', 'list', '--home', broken], /is not a Tessera database/],
  ]);
});

test('a run without its data set says what is missing', async () => {
  const other = join(cli.folder, 'other');
  const home = ['--home', other];
  await cli.text('datasets', 'import', join(cli.folder, 'sample'), '--name', 'gone', ...home);
  await cli.text(
    'train',
    '--dataset',
    'gone',
    '--model',
    'popularity',
    '--device',
    'cpu',
    '--name',
    'r',
    ...home,
  );
  const { folder } = await cli.json<{ folder: string }>('datasets', 'show', 'gone', ...home);
  rmSync(folder, { recursive: true });
  const again = ['train', '--dataset', 'gone', '--model', 'popularity', '--device', 'cpu', ...home];
  const failed = await cli.run(...again);
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  expect(failed.stderr.trimEnd().split('\n').at(-1)).toMatch(
    /^tessera: run .* failed: .*the data set's folder is missing; import it again/,
  );
  await cli.text('datasets', 'delete', 'gone', '--force', ...home);
  await expectRefusals(1, [
    [['recommend', '--run', 'r', '--user', 'u1', ...home], /its data set gone was deleted/],
    [['train', '--resume', 'popularity-gone-seed1', ...home], /its data set gone has been deleted/],
  ]);
  expect(await cli.json('compare', 'r', ...home)).toMatchObject({ rows: [{ model: 'popularity' }] });
});
