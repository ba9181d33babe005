/** Trainings that begin with the parameters of a run on another data set. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { some } from '../../../test/form.ts';
import { trainOnSample } from '../../../test/semantic-ids/sample-ids.ts';
import { importDataset } from '../data/import/import.ts';
import { readItemIds, readUserIds } from '../data/read.ts';
import type { NamedTensor } from '../files/safetensors.ts';
import { Random } from '../math/random.ts';
import { readCheckpoint } from '../training/checkpoints.ts';
import type { SourceRun, TrainerEvent } from '../training/events.ts';
import { openTrainingPart } from '../training/ranking/context.ts';
import { findModel, models } from './registry.ts';
import { runTraining } from './trainer.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-warm-start-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Ids that no number holds, so that only their texts tell them apart. */
const idOf = (item: number) => `900719925474099${item + 10}`;

/** Users and items from these numbers on, with a column of each interaction. */
async function dataset(name: string, users: number, items: number): Promise<string> {
  const random = new Random(items + 1);
  const lines = Array.from({ length: 24 }, (_, user) =>
    Array.from({ length: 8 }, (_, at) => {
      const item = items + random.below(15);
      return `u${users + user},${idOf(item)},${1e9 + at},s${Math.min(items, 1) + random.below(3)}`;
    }),
  ).flat();
  const path = join(home, `${name}.csv`);
  writeFileSync(path, `user,item,timestamp,surface\n${lines.join('\n')}\n`);
  const { id } = await importDataset({ paths: [path], map: { categorical: 'surface' } }, { home });
  return join(home, 'datasets', id);
}

const before = dataset('before', 0, 0);
const after = dataset('after', 12, 7);

const small: Record<string, unknown> = {
  ...{ dim: 8, hidden: 8, blocks: 1, heads: 1, dqk: 8, dv: 8, periods: 4, maxLength: 6, negatives: 4 },
  ...{ epochs: 2, batchSize: 24, learningRate: 0.02, context: 'user', outputBias: true },
};

let runs = 0;

interface Options {
  from?: SourceRun;
  resumeFrom?: string;
  runDir?: string;
}

/** As the worker trains. `tensors` are the parameters that were tested. */
async function train(
  model: string,
  datasetDir: string,
  overrides: Record<string, unknown> = {},
  options: Options = {},
) {
  const keys = Object.keys(findModel(model).configSchema.shape);
  const wanted = Object.entries({ ...small, ...overrides }).filter(([key]) => keys.includes(key));
  const config = Object.fromEntries(wanted);
  const { from, resumeFrom = null, runDir = join(home, `run-${runs++}`) } = options;
  const paths: Record<string, string> = {};
  const logs: string[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.type === 'log') logs.push(`${event.level}: ${event.message}`);
    if (event.type !== 'checkpoint') return;
    const { kind, epoch, path } = event.checkpoint;
    paths[kind] = path;
    paths[`${kind}-${epoch}`] = path;
  };
  const spec = {
    ...({ runId: 'run', seed: 3, device: 'cpu', threads: 1, resumeFrom } as const),
    ...{ model, config, datasetDir, runDir, sources: from && { startFrom: from } },
  };
  const result = await runTraining(spec, emit);
  const checkpoint = paths.best ?? null;
  const source: SourceRun = { run: 'id', name: 'first', model, config, dir: runDir, checkpoint, datasetDir };
  const tensors = checkpoint === null ? {} : readCheckpoint(checkpoint).tensors;
  return {
    result,
    source,
    tensors,
    paths,
    runDir,
    told: logs.filter((line) => line.includes('starts from run')),
  };
}

/** Row `at` of a table. */
function row({ data, spec }: NamedTensor, at: number): number[] {
  const width = spec.shape.slice(1).reduce((product, size) => product * size, 1);
  return Array.from(data.subarray(at * width, (at + 1) * width));
}

/** One step at a rate so small that it changes next to nothing: what a training begins with. */
const unmoved = { epochs: 1, learningRate: 1e-12 };

function expectNear(values: ArrayLike<number>, others: ArrayLike<number>, what: string): void {
  const worst = Math.max(...Array.from(values, (value, at) => Math.abs(value - others[at])));
  expect(worst, what).toBeLessThan(1e-6);
}

// A rewarded model always starts from another run.
const trained = models.filter(
  ({ kind, sources }) => kind === 'trained' || (kind === 'generative' && !sources?.policy),
);

test('every trained model that ranks items can start from a run', () => {
  for (const { sources, configSchema } of trained) {
    expect(sources).toHaveProperty('startFrom', 'optional');
    expect(configSchema.shape).toHaveProperty('startFrom');
  }
});

const starting = trained.flatMap(({ id, kind }) => (kind === 'trained' ? [id] : []));

