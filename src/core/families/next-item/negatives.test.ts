/** Which items the negatives of models are, as their configs say. */
import { expect, test } from 'vitest';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Interactions } from '../../data/types.ts';
import { type DeviceContext, type HostArrays, openDevice } from '../../engine/index.ts';
import { drawInputs } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import { rankedSchema, type TrainingConfig } from '../../training/config.ts';
import type { TrainSpec } from '../../training/events.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { resolveConfig } from '../registry.ts';
import { buildTrained } from './next-item-models.ts';
import { trainingPlan } from './run-next-item.ts';

const ITEMS = 30;
/** Forty users with up to 20 interactions, one who has had every item, and their training parts. */
const random = new Random(3);
const histories = Array.from({ length: 40 }, () =>
  Array.from({ length: 4 + random.below(17) }, () => random.below(ITEMS)),
);
histories[7] = [...Array(ITEMS).keys(), 0, 1];
const offsets = new Int32Array(histories.length + 1);
for (const [user, history] of histories.entries()) offsets[user + 1] = offsets[user] + history.length;
const data: Interactions = {
  ...{ users: histories.length, items: ITEMS, catalogueItems: ITEMS, offsets },
  ...{ itemIds: Int32Array.from(histories.flat()), times: null, ratings: null },
};
const trainEnd = leaveLastOut(data).trainEnds();

/** What is drawn for each micro-batch of an epoch. */
function drawnOf(id: string, overrides: Record<string, unknown>) {
  const config = resolveConfig(id, { overrides: { batchSize: 8, ...overrides } }) as { maxLength: number };
  const model = buildTrained(id, config, { users: data.users, items: ITEMS });
  const context = {
    data,
    split: leaveLastOut(data),
    trainEnd,
    device: {} as DeviceContext,
    spec: { seed: 1 } as TrainSpec,
  };
  const settings = rankedSchema.parse({ ...config, microBatchTokens: 400 });
  const batches = trainingPlan(model, { ...context, config: settings }).batches();
  return Array.from({ length: batches.stepsPerEpoch }, (_, index) => batches.step(0, index)).flatMap(
    (step, index) =>
      step.map((batch, micro) => {
        const random = model.randomInputs(batch.shape);
        const at = { seed: 1, step: index + 1, micro, masks: 'words' } as const;
        return { batch, inputs: drawInputs(random, { ...batch, ...at }) };
      }),
  );
}

/** Every negative of an epoch with its user, where it has one. */
function negativesOf(id: string, overrides: Record<string, unknown>): { user: number; item: number }[] {
  return drawnOf(id, overrides)
    .flatMap(({ batch: { users }, inputs: { negatives } }) => {
      const width = negatives.length / users.length;
      return Array.from(negatives, (item, at) => ({ user: users[Math.floor(at / width)], item }));
    })
    .filter(({ user }) => user >= 0);
}

const knows = ({ user, item }: { user: number; item: number }) =>
  data.itemIds.subarray(offsets[user], trainEnd[user]).includes(item);

test.each<[string, Record<string, unknown>]>([
  ['sasrec', { loss: 'bce' }],
  ['sasrec', { loss: 'sampled-softmax', negatives: 5 }],
  ['gru4rec', { loss: 'bpr' }],
  ['gru4rec', { loss: 'bpr', training: 'prefixes' }],
  ['gru4rec', { loss: 'bce', training: 'session-parallel' }],
])('%s %o draws what users do not know where it is told to, and anything else where not', (id, overrides) => {
  const any = negativesOf(id, overrides);
  const unseen = negativesOf(id, { ...overrides, negativeItems: 'unseen' });
  expect(any.some((one) => one.user !== 7 && knows(one))).toBe(true);
  expect(unseen.filter(({ user }) => user !== 7).some(knows)).toBe(false);
  expect(new Set(unseen.map(({ item }) => item)).size).toBe(ITEMS);
  // What was drawn and not known stays what it is: only the others are drawn again.
  const kept = any.filter((one, at) => one.item === unseen[at].item).length;
  expect(kept).toBeGreaterThan(any.length / 2);
});

/** Chi-squared of counts against shares, in units of its standard deviation from its mean. */
function surprise(items: readonly number[], shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const chi = shares.reduce((total, share, item) => {
    const expected = (items.length * share) / sum;
    return total + (items.filter((one) => one === item).length - expected) ** 2 / expected;
  }, 0);
  return (chi - (shares.length - 1)) / Math.sqrt(2 * (shares.length - 1));
}

const interactions = Array.from({ length: ITEMS }, (_, item) =>
  histories.reduce(
    (sum, history, user) =>
      sum + history.slice(0, trainEnd[user] - offsets[user]).filter((one) => one === item).length,
    0,
  ),
);
const targets = Array.from({ length: ITEMS }, (_, item) =>
  histories.reduce(
    (sum, history, user) =>
      sum + history.slice(1, trainEnd[user] - offsets[user]).filter((one) => one === item).length,
    0,
  ),
);
const popular = interactions.map((count) => count ** 0.5);
const uniform = popular.map(() => popular.reduce((sum, odds) => sum + odds, 0) / ITEMS);

test.each<[string, Record<string, unknown>, number[]]>([
  ['any', {}, uniform],
  ['popularity', {}, popular],
  ['popularity', { negativeAlpha: 1 }, interactions],
  ['mixed', { negativeUniform: 0.25 }, popular.map((odds, item) => 0.75 * odds + 0.25 * uniform[item])],
])('negatives that are %s %o have the odds that are said', (negativeItems, settings, shares) => {
  for (const negativeSharing of ['position', 'batch']) {
    const overrides = { negatives: 90, negativeSharing, maxLength: 50, negativeItems, ...settings };
    const items = negativesOf('sasrec', overrides).map(({ item }) => item);
    expect(items.length).toBeGreaterThan(400);
    expect(Math.abs(surprise(items, shares))).toBeLessThan(4);
  }
});

