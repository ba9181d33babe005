import { afterEach, describe, expect, it } from 'vitest';
import { rankMetricNames } from '../evaluation/metrics.ts';
import { findMetric, metricLabel } from '../evaluation/metrics-table.ts';
import { allModels, findModel, resolveConfig } from '../families/registry.ts';
import { trackerKinds } from '../foreign/trackers/recognise.ts';
import { modelTitle } from '../model-facts.ts';
import { knowPlugins } from './description.ts';
import { versionsIn } from './ids.ts';
import { loadPlugin, setPlugins, tryPlugin } from './load.ts';

/** What a plug-in of each kind states, a member a line. */
const PARTS = {
  models: [
    `id: 'one'`,
    `title: 'One'`,
    `summary: 'One of them.'`,
    `group: 'sequential'`,
    `paper: { title: 'T', authors: 'A', year: 2026, where: 'here' }`,
    `essentials: ['dim']`,
    `configSchema: kit.z.object(kit.models.nextItemFields)`,
    `build: (config, sizes) => new kit.models.SequenceEncoder(config, sizes, { blocks: [], context: () => undefined })`,
  ],
  losses: [
    `phrase: 'pointwise loss'`,
    `summary: 'each by itself'`,
    `settings: { push: kit.config.field.positive('How far').default(1) }`,
    `isSoftmax: false`,
    `candidates: () => ({ count: 1, own: true })`,
    `draws: () => ({})`,
    `hostInputs: () => 'none'`,
    `value: () => kit.tf.scalar(0)`,
  ],
  metrics: [
    `name: 'rbp'`,
    `title: 'RBP'`,
    `direction: 'higher'`,
    `decimals: 4`,
    `unit: ''`,
    `formula: 'f'`,
    `meaning: 'm'`,
    `ofRank: (rank) => 0.8 ** rank`,
  ],
  trackers: [`title: 'Log'`, `isFile: () => false`, `read: () => {}`],
} as const;

type Kind = keyof typeof PARTS;

const WRITTEN: Record<Kind, (members: string) => string> = {
  models: (members) => `{ models: [kit.models.trained({ ${members} })] }`,
  losses: (members) => `{ losses: { pointwise: kit.losses.lossFunction({ ${members} }) } }`,
  metrics: (members) => `{ metrics: [{ ${members} }] }`,
  trackers: (members) => `{ trackers: { log: { ${members} } } }`,
};

const HASH = '3fa2b1c4'.padEnd(64, '0');
const load = (made: string, hash = HASH) =>
  loadPlugin({ file: 'lab.ts', hash, code: `export default (kit) => (${made})` });
const whole = (kind: Kind) => WRITTEN[kind](PARTS[kind].join(', '));

afterEach(() => setPlugins([]));

describe('what a plug-in adds', () => {
  it('is found by its version, and by its name where it is the newest', async () => {
    const second = 'aaaaaaaa'.padEnd(64, '0');
    setPlugins([
      await load(whole('models')),
      await load(whole('models'), second),
      await load(whole('losses')),
    ]);
    expect(findModel('one').id).toBe('one~aaaaaaaa');
    expect(findModel('one~3fa2b1c4').id).toBe('one~3fa2b1c4');
    expect(allModels().map(({ id }) => id)).not.toContain('one~3fa2b1c4');
    expect(['one~3fa2b1c4', 'one~aaaaaaaa'].map(modelTitle)).toEqual(['One (3fa2b1c4)', 'One']);
    const config = resolveConfig('hstu', { overrides: { loss: 'pointwise', push: 3 } });
    expect(config).toMatchObject({ loss: 'pointwise~3fa2b1c4', push: 3 });
    expect(resolveConfig('one', { overrides: { loss: 'pointwise' } })).toMatchObject({ push: 1 });
    const named = { ...config, from: '/models/small~0a1b2c3d' };
    expect(versionsIn({ model: 'one~aaaaaaaa', config: named })).toEqual(['aaaaaaaa', '3fa2b1c4']);
    setPlugins([]);
    expect(() => findModel('one')).toThrow(/unknown model "one"/);
    expect(() => findModel('one~3fa2b1c4')).toThrow(/a plug-in that you have not agreed to/);
    expect(() => resolveConfig('hstu', { overrides: { push: 3 } })).toThrow(/no config key "push"/);
  });

  it('leaves the console as it was, however many are loaded at once', async () => {
    const { log } = console;
    await Promise.all([load(whole('metrics')), load(whole('trackers'))]);
    expect(console.log).toBe(log);
  });

  it('gives metrics of ranks and trackers', async () => {
    setPlugins([await load(whole('metrics')), await load(whole('trackers'))]);
    expect(rankMetricNames()).toContain('rbp~3fa2b1c4');
    expect(metricLabel('test/rbp~3fa2b1c4')).toBe('RBP');
    expect(trackerKinds()).toContain('log');
  });

  it('is known by its description where it does not run', async () => {
    const { description } = await load(whole('metrics'));
    knowPlugins([JSON.parse(JSON.stringify(description))]);
    expect(metricLabel('test/rbp~3fa2b1c4')).toBe('RBP');
    expect(findMetric('rbp~3fa2b1c4')?.metric.ofRank).toBeUndefined();
    expect(rankMetricNames()).not.toContain('rbp~3fa2b1c4');
  });

  it.each(
    Object.entries(PARTS).flatMap(([kind, members]) =>
      members.map((left): [Kind, string, string] => [kind as Kind, left.split(':')[0], left]),
    ),
  )('of %s is refused without %s', async (kind, _, left) => {
    const members = (PARTS[kind] as readonly string[]).filter((member) => member !== left);
    const tried = async () => tryPlugin(await load(WRITTEN[kind](members.join(', '))));
    // Absent, it is no softmax.
    if (left === 'isSoftmax: false') return expect(await tried()).toBeUndefined();
    await expect(tried()).rejects.toThrow();
  });

  it.each([
    [
      `{ models: [kit.models.trained({ ${PARTS.models.join(', ').replace("'one'", "'sasrec'")} })] }`,
      /has a model of that name/,
    ],
    [
      `{ losses: { bce: kit.losses.lossFunction({ ${PARTS.losses.join(', ')} }) } }`,
      /Tessera has "bce" already/,
    ],
    [`{ metrics: [{ ${PARTS.metrics.join(', ').replace("'rbp'", "'mrr'")} }] }`, /has a metric of that name/],
    [
      `{ metrics: [{ ${PARTS.metrics.join(', ').replace('ofRank', 'ofList')} }] }`,
      /ofList is for a name with "@k"/,
    ],
    [`{ trackers: { csv: { ${PARTS.trackers.join(', ')} } } }`, /Tessera has "csv" already/],
    [
      `{ models: [kit.models.trained({ ${PARTS.models.join(', ').replace("'one'", "'a~b'")} })] }`,
      /models\.0\.id: must be letters/,
    ],
    ['{ presets: [] }', /there is no "presets" here/],
    ['4', /must be keys with values, not a number/],
  ])('%# is refused where it is not ours to have', async (made, line) => {
    await expect(load(made)).rejects.toThrow(line);
  });
});
