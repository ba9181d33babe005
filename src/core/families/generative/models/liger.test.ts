/** LIGER through the trainer, on a generated data set, IDs made of its genres and vectors that tell them. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  home,
  prepared,
  testRanks,
  tokeniser,
  trainOnSample,
} from '../../../../../test/semantic-ids/sample-ids.ts';
import type { MicroBatch } from '../../../data/batches/sequence-batches.ts';
import { openInteractions } from '../../../data/read.ts';
import { type DeviceContext, openDevice, type Program } from '../../../engine/index.ts';
import { trainingPart } from '../../../training/ranking/context.ts';
import { StepRunner } from '../../../training/step-runner.ts';
import { recommend } from '../../recommend.ts';
import { catalogueOf, tokenLevels } from '../code-tokens.ts';
import { traceDecoding } from '../generate.ts';
import { CodeSources, teacherTokens } from '../generative-batches.ts';
import { Liger, liger, ligerSchema } from './liger.ts';

/** A fifth of the test targets' items is hidden. */
const config = {
  tokeniser: 'ids',
  encoding: 'causal',
  dim: 16,
  heads: 2,
  headDim: 8,
  ffnDim: 16,
  encoderBlocks: 1,
  decoderBlocks: 1,
  maxLength: 3,
  projection: 16,
  sourceDropout: 0.1,
  epochs: 2,
  learningRate: 0.01,
  batchSize: 64,
  patience: 0,
  validationUsers: 40,
  validationBeams: 10,
  beams: 20,
  coldItems: 0.2,
  coldSeed: 4,
};

const tokens = tokenLevels([3, 2]);
const items = { levels: tokens, tokens: Int32Array.of(1, 4, 2, 5, 3, 4) };
const vectors = { items: 3, dim: 4, data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)) };
const facts = { items: 3, hidden: Uint8Array.of(0, 1, 0), vectors: () => vectors, folder: '', trains: true };

/** A batch of two users, of one item each. */
function batchOf(model: Liger): MicroBatch {
  const shape = { rows: 2, length: 1 };
  const sources = new CodeSources(model, items, shape);
  sources.write(0, 0, [2]);
  sources.write(1, 0, [0]);
  const targets = Int32Array.of(0, 2);
  const weights = Float32Array.of(0.5, 0.5);
  const inputs = { ...sources.arrays, ...teacherTokens(items, targets), targets, weights };
  return { shape, inputs, users: Int32Array.of(0, 0), tokens: 0 };
}

