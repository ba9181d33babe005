/** RPG through the trainer, on a generated data set and IDs made of its genres. */
import { describe, expect, test } from 'vitest';
import {
  prepared,
  type Trained,
  testRanks,
  tokeniser,
  trainOnSample,
} from '../../../../../test/semantic-ids/sample-ids.ts';
import { openInteractions } from '../../../data/read.ts';
import { recommend } from '../../recommend.ts';
import { Rpg, rpgSchema } from './rpg.ts';

/** Learns on the sample in a second. */
const smallRpg = {
  tokeniser: 'ids',
  dim: 16,
  heads: 2,
  ffnDim: 16,
  blocks: 1,
  maxLength: 20,
  dropout: 0.1,
  temperature: 0.2,
  epochs: 18,
  evaluateEvery: 9,
  learningRate: 0.01,
  batchSize: 64,
  patience: 0,
};

test('RPG begins the layers that add to its blocks smaller where it is told to, and no others', () => {
  const levels = {
    starts: [1, 5],
    sizes: [4, 4],
    semantic: 2,
    outputs: 9,
    inputs: 9,
    userTokens: 0,
    separator: null,
  };
  const stds = (residualInit: string) => {
    const { parameters } = new Rpg(rpgSchema.parse({ ...smallRpg, blocks: 8, residualInit }), levels);
    return Object.entries(parameters).flatMap(([name, { init }]) =>
      init.kind === 'normal' ? [[name, init.std] as const] : [],
    );
  };
  const [plain, scaled] = [stds('plain'), stds('scaled')];
  const smaller = scaled.filter(([, std], at) => std !== plain[at][1]);
  expect(smaller.map(([name]) => name.replace(/^blocks\/\d/, ''))).toEqual(
    Array.from({ length: 8 }, () => ['/out/weight', '/ffn/1/weight']).flat(),
  );
  for (const [, std] of smaller) expect(std).toBeCloseTo(0.02 / 4, 12);
});

describe('RPG', () => {
  const config = { ...smallRpg, coldItems: 0.2, coldSeed: 4 };
  const trained = trainOnSample('rpg', 'rpg', config);
  const evaluated = async (name: string, changes: Record<string, unknown>) => {
    const { last } = await trained;
    return trainOnSample(name, 'rpg', { ...config, ...changes }, { evaluate: last });
  };
  test('learns, ranks every item that has an ID as the list says, and hidden ones wherever they belong', async () => {
    const { result, losses } = await trained;
    const fifth = losses.length / 5;
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-fifth))).toBeLessThan(0.8 * mean(losses.slice(0, fifth)));
    const ranks = testRanks(await trained);
    let first = 0;
    ranks.users.forEach((_, i) => {
      const list = ranks.topItems.subarray(i * ranks.topK, (i + 1) * ranks.topK);
      const place = list.indexOf(ranks.targets[i]);
      // Items of equal codes share the last one's place.
      if (place >= 0) expect(ranks.ranks[i]).toBeGreaterThan(place);
      else expect(ranks.ranks[i]).toBeGreaterThan(ranks.topK);
      if (place === 0) first++;
    });
    expect(first).toBeGreaterThan(0);
    expect(result?.metrics['test/cold-share@10']).toBeGreaterThan(0.05);
    expect(result?.metrics['test/cold-hr@20']).toBeGreaterThan(0.1);
    expect(result?.protocol).toMatchObject({ generation: 'scores of all IDs' });
  });

  test('finds by the graph what exact scores find where each item leads to all, and most where it leads to a few', async () => {
    const exact = await evaluated('rpg-exact', {});
    expect(testRanks(exact).ranks).toEqual(testRanks(await trained).ranks);
    const all = await evaluated('rpg-all', { retrieval: 'graph', graphEdges: 500, beams: 5, graphSteps: 1 });
    expect(testRanks(all).ranks).toEqual(testRanks(exact).ranks);
    expect(testRanks(all).topItems).toEqual(testRanks(exact).topItems);
    const few = await evaluated('rpg-few', { retrieval: 'graph', graphEdges: 10, beams: 10, graphSteps: 3 });
    expect(few.result?.protocol).toMatchObject({ generation: 'a graph of 10 edges, 10 beams, 3 steps' });
    const hits = ({ result }: Trained) => result?.metrics['test/hr@10'] ?? Number.NaN;
    expect(hits(few)).toBeGreaterThan(0.5 * hits(exact));
    expect(testRanks(few).ranks).not.toEqual(testRanks(exact).ranks);
    const again = await evaluated('rpg-few-again', {
      retrieval: 'graph',
      graphEdges: 10,
      beams: 10,
      graphSteps: 3,
    });
    expect(testRanks(again)).toEqual(testRanks(few));
  });

  test('recommends what it has ranked first', async () => {
    const { last } = await trained;
    const request = {
      model: 'rpg',
      config,
      checkpoint: last,
      datasetDir: await prepared,
      ...({
        user: 5,
        k: 7,
        seed: 3,
        place: 'next',
        device: 'cpu',
        threads: 1,
        sources: { tokeniser },
      } as const),
    };
    const list = await recommend(request);
    expect(list).toHaveLength(7);
    expect(list.map(({ score }) => score)).toEqual(list.map(({ score }) => score).sort((a, b) => b - a));
    expect(list.every(({ score }) => score < 0)).toBe(true);
    const data = await openInteractions(await prepared);
    const history = new Set(data.itemIds.subarray(data.offsets[5], data.offsets[6]));
    expect(list.some(({ item }) => history.has(item))).toBe(false);
  });
});
