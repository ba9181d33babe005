import { expect, test } from 'vitest';
import { SessionBatches } from '../../../data/batches/session-batches.ts';
import type { Interactions } from '../../../data/types.ts';
import { type DeviceContext, type HostArrays, openDevice } from '../../../engine/index.ts';
import { initialise } from '../../../layers/index.ts';
import { Random } from '../../../math/random.ts';
import { StepRunner } from '../../../training/step-runner.ts';
import { resolveConfig } from '../../registry.ts';
import { type Gru4RecConfig, gru4recModel, gru4recSchema } from './gru4rec.ts';

const items = 30;

/** Users whose next item mostly follows from the last one. */
function chains(users: number): Interactions {
  const random = new Random(7);
  const sequences = Array.from({ length: users }, () => {
    let item = random.below(items);
    return Array.from({ length: 2 + random.below(9) }, () => {
      item = random.uniform() < 0.8 ? (item * 3 + 1) % items : random.below(items);
      return item;
    });
  });
  const offsets = new Int32Array(users + 1);
  sequences.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const itemIds = Int32Array.from(sequences.flat());
  return { users, items, catalogueItems: items, offsets, itemIds, times: null, ratings: null };
}

const data = chains(60);

function original(preset: string, overrides: Record<string, unknown> = {}): Gru4RecConfig {
  const small = { dim: 12, hidden: 12, batchSize: 8, negatives: 16, ...overrides };
  return gru4recSchema.parse(resolveConfig('gru4rec', { preset, overrides: small }));
}

interface Training {
  model: ReturnType<typeof gru4recModel>;
  device: DeviceContext;
  runner: StepRunner;
  batches: SessionBatches;
  state(): Promise<HostArrays>;
}

async function trainingOf(config: Gru4RecConfig, values?: HostArrays): Promise<Training> {
  const model = gru4recModel(config, { users: data.users, items });
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const runner = new StepRunner(model, config, device, 3);
  await runner.load(values ?? initialise(model.parameters, 3));
  const negatives = model.batches.sessions;
  if (!negatives) throw new Error('the model trains on whole sequences');
  const options = { batchSize: config.batchSize, negatives, seed: 3 };
  const batches = new SessionBatches(data, data.offsets.slice(1), options);
  const names = [...Object.keys(model.parameters), ...Object.keys(runner.programs.slots)];
  return { model, device, runner, batches, state: () => device.read(names) };
}

test('a state carried from step to step is that of the whole sequence in one pass', async () => {
  const { model, device, runner, batches } = await trainingOf(original('original'));
  const rows = 8;
  const histories: number[][] = Array.from({ length: rows }, () => []);
  let carried: HostArrays[string] = new Float32Array();
  for (let index = 0; index < 12; index++) {
    const [batch] = batches.step(0, index);
    for (let row = 0; row < rows; row++) {
      if (!batch.inputs.continues[row]) histories[row] = [];
      histories[row].push(batch.inputs.ids[row]);
    }
    await runner.step(index + 1, 0, [batch]);
    carried = (await device.read(['carried/0']))['carried/0'];
  }
  expect(Math.max(...histories.map((history) => history.length))).toBeGreaterThan(3);
  const length = 12;
  const executable = await device.compile({
    name: 'encode',
    state: model.parameters,
    inputs: { ids: { shape: [rows, length], dtype: 'int32' }, lengths: { shape: [rows], dtype: 'int32' } },
    run: (state, inputs) => ({ state: {}, outputs: { last: model.encodeLast(state, inputs) } }),
  });
  const ids = new Int32Array(rows * length);
  histories.forEach((history, row) => {
    ids.set(history, row * length);
  });
  const { last } = await executable.run({ ids, lengths: Int32Array.from(histories, (h) => h.length) });
  // The output of this preset is the state itself and a one for the item's bias.
  for (let row = 0; row < rows; row++) {
    const expected = last.slice(row * 13, row * 13 + 12);
    for (let k = 0; k < 12; k++) expect(carried[row * 12 + k]).toBeCloseTo(expected[k], 5);
    expect(last[row * 13 + 12]).toBe(1);
  }
  await device.dispose();
});

test('training goes on exactly from the parameters, optimiser slots and carried states', async () => {
  const config = original('original-bpr-max');
  const whole = await trainingOf(config);
  const run = async ({ runner, batches }: Training, from: number, to: number) => {
    for (let i = from; i < to; i++) await runner.step(i + 1, config.learningRate, batches.step(0, i));
  };
  await run(whole, 0, 4);
  const middle = await whole.state();
  expect(Object.keys(middle)).toContain('carried/0');
  await run(whole, 4, 8);
  const resumed = await trainingOf(config, middle);
  await run(resumed, 4, 8);
  expect(await resumed.state()).toEqual(await whole.state());
  await whole.device.dispose();
  await resumed.device.dispose();
});

test.each([
  ['original', {}],
  ['original-bpr-max', {}],
  ['original', { loss: 'cross-entropy', layers: 2, hiddenDropout: 0.1 }],
  ['original', { loss: 'bpr', outputLayer: true, hidden: 16 }],
])('session-parallel training of %s with %o lowers the loss', async (preset, overrides) => {
  const config = original(preset, { learningRate: 0.1, ...overrides });
  const { runner, batches, device } = await trainingOf(config);
  const means: number[] = [];
  let step = 0;
  for (let epoch = 0; epoch < 8; epoch++) {
    let sum = 0;
    for (let i = 0; i < batches.stepsPerEpoch; i++) {
      sum += await runner.step(++step, config.learningRate, batches.step(epoch, i));
    }
    means.push(sum / batches.stepsPerEpoch);
  }
  expect(means[7]).toBeLessThan(0.8 * means[0]);
  await device.dispose();
});

test('shared negatives are refused where rows are whole sequences', () => {
  expect(() => resolveConfig('gru4rec', { overrides: { loss: 'bpr-max' } })).toThrow(
    /config "loss": sampled-softmax and bpr-max need training=session-parallel/,
  );
  expect(() => resolveConfig('gru4rec', { overrides: { outputLayer: false } })).toThrow(
    /hidden must equal dim/,
  );
});
