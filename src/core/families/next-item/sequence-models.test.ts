/** What every model of sequences owes: its causality, equal results in any shape, on any device, from any data. */
import type { Tensor } from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { some } from '../../../../test/form.ts';
import { SequenceBatches } from '../../data/batches/sequence-batches.ts';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Interactions } from '../../data/types.ts';
import { EagerDeviceContext } from '../../engine/devices/eager.ts';
import {
  type DeviceContext,
  type HostArrays,
  hostArray,
  openDevice,
  type Program,
  sizeOf,
  type Tensors,
} from '../../engine/index.ts';
import { initialise, randomSpecs } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import type { TrainingConfig } from '../../training/config.ts';
import { batchSpecs, scoringSpecs } from '../../training/programs.ts';
import { evaluationSet } from '../../training/ranking/evaluation-set.ts';
import type { SequenceBatchKind } from '../../training/step-model.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { findModel, resolveConfig } from '../registry.ts';
import { losses } from './losses/index.ts';
import type { TrainedModel } from './next-item-model.ts';
import { buildTrained, nextItemModels } from './next-item-models.ts';
import { DeviceRanker } from './ranking/device-ranker.ts';
import { RecurrentEncoder } from './recurrent.ts';
import type { SequenceEncoder } from './sequence-encoder.ts';

const small = {
  ...{ dim: 16, hidden: 16, heads: 2, maxLength: 20, batchSize: 32, negatives: 8, patience: 0 },
  ...{ dqk: 6, dv: 5, ffnMultiplier: 2, targetTime: 'seen', periods: 5 },
};

type Overrides = Record<string, unknown>;

/** Settings under which a model computes something else. */
const further: Record<string, Record<string, Overrides>> = {
  esasrec: { 'with dropout of items': { itemDropout: 0.2 } },
  bert4rec: {
    'with sampled negatives': { loss: 'sampled-softmax', dropout: 0 },
    'with positions from the end': { positions: 'from-end' },
  },
  hstu: {
    'with ratings and users': { actions: 'rating', context: 'user' },
    'with feedback': { actions: 'feedback' },
    'without biases': { timeBias: false, positionBias: false },
    'with past times alone': { positionBias: false, targetTime: 'hidden' },
  },
  'fuxi-beta': { 'with past times alone': { targetTime: 'hidden' } },
  'fuxi-linear': {
    'with past times alone': { targetTime: 'hidden', timeDecay: 'fixed', timeResidual: false },
  },
};

type SequenceModel = TrainedModel & { batches: SequenceBatchKind };

const isSequential = (model: TrainedModel): model is SequenceModel => model.batches.kind === 'sequences';

/** Every model of the registry that is trained on sequences. */
const all = nextItemModels.filter(
  (definition) =>
    definition.kind === 'trained' &&
    isSequential(definition.build(definition.configSchema.parse({}), { users: 2, items: 2 })),
);

const readsSide = (id: string) => 'sideFeatures' in findModel(id).configSchema.shape;

/** One of them with lists. */
const SIDE = [
  { name: 'brand', of: 'item', width: 1, values: ['', 'a', 'b', 'c'], numbers: false },
  { name: 'tags', of: 'event', width: 2, values: ['', 'x', 'y'], numbers: false },
] as const;

const variants = all.flatMap(({ id, title }) => [
  { name: title, id, config: {} as Overrides },
  ...(readsSide(id)
    ? [{ name: `${title} with side features`, id, config: { sideFeatures: 'brand,tags' } }]
    : []),
  ...Object.entries(further[id] ?? {}).map(([what, config]) => ({ name: `${title} ${what}`, id, config })),
]);

interface Built<M = SequenceModel> {
  model: M;
  config: TrainingConfig;
}

/** Small, with those of the overrides that it has. */
function build<M extends SequenceModel = SequenceModel>(
  id: string,
  overrides: Overrides,
  sizes = { users: 40, items: 30 },
): Built<M> {
  const keys = Object.keys(findModel(id).configSchema.shape);
  const wanted = Object.entries({ ...small, ...overrides }).filter(([key]) => keys.includes(key));
  const config = resolveConfig(id, { overrides: Object.fromEntries(wanted) }) as TrainingConfig & Overrides;
  const { users, items } = sizes;
  const side = config.sideFeatures ? SIDE : undefined;
  return { model: buildTrained(id, config, { users, items, side }) as M, config };
}