test('a recurrent model draws by popularity however it trains', () => {
  for (const training of ['all-positions', 'prefixes', 'session-parallel']) {
    const overrides = { loss: 'bpr', training, negativeItems: 'popularity', negativeAlpha: 1 };
    const items = negativesOf('gru4rec', overrides).map(({ item }) => item);
    expect(Math.abs(surprise(items, interactions)), training).toBeLessThan(4);
  }
});

test('in-batch negatives are targets of the micro-batch, and what is known of them is marked', () => {
  const batches = drawnOf('sasrec', { loss: 'in-batch-softmax', negatives: 300, maxLength: 50 });
  const drawn: number[] = [];
  for (const { batch, inputs } of batches) {
    const real = [...batch.inputs.targets].filter((_, at) => batch.inputs.weights[at] > 0);
    for (const [at, item] of [...inputs.negatives].entries()) {
      expect(real).toContain(item);
      const marked = [...batch.users].map((user, row) => [user, inputs.known[row * 300 + at] === 1] as const);
      for (const [user, isKnown] of marked) expect(isKnown).toBe(user >= 0 && knows({ user, item }));
      const share = targets[item] / targets.reduce((sum, count) => sum + count, 0);
      expect(inputs.negativeLogQ[at]).toBeCloseTo(Math.log(share), 5);
    }
    const [first] = batch.inputs.targets;
    expect(inputs.targetLogQ[0]).toBeCloseTo(
      Math.log(targets[first] / targets.reduce((sum, count) => sum + count, 0)),
      5,
    );
    drawn.push(...inputs.negatives);
  }
  expect(new Set(drawn).size).toBe(ITEMS);
});

test('a training keeps known items out of the negatives that its steps compute with', async () => {
  const overrides = { loss: 'bpr', negativeItems: 'unseen', batchSize: 8, microBatchTokens: 400 };
  const config = resolveConfig('gru4rec', { overrides }) as TrainingConfig;
  const model = buildTrained('gru4rec', config, { users: data.users, items: ITEMS });
  const computed: number[][] = [];
  const run = async ({ negatives }: HostArrays) => {
    if (negatives) computed.push([...negatives]);
    return { loss: Float32Array.of(1) };
  };
  const nothing = async () => {};
  const device: DeviceContext = {
    halfProducts: async () => ({ are: 'rounded' }),
    ...{ id: 'cpu', load: nothing, dispose: nothing, read: async () => ({}) },
    compile: async () => ({ run, release: nothing }),
  };
  const spec = { seed: 1 } as TrainSpec;
  const context = { data, split: leaveLastOut(data), trainEnd, device, spec };
  const batches = trainingPlan(model, { ...context, config: rankedSchema.parse(config) }).batches();
  const runner = new StepRunner(model, config, device, 1);
  for (let step = 1; step <= batches.stepsPerEpoch; step++) {
    const micro = batches.step(0, step - 1);
    computed.length = 0;
    await runner.step(step, 0.1, micro);
    expect(computed).toHaveLength(micro.length);
    for (const [at, { users }] of micro.entries()) {
      const width = computed[at].length / users.length;
      const drawn = computed[at].map((item, place) => ({ user: users[Math.floor(place / width)], item }));
      expect(drawn.filter(({ user }) => user >= 0 && user !== 7).some(knows)).toBe(false);
    }
  }
});

test.each(['position', 'batch'])(
  'a target drawn as a negative counts where it is kept, of negatives by %s',
  async (negativeSharing) => {
    const lossOf = async (targetAmongNegatives: string, microBatchTokens: number) => {
      const options = { negativeSharing, targetAmongNegatives, microBatchTokens };
      const overrides = {
        loss: 'sampled-softmax',
        negatives: 60,
        dim: 8,
        dropout: 0,
        batchSize: 8,
        ...options,
      };
      const config = resolveConfig('sasrec', { overrides }) as TrainingConfig;
      const model = buildTrained('sasrec', config, { users: data.users, items: ITEMS });
      const { context: device } = await openDevice('cpu', { threads: 1 });
      const context = { data, split: leaveLastOut(data), trainEnd, device, spec: { seed: 1 } as TrainSpec };
      const batches = trainingPlan(model, { ...context, config: rankedSchema.parse(config) }).batches();
      const runner = new StepRunner(model, config, device, 1);
      await runner.initialise();
      const loss = await runner.step(1, 0, batches.step(0, 0));
      await device.dispose();
      return loss;
    };
    // In one graph, and in several.
    for (const tokens of [8192, 40])
      expect(await lossOf('kept', tokens)).toBeGreaterThan(1e-4 + (await lossOf('masked', tokens)));
  },
);

test('presets named after their authors draw as their code does', () => {
  for (const preset of ['original', 'original-sparse'])
    expect(resolveConfig('sasrec', { preset })).toMatchObject({ loss: 'bce', negativeItems: 'unseen' });
  for (const preset of ['ml-1m', 'ml-20m', 'beauty', 'sports'])
    expect(resolveConfig('esasrec', { preset })).toMatchObject({ targetAmongNegatives: 'kept' });
  for (const preset of ['beauty', 'sports', 'toys', 'cds'])
    expect(resolveConfig('rpg', { preset, overrides: { tokeniser: 'ids' } })).toMatchObject({
      residualInit: 'scaled',
      collisionToken: false,
    });
  expect(() =>
    resolveConfig('sasrec', { overrides: { negativeItems: 'unseen', negativeSharing: 'batch' } }),
  ).toThrow(/"negativeItems": negatives that a whole batch shares cannot be unseen/);
});
