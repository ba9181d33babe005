/** TIGER through the trainer, on a generated data set and IDs made of its genres. */
import { describe, expect, test, vi } from 'vitest';
import { some } from '../../../../test/form.ts';
import {
  CODES,
  prepared,
  type Trained,
  type TrainOptions,
  tokeniser,
  trainOnSample,
} from '../../../../test/semantic-ids/sample-ids.ts';
import { openInteractions, readItemCards } from '../../data/read.ts';
import { readCheckpoint } from '../../training/checkpoints.ts';
import type { RunResult } from '../../training/events.ts';
import { recommend } from '../recommend.ts';
import { traceDecoding } from './generate.ts';
import { tiger } from './models/tiger.ts';
import { BeamLister } from './search/beam-lister.ts';
import { tokensOf } from './search/beam-search.ts';

const small = {
  tokeniser: 'ids',
  dim: 16,
  heads: 2,
  headDim: 8,
  ffnDim: 16,
  encoderBlocks: 1,
  decoderBlocks: 1,
  userTokens: 10,
  maxLength: 3,
  epochs: 4,
  learningRate: 0.01,
  patience: 0,
  validationUsers: 40,
  validationBeams: 10,
  beams: 12,
};

const train = (
  name: string,
  overrides: Record<string, unknown>,
  { model, ...options }: TrainOptions & { model?: string } = {},
) => trainOnSample(name, model ?? 'tiger', model ? overrides : { ...small, ...overrides }, options);

const free = { softmax: 'vocabulary', decoding: 'free', head: 'separate', separator: true };

const encodings = [
  { encoding: 'prefixes', options: free },
  { encoding: 'causal', options: { epochs: 2 } },
];
describe.each(some(encodings, 1))('trained on $encoding', ({ encoding, options }) => {
  test('it learns, and ranks as the list says', async () => {
    const { result, losses } = await train(encoding, { ...options, encoding, batchSize: 64 });
    const half = losses.length / 2;
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(half))).toBeLessThan(0.9 * mean(losses.slice(0, half)));
    const ranks = result?.ranks.find(({ split }) => split === 'test');
    if (!ranks) throw new Error('nothing was tested');
    expect(result?.protocol.samples).toEqual([`valid: 40 of ${ranks.users.length} users`]);
    ranks.users.forEach((_, i) => {
      const place = ranks.topItems.subarray(i * ranks.topK, (i + 1) * ranks.topK).indexOf(ranks.targets[i]);
      // The collision token tells every item apart, so that a place is a rank.
      expect(ranks.ranks[i] <= ranks.topK ? ranks.ranks[i] - 1 : -1).toBe(place);
    });
    const divergences = [1, 2, 3, 4].map(
      (level) => result?.metrics[`test/first-divergence@${level}`] ?? Number.NaN,
    );
    expect(divergences.reduce((a, b) => a + b)).toBeLessThan(1);
    const accuracies = [1, 2, 3, 4].map(
      (level) => result?.metrics[`test/level-accuracy@${level}`] ?? Number.NaN,
    );
    // Better than chance on the genre.
    expect(accuracies[0]).toBeGreaterThan(1.5 / CODES);
    expect(accuracies.every((share) => share >= 0 && share <= 1)).toBe(true);
    const invalid = result?.metrics['test/invalid@10'];
    if (options === free) expect(invalid).toBeGreaterThanOrEqual(0);
    else expect(invalid).toBeUndefined();
    const hits = (part: string) => result?.metrics[`test/${part}hr@10`] ?? Number.NaN;
    expect(hits('id-')).toBe(hits(''));
    expect(hits('semantic-')).toBeGreaterThanOrEqual(hits('id-'));
    expect(hits('semantic-')).toBe(hits('prefix-'));
  });

  test('stopped and resumed, it equals one at once', async () => {
    const config = { ...options, encoding, epochs: 2, batchSize: 64 };
    const whole = await train(`${encoding}-whole`, config);
    const first = await train(`${encoding}-parts`, config, { stopAtEpoch: 1 });
    expect(first.result).toBeNull();
    const second = await train(`${encoding}-parts`, config, { resumeFrom: first.last });
    expect(readCheckpoint(second.last).tensors).toEqual(readCheckpoint(whole.last).tensors);
    expect(second.result?.ranks).toEqual(whole.result?.ranks);
  });
});

