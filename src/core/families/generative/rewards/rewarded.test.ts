/** TIGER that goes on by reward: on a generated data set, and on one whose best reward is known. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  home,
  importSample,
  prepared,
  type Trained,
  type TrainOptions,
  testRanks,
  tokeniser,
  trainOnSample,
} from '../../../../../test/semantic-ids/sample-ids.ts';
import { importDataset } from '../../../data/import/import.ts';
import { openInteractions, readItemIds } from '../../../data/read.ts';
import { selectSnapshot, writeSnapshot } from '../../../semantic-ids/artefact.ts';
import { readCheckpoint } from '../../../training/checkpoints.ts';
import type { SourceRun } from '../../../training/events.ts';
import { resolveConfig } from '../../registry.ts';
import { catalogueOf, tokenLevels } from '../code-tokens.ts';
import { rewarded } from '../models/rewarded.ts';
import { epochsDrawn, GroupKeeper, readDrawnGroups } from './drawn-groups.ts';
import { PolicyScorer } from './policy-scorer.ts';
import { ranksOf, rewardsOf } from './rewards.ts';

const small = {
  ...{ tokeniser: 'ids', dim: 16, heads: 2, headDim: 8, ffnDim: 16, encoderBlocks: 1, decoderBlocks: 1 },
  ...{ userTokens: 0, maxLength: 2, epochs: 2, learningRate: 0.01, patience: 0 },
  ...{ validationUsers: 10, validationBeams: 10, beams: 12, encoding: 'causal' },
};

let started: Promise<SourceRun & { trained: Trained }> | undefined;
/** A trained TIGER that others go on from. */
const policyRun = () => {
  started ??= policyOf('policy', small);
  return started;
};

async function policyOf(name: string, config: Record<string, unknown>, options: TrainOptions = {}) {
  const trained = await trainOnSample(name, 'tiger', config, options);
  const full = resolveConfig('tiger', { overrides: config });
  const dir = join(home, name);
  return {
    run: name,
    name,
    model: 'tiger',
    config: full,
    dir,
    checkpoint: trained.best.at(-1) ?? '',
    trained,
  };
}

const little = { epochs: 1, epochSteps: 3, batchSize: 16, group: 6, learningRate: 1e-3 };

async function reward(
  name: string,
  config: Record<string, unknown>,
  options: TrainOptions & { from?: SourceRun; gone?: boolean } = {},
) {
  const { from = await policyRun(), gone = false, ...rest } = options;
  const given = { policy: from.name, ...rewarded.rewarded?.given(from), ...little, ...config };
  const sources = gone ? rest.sources : { ...rest.sources, policy: from };
  return trainOnSample(name, 'rewarded', given, { ...rest, sources });
}

const valuesOf = (path: string) => {
  const { tensors } = readCheckpoint(path);
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));
};

test('rewards: a hit counts one, the others lose one together, most at the top; nothing without a hit', () => {
  const rewards = rewardsOf([false, true, false, false], [1, 3, 2, 4], true);
  expect(rewards[1]).toBe(1);
  expect(rewards[0] + rewards[2] + rewards[3]).toBeCloseTo(-1, 12);
  const raw = [1, Math.log2(2) / Math.log2(3), 1 / Math.log2(5)];
  const sum = raw.reduce((a, b) => a + b);
  expect([rewards[0], rewards[2], rewards[3]]).toEqual(raw.map((value) => expect.closeTo(-value / sum, 12)));
  expect(rewardsOf([false, false], [1, 2], true)).toEqual([0, 0]);
  expect(rewardsOf([true, false], [2, 1], false)).toEqual([1, 0]);
  expect(ranksOf([-3, -1, -3, -2])).toEqual([3, 1, 4, 2]);
});

