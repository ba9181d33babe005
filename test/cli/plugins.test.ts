/** A lab's own file, from outside of the checkout: agreed to, trained, compared, exported, and never run without consent. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { some } from '../form.ts';
import { CommandLine, SMALL, TRAIN } from './command-line.ts';

const cli = new CommandLine();
const file = (name: string) => join(cli.folder, name);
const training = (...more: string[]) => [
  ...TRAIN,
  '--dataset',
  'sample',
  ...SMALL,
  '--set',
  'epochs=2',
  ...more,
];
const versions = async () =>
  ((await cli.json('plugins', 'list')) as { hash: string }[]).map(({ hash }) => hash.slice(0, 8));
/** What a refused command says, on one line. */
const refusal = async (...args: string[]) => {
  const { code, stderr, stdout } = await cli.run(...args);
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
    code: 1,
    stdout: '',
    lines: 1,
  });
  return stderr;
};

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/plugins.md'), 'utf8');
const KIT = join(import.meta.dirname, '../../src/core/plugins/kit.ts');

/** A block of the page, as a file. */
function writeExample(name: string): string {
  const [, code] = new RegExp(`\`\`\`ts file="${name}"\\n([^]*?)\`\`\``).exec(DOCS) ?? [];
  if (code === undefined) throw new Error(`docs/plugins.md has no ${name}`);
  writeFileSync(file(name), code.replace("'KIT'", JSON.stringify(KIT)));
  return file(name);
}

beforeAll(() => cli.importSample(), 60_000);

describe('a model from outside', () => {
  const model = file('my-model.ts');

  it('is written from the template, and runs once it was agreed to', async () => {
    await cli.text('plugins', 'new', model);
    expect(await refusal('plugins', 'add', model)).toMatch(/adds model my-model~\w{8}\. Nobody can be asked/);
    expect(await refusal(...training('--model', 'my-model'))).toMatch(/unknown model "my-model"/);
    expect(await cli.text('plugins', 'add', model, '--yes')).toMatch(/which is not part of Tessera/);
    const [version] = await versions();
    await cli.text(...training('--model', 'my-model', '--name', 'mine'));
    await cli.text(...training('--model', 'sasrec', '--name', 'theirs'));
    expect(await cli.json('runs', 'show', 'mine')).toMatchObject({
      model: `my-model~${version}`,
      protocol: { plugins: [expect.stringMatching(`^my-model.ts ${version}`)] },
    });
    const report = await cli.text('compare', 'theirs', 'mine');
    expect(report).toMatch(/mine \[a\].*My model/);
    expect(report).toMatch(
      new RegExp(`made with my-model.ts \\(SHA-256 ${version}…\\), which is not part of Tessera`),
    );
    expect(await cli.text('recommend', '--run', 'mine', '--user', 'u1')).toMatch(/Score/);
    await cli.text('export', 'mine', '--out', file('onnx'));
    expect(readdirSync(file('onnx')).some((name) => name.endsWith('.onnx'))).toBe(true);
  }, 60_000);

  it('resumes by its copy once the file has changed, and trains as another model once that was agreed to', async () => {
    const [version] = await versions();
    const long = cli.start(
      ...training(
        '--model',
        'my-model',
        '--name',
        'long',
        '--set',
        'epochs=4000',
        '--set',
        'patience=0',
        '--json',
      ),
    );
    await long.line('"type":"checkpoint"');
    long.child.kill('SIGINT');
    expect((await long.finished).stderr).toMatch(/resume it with/);
    appendFileSync(model, '\n// Another one.\n');
    expect(await refusal(...training('--model', 'my-model'))).toMatch(
      /has changed since you agreed to it; .\/tessera plugins add/,
    );
    await cli.text(...training('--model', `my-model~${version}`, '--name', 'of before'));
    const resumed = cli.start('train', '--resume', 'long', '--json');
    await resumed.line('"type":"checkpoint"');
    resumed.child.kill('SIGINT');
    await resumed.finished;
    await cli.text('plugins', 'add', model, '--yes');
    const [, second] = await versions();
    await cli.text(...training('--model', 'my-model', '--name', 'another'));
    const models = async (run: string) => ((await cli.json('runs', 'show', run)) as { model: string }).model;
    expect([await models('long'), await models('of before'), await models('another')]).toEqual([
      `my-model~${version}`,
      `my-model~${version}`,
      `my-model~${second}`,
    ]);
    expect(await cli.text('models')).not.toContain(`my-model~${version}`);
  }, 90_000);

  it('does not run for another user of the data folder, nor where its copy is another one', async () => {
    const [version] = await versions();
    const [copy] = readdirSync(join(cli.home, 'plugins')).filter(
      (name) => name.startsWith(version) && name.endsWith('.mjs'),
    );
    const path = join(cli.home, 'plugins', copy);
    const config = process.env.XDG_CONFIG_HOME;
    const settings = join(cli.folder, 'config', 'tessera', 'plugins.json');
    const agreed = readFileSync(settings, 'utf8');
    writeFileSync(settings, '{"plugins":[]}');
    expect(await refusal('train', '--like', 'mine')).toMatch(/of a plug-in that you have not agreed to/);
    expect(await refusal('recommend', '--run', 'mine', '--user', 'u1')).toMatch(/have not agreed to/);
    expect(await cli.text('compare', 'mine', 'theirs')).toMatch(/my-model/);
    writeFileSync(settings, agreed);
    expect(process.env.XDG_CONFIG_HOME).toBe(config);
    const code = readFileSync(path);
    appendFileSync(path, '\nthrow new Error("planted");\n');
    const { stderr } = await cli.start('runs', 'list').finished;
    expect(stderr).toMatch(/the copy of the plug-in is not what you agreed to/);
    writeFileSync(path, code);
    // Its own copy can be agreed to, and keeps its name.
    mkdirSync(file('shared'));
    copyFileSync(path.replace(/mjs$/, 'ts'), file(`shared/${version}.ts`));
    await cli.text('plugins', 'remove', version);
    await cli.text('plugins', 'add', path.replace(/mjs$/, 'ts'), '--yes');
    expect(await cli.text('plugins', 'list')).toMatch(new RegExp(`my-model.ts +${version}`));
  }, 60_000);
});