test('a user with several targets has one list, which is made once and ranks all of them', async () => {
  const lists = vi.spyOn(BeamLister.prototype, 'lists');
  const later = { split: 'time', testShare: 0.3, targets: 'all', epochs: 1 };
  const { result } = await train('several', { ...later, encoding: 'causal' });
  const made = lists.mock.calls.reduce((count, [, , requests]) => count + requests.length, 0);
  lists.mockRestore();
  const [valid, test] = (result?.ranks ?? []).map((ranks) => ({ ...ranks, of: new Set(ranks.users).size }));
  expect(test.of).toBeLessThan(test.users.length / 2);
  // Validation chooses the epoch, and is reported.
  expect(made).toBe(2 * valid.of + test.of);
  const { users, targets, ranks, topK, topItems } = test;
  for (const [row, user] of users.entries()) {
    const head = users.indexOf(user);
    const place = topItems.subarray(head * topK, (head + 1) * topK).indexOf(targets[row]);
    expect(ranks[row] <= topK ? ranks[row] - 1 : -1).toBe(place);
  }
});

test('a beam as wide as the catalogue finds every target that has an ID', async () => {
  const { result } = await train('wide', {
    epochs: 1,
    encoding: 'causal',
    beams: 120,
    collisionToken: false,
  });
  const ranks = result?.ranks.find(({ split }) => split === 'test');
  const { items } = await openInteractions(await prepared);
  const cards = await readItemCards(
    await prepared,
    Array.from({ length: items }, (_, item) => item),
  );
  const genres = [...new Set(cards.map(({ side }) => String(side.genres).split('|')[0]))].sort();
  const nameless = new Set(
    cards.filter(({ side }) => String(side.genres).startsWith(genres.at(-1) ?? '')).map(({ item }) => item),
  );
  expect(nameless.size).toBeGreaterThan(0);
  expect(result?.metrics['test/first-divergence@1']).toBe(0);
  // Two items have each ID here, and a rank counts both.
  const [hr, id, semantic, prefix] = ['', 'id-', 'semantic-', 'prefix-'].map(
    (part) => result?.metrics[`test/${part}hr@10`] ?? Number.NaN,
  );
  expect(hr).toBeLessThanOrEqual(id);
  expect(id).toBe(semantic);
  expect(id).toBeLessThanOrEqual(prefix);
  ranks?.users.forEach((_, i) => {
    expect(
      ranks.topItems.subarray(i * ranks.topK, (i + 1) * ranks.topK).some((item) => nameless.has(item)),
    ).toBe(false);
    if (nameless.has(ranks.targets[i])) expect(ranks.ranks[i]).toBeGreaterThan(items - nameless.size - 60);
  });
});

describe('items hidden from training', () => {
  const hiding = { coldItems: 0.2, coldSeed: 4 };
  let again: Promise<Trained> | undefined;

  test('join the lists of TIGER by their prefix, up to their share, and are no target that it trains on', async () => {
    const { result } = await train('cold', { ...hiding, encoding: 'causal', coldShare: 0.2 });
    expect(result?.metrics['test/cold-users']).toBeGreaterThan(5);
    const share = result?.metrics['test/cold-share@10'] ?? 0;
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(0.2);
    const curve = [0, 5, 10, 20, 30, 50, 100].map((k) => {
      const value = (name: string) => result?.metrics[`test/${name}@${k}`] ?? Number.NaN;
      return { all: value('hr-by-share'), cold: value('cold-hr-by-share') };
    });
    expect(curve[3]).toEqual({
      all: result?.metrics['test/hr@10'],
      cold: result?.metrics['test/cold-hr@10'],
    });
    expect(curve[0].cold).toBe(0);
    const cold = curve.map((point) => point.cold);
    expect(cold).toEqual([...cold].sort((a, b) => a - b));
    expect(cold[6]).toBeGreaterThan(cold[1]);
    // Lists are of 12 sequences and a fifth more, of 120 items.
    expect(result?.metrics['test/cold-hr@20']).toBeGreaterThan(0.1);
    expect(result?.protocol).toMatchObject({
      coldItems: 0.2,
      coldSeed: 4,
      generation: '12 beams, constrained',
    });
    const without = await train('cold-none', { ...hiding, encoding: 'causal', coldShare: 0, epochs: 1 });
    expect(without.result?.metrics['test/cold-share@10']).toBe(0);
  });

  const cold = [
    { model: 'popularity', config: {}, found: false },
    { model: 'itemknn', config: {}, found: false },
    { model: 'sasrec', config: { dim: 8, blocks: 1, heads: 1, epochs: 1 }, found: null },
    { model: 'content-knn', config: { contentDim: 16 }, found: true },
  ];
  test.each(some(cold, 2))(
    'are the same for $model, and reported alike',
    async ({ model, config, found }) => {
      const { result } = await train(`cold-${model}`, { ...hiding, ...config }, { model });
      again ??= train('cold-again', { ...hiding, encoding: 'causal', epochs: 1 });
      const { result: tiger } = await again;
      const coldNames = (of: RunResult | null) =>
        Object.keys(of?.metrics ?? {}).filter(
          (name) => name.startsWith('test/cold-') && !name.includes('by-share'),
        );
      expect(coldNames(result)).toEqual(coldNames(tiger));
      expect(result?.metrics['test/cold-users']).toBe(tiger?.metrics['test/cold-users']);
      const values = ['share@10', 'hr@50'].map((name) => result?.metrics[`test/cold-${name}`] ?? Number.NaN);
      for (const value of values) {
        if (found === true) expect(value).toBeGreaterThan(0.1);
        else if (found === false) expect(value).toBe(0);
        else expect(value).toBeLessThan(1);
      }
    },
  );
});

