/** Side features through the trainer: what they add, what they must not give away, and exact resume. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { prepared, testRanks, tokeniser, trainOnSample } from '../../../test/semantic-ids/sample-ids.ts';
import { importDataset } from '../data/import/import.ts';
import type { SideColumn } from '../data/side/types.ts';
import { type HostArrays, openDevice, type Tensors } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { Random } from '../math/random.ts';
import { readCheckpoint } from '../training/checkpoints.ts';
import type { RunResult } from '../training/events.ts';
import { openTrainingPart } from '../training/ranking/context.ts';
import { sideSpecs, sideTables, sideVectors } from '../training/side-features.ts';
import { recommend } from './recommend.ts';
import { runTraining } from './trainer.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-side-features-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const column = (name: string, width: number, values: number): SideColumn => ({
  ...{ name, of: 'event', width, codes: new Int32Array(0), numbers: false },
  values: Array.from({ length: values }, (_, at) => `${at}`),
});

describe('vectors of side features', () => {
  const columns = [column('one', 1, 4), column('many', 3, 5)];
  const [rows, length, dim] = [2, 4, 3];
  const random = new Random(3);
  const tables = sideTables(columns, dim);
  const values = Object.fromEntries(
    Object.entries(tables).map(([name, { shape }]) => [
      name,
      Float32Array.from({ length: shape[0] * shape[1] }, () => random.normal()),
    ]),
  );
  const specs = sideSpecs(columns, { rows, length });
  const inputs: HostArrays = {
    'side/one': Int32Array.from({ length: rows * length }, () => random.below(5)),
    'side/many': Int32Array.from({ length: rows * length * 3 }, () => random.below(6)),
  };
  inputs['side/many'].fill(0, 0, 3);

  /** The same cell by cell. */
  function plain(): number[] {
    return Array.from({ length: rows * length * dim }, (_, at) => {
      const [cell, axis] = [Math.floor(at / dim), at % dim];
      const part = (name: string, width: number) => {
        const codes = Array.from(inputs[`side/${name}`]).slice(cell * width, (cell + 1) * width);
        const real = codes.filter((code) => code > 0);
        const sum = real.reduce((all, code) => all + values[`side-embedding/${name}`][code * dim + axis], 0);
        return sum / Math.max(1, real.length);
      };
      return part('one', 1) + part('many', 3);
    });
  }

  async function run(outputs: (parameters: Tensors, fed: Tensors) => Tensors): Promise<HostArrays> {
    const { context: device } = await openDevice('cpu', { threads: 1 });
    await device.load(
      Object.fromEntries(Object.entries(tables).map(([name, spec]) => [name, { spec, data: values[name] }])),
    );
    const executable = await device.compile({
      ...{ name: 'side', state: tables, inputs: specs },
      run: (state, fed) => ({ state: {}, outputs: outputs(state, fed) }),
    });
    const found = await executable.run(inputs);
    await device.dispose();
    return found;
  }

  it('are the sum over columns of a value’s vector, of a list the mean of its values’, and nothing without a value', async () => {
    const { result } = await run((parameters, fed) => ({
      result: sideVectors(columns, parameters, fed) as tf.Tensor,
    }));
    plain().forEach((value, at) => {
      expect(result[at]).toBeCloseTo(value, 5);
    });
  });

  it('have gradients at the values that occur, shared by a list, and none where there is no value', async () => {
    const names = Object.keys(tables);
    const gradients = await run((parameters, fed) => {
      const of = tf.grads((...given: tf.Tensor[]) =>
        tf.sum(
          sideVectors(
            columns,
            Object.fromEntries(names.map((name, at) => [name, given[at]])),
            fed,
          ) as tf.Tensor,
        ),
      );
      return Object.fromEntries(
        of(names.map((name) => parameters[name])).map((found, at) => [names[at], found]),
      );
    });
    for (const { name, width, values: known } of columns) {
      const expected = new Float64Array((known.length + 1) * dim);
      const codes = inputs[`side/${name}`];
      for (let cell = 0; cell < rows * length; cell++) {
        const real = Array.from(codes)
          .slice(cell * width, (cell + 1) * width)
          .filter((code) => code > 0);
        for (const code of real)
          for (let axis = 0; axis < dim; axis++) expected[code * dim + axis] += 1 / real.length;
      }
      expected.forEach((value, at) => {
        expect(gradients[`side-embedding/${name}`][at]).toBeCloseTo(value, 5);
      });
    }
  });
});

const USERS = 120;
const ITEMS = 12;

/**
 * Histories whose items are drawn at random. `hint`: the next item's number, known at each interaction; `own`: the number of the
 * interaction's own item, which at a target would say what is asked. `held`: both of the last interaction, where they are given.
 */
async function drawn(name: string, held?: string): Promise<string> {
  const random = new Random(9);
  const lines = Array.from({ length: USERS }, (_, user) => {
    const items = Array.from({ length: 12 }, () => random.below(ITEMS));
    return items.map((item, at) => {
      const [hint, own] =
        at === items.length - 1 && held ? [held, held] : [`n${items[at + 1] ?? 0}`, `n${item}`];
      return `u${user},i${item},${1e9 + at},${hint},${own}`;
    });
  }).flat();
  const path = join(home, `${name}.csv`);
  writeFileSync(path, `user,item,timestamp,hint,own\n${lines.join('\n')}\n`);
  const { id } = await importDataset({ paths: [path], map: { categorical: 'hint+own' } }, { home });
  return join(home, 'datasets', id);
}

