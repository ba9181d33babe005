import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addRun, temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import { tessera } from '../../../test/store/tessera.ts';
import { importDataset } from '../../core/data/import/import.ts';
import { writeSample } from '../../core/data/sample/sample.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { OwnRun } from '../../core/store/types.ts';

it('submits the next job of a run that is resumed as it is told', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const { id } = addRun(store, { place: 'box', job: { time: '1:00:00' } });
  store.lifecycle.endWaiting(id, 'cancelled', null);
  const resumed = await tessera(home, 'train', '--resume', id, '--memory', '64G');
  // Where it would begin, if there were such a host.
  expect(resumed).toMatchObject({ code: 1, error: expect.stringContaining('no host "box" has been added') });
  expect(store.runs.own(id).job).toEqual({ time: '1:00:00', memory: '64G' });
  const wrong = await tessera(home, 'train', '--resume', id, '--memory', 'lots');
  expect(wrong).toMatchObject({ code: 1, error: expect.stringContaining('memory such as 32G') });
});

describe('a training that repeats another', () => {
  const home = mkdtempSync(join(tmpdir(), 'tessera-train-'));
  const store = openStore(home);
  const runs = () => store.runs.list().toSorted((a, b) => (a.id < b.id ? -1 : 1)) as OwnRun[];
  const queue = async (...options: string[]) => {
    const before = new Set(runs().map(({ id }) => id));
    const { code, error, out } = await tessera(home, 'train', '--queue', ...options);
    expect(error).toBe('');
    expect(code).toBe(0);
    return { out, made: runs().filter(({ id }) => !before.has(id)) };
  };
  const file = (name: string, text: string) => {
    writeFileSync(join(home, name), text);
    return join(home, name);
  };
  const refused = async (...options: string[]) => (await tessera(home, 'train', ...options)).error;

  beforeAll(async () => {
    const paths = writeSample(join(home, 'files'), { users: 60, items: 60 });
    store.datasets.add(await importDataset({ paths, name: 'club' }, { home }));
  });

  afterAll(() => {
    store.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  it('is a run for every seed that is named, each with its name', async () => {
    const common = ['--dataset', 'club', '--model', 'bprmf', '--set', 'epochs=2'];
    const { made } = await queue(...common, '--seed', '1', '4-5', '--name', 'base');
    expect(made.map(({ name, seed }) => [name, seed])).toEqual([
      ['base-seed1', 1],
      ['base-seed4', 4],
      ['base-seed5', 5],
    ]);
    expect(new Set(made.map(({ config }) => JSON.stringify(config))).size).toBe(1);
    expect(store.queue.list()).toHaveLength(3);
    expect(await refused(...common, '--seed', '1-3', '2')).toContain('The seed 2 is named twice');
    expect(await refused(...common, '--seed', '3-1')).toContain('write 1-3');
  });

  it('has the model, data set, seed and config of a run, but for what is set', async () => {
    const [like] = runs();
    const { made } = await queue('--like', like.name, '--set', 'dim=8');
    const { dim, ...others } = made[0].config;
    expect(dim).toBe(8);
    expect({ ...others, dim: like.config.dim }).toEqual(like.config);
    expect(made[0]).toMatchObject({ model: 'bprmf', seed: like.seed, dataset: like.dataset });
    expect((await queue('--like', like.id, '--seed', '9')).made[0].seed).toBe(9);
    const { out } = await tessera(home, 'runs', 'show', like.id);
    expect(out).toContain(`train --like ${like.id}`);
  });

  it('takes what "runs show --json" prints, and keys of a config in JSON or YAML', async () => {
    const [like] = runs();
    const { out } = await tessera(home, 'runs', 'show', like.id, '--json');
    const [again] = (await queue('--config', file('run.json', out))).made;
    expect(again).toMatchObject({ config: like.config, seed: like.seed, model: like.model });
    const keys = file('keys.yaml', 'model: bprmf\ndataset: club\nseed: 7\nepochs: 3\nlearningRate: 1e-2\n');
    const [short] = (await queue('--config', keys, '--set', 'epochs=4')).made;
    expect(short).toMatchObject({ seed: 7, config: { epochs: 4, learningRate: 0.01 } });
    // A file of before a default changed means what it meant; keys by themselves mean those of today.
    const old = { model: 'itemknn', dataset: { name: 'club' }, config: { neighbours: 9 } };
    const today = { model: 'itemknn', dataset: 'club', neighbours: 9 };
    for (const [value, reading] of [
      [old, 'history'],
      [today, 'candidate'],
    ] as const) {
      const [{ config }] = (await queue('--config', file('knn.json', JSON.stringify(value)))).made;
      expect(config).toMatchObject({ neighbours: 9, neighboursOf: reading });
    }
  });

  it('is refused where two say what is to be trained, or none does', async () => {
    const [{ id }] = runs();
    expect(await refused('--like', id, '--config', 'x.json')).toContain('leave one out');
    expect(await refused('--like', id, '--preset', 'small')).toContain('leave --preset out');
    expect(await refused('--resume', id, '--like', id)).toContain('--like is for new runs');
    const unknown = file('wrong.json', '{"model": "bprmf", "dataset": "club", "depth": 3}');
    expect(await refused('--config', unknown)).toContain('bprmf has no config key "depth"');
    expect(await refused('--config', file('list.yaml', '- 1'))).toContain('the keys of a config');
    expect(await refused('--config', join(home, 'nowhere.json'))).toContain('cannot be read');
  });
});
