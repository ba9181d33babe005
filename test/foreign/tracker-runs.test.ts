/** What makes two runs of other trackers one or two, and what is known of them. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ourMetric } from '../../src/core/foreign/trackers/metric-names.ts';
import { EVENT, HPARAM_DATA } from '../../src/core/foreign/trackers/tensorboard.ts';
import { factsOfConfig, flatEntries, MOST_ENTRIES } from '../../src/core/foreign/trackers/told.ts';
import { eventRecord, scalarEvent, textEvent } from '../../src/core/foreign/trackers/write-events.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { ImportedRun } from '../../src/core/store/types.ts';
import { importTracker } from '../../src/main/services/analysis/trackers.ts';
import { temporaryHome, temporaryStore } from '../store/home.ts';

const take = (store: Store, ...paths: string[]) => importTracker(store, { paths, from: null, map: {} });
const imported = (store: Store) => store.runs.list() as ImportedRun[];
const states = async (store: Store, ...paths: string[]) =>
  (await take(store, ...paths)).runs.map(({ state }) => state);

function put(path: string, text: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const HEAD = 'epoch,step,val_loss,val_ndcg@10\n';
/** A folder of PyTorch Lightning, as every project has one. */
function project(
  home: string,
  name: string,
  value: number,
  steps: number,
  settings = `lr: ${value}\nseed: ${value * 10}\n`,
) {
  const logs = join(home, name, 'lightning_logs');
  const rows = Array.from({ length: steps }, (_, k) => `${k},${k * 10},${value + k},${value}\n`);
  put(join(logs, 'version_0', 'metrics.csv'), HEAD + rows.join(''));
  if (settings !== '') put(join(logs, 'version_0', 'hparams.yaml'), settings);
  return logs;
}

describe('a run that its tracker gives no id', () => {
  it('is another one where its settings are others, and the same one again and again', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    const [a, b] = [project(home, 'a', 0.1, 5), project(home, 'b', 0.2, 3)];
    expect([await states(store, a), await states(store, b)]).toEqual([['new'], ['new']]);
    const curves = () => imported(store).map(({ id }) => store.series.read(id, 'valid/loss').values);
    expect(
      curves()
        .map((values) => values[0])
        .sort(),
    ).toEqual([0.1, 0.2]);
    expect(
      imported(store)
        .map(({ seed }) => seed)
        .sort(),
    ).toEqual([1, 2]);
    for (const path of [b, a, join(b, 'version_0'), join(a, 'version_0', 'metrics.csv')])
      expect(await states(store, path)).toEqual(['unchanged']);
    appendFileSync(join(b, 'version_0', 'metrics.csv'), '3,30,9,0.5\n');
    expect(await states(store, b)).toEqual(['changed']);
    expect(imported(store)).toHaveLength(2);
  });

  it('is another one where its earlier points are others, or it shares none', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    const paths = [project(home, 'a', 0.1, 4, 'lr: 1\n'), project(home, 'b', 0.2, 4, 'lr: 1\n')];
    expect(await states(store, ...paths)).toEqual(['new', 'new']);
    put(join(home, 'c', 'lightning_logs', 'version_0', 'metrics.csv'), `${HEAD}7,70,1,0.5\n8,80,1,0.5\n`);
    put(join(home, 'c', 'lightning_logs', 'version_0', 'hparams.yaml'), 'lr: 1\n');
    expect(await states(store, join(home, 'c'))).toEqual(['new']);
    expect(await states(store, ...paths, join(home, 'c'))).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(imported(store)).toHaveLength(3);
    // What is trained anew in the same place is another run, too.
    project(home, 'a', 0.7, 4, 'lr: 1\n');
    expect(await states(store, paths[0])).toEqual(['new']);
  });

  it('may change its last step, and has more settings later', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    const log = join(project(home, 'a', 0.1, 4, 'lr: 1\n'), 'version_0', 'metrics.csv');
    await take(store, log);
    put(log, `${readFileSync(log, 'utf8').trimEnd()}5\n4,40,1,1\n`);
    put(join(dirname(log), 'hparams.yaml'), 'lr: 1\ndim: 8\n');
    expect(await states(store, log)).toEqual(['changed']);
    expect(imported(store)).toMatchObject([{ config: { lr: 1, dim: 8 } }]);
  });

  it('in a table is known by its name, as long as nothing of it is another one', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    const table = (name: string, ...rows: string[]) =>
      put(join(home, name, 'results.csv'), `name,model,seed,ndcg@10\n${rows.join('\n')}\n`);
    const [a, b] = [table('a', 'sasrec,SASRec,1,0.1'), table('b', 'sasrec,SASRec,2,0.2')];
    expect([await states(store, a), await states(store, b), await states(store, a)]).toEqual([
      ['new'],
      ['new'],
      ['unchanged'],
    ]);
    const c = table('c', 'sasrec,SASRec,1,0.3');
    expect(await states(store, c)).toEqual(['new']);
    expect(
      imported(store)
        .map(({ stated }) => stated['test/ndcg@10'])
        .sort(),
    ).toEqual([0.1, 0.2, 0.3]);
    // The same table, with a figure that was corrected.
    table('a', 'sasrec,SASRec,1,0.15');
    expect(await states(store, a)).toEqual(['unchanged']);
    expect(
      imported(store)
        .map(({ stated }) => stated['test/ndcg@10'])
        .sort(),
    ).toEqual([0.15, 0.2, 0.3]);
  });
});