test('sampled lists repeat with their seed, are more diverse at a higher temperature, and are told in the protocol', async () => {
  const config = { encoding: 'causal', beams: 20, epochs: 2, learningRate: 0.02 };
  const { last } = await train('to-sample', config);
  const sampled = (name: string, changes: Record<string, unknown>) =>
    train(name, { ...config, ...changes }, { evaluate: last });
  const beams = await sampled('beams', {});
  const [cool, again, hot] = await Promise.all(
    [0.2, 0.2, 5].map((temperature, i) =>
      sampled(`sampled-${i}`, { decoding: 'sample', samplingTemperature: temperature }),
    ),
  );
  expect(again.result?.ranks).toEqual(cool.result?.ranks);
  expect(cool.result?.ranks).not.toEqual(beams.result?.ranks);
  expect(cool.result?.protocol).toMatchObject({ generation: '20 beams, sample at temperature 0.2' });
  const diversity = ({ result }: Trained) => result?.metrics['test/category-entropy@10'] ?? Number.NaN;
  expect(diversity(hot)).toBeGreaterThan(diversity(cool) + 0.1);
  expect(diversity(beams)).toBeGreaterThan(0);
  expect(Object.keys(beams.result?.metrics ?? {})).toContain('test/category-entropy@20');
});

test('recommendations are the head of the tree of the same user, and those of the test the ranked list', async () => {
  const config = { ...small, encoding: 'causal', softmax: 'continuations', epochs: 1 };
  const { last, result: trained } = await train('asked', config);
  const request = {
    model: 'tiger',
    config,
    checkpoint: last,
    datasetDir: await prepared,
    ...({
      user: 5,
      place: 'next',
      k: 5,
      seed: 3,
      device: 'cpu',
      threads: 1,
      sources: { tokeniser },
    } as const),
  };
  const list = await recommend(request);
  expect(list).toHaveLength(5);
  expect(list.map(({ score }) => score)).toEqual(list.map(({ score }) => score).sort((a, b) => b - a));
  const data = await openInteractions(await prepared);
  const history = new Set(data.itemIds.subarray(data.offsets[5], data.offsets[6]));
  expect(list.some(({ item }) => history.has(item))).toBe(false);

  const ranks = trained?.ranks.find(({ split }) => split === 'test');
  const at = ranks?.users.indexOf(5) ?? -1;
  const tested = await recommend({ ...request, place: 'test', k: 10 });
  expect(tested.map(({ item }) => item)).toEqual([
    ...(ranks?.topItems.subarray(at * 10, (at + 1) * 10) ?? []),
  ]);

  const traced = await traceDecoding(tiger, { ...request, beams: 12 });
  const { result, target, itemsOf, continuations, starts } = traced;
  // Every kept code is among those that may follow its prefix, as probable as the search had it.
  for (const [level, { tokens, parents, scores: sums }] of result.levels.entries()) {
    for (const [beam, token] of tokens.entries()) {
      if (sums[beam] === Number.NEGATIVE_INFINITY) continue;
      const after = continuations[level][parents[beam]];
      const before = level === 0 ? 0 : result.levels[level - 1].scores[parents[beam]];
      const place = after?.codes.indexOf(token - starts[level]) ?? -1;
      expect(after?.probabilities[place]).toBeCloseTo(Math.exp(sums[beam] - before), 5);
      expect(after?.probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(after?.leftOut).toBeGreaterThanOrEqual(0);
    }
  }
  expect(traced.history.at(-1)?.item).toBe(data.itemIds[data.offsets[6] - 2]);
  expect(target?.item).toBe(data.itemIds[data.offsets[6] - 1]);
  const { nodes, scores } = result.levels[3];
  const found = [...nodes].findIndex((node) => node >= 0 && itemsOf(node).includes(target?.item ?? -1));
  if (found >= 0) {
    expect(tokensOf(result.levels, found)).toEqual(target?.path?.tokens);
    expect(scores[found]).toBeCloseTo(target?.path?.scores[3] ?? 0, 5);
  }
});