const cpu = async () => (await openDevice('cpu', { threads: 1 })).context;

/** Larger than the initial values, so that every part of a model counts. */
function parametersOf(model: SequenceModel): HostArrays {
  const random = new Random(5);
  return Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => 0.4 * random.normal()),
    ]),
  );
}

/** What a function of some parameters gives on the CPU device for each of the inputs. */
async function computed(
  program: Pick<Program, 'state' | 'inputs'>,
  values: HostArrays,
  inputs: readonly HostArrays[],
  run: (parameters: Tensors, inputs: Tensors) => Tensor,
): Promise<HostArrays[string][]> {
  const device = await cpu();
  const named = Object.entries(program.state);
  await device.load(Object.fromEntries(named.map(([name, spec]) => [name, { spec, data: values[name] }])));
  const executable = await device.compile({
    ...program,
    name: 'computed',
    run: (state, fed) => ({ state: {}, outputs: { result: run(state, fed) } }),
  });
  const results: HostArrays[string][] = [];
  for (const fed of inputs) results.push((await executable.run(fed)).result.slice());
  await device.dispose();
  return results;
}

/** Final states [1, length, dim] of one row on the CPU device, for each of the inputs. */
function statesOf(model: SequenceModel, length: number, inputs: HostArrays[]): Promise<HostArrays[string][]> {
  const specs = scoringSpecs(model, { rows: 1, length });
  const program = { state: model.parameters, inputs: specs };
  return computed(program, parametersOf(model), inputs, (state, fed) =>
    model instanceof RecurrentEncoder
      ? model.encode(state, fed)
      : (model as unknown as SequenceEncoder).stages(state, fed).states,
  );
}

/** Inputs of one row with `n` interactions, made from a seed; with another seed after position `cut`. */
function history(model: SequenceModel, length: number, n: number, cut = length): HostArrays {
  const inputs: HostArrays = {};
  const highest: Record<string, number> = {
    ...{ ids: 30, times: 1e6, queryTimes: 1e6, ratings: 10, actions: 255 },
    ...{ 'side/brand': 4, 'side/tags': 3 },
  };
  for (const [name, spec] of Object.entries(scoringSpecs(model, { rows: 1, length }))) {
    const values = hostArray(spec);
    const [before, after] = [new Random(1, 0, name), new Random(2, 0, name)];
    if (name === 'lengths') values[0] = n;
    else if (name === 'users') values[0] = 7;
    else {
      const width = name.startsWith('side/') ? values.length / length : 1;
      for (let i = 0; i < n * width; i++)
        values[i] = 1 + (i < cut * width ? before : after).below(highest[name]);
    }
    inputs[name] = values;
  }
  return inputs;
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

describe.each(some(variants, 4))('$name', ({ id, config }) => {
  // Two query blocks of attention.
  const length = 130;
  const { model } = build(id, { ...config, maxLength: length });

  test(`what comes later ${model.cost.causal ? 'changes no' : 'counts in every'} earlier state`, async () => {
    const cuts = [1, 64, 65, 100];
    const [states, ...others] = await statesOf(model, length, [
      history(model, length, 130),
      ...cuts.map((cut) => history(model, length, 130, cut)),
    ]);
    for (const [index, changed] of others.entries()) {
      const cut = cuts[index];
      if (model.cost.causal) expect(worst(states.subarray(0, cut * 16), changed)).toBe(0);
      else
        for (let at = 0; at < cut * 16; at += 16)
          expect(worst(states.subarray(at, at + 16), changed.subarray(at))).toBeGreaterThan(1e-4);
      expect(worst(states.subarray(cut * 16, (cut + 1) * 16), changed.subarray(cut * 16))).toBeGreaterThan(
        1e-4,
      );
    }
  });

  test('padding changes no state', async () => {
    const [padded] = await statesOf(model, length, [history(model, length, 70)]);
    for (const bucket of [70, 96]) {
      const [states] = await statesOf(model, bucket, [history(model, bucket, 70)]);
      expect(worst(states.subarray(0, 70 * 16), padded)).toBeLessThan(1e-5);
    }
  });
});

const DAY = 86400;

/** Sequences whose next item follows from the last one, with times in days and ratings. */
function chains(lengths: number[], items: number): Interactions {
  const random = new Random(7);
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, user) => {
    offsets[user + 1] = offsets[user] + length;
  });
  const itemIds = new Int32Array(offsets[lengths.length]);
  let item = 0;
  for (let i = 0; i < itemIds.length; i++) {
    item = random.uniform() < 0.8 ? (item * 3 + 1) % items : random.below(items);
    itemIds[i] = item;
  }
  const times = Float64Array.from(itemIds, (_, i) => 1e9 + DAY * i);
  const ratings = Float32Array.from(itemIds, () => 1 + random.below(5));
  const actions = Int32Array.from(itemIds, () => random.below(256));
  const side = SIDE.map((column) => {
    const rows = column.of === 'item' ? items : itemIds.length;
    const codes = Int32Array.from({ length: rows * column.width }, () =>
      random.below(column.values.length + 1),
    );
    return { ...column, codes };
  });
  return {
    users: lengths.length,
    items,
    catalogueItems: items,
    offsets,
    itemIds,
    times,
    ratings,
    actions,
    side,
  };
}

