import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SequenceBatches } from '../../data/batches/sequence-batches.ts';
import type { Interactions } from '../../data/types.ts';
import { type DeviceContext, type HostArrays, openDevice, type Tensors } from '../../engine/index.ts';
import { initialise } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { gru4recModel, gru4recSchema } from './models/gru4rec.ts';
import { narmModel, narmSchema } from './models/narm.ts';
import type { RecurrentConfig, RecurrentEncoder } from './recurrent.ts';

const items = 30;
const sizes = { users: 40, items };

const small = { dim: 6, hidden: 8, maxLength: 12, batchSize: 40, dropout: 0 };

type Build = (overrides: Record<string, unknown>) => { model: RecurrentEncoder; config: RecurrentConfig };

const models: Record<string, Build> = {
  gru4rec: (overrides) => {
    const config = gru4recSchema.parse({ ...small, ...overrides });
    return { model: gru4recModel(config, sizes), config };
  },
  narm: (overrides) => {
    const config = narmSchema.parse({ ...small, contextDropout: 0, ...overrides });
    return { model: narmModel(config, sizes), config };
  },
  'narm with softmax attention': (overrides) => models.narm({ attention: 'softmax', ...overrides }),
  'gru4rec of two layers': (overrides) => models.gru4rec({ layers: 2, ...overrides }),
};

/** Users with at most maxLength + 1 interactions, whose next item mostly follows from the last one. */
function chains(): Interactions {
  const random = new Random(7);
  const sequences = Array.from({ length: sizes.users }, () => {
    let item = random.below(items);
    return Array.from({ length: 3 + random.below(11) }, () => {
      item = random.uniform() < 0.8 ? (item * 3 + 1) % items : random.below(items);
      return item;
    });
  });
  const offsets = new Int32Array(sequences.length + 1);
  sequences.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const itemIds = Int32Array.from(sequences.flat());
  return { ...sizes, catalogueItems: items, offsets, itemIds, times: null, ratings: null };
}

const data = chains();
const trainEnd = data.offsets.slice(1);

async function cpu(): Promise<DeviceContext> {
  return (await openDevice('cpu', { threads: 1 })).context;
}

/** Runs a function of the model on its initial parameters and one batch of histories (dense items). */
async function apply(
  model: RecurrentEncoder,
  histories: number[][],
  length: number,
  run: (parameters: Tensors, inputs: Tensors) => Tensors,
): Promise<HostArrays> {
  const device = await cpu();
  const values = initialise(model.parameters, 1);
  await device.load(
    Object.fromEntries(
      Object.entries(model.parameters).map(([name, spec]) => [name, { spec, data: values[name] }]),
    ),
  );
  const rows = histories.length;
  const ids = new Int32Array(rows * length);
  histories.forEach((history, row) => {
    ids.set(
      history.map((item) => item + 1),
      row * length,
    );
  });
  const executable = await device.compile({
    name: 'encode',
    state: model.parameters,
    inputs: {
      ids: { shape: [rows, length], dtype: 'int32' },
      lengths: { shape: [rows], dtype: 'int32' },
    },
    run: (state, inputs) => ({ state: {}, outputs: run(state, inputs) }),
  });
  const results = await executable.run({ ids, lengths: Int32Array.from(histories, (h) => h.length) });
  await device.dispose();
  return results;
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

/** Largest difference of two sets of arrays, relative to the largest entry of each array. */
function apart(a: HostArrays, b: HostArrays): number {
  return Math.max(
    ...Object.keys(a).map((name) => worst(a[name], b[name]) / Math.max(...a[name].map(Math.abs))),
  );
}

async function afterSteps(
  { model, config }: ReturnType<Build>,
  batches: SequenceBatches,
  steps: number,
): Promise<{ losses: number[]; parameters: HostArrays; microBatches: number }> {
  const device = await cpu();
  const runner = new StepRunner(model, config, device, 3);
  await runner.load(initialise(model.parameters, 3));
  const losses: number[] = [];
  let microBatches = 0;
  for (let step = 1; step <= steps; step++) {
    const parts = batches.step(step - 1, 0);
    microBatches += parts.length;
    losses.push(await runner.step(step, config.learningRate, parts));
  }
  const parameters = await device.read(Object.keys(model.parameters));
  await device.dispose();
  return { losses, parameters, microBatches };
}

function batchesOf({ model, config }: ReturnType<Build>): SequenceBatches {
  return new SequenceBatches(data, trainEnd, { ...config, samples: model.batches.samples, seed: 3 });
}

/** Every row padded to the longest sequence. */
class PaddedBatches extends SequenceBatches {
  override readonly shapes = [{ rows: 40, length: 12 }];
}

describe.each(Object.keys(models))('%s', (name) => {
  test('a causal pass holds at every position what its prefix alone gives', async () => {
    const { model, config } = models[name]({});
    const history = fc.array(fc.nat(items - 1), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(history, async (sequence) => {
        const { all } = await apply(model, [sequence], sequence.length + 2, (parameters, inputs) => ({
          all: model.encode(parameters, inputs),
        }));
        const prefixes = sequence.map((_, i) => sequence.slice(0, i + 1));
        const { last } = await apply(model, prefixes, sequence.length, (parameters, inputs) => ({
          last: model.encodeLast(parameters, inputs),
        }));
        expect(worst(all.slice(0, sequence.length * config.dim), last)).toBeLessThan(1e-6);
      }),
      { numRuns: 6 },
    );
  });

  test('training on prefixes is training on all positions', async () => {
    const once = { optimiser: 'sgd', learningRate: 1 };
    const causal = models[name](once);
    const expanded = models[name]({ ...once, training: 'prefixes', batchSize: 1000 });
    const a = await afterSteps(causal, batchesOf(causal), 1);
    const b = await afterSteps(expanded, batchesOf(expanded), 1);
    expect(Math.abs(a.losses[0] - b.losses[0])).toBeLessThan(1e-5);
    expect(apart(a.parameters, b.parameters)).toBeLessThan(1e-5);
  });

  test('a step in length buckets equals the padded one', async () => {
    // SGD: Adam would turn rounding noise of tiny gradients into whole steps.
    const built = models[name]({ optimiser: 'sgd', learningRate: 1 });
    const bucketed = await afterSteps(built, batchesOf(built), 1);
    const padded = await afterSteps(
      built,
      new PaddedBatches(data, trainEnd, { ...built.config, seed: 3 }),
      1,
    );
    expect(bucketed.microBatches).toBeGreaterThan(padded.microBatches);
    expect(Math.abs(bucketed.losses[0] - padded.losses[0])).toBeLessThan(1e-5);
    expect(apart(bucketed.parameters, padded.parameters)).toBeLessThan(1e-5);
  });

  test.each(['all-positions', 'prefixes'])('learns the chains from %s', async (training) => {
    const built = models[name]({
      training,
      dim: 16,
      hidden: 16,
      dropout: 0.1,
      learningRate: 0.02,
      batchSize: 500,
    });
    const { losses } = await afterSteps(built, batchesOf(built), 40);
    expect(losses[0]).toBeGreaterThan(Math.log(items) - 0.3);
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.8);
  });
});
