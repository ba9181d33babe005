/** Item vectors on the host against the same on the device: steps, ranks, and what is refused. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { SequenceBatches } from '../../data/batches/sequence-batches.ts';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import { parted } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import { openDevice } from '../../engine/index.ts';
import { writeSafetensors } from '../../files/safetensors.ts';
import { Random } from '../../math/random.ts';
import type { TrainingConfig } from '../../training/config.ts';
import { evaluationSet, filteredItems, type RankingRule } from '../../training/ranking/evaluation-set.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { loadStored } from '../../training/stored-model.ts';
import { resolveConfig } from '../registry.ts';
import type { TrainedModel } from './next-item-model.ts';
import { buildTrained, nextItemModels } from './next-item-models.ts';
import { openTrainedScorer } from './ranking/catalogue-scorer.ts';
import { DeviceRanker } from './ranking/device-ranker.ts';
import { HostTableRanker } from './ranking/host-table-ranker.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-host-items-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Random histories of many lengths, with times. */
function interactions(users: number, items: number, longest = 24): Interactions {
  const random = new Random(11);
  const lengths = Array.from({ length: users }, () => 3 + random.below(longest - 3));
  const offsets = Int32Array.from([
    0,
    ...lengths.map((_, u) => lengths.slice(0, u + 1).reduce((a, b) => a + b)),
  ]);
  const itemIds = Int32Array.from({ length: offsets[users] }, () => random.below(items));
  const times = Float64Array.from(itemIds, (_, at) => 1e9 + 3600 * at);
  return { users, items, catalogueItems: items, offsets, itemIds, times, ratings: null };
}

type Changes = Record<string, unknown>;
const shared = { negativeSharing: 'batch', negatives: 16 };
/** The epsilon is large because Adam and Adagrad divide rounding noise of gradients that are 0 by its own root. */
const small = {
  epsilon: 1e-3,
  dim: 8,
  blocks: 1,
  heads: 2,
  maxLength: 24,
  batchSize: 20,
  learningRate: 0.03,
};

function build(
  id: string,
  data: Interactions,
  changes: Changes,
): { model: TrainedModel; config: TrainingConfig } {
  const config = resolveConfig(id, { overrides: { ...small, ...shared, ...changes } });
  return { model: buildTrained(id, config, data), config: config as TrainingConfig };
}

const data = interactions(60, 90);

function batchesOf({ batches }: TrainedModel, config: TrainingConfig): SequenceBatches {
  if (batches.kind !== 'sequences') throw new Error('no sequences');
  const { maxLength, columns } = batches;
  // Short histories would all be one micro-batch.
  const lengthBuckets = { overhead: 64 };
  return new SequenceBatches(data, data.offsets.slice(1), {
    ...config,
    maxLength,
    columns,
    seed: 3,
    lengthBuckets,
  });
}

/** Losses of some steps, and every parameter after them. */
async function train(id: string, changes: Changes, steps = 6) {
  const { model, config } = build(id, data, changes);
  const { context } = await openDevice('cpu', { threads: 1 });
  const runner = new StepRunner(model, config, context, 3);
  await runner.initialise();
  const batches = batchesOf(model, config);
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const parts = batches.step(0, (step - 1) % batches.stepsPerEpoch);
    expect(parts.length).toBeGreaterThan(1);
    losses.push(await runner.step(step, config.learningRate, parts));
  }
  const stored = await runner.tensors('parameters');
  await context.dispose();
  const values = Object.fromEntries(
    Object.entries(stored).map(([name, one]) => [name, 'chunks' in one ? one.chunks[0] : one.data]),
  );
  return { losses, values, stored };
}

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let at = 0; at < a.length; at++) most = Math.max(most, Math.abs(a[at] - b[at]));
  return most;
}