/** Losses of the first steps, the parameters after them, and the ranks of the test items. */
async function train(
  { model, config }: Built,
  data: Interactions,
  steps: number,
  device: DeviceContext,
  joint = true,
): Promise<{ losses: number[]; parameters: HostArrays; ranks: Int32Array }> {
  const split = leaveLastOut(data);
  const trainEnd = Int32Array.from({ length: data.users }, (_, user) => split.trainEnd(user));
  const batches = new SequenceBatches(data, trainEnd, { ...config, ...model.batches, seed: 3, joint });
  const runner = new StepRunner(model, config, device, 3);
  await runner.load(initialise(model.parameters, 3));
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { stepsPerEpoch } = batches;
    const dealt = batches.step(Math.floor(step / stepsPerEpoch), step % stepsPerEpoch);
    losses.push(await runner.step(step + 1, config.learningRate, dealt));
  }
  const parameters = await device.read(Object.keys(model.parameters));
  const rule = { historyFilter: 'none', historyWindow: 200, rankLimit: null } as const;
  const ranker = new DeviceRanker({
    model,
    data,
    set: evaluationSet(split, 'test'),
    device,
    rule,
    microBatchTokens: config.microBatchTokens,
    topK: 0,
  });
  const { ranks } = await ranker.rank(() => {});
  await ranker[Symbol.asyncDispose]();
  await device.dispose();
  return { losses, parameters, ranks };
}

const random = new Random(11);
const mixed = chains(
  Array.from({ length: 40 }, () => 3 + random.below(20)),
  30,
);

test.each(some(variants, 3))('$name runs eagerly as the compiled graph does', async ({ id, config }) => {
  // SGD: Adam would turn rounding noise of tiny gradients into whole steps.
  const built = build(id, { ...config, batchSize: 4, optimiser: 'sgd', learningRate: 0.5 });
  const compiled = await train(built, mixed, 2, await cpu());
  const eager = await train(built, mixed, 2, new EagerDeviceContext('tfjs-gpu', 'cpu'));
  expect(worst(compiled.losses, eager.losses)).toBeLessThan(1e-4);
  for (const [name, values] of Object.entries(compiled.parameters)) {
    expect(worst(values, eager.parameters[name]), name).toBeLessThan(1e-4);
  }
});

const again = variants.filter(({ id }) => 'recomputeBlocks' in build(id, {}).config);

// A runtime that joins other operators rounds some of them otherwise.
test.each(some(again, 3))('$name learns the same where blocks are computed again', async ({ id, config }) => {
  const of = (recomputeBlocks: boolean) =>
    build(id, { ...config, batchSize: 4, recomputeBlocks, optimiser: 'sgd', learningRate: 0.5 });
  const [once, twice] = [
    await train(of(false), mixed, 2, await cpu()),
    await train(of(true), mixed, 2, await cpu()),
  ];
  expect(worst(once.losses, twice.losses)).toBeLessThan(1e-5);
  for (const [name, values] of Object.entries(once.parameters)) {
    expect(worst(values, twice.parameters[name]), name).toBeLessThan(1e-4);
  }
});