test('groups of the last step before each validation are kept as they were drawn, and what they were worth', async () => {
  const { series } = await reward('kept', { epochs: 2, group: 8 });
  const dir = join(home, 'kept');
  expect(epochsDrawn(dir)).toEqual([1, 2]);
  for (const epoch of [1, 2]) {
    const { step, groups, groupsDrawn } = readDrawnGroups(dir, epoch);
    expect([step, groupsDrawn]).toEqual([3 * epoch, 16]);
    expect(groups).toHaveLength(4);
    expect(series['train/reward'][step - 1] > 0).toBe(
      groups.some(({ ids }) => ids.some(({ isNext }) => isNext)),
    );
    for (const { ids, next } of groups) {
      const probabilities = ids.map(({ probability }) => probability);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
      const hits = ids.map(
        ({ codes, collisionToken }) =>
          `${codes} ${collisionToken}` === `${next.codes} ${next.collisionToken}`,
      );
      expect(ids.map(({ isNext }) => isNext)).toEqual(hits);
      expect(ids.map(({ item }) => item === next.item)).toEqual(hits);
      const ranks = ids.map((_, at) => at + 1);
      expect(ids.map(({ reward: worth }) => worth)).toEqual(rewardsOf(hits, ranks, true));
      expect(ids.reduce((sum, { advantage }) => sum + advantage, 0)).toBeCloseTo(0, 9);
    }
  }
  expect(epochsDrawn(join(home, 'policy'))).toEqual([]);
});

test('of many groups without a hit, the first with one is kept', () => {
  const catalogue = catalogueOf(
    { levels: tokenLevels([2, 2]), tokens: Int32Array.of(1, 3, 1, 4, 2, 3) },
    3,
    null,
  );
  const dir = join(home, 'keeper');
  const keeper = new GroupKeeper(catalogue, dir);
  const group = (user: number, isHit: boolean) => ({
    ...{ user, target: Int32Array.of(1, 4), ids: [Int32Array.of(2, 3), Int32Array.of(1, isHit ? 4 : 3)] },
    ...{ sums: [-2, -1], ranks: [2, 1], rewards: [0, 1], advantages: [-1, 1], hits: [false, isHit] },
  });
  keeper.begin(7);
  keeper.write(0);
  expect(epochsDrawn(dir)).toEqual([]);
  for (let user = 0; user < 9; user++) keeper.add(group(user, user > 5));
  keeper.write(10);
  const { groups, ...rest } = readDrawnGroups(dir, 10);
  expect(rest).toEqual({ format: 1, epoch: 10, step: 7, groupsDrawn: 9 });
  expect(groups.map(({ user }) => user)).toEqual([0, 1, 2, 6]);
  expect(groups[3].ids).toMatchObject([
    { codes: [0, 1], item: 1, others: 0, isNext: true, advantage: 1 },
    { codes: [1, 0], item: 2, isNext: false },
  ]);
  writeFileSync(join(dir, 'drawn-groups', 'epoch-10.json'), '{"format":1}');
  expect(() => readDrawnGroups(dir, 10)).toThrow('not a list of drawn groups');
});

test('a step that changes nothing has no divergence, and lists are those of the start, which is epoch 0', async () => {
  const { trained } = await policyRun();
  const { result, series } = await reward('still', { learningRate: 1e-12 });
  expect(Math.max(...series['train/kl'])).toBeLessThan(1e-9);
  expect(series['train/distinct'].every((share) => share === 1)).toBe(true);
  expect(result?.selectedEpoch).toBe(0);
  const [ours, theirs] = [testRanks({ ...trained, result }), testRanks(trained)];
  expect(ours.ranks).toEqual(theirs.ranks);
  expect(ours.topItems).toEqual(theirs.topItems);
});

test('what is drawn is by the policy of this very step', async () => {
  const seen: { labels: Int32Array; logs: Float32Array }[] = [];
  const { score } = PolicyScorer.prototype;
  const spy = vi.spyOn(PolicyScorer.prototype, 'score').mockImplementation(async function (
    this: PolicyScorer,
    of,
    shape,
    inputs,
  ) {
    const scores = await score.call(this, of, shape, inputs);
    if (of === 'present') seen.push({ labels: inputs.labels as Int32Array, logs: scores.logProbabilities });
    return scores;
  });
  const { series } = await reward('present', { learningRate: 0.02, epochSteps: 5, klWeight: 0.5 });
  spy.mockRestore();
  expect(seen.length).toBeGreaterThan(4);
  for (const { labels, logs } of seen) {
    const sums = Array.from({ length: labels.length / 4 }, (_, id) =>
      logs.slice(4 * id, 4 * id + 4).reduce((a, b) => a + b),
    );
    for (let id = 1; id < sums.length; id++) {
      // The beams of a row come by falling probability, which is the present one.
      if (id % little.group !== 0 && labels[4 * id] > 0) expect(sums[id]).toBeLessThan(sums[id - 1] + 1e-4);
    }
  }
  // Every ratio is 1 and the advantages of a group sum to 0: of the loss, the divergence is left.
  for (const [step, loss] of series['train/loss'].entries())
    expect(loss).toBeCloseTo(0.5 * series['train/kl'][step], 4);
  expect(series['train/kl'].at(-1)).toBeGreaterThan(1e-4);
});