it('keeps nothing else from working where the settings are damaged', async () => {
  const settings = join(cli.folder, 'config', 'tessera', 'plugins.json');
  const agreed = existsSync(settings) ? readFileSync(settings) : null;
  mkdirSync(join(cli.folder, 'config', 'tessera'), { recursive: true });
  writeFileSync(settings, '{"plugins":[{"ho');
  expect(await cli.text('datasets', 'list')).toMatch(/sample/);
  expect(await cli.text(...TRAIN, '--dataset', 'sample', '--model', 'popularity', '--name', 'still')).toMatch(
    /NDCG/,
  );
  expect(await refusal('plugins', 'add', writeExample('plain-log.ts'), '--yes')).toMatch(
    /plugins\.json: cannot be read; delete it/,
  );
  if (agreed === null) rmSync(settings);
  else writeFileSync(settings, agreed);
}, 30_000);

it('adds a loss that any sequence model has, and a metric that runs of yesterday have', async () => {
  await cli.text('plugins', 'add', writeExample('margin.ts'), '--yes');
  const version = (await versions()).at(-1);
  const run = await cli.json<{ metrics: Record<string, number> }>(
    ...training('--model', 'hstu', '--set', 'loss=hinge', '--set', 'margin=0.5', '--name', 'hinged'),
  );
  expect(run.metrics[`test/rbp~${version}`]).toBeGreaterThan(0);
  expect(await cli.json('runs', 'show', 'hinged')).toMatchObject({
    config: { loss: `hinge~${version}`, margin: 0.5 },
  });
  // Of any loss that is no softmax.
  const log = await cli.json<{ rows: [string][] }>('sql', `SELECT message FROM logs WHERE level = 'warn'`);
  expect(log.rows.flat().join()).toMatch(/scores are cosines.*set l2Normalize=false/);
  const rows = await cli.json<{ rows: [number][] }>(
    ...[
      'sql',
      `SELECT value FROM metrics JOIN runs ON run = id WHERE name = 'theirs' AND metric = 'test/rbp~${version}'`,
    ],
  );
  expect(rows.rows[0][0]).toBeGreaterThan(0);
  // A run that is repeated names the version of before, of its loss as of its model.
  appendFileSync(file('margin.ts'), '\n// Another one.\n');
  expect(await refusal(...training('--model', 'hstu', '--set', 'loss=hinge'))).toMatch(/has changed since/);
  await cli.text(...TRAIN, '--like', 'hinged', '--name', 'again');
  expect(await refusal('plugins', 'remove', '')).toMatch(/there is no plug-in ""/);
  expect(await versions()).toContain(version);
  const table = await cli.text('compare', 'theirs', 'hinged', '--metrics', 'rbp');
  expect(table).toMatch(/hinged.* RBP +[+−]0\.\d{4}/);
}, 60_000);

