/** The examples of docs/adding.md, added to a copy of the sources: each compiles, keeps the rules, and appears everywhere. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWhole } from '../form.ts';

const PROJECT = join(import.meta.dirname, '../..');
const COPIED = ['src', 'resources', 'docs', 'lint', 'package.json', 'tsconfig.base.json'];
const PROJECTS = ['core', 'main', 'preload', 'renderer'].map((name) => `tsconfig.${name}.json`);

const root = mkdtempSync(join(tmpdir(), 'tessera-adding-'));
// Always the same: what Node has compiled of it is kept by its path.
const copy = join(PROJECT, 'out/adding');
const home = join(root, 'home');
afterAll(() => {
  for (const folder of [root, copy]) rmSync(folder, { recursive: true, force: true });
});

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const tessera = (...args: string[]) => node('src/main/cli/main.mjs', ...args, '--home', home);

/** A block of the page: what it is of a file, and its text. */
interface Block {
  file?: string;
  insert?: string;
  after?: string;
  edit?: string;
  find?: string;
  text: string;
}

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(?:tsx?|json) (\w+=.*)\n([\s\S]*?)^```$/gm)].map(([, info, text]) => ({
    ...Object.fromEntries([...info.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    text,
  }));
}

function changed(path: string, change: (text: string) => string): void {
  const text = readFileSync(join(copy, path), 'utf8');
  const next = change(text);
  if (next === text) throw new Error(`${path}: the place of an example is not there`);
  writeFileSync(join(copy, path), next);
}

function apply({ file, insert, after = '', edit, find = '', text }: Block): void {
  if (file) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), text);
  }
  if (insert) {
    changed(insert, (whole) => {
      const lines = whole.split('\n');
      const at = lines.findIndex((line) => line.includes(after));
      return at < 0 ? whole : lines.toSpliced(at + 1, 0, text.trimEnd()).join('\n');
    });
  }
  if (edit) changed(edit, (whole) => whole.replace(find, () => text.trimEnd()));
}

/** Interactions of 64 users with 40 items that have titles. */
function writeData(): string {
  const folder = join(root, 'data');
  mkdirSync(folder);
  const rows = Array.from({ length: 64 * 8 }, (_, at) => {
    const [user, step] = [Math.floor(at / 8), at % 8];
    return `${user},${(user * 3 + step * step) % 40},${1 + ((user + step) % 5)},${1_000_000_000 + at}`;
  });
  writeFileSync(join(folder, 'ratings.csv'), `userId,movieId,rating,timestamp\n${rows.join('\n')}\n`);
  const items = Array.from(
    { length: 40 },
    (_, item) => `${item},Film ${item % 7} number ${item},Genre ${item % 3}`,
  );
  writeFileSync(join(folder, 'movies.csv'), `movieId,title,genres\n${items.join('\n')}\n`);
  return folder;
}

/** Result of a training of two steps. */
function train(model: string, ...settings: string[]): { status: string; epochs: number } {
  const set = settings.flatMap((setting) => ['--set', setting]);
  const args = [
    'train',
    '--dataset',
    'films',
    '--model',
    model,
    '--name',
    model,
    '--device',
    'cpu',
    '--json',
  ];
  return JSON.parse(
    tessera(...args, ...set)
      .trim()
      .split('\n')
      .at(-1) ?? '',
  );
}

beforeAll(() => {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const name of [...COPIED, ...PROJECTS])
    cpSync(join(PROJECT, name), join(copy, name), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  for (const block of blocksOf(readFileSync(join(copy, 'docs/adding.md'), 'utf8'))) apply(block);
  tessera('datasets', 'import', writeData(), '--name', 'films');
});

describe('what docs/adding.md adds', () => {
  // The types of the whole project once more take longer than all the rest.
  it.skipIf(!isWhole)('compiles', () => {
    node(join(PROJECT, 'node_modules/typescript/bin/tsc'), '-b', ...PROJECTS);
  });

  it('keeps the rules of imports', () => {
    node('lint/arrows.ts');
  });

  let list: string | null = null;
  it.each([
    ['item-transitions', 'blocks'],
    ['finite-scalar', 'levels'],
    ['smoothed-tiger', 'beams'],
    ['wide-brew', 'stage'],
  ])('lists %s, with its form', (id, key) => {
    list ??= tessera('models');
    expect(list).toContain(id);
    const { configSchema } = JSON.parse(tessera('models', id, '--json'));
    expect(Object.keys(configSchema.properties)).toContain(key);
  });

  it('trains each model for two steps', () => {
    const once = { status: 'completed', epochs: 1 };
    expect(train('item-transitions', 'epochs=1', 'batchSize=32', 'dim=8')).toMatchObject(once);
    expect(train('sasrec', 'epochs=1', 'batchSize=32', 'dim=8', 'loss=hinge', 'margin=0.5')).toMatchObject(
      once,
    );
    const few = ['split=last-few', 'few=2', 'targets=all'];
    expect(train('popularity', ...few)).toMatchObject({ status: 'completed' });
    expect(JSON.parse(tessera('runs', 'show', 'popularity', '--json')).protocol).toMatchObject({
      ...{ split: 'last-few', few: 2, targets: 'all' },
    });
    expect(train('bert4rec', 'epochs=1', 'batchSize=32', 'dim=8')).toMatchObject(once);
    expect(train('finite-scalar', 'epochs=1', 'batchSize=20', 'contentDim=8')).toMatchObject(once);
    const tiger = [
      'tokeniser=finite-scalar',
      'epochs=1',
      'batchSize=32',
      'dim=8',
      'encoding=causal',
      'beams=10',
    ];
    expect(train('smoothed-tiger', ...tiger, 'validationBeams=10')).toMatchObject(once);
    const brew = [
      'stepsPerEpoch=2',
      'epochs=1',
      'dim=16',
      'blocks=1',
      'context=256',
      'vocabulary=300',
      'batchSize=2',
    ];
    expect(train('wide-brew', ...brew, 'heads=2', 'shots=2')).toMatchObject(once);
  });

  it('has the command and the report format', () => {
    expect(tessera('--help')).toContain('show the version of the program');
    expect(JSON.parse(tessera('version', '--json'))).toHaveProperty('version');
    const lines = tessera('compare', 'item-transitions', 'smoothed-tiger', '--format', 'lines');
    expect(lines).toMatch(/^item-transitions .*test\/ndcg@10=/m);
    const table = JSON.parse(tessera('compare', 'item-transitions', 'sasrec', '--metrics', 'dcg', '--json'));
    expect(table.columns).toMatchObject([{ name: 'test/dcg', label: 'DCG' }]);
  });

  it('has the setting with its default, its check and what old runs mean by it, and the preset', () => {
    expect(tessera('models', 'sasrec')).toContain('small-club: Tuned on the sample data set');
    const script = `import { configOfRun, resolveConfig } from './src/core/families/registry.ts';
      import { settingTitle } from './src/core/setting-words.ts';
      const model = 'item-transitions';
      let refused = '';
      try { resolveConfig(model, { overrides: { blocks: 1 } }); } catch (error) { refused = error.message; }
      const { dim, minSteps } = resolveConfig('sasrec', { preset: 'small-club' });
      const [now, then] = [resolveConfig(model), configOfRun({ model, config: {} })];
      console.log(JSON.stringify([now.stride, then.stride, refused, settingTitle('stride'), dim, minSteps]));`;
    const [now, then, refused, ...others] = JSON.parse(node('--input-type=module', '-e', script));
    expect([now, then]).toEqual([0.5, 1]);
    expect(refused).toMatch(/"stride".*set stride=1/);
    expect(others).toEqual(['Part of a transition', 32, 2000]);
  });

  it('has the kind of document in a report', () => {
    const report = tessera('compare', 'item-transitions', 'sasrec', '--also', 'films', '--format', 'md');
    expect(report).toMatch(/Data set films[\s\S]*\| 64 \| 40 \| 512 \| 8 \|/);
  });

  it('has the title of the model, before anybody has written the lists anew', () => {
    const small = ['epochs=1', 'dim=8'].flatMap((setting) => ['--set', setting]);
    tessera('train', '--dataset', 'films', '--model', 'item-transitions', '--device', 'cpu', ...small);
    const report = tessera('compare', 'item-transitions-films-seed1', 'sasrec', '--format', 'md');
    expect(report).toMatch(/\| Item transitions \|/);
  });

  it('takes in the runs of the tracker, once', () => {
    const run = join(root, 'exp', 'first');
    mkdirSync(join(run, 'plots/metrics/train'), { recursive: true });
    writeFileSync(join(run, 'params.yaml'), 'model: SASRec\noptimiser:\n  lr: 0.01\nseed: 7\n');
    writeFileSync(join(run, 'plots/metrics/train/loss.tsv'), 'timestamp\tstep\tloss\n1\t0\t0.5\n2\t1\tnan\n');
    expect(tessera('runs', 'import', '--help')).toContain('DVCLive');
    const twice = [0, 1].map(() => JSON.parse(tessera('runs', 'import', join(root, 'exp'), '--json')));
    expect(twice.map(({ runs: [{ state, points }] }) => [state, points])).toEqual([
      ['new', 2],
      ['unchanged', 0],
    ]);
    const [{ id }] = twice[0].runs;
    expect(JSON.parse(tessera('runs', 'show', id, '--json'))).toMatchObject({
      ...{ name: 'first', program: 'DVCLive', model: 'SASRec', seed: 7 },
      config: { 'optimiser.lr': 0.01 },
    });
  });

  it('answers the question of the analyst', () => {
    const script = `import { openStore } from './src/core/store/open-store.ts';
      import { missedItems } from './src/main/analyst/missed-items.ts';
      const store = openStore(${JSON.stringify(home)});
      const run = store.runs.find('item-transitions').id;
      console.log(JSON.stringify(await missedItems(store, { run, beyond: 0 })));
      console.log(JSON.stringify(await missedItems(store, { run, beyond: 40 })));`;
    const [all, none] = node('--input-type=module', '-e', script)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(none).toEqual([]);
    const users = all.map((item: { users: number }) => item.users);
    expect(users.reduce((sum: number, one: number) => sum + one)).toBe(64);
    expect(users).toEqual(users.toSorted((a: number, b: number) => b - a));
  });

  it('has the scheduler, in words and by what it says of jobs', () => {
    expect(tessera('host', 'add', '--help')).toMatch(/Slurm, TORQUE/);
    const told = 'Job Id: 7[3].server\n    job_state = C\n    exit_status = 3\n    exec_host = n1/0\n';
    const script = `import { SCHEDULERS } from './src/core/schedulers/schedulers.ts';
      const { states, submissionOptions } = SCHEDULERS.torque;
      const asked = [];
      const ask = (what, command) => { asked.push(command.join(' ')); return ${JSON.stringify(told)}; };
      const found = states(ask, { jobs: ['7_3'], begun: new Set(), accounting: true, user: 'ada' });
      const array = submissionOptions({ name: 'x', output: '/y', array: { tasks: [0, 3], atOnce: 2 } });
      console.log(JSON.stringify([asked, [...found], array.at(-1)]));`;
    expect(JSON.parse(node('--input-type=module', '-e', script))).toMatchObject([
      ['qstat -f -1 7[3]'],
      [['7_3', { phase: 'ended', outcome: 'failed', exitCode: 3, node: 'n1' }]],
      ['-t', '0,3%2'],
    ]);
  });

  it('stands in the lists of the documents', () => {
    node('docs/generate.ts');
    const page = readFileSync(join(copy, 'docs/lists.md'), 'utf8');
    const added = [
      '`item-transitions`',
      '`finite-scalar`',
      '`smoothed-tiger`',
      '`wide-brew`',
      '`last-item`',
      '`last-few`',
      ' Sin,',
      ' snake,',
      '`version`',
      '`#/disk`',
    ];
    for (const name of [...added, 'Lines of text', ' count,', ' missedItems,']) expect(page).toContain(name);
    const titles = readFileSync(join(copy, 'src/core/model-facts.json'), 'utf8');
    expect(titles).toContain('"item-transitions": "Item transitions"');
    expect(titles).toContain('"hinge": "hinge loss"');
  });
});