test('computed again eagerly, blocks have the same gradients', async () => {
  const of = (recomputeBlocks: boolean) => {
    const built = build('hstu', { batchSize: 4, optimiser: 'sgd', learningRate: 0.5, recomputeBlocks });
    return train(built, mixed, 2, new EagerDeviceContext('tfjs-gpu', 'cpu'));
  };
  expect(await of(true)).toEqual(await of(false));
});

// Without masks, which differ with the shapes of micro-batches.
// Nor those losses whose positions meet one another, or share what they are compared with.
const objectives = Object.keys(losses).filter((loss) => loss !== 'sce' && loss !== 'in-batch-softmax');
const alike = [
  ...variants.filter(({ id }) => build(id, {}).model.jointLoss),
  ...['sasrec', 'bert4rec'].flatMap((id) =>
    objectives.map((loss) => ({ name: `${id} with ${loss}`, id, config: { loss } })),
  ),
];

test.each(some(alike, 4))(
  'a step of $name is the same in one graph and in several',
  async ({ id, config }) => {
    const plain = Object.fromEntries(
      Object.entries({ dropout: 0, ...config }).map(([key, value]) => [
        key,
        /dropout$/i.test(key) ? 0 : value,
      ]),
    );
    const built = build(id, { ...plain, optimiser: 'sgd', learningRate: 0.5 });
    const together = await train(built, mixed, 4, await cpu());
    const apart = await train(built, mixed, 4, await cpu(), false);
    expect(worst(together.losses, apart.losses)).toBeLessThan(1e-4);
    for (const [name, values] of Object.entries(together.parameters)) {
      expect(worst(values, apart.parameters[name]), name).toBeLessThan(1e-4);
    }
  },
);

/** The mean of the last 20 steps: one step is a draw of users, and of what the cloze asks. */
const atEnd = (losses: number[]) => losses.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20;

test.each([
  ...Object.keys(losses).map((loss) => ({ loss })),
  { loss: 'sampled-softmax', negativeSharing: 'batch' },
  { loss: 'sampled-softmax', negativeItems: 'popularity' },
  { loss: 'sampled-softmax', negativeItems: 'popularity', logQ: 0 },
  { loss: 'sampled-softmax', negativeItems: 'mixed', negativeSharing: 'batch', logQ: 0 },
  { loss: 'in-batch-softmax', logQ: 0 },
])('SASRec learns by %o', async (config) => {
  const { losses: found } = await train(
    build('sasrec', {
      dropout: 0,
      bucketStates: 20,
      bucketItems: 20,
      ...config,
      learningRate: 0.01,
    }),
    mixed,
    60,
    await cpu(),
  );
  expect(atEnd(found)).toBeLessThan(0.8 * found[0]);
});

test.each(some(variants, 3))('$name learns which item follows', async ({ id, config }) => {
  const built = build(id, { ...config, learningRate: 0.01 });
  // Of a row the cloze asks a fifth.
  const steps = built.model.cost.causal ? 60 : 500;
  const { losses, ranks } = await train(built, mixed, steps, await cpu());
  expect(losses[0]).toBeGreaterThan(1.5);
  expect(atEnd(losses)).toBeLessThan(0.7 * losses[0]);
  expect(ranks.filter((rank) => rank <= 3).length).toBeGreaterThan(0.3 * ranks.length);
});

const withTimes = (lengths: number[], time: (i: number) => number): Interactions => {
  const data = chains(lengths, 30);
  return { ...data, times: Float64Array.from(data.itemIds, (_, i) => time(i)) };
};
const few = Array.from({ length: 12 }, (_, user) => 3 + user);