test('neither rewards nor preferences know an item that is held out', async () => {
  // The same data set, in which everybody's validation item and test item have changed places.
  const exchanged = await importSample('exchanged', (lines) => {
    const rows = lines.map((line) => line.split(','));
    const byUser = Map.groupBy(rows, ([user]) => user);
    for (const own of byUser.values()) {
      const [last, before] = own.toSorted((a, b) => Number(b[3]) - Number(a[3]));
      [last[1], before[1]] = [before[1], last[1]];
    }
    return rows.map((row) => row.join(','));
  });
  expect(await readItemIds(exchanged)).toEqual(await readItemIds(await prepared));
  const [a, b] = await Promise.all(
    [prepared, exchanged].map(async (dir) => (await openInteractions(await dir)).itemIds),
  );
  expect(a).not.toEqual(b);
  for (const objective of ['grpo', 's-dpo']) {
    const config = { objective, selection: 'final-epoch', negativeItems: 'popularity', drawing: 'sample' };
    const here = await reward(`${objective}-here`, config);
    const there = await reward(`${objective}-there`, config, { dataset: exchanged });
    expect(valuesOf(there.last)).toEqual(valuesOf(here.last));
  }
});

test.each([
  { objective: 'grpo', drawing: 'sample', updates: 2, clipRange: 0.001, learningRate: 0.01 },
  { objective: 's-dpo', negativeItems: 'unseen' },
])(
  'stopped and resumed without the run that it began with, $objective equals one at once',
  async (config) => {
    const options = { ...config, epochs: 2 };
    const name = String(config.objective);
    const whole = await reward(`${name}-whole`, options);
    const first = await reward(`${name}-parts`, options, { stopAtEpoch: 1 });
    expect(first.result).toBeNull();
    const second = await reward(`${name}-parts`, options, { resumeFrom: first.last, gone: true });
    expect(readCheckpoint(second.last).tensors).toEqual(readCheckpoint(whole.last).tensors);
    expect(second.result?.ranks).toEqual(whole.result?.ranks);
    if (name === 'grpo') {
      expect(whole.series['train/clipped'].at(-1)).toBeGreaterThan(0.01);
      expect(whole.series['train/distinct'].some((share) => share < 1)).toBe(true);
    }
  },
);

test('stopped between the last step of an epoch and its validation, and resumed, a run keeps what one at once keeps', async () => {
  // Each epoch is past the limit, which ends the run with the first.
  const config = { drawing: 'sample', epochs: 2, klLimit: 1e-6, learningRate: 0.02 };
  const whole = await reward('limit-whole', config);
  const first = await reward('limit-parts', config, { stopBeforeValidation: 1 });
  expect(first).toMatchObject({ result: null, best: [expect.stringContaining('best-0')] });
  const second = await reward('limit-parts', config, { resumeFrom: first.last, gone: true });
  expect(second.result).toEqual({
    ...whole.result,
    seconds: expect.anything(),
    listSeconds: expect.anything(),
  });
  expect(epochsDrawn(join(home, 'limit-parts'))).toEqual([1]);
  expect(readDrawnGroups(join(home, 'limit-parts'), 1)).toEqual(
    readDrawnGroups(join(home, 'limit-whole'), 1),
  );
});