describe('a training with its items on the host', () => {
  test.each<{ id: string; changes: Changes }>([
    { id: 'sasrec', changes: { optimiser: 'rowwise-adagrad' } },
    { id: 'sasrec', changes: { optimiser: 'rowwise-adagrad', loss: 'bce', positions: 'from-end' } },
    { id: 'sasrec', changes: { optimiser: 'adam' } },
    { id: 'sasrec', changes: { optimiser: 'sgd', positions: 'none', l2Normalize: false } },
    { id: 'esasrec', changes: { optimiser: 'rowwise-adagrad' } },
    { id: 'llama', changes: { optimiser: 'rowwise-adagrad' } },
    { id: 'hstu', changes: { optimiser: 'rowwise-adagrad', context: 'user' } },
    { id: 'fuxi-alpha', changes: { optimiser: 'adagrad', learningRate: 0.01 } },
  ])('is that with them on the device: $id $changes', async ({ id, changes }) => {
    const device = await train(id, changes);
    const host = await train(id, { ...changes, itemTable: 'host' });
    expect(worst(host.losses, device.losses)).toBeLessThan(1e-5);
    expect(Object.keys(host.values).sort()).toEqual(Object.keys(device.values).sort());
    for (const [name, values] of Object.entries(device.values)) {
      expect(worst(host.values[name], values), name).toBeLessThan(1e-5);
    }
    expect(
      worst(host.values['item-embedding'], (await train(id, changes, 0)).values['item-embedding']),
    ).toBeGreaterThan(1e-3);
  });

  it('has lazy Adam: the moments of a row change in the steps that see it alone', async () => {
    const steps = 4;
    const changes = { optimiser: 'lazy-adam', itemTable: 'host', dropout: 0 };
    const { beta1, beta2, epsilon, learningRate } = build('sasrec', data, changes).config;
    const table = async (after: number) => (await train('sasrec', changes, after)).values['item-embedding'];
    const gradients = await tableGradients(changes, steps);
    const expected = Float64Array.from(await table(0));
    const [m, v] = [new Float64Array(expected.length), new Float64Array(expected.length)];
    for (let step = 1; step <= steps; step++) {
      gradients[step - 1].forEach((gradient, at) => {
        if (gradient === null) return;
        m[at] = beta1 * m[at] + (1 - beta1) * gradient;
        v[at] = beta2 * v[at] + (1 - beta2) * gradient ** 2;
        const [mean, square] = [m[at] / (1 - beta1 ** step), v[at] / (1 - beta2 ** step)];
        expected[at] -= (learningRate * mean) / (Math.sqrt(square) + epsilon);
      });
    }
    expect(worst(await table(steps), expected)).toBeLessThan(1e-5);
    const unseen = gradients.map((ofStep) => ofStep.filter((gradient) => gradient === null).length);
    expect(Math.min(...unseen)).toBeGreaterThan(8);
  });
});

/** Gradients of the item table in every step of a training, null in the rows that the step does not see. */
async function tableGradients(changes: Changes, steps: number): Promise<(number | null)[][]> {
  const { model, config } = build('sasrec', data, changes);
  const { context } = await openDevice('cpu', { threads: 1 });
  const runner = new StepRunner(model, config, context, 3);
  await runner.initialise();
  const table = runner.hostTables.tables['item-embedding'];
  const batches = batchesOf(model, config);
  const all: (number | null)[][] = [];
  const update = table.update.bind(table);
  table.update = (scalars) => {
    const { ids, gradients } = table.pending;
    const ofStep = new Array<number | null>(table.weights.rows * 8).fill(null);
    ids.forEach((row, at) => {
      for (let j = 0; j < 8; j++) ofStep[row * 8 + j] = gradients[at * 8 + j];
    });
    all.push(ofStep);
    update(scalars);
  };
  for (let step = 1; step <= steps; step++) {
    await runner.step(step, config.learningRate, batches.step(0, (step - 1) % batches.stepsPerEpoch));
  }
  await context.dispose();
  return all;
}