const ids = all.map(({ id }) => id);
const timed = ids.filter((id) => build(id, {}).model.batches.columns.times);
const extremes: { name: string; data: Interactions; ids: string[] }[] = [
  {
    name: 'one item repeated 10,000 times',
    data: { ...chains([10000, 3], 30), itemIds: new Int32Array(10003).fill(4) },
    ids,
  },
  { name: 'a single interaction of most users', data: chains([1, 1, 3, 1, 1], 30), ids },
  { name: 'equal times', data: withTimes(few, () => 1e9), ids: timed },
  { name: 'negative times', data: withTimes(few, (i) => -1e10 + i), ids: timed },
  { name: 'times that run back', data: withTimes(few, (i) => 1e9 - 1e7 * i), ids: timed },
  { name: 'times ages apart', data: withTimes(few, (i) => 1e11 * i), ids: timed },
  { name: 'no times', data: { ...chains(few, 30), times: null }, ids: timed },
];
const cases = extremes.flatMap(({ ids: of, ...extreme }) => of.map((id) => ({ id, ...extreme })));

test.each(cases)('$id trains and ranks with $name', async ({ id, data }) => {
  const built = build(id, {}, data);
  const { losses, parameters, ranks } = await train(built, data, 3, await cpu());
  expect(losses.every(Number.isFinite)).toBe(true);
  for (const values of Object.values(parameters)) expect(values.every(Number.isFinite)).toBe(true);
  expect(ranks.length).toBeGreaterThan(0);
  expect(ranks.every((rank) => rank >= 1 && rank <= data.items)).toBe(true);
});

test('ratings that a model asks for and the data set lacks are missed in words', async () => {
  const built = build('hstu', { actions: 'rating' });
  const training = train(built, { ...mixed, ratings: null }, 1, await cpu());
  await expect(training).rejects.toThrow(/the data set has no ratings for actions=rating/);
});

test('feedback adds up the vectors of what was done, and what a data set lacks is missed in words', async () => {
  const built = build<SequenceEncoder>('hstu', { actions: 'feedback', positions: 'none', dropout: 0 });
  const { model } = built;
  const [done, names] = [
    [0, 1, 128, 1 + 8 + 128],
    ['item-embedding', 'action-embedding'],
  ];
  const random = new Random(1);
  const [items, vectors] = names.map((name) =>
    Float32Array.from({ length: sizeOf(model.parameters[name].shape) }, () => random.normal()),
  );
  const cells = { shape: [1, 4], dtype: 'int32' } as const;
  const program = {
    state: Object.fromEntries(names.map((name) => [name, model.parameters[name]])),
    inputs: { ids: cells, actions: cells },
  };
  const [x] = await computed(
    program,
    { [names[0]]: items, [names[1]]: vectors },
    [{ ids: Int32Array.of(3, 3, 3, 3), actions: Int32Array.from(done) }],
    (parameters, inputs) => model.embed(parameters, inputs),
  );
  const bits = [[], [0], [7], [0, 3, 7]];
  bits.forEach((actions, position) => {
    for (let k = 0; k < 16; k++) {
      const sum = actions.reduce((total, action) => total + vectors[16 * action + k], 0);
      expect(x[16 * position + k]).toBeCloseTo(4 * items[16 * 3 + k] + sum, 4);
    }
  });
  const training = train(built, { ...mixed, actions: null }, 1, await cpu());
  await expect(training).rejects.toThrow(
    /the data set has no feedback for actions=feedback; set actions=none/,
  );
});

test('dropout of items is that of their table, for inputs and candidates', async () => {
  const shape = { rows: 2, length: 4 };
  const { model } = build('esasrec', { dropout: 0, itemDropout: 0.5 });
  const plain = build('esasrec', { dropout: 0 }).model;
  const values = parametersOf(model);
  const mask = hostArray(model.randomInputs(shape)['mask/items'].spec).map((_, i) => (i % 3 === 0 ? 0 : 1));
  const masked = values['item-embedding'].map((value, i) => (mask[i] ? value / 0.5 : 0));
  const inputs = {
    ids: Int32Array.of(1, 2, 3, 4, 5, 6, 0, 0),
    targets: Int32Array.of(1, 2, 3, 4, 5, 6, 0, 0),
    weights: Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0),
    lengths: Int32Array.of(4, 2),
    negatives: Int32Array.from({ length: 64 }, (_, i) => (7 * i) % 30),
  };
  const lossOf = async (of: SequenceModel, parameters: HostArrays, fed: HostArrays) => {
    const specs = { ...batchSpecs(of, shape), ...randomSpecs(of.randomInputs(shape), 'drawn') };
    const program = { state: of.parameters, inputs: specs };
    const [[loss]] = await computed(program, parameters, [fed], (held, given) => of.loss(held, given, shape));
    return loss;
  };
  const dropped = await lossOf(model, values, { ...inputs, 'mask/items': mask });
  expect(dropped).toBeCloseTo(await lossOf(plain, { ...values, 'item-embedding': masked }, inputs), 5);
  expect(Math.abs(dropped - (await lossOf(plain, values, inputs)))).toBeGreaterThan(0.01);
  expect(() => resolveConfig('esasrec', { overrides: { itemDropout: 0.2, itemTable: 'host' } })).toThrow(
    /itemDropout.*itemTable=device/,
  );
});

