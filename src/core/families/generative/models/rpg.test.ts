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
import { openDevice } from '../../../engine/index.ts';
import { Random } from '../../../math/random.ts';
import { drawsOf } from '../../../training/draws.ts';
import { StepRunner } from '../../../training/step-runner.ts';
import { recommend } from '../../recommend.ts';
import { catalogueOf, itemTokens } from '../code-tokens.ts';
import { CodeBatches } from '../generative-batches.ts';
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

// Without masks, which differ with the shapes of micro-batches.
test('a step of RPG is the same in one graph and in several, as in trainings that began so', async () => {
  const random = new Random(5);
  const [items, users] = [30, 60];
  const offsets = new Int32Array(users + 1);
  for (let user = 0; user < users; user++) offsets[user + 1] = offsets[user] + 3 + random.below(16);
  const itemIds = Int32Array.from({ length: offsets[users] }, () => random.below(items));
  const data = { users, items, catalogueItems: items, offsets, itemIds, times: null, ratings: null };
  const codes = Int32Array.from({ length: items * 4 }, () => random.below(6));
  const semantic = {
    levels: 4,
    codebookSizes: [6, 6, 6, 6],
    items,
    codes,
    collisionTokens: new Int32Array(0),
  };
  const options = { userTokens: 0, separator: false, collisionToken: false, shuffleIds: 0 };
  const catalogue = catalogueOf(itemTokens(semantic, options), items, null);
  const config = rpgSchema.parse({
    ...smallRpg,
    dropout: 0,
    batchSize: 30,
    optimiser: 'sgd',
    learningRate: 0.5,
  });
  const train = async (isJoint: boolean) => {
    const model = new Rpg(config, catalogue.tokens.levels);
    const lengthPlan = isJoint ? undefined : drawsOf({}).lengths;
    const batches = new CodeBatches(data, offsets.subarray(1), model, catalogue, { seed: 3, lengthPlan });
    const { context } = await openDevice('cpu', { threads: 1 });
    const runner = new StepRunner(model, config, context, 3);
    await runner.initialise();
    const losses: number[] = [];
    const graphs = new Set<boolean>();
    for (let step = 0; step < 4; step++) {
      const dealt = batches.step(step >> 1, step % 2);
      graphs.add(dealt[0].joint === true);
      losses.push(await runner.step(step + 1, config.learningRate, dealt));
    }
    const parameters = await context.read(Object.keys(model.parameters));
    await context.dispose();
    return { losses, parameters, graphs };
  };
  const [together, apart] = [await train(true), await train(false)];
  expect(together.graphs).toContain(true);
  expect(apart.graphs).not.toContain(true);
  const values = ({ losses, parameters }: typeof apart) => [
    ...losses,
    ...Object.values(parameters).flatMap((array) => [...array]),
  ];
  const expected = values(apart);
  const worst = values(together).map((value, at) => Math.abs(value - expected[at]));
  expect(Math.max(...worst)).toBeLessThan(1e-4);
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