async function trained(
  model: string,
  datasetDir: string,
  config: Record<string, unknown>,
): Promise<RunResult> {
  const spec = {
    ...({ runId: 'run', seed: 3, device: 'cpu', threads: 1, resumeFrom: null } as const),
    ...{ model, datasetDir, runDir: join(home, 'run') },
    config: {
      dim: 16,
      maxLength: 12,
      epochs: 40,
      evaluateEvery: 40,
      batchSize: 120,
      learningRate: 0.03,
      ...config,
    },
  };
  return runTraining(spec, () => {});
}

describe.each([
  ['sasrec', { historyFilter: 'none', heads: 1, blocks: 1 }],
  ['gru4rec', { historyFilter: 'none', hidden: 16 }],
] as const)('%s with features of interactions', (model, config) => {
  const dataset = drawn(model);
  const ndcg = async (sideFeatures: string, directory = dataset) =>
    (await trained(model, await directory, { ...config, sideFeatures })).metrics['test/ndcg@10'];

  test('learns from those of the history, and not from that of the interaction to predict', async () => {
    const [hint, own] = [await ndcg('hint'), await ndcg('own')];
    // Of twelve items at random ten are listed: about 0.38.
    expect(hint).toBeGreaterThan(0.9);
    expect(own).toBeLessThan(0.5);
  }, 240_000);

  test('ranks the same whatever is known of the interaction to predict', async () => {
    const short = { ...config, sideFeatures: 'hint,own', epochs: 2, evaluateEvery: 2 };
    const [as, other] = await Promise.all(
      [dataset, drawn(`${model}-other`, 'n5')].map(async (directory) =>
        trained(model, await directory, short),
      ),
    );
    expect(other.ranks).toEqual(as.ranks);
  });
});

const SIDE = { sideFeatures: 'genres,rating', selection: 'final-epoch' };
const tiger = {
  ...{
    tokeniser: 'ids',
    dim: 16,
    heads: 2,
    headDim: 8,
    ffnDim: 16,
    encoderBlocks: 1,
    decoderBlocks: 1,
    epochs: 2,
  },
  ...{ userTokens: 10, separator: true, maxLength: 4, validationUsers: 20, beams: 12, batchSize: 64 },
};
const rpg = {
  tokeniser: 'ids',
  dim: 16,
  heads: 2,
  ffnDim: 16,
  blocks: 1,
  epochs: 2,
  batchSize: 64,
  maxLength: 8,
};
const sasrec = { dim: 16, heads: 1, blocks: 1, epochs: 2, batchSize: 64, maxLength: 8 };

describe.each([
  ['sasrec', sasrec],
  ['sasrec', { ...sasrec, itemTable: 'host', optimiser: 'lazy-adam', negativeSharing: 'batch' }],
  ['tiger', tiger],
  ['tiger', { ...tiger, encoding: 'causal', separator: false }],
  ['rpg', rpg],
] as const)('%s', (model, config) => {
  const name = `${model}-${Object.keys(config).length}`;
  const whole = trainOnSample(`${name}-whole`, model, { ...config, ...SIDE });

  test('with side features, stopped and resumed, equals one at once', async () => {
    const first = await trainOnSample(`${name}-parts`, model, { ...config, ...SIDE }, { stopAtEpoch: 1 });
    const second = await trainOnSample(
      `${name}-parts`,
      model,
      { ...config, ...SIDE },
      { resumeFrom: first.last },
    );
    const { last, result } = await whole;
    expect(readCheckpoint(second.last).tensors).toEqual(readCheckpoint(last).tensors);
    expect(second.result?.ranks).toEqual(result?.ranks);
  });

  test('trains the vectors of the values that occur, and recommends what it tested', async () => {
    const trained = await whole;
    const { tensors } = readCheckpoint(trained.last);
    for (const table of ['side-embedding/genres', 'side-embedding/rating']) {
      const { data, spec } = tensors[table];
      const [, dim] = spec.shape;
      expect(Array.from(data.subarray(0, dim)).every((value) => value === 0)).toBe(true);
      expect(data.subarray(dim).some((value) => value !== 0)).toBe(true);
    }
    const { users, topItems, topK } = testRanks(trained);
    const items = await recommend({
      ...({
        model,
        config: { ...config, ...SIDE },
        checkpoint: trained.last,
        place: 'test',
        k: 5,
        seed: 3,
      } as const),
      ...({ datasetDir: await prepared, user: users[0], device: 'cpu', threads: 1 } as const),
      sources: { tokeniser },
    });
    expect(items.map(({ item }) => item)).toEqual(Array.from(topItems.subarray(0, Math.min(5, topK))));
  });
});

test('an empty list of side features changes nothing', async () => {
  const [without, empty] = await Promise.all(
    ['', ' , '].map((sideFeatures, at) => trainOnSample(`none-${at}`, 'sasrec', { ...sasrec, sideFeatures })),
  );
  expect(readCheckpoint(empty.last).tensors).toEqual(readCheckpoint(without.last).tensors);
  expect((await openTrainingPart(await prepared, {})).data.side).toBeUndefined();
});