describe('parameters', () => {
  const sizes = { users: 6040, items: 3952 };
  const counts = (id: string, preset: string) => {
    const config = resolveConfig(id, { preset });
    const { parameters } = buildTrained(id, config, sizes);
    const block = Object.keys(parameters).filter((name) => name.startsWith('blocks/0/'));
    const sum = (names: string[]) => names.reduce((total, name) => total + sizeOf(parameters[name].shape), 0);
    return { block: sum(block), all: sum(Object.keys(parameters)) };
  };

  test.each([
    { id: 'sasrec', preset: 'ml-1m', block: 15300, all: 238800 },
    { id: 'hstu', preset: 'ml-1m', block: 13100, all: 234400 },
    { id: 'hstu', preset: 'ml-1m-large', block: 13100, all: 313000 },
    { id: 'fuxi-alpha', preset: 'ml-1m', block: 30600, all: 269400 },
    { id: 'fuxi-alpha', preset: 'ml-1m-large', block: 30600, all: 453000 },
  ])('of $id $preset are as many as the reference has', ({ id, preset, block, all }) => {
    // The reference's position table has 11 rows more, for positions no history reaches.
    expect(counts(id, preset)).toEqual({ block, all: all - 11 * 50 });
  });

  test.each([
    { id: 'sasrec', preset: 'ml-20m', block: 394752 },
    { id: 'hstu', preset: 'ml-20m', block: 328486 },
    { id: 'hstu', preset: 'ml-20m-large', block: 328486 },
  ])('of a block of $id $preset are as many as the reference has', ({ id, preset, block }) => {
    expect(counts(id, preset).block).toBe(block);
  });
});

test('several targets in one list are ranked as each of them alone', async () => {
  const { model, config } = build('sasrec', small);
  const { users: tested, historyEnds } = evaluationSet(leaveLastOut(mixed), 'test');
  // More than a row has at once, and one.
  const rows = [...tested].flatMap((user, at) =>
    Array.from({ length: 1 + (at % 20) }, (_, item) => [user, item, at]),
  );
  const set = {
    split: 'test' as const,
    users: Int32Array.from(rows, ([user]) => user),
    targets: Int32Array.from(rows, ([, item]) => item),
    historyEnds: Int32Array.from(rows, ([, , at]) => historyEnds[at]),
  };
  const device = await cpu();
  await new StepRunner(model, config, device, 3).load(initialise(model.parameters, 3));
  const rule = { historyFilter: 'none', historyWindow: 200, rankLimit: null } as const;
  const ranked = async (several?: 'all') => {
    const options = { model, data: mixed, device, rule, microBatchTokens: 256, topK: 5 };
    const ranker = new DeviceRanker({ ...options, set: { ...set, ...(several ? { several } : {}) } });
    const ranks = await ranker.rank(() => {});
    await ranker[Symbol.asyncDispose]();
    return ranks;
  };
  const [alone, together] = [await ranked(), await ranked('all')];
  await device.dispose();
  expect(together.ranks).toEqual(alone.ranks);
  expect(together.crossEntropy).toBeCloseTo(alone.crossEntropy ?? 0, 5);
  const isFirst = (place: number) => rows[Math.floor(place / 5)][1] === 0;
  expect(together.topItems).toEqual(alone.topItems.map((item, place) => (isFirst(place) ? item : -1)));
});