describe('what is known of a run', () => {
  it.each([
    [
      { 'model.name': 'SASRec', 'dataset.name': 'beauty' },
      { model: 'SASRec', dataset: 'beauty' },
    ],
    [
      { model: { _target_: 'recsys.models.GRU4Rec' }, data: { name: 'ml-1m' } },
      { model: 'GRU4Rec', dataset: 'ml-1m' },
    ],
    [{ 'model.class_path': 'a.b.C', model_name: 'own' }, { model: 'own' }],
    [{ optimizer: { name: 'adam' }, net: { name: 'x' } }, {}],
  ])('is found in a nested config: %j', (config, facts) => {
    expect(factsOfConfig(config)).toEqual(facts);
  });

  it('keeps recall as recall: it is the share of hits only of one held-out item', () => {
    expect([ourMetric('recall@10'), ourMetric('val_hr_10')]).toEqual([null, 'valid/hr@10']);
  });

  it('has a recall of a table among its figures, and epochs where they are told', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    await take(store, put(join(home, 'results.csv'), 'name,lr,recall@10\na,0.1,0.5\n'));
    expect(imported(store)).toMatchObject([{ config: { lr: 0.1 }, stated: { 'recall@10': 0.5 } }]);
    await take(store, project(home, 'a', 0.5, 3));
    const run = imported(store).find(({ name }) => name === 'version_0');
    expect(store.series.read(run?.id ?? '', 'valid/loss').epochs).toEqual([0, 1, 2]);
  });

  it('sorts by when it began, before 2024, too', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    const days = ['2026-03-01', '2023-05-01', '2025-01-01', '2019-05-01'];
    const rows = days.map((day) => `${day},${day} 12:00:00,0.5`);
    await take(store, put(join(home, 'results.csv'), `name,started,ndcg@10\n${rows.join('\n')}\n`));
    const ids = imported(store).map(({ id, name }) => [id, name]);
    expect(ids.sort().map(([, name]) => name)).toEqual(days.toSorted());
    expect(imported(store).find(({ name }) => name === '2019-05-01')?.startedAt).toBe(
      Date.UTC(2019, 4, 1, 12),
    );
  });

  it('has long texts in its log, once', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    const [long, short] = ['word '.repeat(400), 'short'];
    const events = [
      textEvent(1, 'notes', long),
      textEvent(2, 'more', short),
      scalarEvent(3, 1, [{ tag: 'loss', value: 1 }]),
    ];
    const file = put(join(home, 'events.out.tfevents.1'), Buffer.concat(events.map(eventRecord)));
    await take(store, file);
    const [{ id, environment }] = imported(store);
    expect(environment).toEqual({ more: 'short' });
    expect(store.logs.list(id).map(({ message }) => message)).toEqual([`notes: ${long}`]);
  });

  it('stops where settings share what they say without end', async () => {
    const shared = Array.from(
      { length: 9 },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`,
    );
    const maps = Array.from({ length: 9 }, (_, at) => {
      const inner = Array.from({ length: 9 }, (_, key) => `k${key}: *m${at}`).join(', ');
      return `m${at + 1}: &m${at + 1} {${inner}}`;
    });
    const yaml = ['a0: &a0 [x, x]', ...shared, 'm0: &m0 {x: 1}', ...maps].join('\n');
    const [home, store] = [temporaryHome(), temporaryStore()];
    const { lost } = await take(store, project(home, 'a', 0.5, 3, yaml));
    expect(JSON.stringify(imported(store)[0].config).length).toBeLessThan(1e6);
    expect(lost).toEqual([
      { what: expect.stringContaining('more than 10000 settings') as string, count: null },
    ]);
    expect(flatEntries(Array(MOST_ENTRIES).fill(1), '.')).toEqual([]);
  });
});

describe('add_hparams', () => {
  const settings = (value: Record<string, number>, figures: Record<string, number>) => {
    const hparams = Object.fromEntries(Object.entries(value).map(([key, number]) => [key, { number }]));
    const content = HPARAM_DATA.encode({ start: { hparams } });
    const metadata = { pluginData: { pluginName: 'hparams', content } };
    const event = EVENT.encode({
      wallTime: 9,
      summary: { value: [{ tag: '_hparams_/session_start_info', metadata }] },
    });
    const scalars = Object.entries(figures).map(([tag, value]) => scalarEvent(9, 0, [{ tag, value }]));
    return Buffer.concat([event, ...scalars].map(eventRecord));
  };
  const curve = Buffer.concat(
    [1, 2].map((step) => eventRecord(scalarEvent(step, step, [{ tag: 'loss', value: step }]))),
  );

  it('folds into the run in the folder above', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    put(join(home, 'hstu', 'events.out.tfevents.1'), curve);
    put(
      join(home, 'hstu', '1795.5', 'events.out.tfevents.2'),
      settings({ lr: 0.5 }, { 'hparam/hr@10': 0.25 }),
    );
    expect((await take(store, home)).runs).toMatchObject([{ name: 'hstu', state: 'new', points: 2 }]);
    expect(imported(store)).toMatchObject([
      { config: { lr: 0.5 }, stated: { 'train/loss': 2, 'valid/hr@10': 0.25 } },
    ]);
    expect(await states(store, home)).toEqual(['unchanged']);
  });

  it('of a sweep stays a run for each, and so does one that is named itself', async () => {
    const [home, store] = [temporaryHome(), temporaryStore()];
    put(join(home, 'events.out.tfevents.1'), curve);
    const trials = [0.1, 0.2].map((lr) =>
      put(join(home, `${lr}`, `events.out.tfevents.${lr}`), settings({ lr }, { 'hparam/a': lr })),
    );
    await take(store, home);
    expect(imported(store)).toHaveLength(3);
    const other = temporaryStore();
    await take(other, trials[0]);
    expect(imported(other)).toMatchObject([{ config: { lr: 0.1 } }]);
  });
});

describe('long curves', () => {
  it('are kept whole, one after another, and where they go on', async () => {
    const home = temporaryHome();
    const [curves, length] = [26, 10_300];
    const value = (curve: number, step: number) => 16_384 * curve + step;
    const event = (curve: number, step: number) =>
      eventRecord(scalarEvent(9 + step, step, [{ tag: `curve-${curve}`, value: value(curve, step) }]));
    const steps = Array.from({ length }, (_, step) => step);
    const all = Array.from({ length: curves }, (_, curve) => steps.map((step) => event(curve, step))).flat();
    const more = [0, 0, 1].map((curve, at) => event(curve, length + at));
    put(join(home, 'events.out.tfevents.1'), Buffer.concat([...all, ...more]));
    const store = temporaryStore(join(home, 'home'));
    const [{ id }] = (await importTracker(store, { paths: [home], from: null, map: {} })).runs;
    const wrong = Array.from({ length: curves }, (_, curve) => {
      const { steps: kept, values } = store.series.read(id ?? '', `curve-${curve}`);
      const expected = [
        ...steps,
        ...[[0, 1], [2]].flatMap((at, of) => (of === curve ? at : []).map((one) => length + one)),
      ];
      const isWrong = (step: number, at: number) => kept[at] !== step || values[at] !== value(curve, step);
      return kept.length - expected.length + expected.filter(isWrong).length;
    });
    expect(wrong).toEqual(Array(curves).fill(0));
    expect(store.runs.get(id ?? '')).toMatchObject({
      stated: { 'curve-0': value(0, length + 1), 'curve-25': value(25, length - 1) },
    });
  });
});