describe('LIGER', () => {
  test('learns, and has hidden items wherever similarity puts them', async () => {
    const trained = await trainOnSample('liger', 'liger', config);
    const { result, losses } = trained;
    const half = losses.length / 2;
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(half))).toBeLessThan(0.9 * mean(losses.slice(0, half)));
    const ranks = testRanks(trained);
    ranks.users.forEach((_, i) => {
      const place = ranks.topItems.subarray(i * ranks.topK, (i + 1) * ranks.topK).indexOf(ranks.targets[i]);
      expect(ranks.ranks[i] <= ranks.topK ? ranks.ranks[i] - 1 : -1).toBe(place);
    });
    const { data, hidden } = trainingPart(await openInteractions(await prepared), config);
    const firsts = ranks.users.reduce(
      (sum, _, i) => sum + (hidden?.[ranks.topItems[i * ranks.topK]] ?? 0),
      0,
    );
    expect(firsts).toBeGreaterThan(0);
    expect(firsts).toBeLessThan(ranks.users.length);
    expect(result?.metrics['test/cold-hr@20']).toBeGreaterThan(0.3);
    expect(result?.protocol).toMatchObject({
      generation: '20 beams, constrained, ranked with all hidden items by similarity',
    });
    // All hidden items are ranked for every user: none is worse off than by that many and the beams.
    const most = 20 + (hidden?.filter((one) => one === 1).length ?? 0);
    ranks.targets.forEach((target, i) => {
      if (hidden?.[target]) expect(ranks.ranks[i]).toBeLessThanOrEqual(most);
    });
    expect(most).toBeLessThan(data.items);
  });

  test('predicts the same of a history of one item, read as a prefix or causally', async () => {
    const lossOf = async (encoding: 'prefixes' | 'causal') => {
      const options = { ...config, encoding, dropout: 0, contentDropout: 0, sourceDropout: 0 };
      const model = new Liger(ligerSchema.parse(options), tokens, facts);
      const { context } = await openDevice('cpu', { threads: 1 });
      const runner = new StepRunner(model, model.config, context, 1);
      await runner.initialise();
      const loss = await runner.step(1, 1e-3, [batchOf(model)]);
      await context.dispose();
      return loss;
    };
    expect(await lossOf('causal')).toBeCloseTo(await lossOf('prefixes'), 5);
  });

  test('puts the content on the device once, and sends it with no batch; no checkpoint has it', async () => {
    const model = new Liger(ligerSchema.parse({ ...config, validationBeams: 10 }), tokens, facts);
    const { context } = await openDevice('cpu', { threads: 1 });
    const programs: Program[] = [];
    const loads: string[][] = [];
    const device: DeviceContext = {
      id: context.id,
      halfProducts: () => context.halfProducts(),
      compile: (program) => {
        programs.push(program);
        return context.compile(program);
      },
      load: (tensors) => {
        loads.push(Object.keys(tensors));
        return context.load(tensors);
      },
      read: (names) => context.read(names),
      dispose: () => context.dispose(),
    };
    const runner = new StepRunner(model, model.config, device, 1);
    await runner.initialise();
    const batch = batchOf(model);
    await runner.step(1, 1e-3, [batch]);
    await runner.step(2, 1e-3, [batch, batch]);
    const kept = [await runner.tensors('all'), await runner.tensors('parameters')].flatMap(Object.keys);
    const catalogue = catalogueOf(items, 3, facts.hidden);
    const options = { seed: 1, length: 2, minBeams: 2, purpose: 'result', levelAccuracy: true } as const;
    await using lister = model.lister({ device, catalogue, ...options });
    await lister.prepare();
    const request = { user: 0, filtered: new Set<number>(), targets: [0] };
    await lister.lists(batch.shape, batch.inputs, [request, request]);
    await context.dispose();
    const constants = Object.keys(model.constants.specs);
    const readers = programs.filter(({ state }) => 'content' in state).map(({ name }) => name);
    expect(readers).toEqual([
      'step 2 x 1',
      'gradients 2 x 1',
      'item vectors',
      'level accuracy 2 x 1',
      'encode 2 x 2',
    ]);
    for (const name of constants) {
      expect(programs.filter(({ inputs }) => name in inputs)).toEqual([]);
      expect(loads.filter((names) => names.includes(name))).toHaveLength(1);
      expect(kept).not.toContain(name);
      expect(Object.keys(batch.inputs)).not.toContain(name);
    }
  });

  test('recommends by similarity, and says what it lacks where IDs come without vectors', async () => {
    const { last } = await trainOnSample('liger-asked', 'liger', { ...config, epochs: 1 });
    const request = {
      model: 'liger',
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
    const scores = (await recommend(request)).map(({ score }) => score);
    expect(scores).toHaveLength(7);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score <= 1 && score >= -1)).toBe(true);
    const { result, target } = await traceDecoding(liger, { ...request, beams: 5 });
    expect(result.levels).toHaveLength(4);
    expect(target).not.toBeNull();
    const bare = { ...tokeniser, dir: join(home, 'bare') };
    cpSync(tokeniser.dir, bare.dir, { recursive: true });
    rmSync(join(bare.dir, 'semantic-ids', 'space.safetensors'));
    await expect(recommend({ ...request, sources: { tokeniser: bare } })).rejects.toThrow(
      'config "tokeniser": its IDs come without content vectors, which liger reads; name one that was trained on them',
    );
  });
});
