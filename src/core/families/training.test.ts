import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { isWhole, some } from '../../../test/form.ts';
import { SequenceBatches } from '../data/batches/sequence-batches.ts';
import { leaveLastOut } from '../data/splits/leave-last-out.ts';
import type { DatasetSummary, Interactions } from '../data/types.ts';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import { type DeviceContext, type HostArrays, openDevice } from '../engine/index.ts';
import { CancelledError } from '../errors.ts';
import { rankMetrics } from '../evaluation/metrics.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import { initialise } from '../layers/index.ts';
import { Random } from '../math/random.ts';
import { readCheckpoint } from '../training/checkpoints.ts';
import { rankedSchema } from '../training/config.ts';
import type { TrainerEvent } from '../training/events.ts';
import { scoringSpecs } from '../training/programs.ts';
import type { RankingContext, RankingOutcome } from '../training/ranking/context.ts';
import { evaluationSet, filteredItems, type RankingRule } from '../training/ranking/evaluation-set.ts';
import { trainBySteps } from '../training/ranking/train-ranking.ts';
import { StepRunner } from '../training/step-runner.ts';
import { type SasRecConfig, sasRecModel } from './next-item/models/sasrec.ts';
import { buildTrained } from './next-item/next-item-models.ts';
import { DeviceRanker } from './next-item/ranking/device-ranker.ts';
import { trainingPlan } from './next-item/run-next-item.ts';
import { resolveConfig } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-training-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Users with a skewed number of interactions whose next item mostly follows from the last one. */
function chains(users: number, items: number, longest: number): Interactions {
  const random = new Random(7);
  const sequences = Array.from({ length: users }, () => {
    const length = 3 + Math.floor((longest - 3) * random.uniform() ** 3);
    let item = random.below(items);
    return Array.from({ length }, () => {
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

const data = chains(150, 60, 30);
const split = leaveLastOut(data);
const trainEnd = Int32Array.from({ length: data.users }, (_, user) => split.trainEnd(user));

function sasrecConfig(overrides: Record<string, unknown>): SasRecConfig {
  const small = { dim: 16, maxLength: 30, batchSize: 40, negatives: 8, patience: 0 };
  return resolveConfig('sasrec', { overrides: { ...small, ...overrides } }) as SasRecConfig;
}

async function afterSteps(
  device: DeviceContext,
  config: SasRecConfig,
  steps: number,
  seed = 3,
): Promise<{ losses: number[]; parameters: HostArrays; microBatches: number }> {
  const model = sasRecModel(config, { users: data.users, items: data.items });
  const runner = new StepRunner(model, config, device, seed);
  await runner.load(initialise(model.parameters, seed));
  const batches = new SequenceBatches(data, trainEnd, { ...config, seed });
  const losses: number[] = [];
  let microBatches = 0;
  for (let step = 1; step <= steps; step++) {
    const parts = batches.step(0, step - 1);
    microBatches += parts.length;
    losses.push(await runner.step(step, config.learningRate, parts));
  }
  const parameters = await device.read(Object.keys(model.parameters));
  await device.dispose();
  return { losses, parameters, microBatches };
}

async function cpu(threads = 1): Promise<DeviceContext> {
  return (await openDevice('cpu', { threads })).context;
}

function worstDifference(a: HostArrays, b: HostArrays): number {
  return Math.max(
    ...Object.entries(a).map(([name, values]) => {
      let worst = 0;
      for (let i = 0; i < values.length; i++) worst = Math.max(worst, Math.abs(values[i] - b[name][i]));
      return worst;
    }),
  );
}

describe('one step', () => {
  test('in length buckets equals the padded one', async () => {
    // SGD: Adam would turn rounding noise of tiny gradients into whole steps.
    const config = sasrecConfig({ dropout: 0, optimiser: 'sgd', learningRate: 0.5 });
    const bucketed = await afterSteps(await cpu(), config, 1);
    const model = sasRecModel(config, { users: data.users, items: data.items });
    const padded = new PaddedBatches(data, trainEnd, { ...config, seed: 3 });
    const device = await cpu();
    const whole = new StepRunner(model, config, device, 3);
    await whole.load(initialise(model.parameters, 3));
    const loss = await whole.step(1, 0.5, padded.step(0, 0));
    const parameters = await device.read(Object.keys(model.parameters));
    expect(bucketed.microBatches).toBeGreaterThan(1);
    expect(Math.abs(bucketed.losses[0] - loss)).toBeLessThan(1e-5);
    expect(worstDifference(bucketed.parameters, parameters)).toBeLessThan(1e-5);
  });

  const losses = [
    { loss: 'sampled-softmax', negativeSharing: 'position' },
    { loss: 'sampled-softmax', negativeSharing: 'batch' },
    { loss: 'full-softmax' },
    { loss: 'bce', affineNorms: true, finalNorm: true, positions: 'from-end', outputProjection: false },
  ];
  test.each(some(losses, 2))(
    'run eagerly equals the compiled graph: $loss $negativeSharing',
    async (variant) => {
      const config = sasrecConfig({ ...variant, batchSize: 8, optimiser: 'sgd', learningRate: 0.5 });
      const compiled = await afterSteps(await cpu(), config, 2);
      const eager = await afterSteps(new EagerDeviceContext('tfjs-gpu', 'cpu'), config, 2);
      expect(Math.abs(compiled.losses[1] - eager.losses[1])).toBeLessThan(1e-4);
      expect(worstDifference(compiled.parameters, eager.parameters)).toBeLessThan(1e-4);
    },
  );

  test('gives the same bits on one and two threads', async () => {
    const config = sasrecConfig({});
    const one = await afterSteps(await cpu(1), config, 3);
    const two = await afterSteps(await cpu(2), config, 3);
    expect(worstDifference(one.parameters, two.parameters)).toBe(0);
  });
});

/** The same batches without buckets: every row padded to the longest sequence. */
class PaddedBatches extends SequenceBatches {
  override readonly shapes = [{ rows: 40, length: 30 }];
}

async function train(
  name: string,
  overrides: Record<string, unknown>,
  options: {
    resumeFrom?: string;
    threads?: number;
    stopAtEpoch?: number;
    model?: string;
    device?: DeviceContext;
  } = {},
  ended = split,
): Promise<{ outcome: RankingOutcome | null; events: TrainerEvent[]; runDir: string }> {
  const { model: id = 'sasrec' } = options;
  const config = id === 'sasrec' ? sasrecConfig(overrides) : resolveConfig(id, { overrides });
  const runDir = join(folder, name);
  const events: TrainerEvent[] = [];
  const abort = new AbortController();
  const device = options.device ?? (await cpu(options.threads ?? 1));
  const context: RankingContext = {
    spec: {
      runId: name,
      model: id,
      config,
      datasetDir: '',
      seed: 5,
      device: 'cpu',
      threads: 1,
      runDir,
      resumeFrom: options.resumeFrom ?? null,
    },
    data,
    split: ended,
    trainEnd: ended.trainEnds(),
    hidden: null,
    listLength: 10,
    categories: null,
    config: rankedSchema.parse(config),
    summary: {} as DatasetSummary,
    started: () => {},
    device,
    signal: abort.signal,
    emit: (event) => {
      events.push(event);
      const saved = event.type === 'checkpoint' && event.checkpoint.kind === 'last';
      if (saved && event.checkpoint.epoch === options.stopAtEpoch) abort.abort();
    },
  };
  const model = buildTrained(id, config, { users: data.users, items: data.items });
  try {
    return {
      outcome: await trainBySteps(trainingPlan(model, context), context),
      events,
      runDir,
    };
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    return { outcome: null, events, runDir };
  } finally {
    await device.dispose();
  }
}

/** The device with a `compile` of its own. */
function compilingBy(device: DeviceContext, compile: DeviceContext['compile']): DeviceContext {
  return new Proxy(device, {
    get: (target, key) => {
      if (key === 'compile') return compile;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('no graph of a step is held while the result is tested, and none at all afterwards', async () => {
  const device = await cpu();
  const held = new Set<string>();
  let atTest: string[] = [];
  const compile: DeviceContext['compile'] = async (program) => {
    const executable = await device.compile(program);
    held.add(program.name);
    const released = () => {
      held.delete(program.name);
      return executable.release();
    };
    atTest = [...held];
    return { run: (inputs) => executable.run(inputs), release: released };
  };
  const watched = compilingBy(device, compile);
  const { outcome } = await train('released', { epochs: 1 }, { device: watched });
  expect(outcome?.status).toBe('completed');
  expect(atTest.filter((name) => /^(step|gradients|update)/.test(name))).toEqual([]);
  expect([...held]).toEqual([]);
});

test('goes on in the lengths that it began with: in those of before where its checkpoint does not say', async () => {
  const config = { epochs: 2, batchSize: 75 };
  const first = await train('lengths', config, { stopAtEpoch: 1 });
  const path = lastCheckpoint(first.events);
  const { lengths, ...earlier } = JSON.parse(readFileSync(path.replace(/safetensors$/, 'json'), 'utf8'));
  expect(lengths).toBe('eight');
  const labelsOf = (lengthBuckets?: { most: number; overhead: number }) => {
    const options = { ...sasrecConfig(config), seed: 5, joint: true, lengthBuckets };
    const { shapes } = new SequenceBatches(data, trainEnd, options);
    return `step ${shapes.map(({ rows, length }) => `${rows} x ${length}`).join(' + ')}`;
  };
  const goneOn = async (state: object) => {
    writeFileSync(path.replace(/safetensors$/, 'json'), JSON.stringify(state));
    const device = await cpu();
    const steps: string[] = [];
    const watched = compilingBy(device, (program) => {
      if (/^step/.test(program.name)) steps.push(program.name);
      return device.compile(program);
    });
    await train('lengths', config, { resumeFrom: path, device: watched });
    return steps;
  };
  const [present, before] = [labelsOf(), labelsOf({ most: 4, overhead: 64 })];
  expect(present).not.toBe(before);
  expect(await goneOn({ ...earlier, lengths })).toEqual([present]);
  expect(await goneOn(earlier)).toEqual([before]);
});

function lastCheckpoint(events: TrainerEvent[]): string {
  const paths = events.flatMap((e) =>
    e.type === 'checkpoint' && e.checkpoint.kind === 'last' ? [e.checkpoint.path] : [],
  );
  return paths[paths.length - 1];
}

/** Last checkpoint and ranks of a training, all but the time taken. */
async function lastOf(...training: Parameters<typeof train>) {
  const { events, outcome } = await train(...training);
  const { tensors, state } = readCheckpoint(lastCheckpoint(events));
  return { tensors, state: { ...state, seconds: 0 }, ranks: outcome?.ranks };
}

interface Halves {
  model: string;
  config: Record<string, unknown>;
  threads: number;
  /** Epochs of each half. */
  epochs?: number;
}

const folderOf = ({ model, config, threads }: Halves) => [model, ...Object.values(config), threads].join('-');

function atOnce(halves: Halves) {
  const { model, config, threads, epochs = 1 } = halves;
  return lastOf(`${folderOf(halves)}-whole`, { ...config, epochs: 2 * epochs }, { model, threads });
}

async function stoppedAndResumed(halves: Halves) {
  const { model, config, threads, epochs = 1 } = halves;
  const name = `${folderOf(halves)}-parts`;
  const both = { ...config, epochs: 2 * epochs };
  const first = await train(name, both, { model, threads, stopAtEpoch: epochs });
  expect(first.outcome).toBeNull();
  return lastOf(name, both, { model, threads, resumeFrom: lastCheckpoint(first.events) });
}

describe('a training', () => {
  test.each(some([1, 2], 1))(
    'stopped after 2 epochs and resumed equals 4 epochs at once, on %i threads',
    async (threads) => {
      const halves = { model: 'sasrec', config: {}, threads, epochs: 2 };
      const whole = await atOnce(halves);
      expect(Object.keys(whole.tensors).length).toBeGreaterThan(20);
      expect(await stoppedAndResumed(halves)).toEqual(whole);
    },
  );

  const small = { dim: 8, blocks: 1, maxLength: 12, batchSize: 75, negatives: 8, patience: 0 };
  const relative = { ...small, heads: 2, dqk: 4, dv: 4 };
  const recurrent = { dim: 8, hidden: 12, maxLength: 12, batchSize: 75, patience: 0 };

  const halved = [
    { name: 'BPR-MF', model: 'bprmf', config: { dim: 8, batchSize: 1000, patience: 0 } },
    { name: 'GRU4Rec', model: 'gru4rec', config: recurrent },
    {
      name: 'GRU4Rec, session-parallel',
      model: 'gru4rec',
      config: { ...recurrent, training: 'session-parallel', loss: 'bpr-max', negatives: 16 },
    },
    { name: 'NARM', model: 'narm', config: recurrent },
    { name: 'BERT4Rec', model: 'bert4rec', config: { ...small, heads: 2 } },
    { name: 'LLaMa', model: 'llama', config: { ...small, heads: 2 } },
    { name: 'HSTU', model: 'hstu', config: relative },
    { name: 'FuXi-α', model: 'fuxi-alpha', config: relative },
    { name: 'eSASRec', model: 'esasrec', config: { ...small, heads: 2 } },
    { name: 'FuXi-β', model: 'fuxi-beta', config: { ...small, heads: 2, dv: 4 } },
    { name: 'FuXi-Linear', model: 'fuxi-linear', config: { ...relative, periods: 4 } },
    {
      name: 'HSTU with Stochastic Length',
      model: 'hstu',
      config: { ...relative, maxLength: 30, stochasticLength: 1.3 },
    },
    {
      name: 'SASRec with its items on the host',
      model: 'sasrec',
      config: { itemTable: 'host', negativeSharing: 'batch', optimiser: 'rowwise-adagrad' },
    },
    {
      name: 'HSTU with its items on the host',
      model: 'hstu',
      config: { ...relative, itemTable: 'host', negativeSharing: 'batch', optimiser: 'lazy-adam' },
    },
  ];
  test.each(some(halved, 5))(
    'of $name, stopped and resumed, equals one at once, on one thread and on two',
    async ({ model, config }) => {
      const whole = await atOnce({ model, config, threads: 1 });
      for (const threads of isWhole ? [1, 2] : [2])
        expect(await stoppedAndResumed({ model, config, threads })).toEqual(whole);
    },
  );

  test('learns the chains, selects the best validation epoch and tests it', async () => {
    const { outcome, events } = await train('learns', { epochs: 12, learningRate: 0.01 });
    const values = events.flatMap((e) =>
      e.type === 'series'
        ? e.points.filter((p) => p.metric === 'valid/ndcg@10').flatMap((p) => p.values)
        : [],
    );
    expect(values).toHaveLength(12);
    expect(outcome?.selectedEpoch).toBe(values.indexOf(Math.max(...values)) + 1);
    expect(Math.max(...values)).toBeGreaterThan(Math.max(0.6, values[0]));
  });

  test('that shortens histories learns something else, and tests whole ones', async () => {
    const ranksAfter = async (name: string, epochs: number, stochasticLength: number) => {
      const { outcome } = await train(name, { epochs, stochasticLength, learningRate: 0.01 });
      return outcome?.ranks.map(({ ranks }) => ranks);
    };
    const untrained = await ranksAfter('short-none', 0, 1.1);
    expect(untrained).toEqual(await ranksAfter('long-none', 0, 0));
    const trained = await ranksAfter('short', 2, 1.1);
    expect(trained).not.toEqual(await ranksAfter('long', 2, 0));
    expect(trained).not.toEqual(untrained);
  });

  test('stops when validation gets no better', async () => {
    const { outcome } = await train('stops', { epochs: 60, patience: 2, learningRate: 0.02 });
    expect(outcome?.epochs).toBeLessThan(60);
    expect(outcome?.epochs).toBe((outcome?.selectedEpoch ?? 0) + 2);
  });

  test('leaves only whole checkpoint files', async () => {
    const { events } = await train('files', { epochs: 2 });
    const path = lastCheckpoint(events);
    expect(readFileSync(path).length).toBeGreaterThan(1000);
    expect(() => readCheckpoint(path)).not.toThrow();
  });
});

describe('the paper protocol', () => {
  const everyTarget = leaveLastOut(data, { validation: false });
  const paper = { protocol: 'paper', learningRate: 0.02 };

  test('trains on all but the last interaction, and reports the best epoch on the test items beside the last', async () => {
    expect(everyTarget.trainEnds()).toEqual(data.offsets.slice(1).map((end) => end - 1));
    const { outcome, events } = await train(
      'paper',
      { ...paper, epochs: 9, evaluateEvery: 2 },
      {},
      everyTarget,
    );
    const curves = events.flatMap((event) => (event.type === 'series' ? event.points : []));
    const points = curves.filter(({ metric }) => metric === 'test/ndcg@10');
    const [epochs, values] = [points.flatMap((p) => p.epochs), points.flatMap((p) => p.values)];
    expect(epochs).toEqual([2, 4, 6, 8, 9]);
    expect(curves.some(({ metric }) => metric.startsWith('valid/'))).toBe(false);
    const best = Math.max(...values);
    expect(outcome).toMatchObject({ selection: 'test', selectedEpoch: epochs[values.indexOf(best)] });
    const [final, selected] = outcome?.ranks ?? [];
    expect(rankMetrics(final)['final/ndcg@10']).toBe(values.at(-1));
    expect(rankMetrics(selected)['test/ndcg@10']).toBe(best);
  });

  test('a training stopped and resumed equals one at once, and the last epoch can be what is tested', async () => {
    const config = { ...paper, epochs: 4, learningRate: 0.05 };
    const whole = await train('paper-whole', config, {}, everyTarget);
    const first = await train('paper-parts', config, { stopAtEpoch: 2 }, everyTarget);
    const resumeFrom = lastCheckpoint(first.events);
    const second = await train('paper-parts', config, { resumeFrom }, everyTarget);
    expect(second.outcome?.ranks).toEqual(whole.outcome?.ranks);
    const last = await train('paper-last', { ...config, selection: 'final-epoch' }, {}, everyTarget);
    expect(last.outcome).toMatchObject({ selection: 'final-epoch', selectedEpoch: 4 });
    expect(last.outcome?.ranks.map((ranks) => ranks.split)).toEqual(['test']);
    expect(last.outcome?.ranks[0].ranks).toEqual(whole.outcome?.ranks[0].ranks);
  });
});

test('a ranking that would not fit is refused before it runs, with how many rows would', async () => {
  const config = sasrecConfig({ dropout: 0 });
  const model = sasRecModel(config, { users: data.users, items: data.items });
  const device = await cpu();
  await new StepRunner(model, config, device, 1).load(initialise(model.parameters, 9));
  const set = evaluationSet(split, 'test');
  const rule: RankingRule = { historyFilter: 'all', historyWindow: 200, rankLimit: null };
  const options = { model, data, set, device, rule, microBatchTokens: 4096, topK: 10 };
  // 100 kB beside what is left to everything else.
  const available = vi.spyOn(process, 'availableMemory').mockReturnValue(2 ** 29 + 1e5);
  onTestFinished(() => available.mockRestore());
  await expect(new DeviceRanker(options).rank(() => {})).rejects.toThrow(
    /^a batch of the ranking takes about 0\.\d GiB of memory, and 0\.0 GiB are free; set a lower microBatchTokens: \d+ rows of \d+ fit, not \d+$/,
  );
  available.mockReturnValue(2 ** 31);
  await new DeviceRanker(options).rank(() => {});
  await device.dispose();
});

test.each<RankingRule>([
  { historyFilter: 'all', historyWindow: 200, rankLimit: null },
  { historyFilter: 'window', historyWindow: 3, rankLimit: 40 },
  { historyFilter: 'none', historyWindow: 200, rankLimit: null },
])('ranks counted on the device equal ranks counted on the host: $historyFilter', async (rule) => {
  const config = sasrecConfig({ dropout: 0 });
  const model = sasRecModel(config, { users: data.users, items: data.items });
  const device = await cpu();
  await new StepRunner(model, config, device, 1).load(initialise(model.parameters, 9));
  const set = evaluationSet(split, 'test');
  const options = { model, data, set, device, rule, microBatchTokens: 512 };
  const ranked = await new DeviceRanker({ ...options, topK: 10 }).rank(() => {});
  const shape = { rows: 1, length: 30 };
  const scoring = await device.compile({
    name: 'score',
    state: model.parameters,
    inputs: scoringSpecs(model, shape),
    run: (state, inputs) => ({ state: {}, outputs: { scores: model.scores(state, inputs, shape) } }),
  });
  let crossEntropy = 0;
  for (let i = 0; i < set.users.length; i++) {
    const history = data.itemIds.subarray(data.offsets[set.users[i]], set.historyEnds[i]).slice(-30);
    const ids = new Int32Array(30);
    ids.set(history.map((item) => item + 1));
    const { scores } = await scoring.run({ ids, lengths: Int32Array.of(history.length) });
    const columns = filteredItems(data, set, i, rule);
    const expected = rankBlock({
      scores: scores as Float32Array,
      items: data.items,
      targets: [set.targets[i]],
      filter: { offsets: [0, columns.length], columns },
      rankIfAbsent: rule.rankLimit === null ? undefined : rule.rankLimit + 1,
      topK: 10,
    });
    expect(ranked.ranks[i]).toBe(Math.min(expected.ranks[0], 1 + (rule.rankLimit ?? data.items)));
    expect(ranked.topItems.slice(i * 10, (i + 1) * 10)).toEqual(expected.topItems);
    const logits = Array.from(scores, (score) => score / config.temperature);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    crossEntropy += (Math.log(sum) - logits[set.targets[i]]) / set.users.length;
  }
  expect(ranked.crossEntropy).toBeCloseTo(crossEntropy, 4);
  // Targets that the filter removes must have been among them.
  if (rule.rankLimit !== null) {
    const repeated = Array.from(set.users, (_, i) =>
      filteredItems(data, set, i, rule).includes(set.targets[i]),
    );
    expect(repeated).toContain(true);
  }
  await device.dispose();
});
