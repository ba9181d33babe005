/** A tokeniser that rounds its latents (Mentzer et al. 2024, finite scalar quantisation) and so has no codebooks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { DatasetSummary } from '../../data/types.ts';
import { customGradient, openDevice } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { bindTree, mlp, mlpSpecs, namedLeaves } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import { readManifest, readSnapshot, readSpace } from '../../semantic-ids/artefact.ts';
import { measureTokeniser } from '../../semantic-ids/measures/index.ts';
import type { TrainerEvent } from '../../training/events.ts';
import type { TrainableTokeniser } from './tokeniser.ts';
import { tokeniserTrainingSchema } from './tokeniser-config.ts';
import { trainTokeniserSteps } from './train-by-steps.ts';

const [ITEMS, DIM, LEVELS, CODES] = [90, 6, 3, 5];
const runDir = mkdtempSync(join(tmpdir(), 'tessera-fsq-'));
afterAll(() => rmSync(runDir, { recursive: true, force: true }));

/** Every latent is squeezed to (-2, 2) and rounded: one of five codes a level. */
function fsq(): TrainableTokeniser {
  const tree = { encoder: mlpSpecs([DIM, 12, LEVELS]), decoder: mlpSpecs([LEVELS, 12, DIM]) };
  const half = (CODES - 1) / 2;
  const codesOf = (latents: tf.Tensor) => tf.cast(tf.add(latents, half + 0.5), 'int32');
  const forward = (parameters: Record<string, tf.Tensor>, content: tf.Tensor) => {
    const p = bindTree(tree, parameters);
    const latents = tf.mul(tf.tanh(mlp(content, p.encoder, { activateLast: false })), half);
    const rounded = customGradient(
      [latents],
      ([x]) => ({ value: tf.sub(tf.cast(codesOf(x), 'float32'), half), saved: [] }),
      (dy) => [dy],
    );
    const decoded = mlp(rounded, p.decoder, { activateLast: false });
    return { latents, errors: tf.sum(tf.square(tf.sub(decoded, content)), -1) };
  };
  return {
    training: 'steps',
    parameters: namedLeaves(tree),
    codebookSizes: Array<number>(LEVELS).fill(CODES),
    latentDim: LEVELS,
    schedules: {},
    schedule: () => ({}),
    randomInputs: () => ({}),
    view: (parameters, { content }) => {
      const reconstruction = tf.mean(forward(parameters, content).errors);
      return { loss: reconstruction, reports: { reconstruction } };
    },
    tokenise: (parameters, content) => {
      const { latents, errors } = forward(parameters, content);
      return { codes: codesOf(latents), latents, errors };
    },
  };
}

test('a tokeniser without codebooks is trained, and its IDs are kept and measured', async () => {
  const random = new Random(2);
  const content = {
    items: ITEMS,
    dim: DIM,
    data: Float32Array.from({ length: ITEMS * DIM }, () => random.normal()),
  };
  const config = tokeniserTrainingSchema.parse({
    epochs: 40,
    evaluateEvery: 20,
    batchSize: 30,
    learningRate: 0.02,
    resetEvery: 2,
  });
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const events: TrainerEvent[] = [];
  const outcome = await trainTokeniserSteps(fsq(), content, {
    config,
    device,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    summary: {} as DatasetSummary,
    started: () => {},
    spec: {
      runId: 'fsq',
      model: 'fsq',
      config,
      datasetDir: '',
      seed: 4,
      device: 'cpu',
      threads: 1,
      runDir,
      resumeFrom: null,
    },
  });
  await device.dispose();
  const points = events.flatMap((event) => (event.type === 'series' ? event.points : []));
  const names = new Set(points.map(({ metric }) => metric));
  expect([...names].filter((name) => name.startsWith('train/'))).toEqual([
    'train/loss',
    'train/reconstruction',
    'train/gradient-norm',
    'train/update-ratio',
    'train/positions-per-second',
  ]);
  const losses = points.filter(({ metric }) => metric === 'train/loss').flatMap(({ values }) => values);
  expect(losses).toHaveLength(120);
  expect(losses[119]).toBeLessThan(0.8 * losses[0]);
  expect(readManifest(runDir).snapshots.map(({ epoch }) => epoch)).toEqual([20, 40]);
  const snapshot = readSnapshot(runDir);
  expect(snapshot.codebooks).toEqual([]);
  expect(snapshot.ids).toEqual(outcome.ids);
  const space = readSpace(runDir);
  // The codes are the rounded latents, whichever device computes them.
  const rounded = Array.from(space?.latents?.data ?? [], (x) => Math.floor(x + 0.5 + (CODES - 1) / 2));
  expect(Array.from(snapshot.ids.codes)).toEqual(rounded);
  const interactions = {
    users: 0,
    items: ITEMS,
    catalogueItems: ITEMS,
    offsets: Int32Array.of(0),
    itemIds: new Int32Array(),
    times: null,
    ratings: null,
  };
  const training = { interactions, trainEnd: new Int32Array() };
  const measures = measureTokeniser({ snapshot, space, categories: null, training, seed: 1 });
  expect(measures.levels).toHaveLength(LEVELS);
  expect(measures.reconstruction).toBeNull();
  expect(measures.neighbours).not.toBeNull();
});