describe('ranks with the items on the host', () => {
  // So many items that they pass by in several pieces.
  const many = interactions(90, 110_000);
  // The longest history lies in the first piece, which so leaves out more items than the others.
  const longest = Array.from({ length: 90 }, (_, user) => many.offsets[user + 1] - many.offsets[user]);
  const reader = longest.indexOf(Math.max(...longest));
  many.itemIds.subarray(many.offsets[reader], many.offsets[reader + 1]).forEach((_, at, own) => {
    own[at] = 3 * at;
  });
  // The later half of each user is to be found.
  const ends = many.offsets.subarray(1);
  const half = ends.map((end, user) => (many.offsets[user] + end) >> 1);
  const later = parted(many, { validation: false, trainEnds: half, test: { from: half, to: ends } });

  test.each<[string, RankingRule, 'first' | 'all']>([
    ['sasrec', { historyFilter: 'all', historyWindow: 200, rankLimit: null }, 'first'],
    ['sasrec', { historyFilter: 'window', historyWindow: 3, rankLimit: 50_000 }, 'first'],
    ['hstu', { historyFilter: 'none', historyWindow: 200, rankLimit: null }, 'first'],
    ['sasrec', { historyFilter: 'all', historyWindow: 200, rankLimit: null }, 'all'],
  ])('are those with them on the device: %s %o, targets=%s', async (id, rule, targets) => {
    const set = evaluationSet(targets === 'all' ? later : leaveLastOut(many), 'test', { targets });
    const changes = { optimiser: 'rowwise-adagrad' };
    const onDevice = build(id, many, changes).model;
    const onHost = build(id, many, { ...changes, itemTable: 'host' }).model;
    const path = join(folder, `${id}-${rule.historyFilter}-${targets}.safetensors`);
    const { context: device } = await openDevice('cpu', { threads: 1 });
    const runner = new StepRunner(onHost, build(id, many, changes).config, device, 5);
    await runner.initialise();
    // Vectors that occur twice score alike, and count against each other.
    const [values] = runner.hostTables.tables['item-embedding'].weights.chunks;
    values.copyWithin(60_000 * 8, 8, 50_000 * 8);
    writeSafetensors(path, await runner.tensors('all'));

    const options = { data: many, set, device, rule, microBatchTokens: 512, topK: 10 };
    await loadStored(onDevice, path, device);
    const expected = await new DeviceRanker({ ...options, model: onDevice }).rank(() => {});
    const tables = await loadStored(onHost, path, device);
    const done: number[] = [];
    const lists = new Set(targets === 'all' ? set.users : set.users.keys()).size;
    const ranker = new HostTableRanker({ ...options, model: onHost }, tables);
    const found = await ranker.rank((users, total) => {
      expect(total).toBe(lists);
      done.push(users);
    });
    expect(found.ranks).toEqual(expected.ranks);
    expect(found.topItems).toEqual(expected.topItems);
    expect(found.crossEntropy).toBeCloseTo(expected.crossEntropy ?? 0, 4);
    expect(done.length).toBeGreaterThan(1);
    expect(done.at(-1)).toBe(lists);

    const scored = { device, data: many, shape: { rows: 2, length: 24 } };
    const users = [3, 8].map((user) => ({ user, end: many.offsets[user + 1] }));
    const [a, b] = [onDevice, onHost].map((model) => async () => {
      await using scorer = await openTrainedScorer(model, path, scored);
      return await scorer.scores(users);
    });
    expect(worst(await b(), await a())).toBeLessThan(1e-6);
    await device.dispose();
  });
});