test.each([
  { limit: { klLimit: 1e-6 }, of: 'Divergence from the start' },
  { limit: { leastDistinct: 1, drawing: 'sample' }, of: 'Distinct IDs' },
])('a run ends with the epoch that is past $limit, which is tested, and says so', async ({ limit, of }) => {
  const { result, said, last } = await reward(`past-${of}`, { ...limit, epochs: 3, learningRate: 0.02 });
  expect(result).toMatchObject({ status: 'completed', epochs: 1 });
  expect(readCheckpoint(last).state).toMatchObject({ epoch: 1, step: 3 });
  expect(said.join()).toContain(`Stopped early: ${of}, `);
  expect(said.join()).toContain(` ${Object.entries(limit)[0].join('=')}`);
});

test('a limit of distinct IDs is refused where each is drawn once', () => {
  const overrides = { policy: 'policy', leastDistinct: 0.7 };
  expect(() => resolveConfig('rewarded', { overrides })).toThrow('set objective=grpo and drawing=sample');
  expect(resolveConfig('rewarded', { overrides: { ...overrides, drawing: 'sample' } })).toMatchObject({
    leastDistinct: 0.7,
    klLimit: 0,
  });
});

const ITEMS = 12;
let onCycle: Promise<TrainOptions & { from: SourceRun }> | undefined;
/** Histories in which each item has one successor, IDs of 3 × 4 codes, and a policy that knows nothing yet. */
const cycle = () => {
  onCycle ??= prepareCycle();
  return onCycle;
};

async function prepareCycle() {
  const lines = Array.from({ length: 60 }, (_, user) =>
    Array.from(
      { length: 10 },
      (_, at) => `u${user},i${String((user + at) % ITEMS).padStart(2, '0')},${1e9 + at}`,
    ),
  ).flat();
  writeFileSync(join(home, 'cycle.csv'), `user,item,timestamp\n${lines.join('\n')}\n`);
  const { id } = await importDataset({ paths: [join(home, 'cycle.csv')] }, { home });
  const dataset = join(home, 'datasets', id);
  const dir = join(home, 'cycle-ids');
  const codes = Int32Array.from({ length: 2 * ITEMS }, (_, at) => (at % 2 === 0 ? at >> 3 : (at >> 1) % 4));
  const ids = {
    levels: 2,
    codebookSizes: [3, 4],
    items: ITEMS,
    codes,
    collisionTokens: new Int32Array(ITEMS),
  };
  writeSnapshot(dir, { step: 1, epoch: 1, ids, codebooks: [] });
  selectSnapshot(dir, 1);
  const options = { dataset, sources: { tokeniser: { ...tokeniser, dir } } };
  const untrained = { ...small, epochs: 1, learningRate: 1e-9, historyFilter: 'none' };
  return { ...options, from: await policyOf('untrained', untrained, options) };
}

const lastMean = (values: readonly number[]) => values.slice(-10).reduce((a, b) => a + b) / 10;

test('where the next item follows from the last, an untrained policy comes to the full reward', async () => {
  // Groups of all IDs: each has a hit, whose rank alone can rise.
  const config = { group: ITEMS, klWeight: 0, epochSteps: 60, batchSize: 64, learningRate: 0.01 };
  const { series, result } = await reward('cycle', config, await cycle());
  expect(series['train/gain'][0]).toBeLessThan(0.5);
  expect(lastMean(series['train/gain'])).toBeGreaterThan(0.95);
  expect(result?.metrics['test/mrr']).toBeGreaterThan(0.9);
  expect(result?.selectedEpoch).toBe(1);
  expect(series['train/entropy'].at(-1)).toBeLessThan(0.8 * series['train/entropy'][0]);
  expect(series['train/reward'].every((share) => Math.abs(share - 1 / ITEMS) < 1e-9)).toBe(true);
});

test('there, preferences over several negatives come to favour the item that came next, from none at the start', async () => {
  const config = { objective: 's-dpo', negatives: 4, epochSteps: 60, batchSize: 64, learningRate: 0.01 };
  const { series, result } = await reward('preferred', config, await cycle());
  // softplus(ln 4) before the first step.
  expect(series['train/loss'][0]).toBeCloseTo(Math.log(5), 4);
  expect(series['train/preferred'][0]).toBe(0);
  expect(lastMean(series['train/preferred'])).toBeGreaterThan(0.9);
  expect(result?.metrics['test/mrr']).toBeGreaterThan(0.7);
});