describe.each(some(starting, 3))('%s', (model) => {
  test('takes the rows of items and users that both know, by their ids, and every other weight', async () => {
    const first = await train(model, await before);
    const second = await train(model, await after, unmoved, { from: first.source });
    const cold = await train(model, await after, unmoved);
    const [items, users] = await Promise.all(
      [readItemIds, readUserIds].map(async (read) => ({
        here: await read(await after),
        there: await read(await before),
      })),
    );
    const shared = items.here.filter((id) => items.there.includes(id));
    expect(shared.length).toBeGreaterThan(3);
    expect(shared.length).toBeLessThan(items.here.length);
    expect(Object.keys(second.tensors)).toEqual(Object.keys(first.tensors));
    for (const [name, tensor] of Object.entries(second.tensors)) {
      const other = first.tensors[name];
      const ids = name.startsWith('item-') ? items : name.startsWith('user-') ? users : null;
      if (ids === null) {
        expectNear(tensor.data, other.data, name);
        continue;
      }
      const leading = tensor.spec.shape[0] - ids.here.length;
      ids.here.forEach((id, at) => {
        const place = ids.there.indexOf(id);
        const expected = place < 0 ? row(cold.tensors[name], leading + at) : row(other, leading + place);
        expectNear(row(tensor, leading + at), expected, `${name} of ${id}`);
      });
    }
    const counted = `the vectors of ${shared.length} of ${items.here.length} items and all weights are taken`;
    expect(second.told).toEqual([`info: starts from run first (id): ${counted}`]);
  });
});

describe('SASRec', () => {
  const first = before.then((directory) => train('sasrec', directory, { sideFeatures: 'surface' }));
  const next = async (overrides: Record<string, unknown>, options: Options = {}) =>
    train(
      'sasrec',
      await after,
      { sideFeatures: 'surface', ...overrides },
      { from: (await first).source, ...options },
    );

  it('takes the vectors of values that both know', async () => {
    const [known, { tensors }] = [await first, await next(unmoved)];
    const [here, there] = await Promise.all(
      [after, before].map(async (directory) => {
        const { data } = await openTrainingPart(await directory, { sideFeatures: 'surface' });
        return data.side?.[0].values ?? [];
      }),
    );
    expect(here).not.toEqual(there);
    const table = 'side-embedding/surface';
    const taken = here.filter((value) => there.includes(value));
    expect(taken.length).toBeGreaterThan(1);
    here.forEach((value, at) => {
      const place = there.indexOf(value);
      const expected = place < 0 ? Array<number>(8).fill(0) : row(known.tensors[table], place + 1);
      expectNear(row(tensors[table], at + 1), expected, value);
    });
  });

  it('says what begins anew where a table has other rows, or the run has no such weight', async () => {
    const { told } = await next({ ...unmoved, maxLength: 5, blocks: 2 });
    expect(told[0]).toMatch(
      /items and the weights that fit are taken; what begins anew: position-embedding, blocks\/1\/qkv\/weight, .*$/,
    );
  });

  it('refuses another width or model in one line', async () => {
    const line = (overrides: Record<string, unknown>, change: Partial<SourceRun> = {}) =>
      first.then(({ source }) => next(overrides, { from: { ...source, ...change } }));
    await expect(line({ dim: 16 })).rejects.toThrow(
      'config "startFrom": run first (id) has "item-embedding" of shape 16 x 8, and here it is 16 x 16: name one of the same widths',
    );
    await expect(line({}, { model: 'hstu' })).rejects.toThrow(
      'run first (id) is of hstu: name a run of sasrec',
    );
    await expect(line({}, { checkpoint: null })).rejects.toThrow(
      'run first (id) has no checkpoint to start from',
    );
  });

  it('goes on where it stopped, as if it had never', async () => {
    const { paths, runDir, result } = await next({ epochs: 3 });
    const resumed = await next({ epochs: 3 }, { runDir, resumeFrom: paths['last-2'] });
    expect(readCheckpoint(resumed.paths.last).tensors).toEqual(readCheckpoint(paths.last).tensors);
    expect(resumed.result.ranks).toEqual(result.ranks);
    expect(resumed.told).toEqual([]);
  });

  it('starts alike where the item vectors are on the host', async () => {
    const host = { ...unmoved, itemTable: 'host', negativeSharing: 'batch', optimiser: 'sgd' };
    const [device, onHost] = [await next({ ...unmoved, optimiser: 'sgd' }), await next(host)];
    for (const [name, { data }] of Object.entries(device.tensors))
      expectNear(onHost.tensors[name].data, data, name);
    expect(onHost.told).toEqual(device.told);
  });
});

test.each(['tiger', 'rpg'])('%s starts from a run on its own data set', async (model) => {
  const config = {
    ...{
      tokeniser: 'ids',
      dim: 16,
      heads: 2,
      headDim: 8,
      ffnDim: 16,
      encoderBlocks: 1,
      decoderBlocks: 1,
      blocks: 1,
    },
    ...{ maxLength: 4, batchSize: 64, selection: 'final-epoch', validationUsers: 10 },
  };
  const keys = Object.keys(findModel(model).configSchema.shape);
  const of = (more: Record<string, unknown>) =>
    Object.fromEntries(Object.entries({ ...config, ...more }).filter(([key]) => keys.includes(key)));
  const first = await trainOnSample(`${model}-first`, model, of({ epochs: 1 }));
  const startFrom = {
    ...{ run: 'id', name: 'first', model, config: of({}), dir: '', checkpoint: first.last },
  };
  const second = await trainOnSample(`${model}-second`, model, of(unmoved), { sources: { startFrom } });
  const [one, two] = [first, second].map(({ last }) => readCheckpoint(last).tensors);
  const parameters = Object.keys(two).filter((name) => !/^(m|v)\//.test(name));
  for (const name of parameters) expectNear(two[name].data, one[name].data, name);
  expect(second.losses[0]).toBeLessThan(first.losses[0]);
});