describe('lists as long as the catalogue', () => {
  // The last user has had the target and nothing else, so that nothing is left out for it.
  const short = interactions(12, 15, 10);
  const offsets = Int32Array.of(...short.offsets, short.itemIds.length + 4);
  const itemIds = Int32Array.of(...short.itemIds, 6, 6, 6, 6);
  const few = { ...short, users: 13, offsets, itemIds, times: Float64Array.from(itemIds.keys()) };
  const set = evaluationSet(leaveLastOut(few), 'test');

  test.each<RankingRule>([
    { historyFilter: 'all', historyWindow: 200, rankLimit: null },
    { historyFilter: 'window', historyWindow: 2, rankLimit: 5 },
    { historyFilter: 'none', historyWindow: 200, rankLimit: null },
  ])('have every candidate once and then empty places: %o', async (rule) => {
    const changes = { optimiser: 'rowwise-adagrad' };
    const { context: device } = await openDevice('cpu', { threads: 1 });
    const options = { data: few, set, device, rule, microBatchTokens: 512, topK: few.items };
    const { model: onDevice, config } = build('sasrec', few, changes);
    const onHost = build('sasrec', few, { ...changes, itemTable: 'host' }).model;
    const runner = new StepRunner(onHost, config, device, 5);
    await runner.initialise();
    const path = join(folder, `few-${rule.historyFilter}.safetensors`);
    writeSafetensors(path, await runner.tensors('all'));
    await loadStored(onDevice, path, device);
    const { topItems } = await new DeviceRanker({ ...options, model: onDevice }).rank(() => {});
    const tables = await loadStored(onHost, path, device);
    expect(
      (await new HostTableRanker({ ...options, model: onHost }, tables).rank(() => {})).topItems,
    ).toEqual(topItems);
    for (let index = 0; index < set.users.length; index++) {
      const filtered = filteredItems(few, set, index, rule);
      const candidates = Array.from({ length: few.items }, (_, item) => item).filter(
        (item) => !filtered.includes(item),
      );
      const list = [...topItems.subarray(index * few.items, (index + 1) * few.items)];
      expect(list.slice(0, candidates.length).toSorted((a, b) => a - b)).toEqual(candidates);
      expect(list.slice(candidates.length).every((item) => item === -1)).toBe(true);
    }
    await device.dispose();
  });
});

describe('what item vectors on the host cannot have', () => {
  const refuse = (overrides: Changes, message: string | RegExp, id = 'sasrec') =>
    expect(() => resolveConfig(id, { overrides: { itemTable: 'host', ...shared, ...overrides } })).toThrow(
      message,
    );

  it('is refused with the config, in one line', () => {
    refuse(
      { loss: 'full-softmax' },
      /^config "itemTable": the full softmax reads every item .* or loss=bce$/,
    );
    refuse({ negativeSharing: 'position' }, 'take loss=sampled-softmax with negativeSharing=batch');
    refuse({ clipNorm: 1 }, '"clipNorm": set it to 0');
    refuse({ weightDecay: 0.1 }, '"weightDecay": set it to 0');
    refuse({ itemTable: 'device', optimiser: 'lazy-adam' }, 'set itemTable=host as well');
    const ids = nextItemModels
      .filter(({ configSchema }) => 'itemTable' in configSchema.shape)
      .map(({ id }) => id);
    expect(() => resolveConfig('gru4rec', { overrides: { itemTable: 'host' } })).toThrow(
      `its item vectors stay on the device; those of ${ids.join(', ')} may be on the host`,
    );
  });

  it('is not offered: lazy-adam, where no item vectors can be on the host', () => {
    for (const { id, configSchema } of nextItemModels) {
      if ('itemTable' in configSchema.shape || !('optimiser' in configSchema.shape)) continue;
      expect(() => resolveConfig(id, { overrides: { optimiser: 'lazy-adam' } }), id).toThrow(/"optimiser"/);
    }
  });

  it('is refused before memory is taken: Adam on every row of a large table', async () => {
    const large = { ...data, items: 10_000_000 };
    const { model, config } = build('sasrec', large, { itemTable: 'host', optimiser: 'adamw', dim: 64 });
    const { context } = await openDevice('cpu', { threads: 1 });
    expect(() => new StepRunner(model, config, context, 1)).toThrow(
      'adamw updates every row of the embedding tables in every step, and they have 640 million values',
    );
    await context.dispose();
  });
});