it('adds a reader of runs', async () => {
  await cli.text('plugins', 'add', writeExample('plain-log.ts'), '--yes');
  mkdirSync(file('logs'));
  writeFileSync(file('logs/one.plain'), '0.1\n0.2\n');
  expect(await cli.text('runs', 'import', file('logs'))).toMatch(/1 run of Plain log: 1 new/);
  expect(await cli.text('runs', 'import', file('logs'), '--from', 'plain-log')).toMatch(/1 unchanged/);
}, 60_000);

const REFUSED: [what: string, code: string, line: RegExp][] = [
  ['throws', 'export default () => { throw new Error("boom\\nat line 2"); }', /bad\.ts: boom/],
  [
    'imports',
    'import fs from "node:fs"; export default () => ({})',
    /imports "node:fs": a plug-in imports types alone/,
  ],
  [
    'imports later',
    'export default async () => { await import("node:fs"); return {}; }',
    /imports "node:fs"/,
  ],
  ['does not end', 'export default () => { for (;;); }', /had not said what it adds after 10 s/],
  [
    'eats memory',
    'export default () => { const a = []; for (;;) a.push(new Float64Array(1e6).fill(1)); }',
    /more than 1 GiB/,
  ],
  ['ends the process', 'export default () => process.exit(0)', /ends the process that looks at it/],
  [
    'leaves a timer',
    'export default ({ z }) => { setInterval(() => {}, 1000); return MODEL; }',
    /leaves something running \(Timeout\)/,
  ],
  [
    'has members that throw',
    'export default () => ({ get models() { throw new Error("not mine"); } })',
    /bad\.ts: not mine/,
  ],
  ['is no TypeScript', 'enum A { B } export default () => ({})', /cannot be read as TypeScript/],
  ['adds nothing', 'export default () => ({})', /adds no model, loss, metric or tracker/],
];

it.each(some(REFUSED, 3))(
  'refuses a file that %s, in a line',
  async (_, code, line) => {
    const before = existsSync(join(cli.home, 'plugins')) ? readdirSync(join(cli.home, 'plugins')) : [];
    const model = `{ metrics: [{ name: 'm', title: 'M', direction: 'none', decimals: 1, unit: '', formula: 'f', meaning: 'm', ofRank: (r) => r }] }`;
    writeFileSync(file('bad.ts'), code.replace('MODEL', model));
    expect(await refusal('plugins', 'add', file('bad.ts'), '--yes')).toMatch(line);
    expect(existsSync(join(cli.home, 'plugins')) ? readdirSync(join(cli.home, 'plugins')) : []).toEqual(
      before,
    );
  },
  30_000,
);
