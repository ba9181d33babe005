import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { DatasetSummary } from '../../data/types.ts';
import { openDevice } from '../../engine/index.ts';
import { CancelledError } from '../../errors.ts';
import { initialise } from '../../layers/index.ts';
import { Random } from '../../math/random.ts';
import { readManifest, readSnapshot, readSpace } from '../../semantic-ids/artefact.ts';
import type { ItemMatrix } from '../../semantic-ids/types.ts';
import { readCheckpoint } from '../../training/checkpoints.ts';
import type { TrainerEvent } from '../../training/events.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { resolveConfig } from '../registry.ts';
import { Codebooks } from './codebooks.ts';
import { IdEncoder } from './id-encoder.ts';
import { RqVae, rqVae, rqVaeModelSchema } from './models/rq-vae.ts';
import type { TokeniserOutcome } from './tokeniser.ts';
import { liveMeasures, tokeniserStep, trainTokeniserSteps } from './train-by-steps.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-tokeniser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Items around `groups` centres, each with smaller groups around it. */
function clusters(items: number, dim: number, groups: number): ItemMatrix {
  const random = new Random(11);
  const centres = Float32Array.from({ length: groups * dim }, () => random.normal());
  const data = Float32Array.from(
    { length: items * dim },
    (_, at) => centres[(Math.floor(at / dim) % groups) * dim + (at % dim)] + 0.3 * random.normal(),
  );
  return { items, dim, data };
}

const content = clusters(230, 12, 6);

const small = {
  levels: 2,
  codes: 8,
  latentDim: 4,
  hidden: 16,
  batchSize: 60,
  epochs: 12,
  evaluateEvery: 4,
  learningRate: 0.005,
  resetEvery: 5,
};

interface Trained {
  outcome: TokeniserOutcome | null;
  events: TrainerEvent[];
  runDir: string;
}

async function train(
  name: string,
  overrides: Record<string, unknown> = {},
  { resumeFrom = null, stopAtEpoch }: { resumeFrom?: string | null; stopAtEpoch?: number } = {},
): Promise<Trained> {
  const config = resolveConfig('rq-vae', { overrides: { ...small, ...overrides } });
  const model = rqVae.build(config, content);
  if (model.training !== 'steps') throw new Error('rq-vae is not trained by steps');
  const runDir = join(folder, name);
  const events: TrainerEvent[] = [];
  const abort = new AbortController();
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const run = { runId: name, model: 'rq-vae', datasetDir: '', seed: 5, device: 'cpu', threads: 1 } as const;
  const emit = (event: TrainerEvent) => {
    events.push(event);
    const saved = event.type === 'checkpoint' && event.checkpoint.kind === 'last';
    if (saved && event.checkpoint.epoch === stopAtEpoch) abort.abort();
  };
  try {
    const outcome = await trainTokeniserSteps(model, content, {
      config,
      device,
      emit,
      signal: abort.signal,
      summary: {} as DatasetSummary,
      started: () => {},
      spec: { ...run, config, runDir, resumeFrom },
    });
    return { outcome, events, runDir };
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    return { outcome: null, events, runDir };
  } finally {
    await device.dispose();
  }
}

function lastCheckpoint({ events }: Trained): string {
  const paths = events.flatMap((event) =>
    event.type === 'checkpoint' && event.checkpoint.kind === 'last' ? [event.checkpoint.path] : [],
  );
  return paths[paths.length - 1];
}

function seriesOf({ events }: Trained, metric: string): number[] {
  return events.flatMap((event) =>
    event.type === 'series' ? event.points.filter((p) => p.metric === metric).flatMap((p) => p.values) : [],
  );
}

test('learns to reconstruct, keeps the IDs of every evaluation and selects the fewest collisions', async () => {
  const trained = await train('learns');
  const losses = seriesOf(trained, 'train/loss');
  expect(losses).toHaveLength(4 * 12);
  const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  expect(mean(losses.slice(-8))).toBeLessThan(0.8 * mean(losses.slice(0, 8)));
  const rates = seriesOf(trained, 'ids/collision-rate');
  expect(rates).toHaveLength(3);
  const selected = rates.indexOf(Math.min(...rates));
  expect(trained.outcome?.selectedEpoch).toBe(4 * (selected + 1));
  const manifest = readManifest(trained.runDir);
  expect(manifest.snapshots.map(({ step }) => step)).toEqual([16, 32, 48]);
  expect(manifest.selected).toBe(16 * (selected + 1));
  const { ids, codebooks } = readSnapshot(trained.runDir);
  expect(ids).toEqual(trained.outcome?.ids);
  expect(liveMeasures(ids)['ids/collision-rate']).toBe(rates[selected]);
  expect(codebooks.map(({ length }) => length)).toEqual([32, 32]);
  const space = readSpace(trained.runDir);
  expect(space?.vectors).toEqual(content);
  // Every item has the nearest vector of the first level.
  const latents = space?.latents?.data ?? new Float32Array();
  for (let item = 0; item < content.items; item++) {
    const distances = Array.from({ length: 8 }, (_, code) =>
      [0, 1, 2, 3].reduce(
        (sum, axis) => sum + (latents[item * 4 + axis] - codebooks[0][code * 4 + axis]) ** 2,
        0,
      ),
    );
    expect(distances[ids.codes[2 * item]]).toBeLessThanOrEqual(Math.min(...distances) + 1e-4);
  }
});

test.each([
  { name: 'straight-through', config: {} },
  {
    name: 'gumbel-softmax',
    config: { estimator: 'gumbel-softmax', temperatureEnd: 0.1, optimiser: 'adagrad' },
  },
  { name: 'rotation, balanced', config: { estimator: 'rotation', sinkhorn: 'last', sinkhornIterations: 5 } },
])('stopped and resumed equals a training at once: $name', async ({ name, config }) => {
  const whole = await train(`${name}-whole`, config);
  const first = await train(`${name}-parts`, config, { stopAtEpoch: 4 });
  expect(first.outcome).toBeNull();
  const second = await train(`${name}-parts`, config, { resumeFrom: lastCheckpoint(first) });
  const [all, parts] = [whole, second].map((trained) => {
    const { tensors, state } = readCheckpoint(lastCheckpoint(trained));
    const snapshots = readManifest(trained.runDir).snapshots.map(({ step }) =>
      readSnapshot(trained.runDir, step),
    );
    return { tensors, state: { ...state, seconds: 0 }, snapshots, space: readSpace(trained.runDir) };
  });
  expect(Object.keys(all.tensors).length).toBeGreaterThan(12);
  expect(parts).toEqual(all);
});

test('codes that no item has are reset, and then used', async () => {
  const config = {
    kmeansInit: false,
    codes: 64,
    epochs: 24,
    evaluateEvery: 24,
    resetBelow: 0,
    resetUntil: 1,
  };
  const [without, reset] = [await train('dead', { ...config, resetEvery: 0 }), await train('reset', config)];
  const usage = (trained: Trained) => seriesOf(trained, 'ids/usage@1').at(-1) ?? 0;
  expect(usage(without)).toBeLessThan(0.5);
  expect(usage(reset)).toBeGreaterThan(0.9);
  expect(seriesOf(reset, 'train/codes-reset').some((count) => count > 0)).toBe(true);
  expect(seriesOf(without, 'train/codes-reset')).toEqual([]);
});

test('a reset puts residuals of the batch in the place of the codes of little use, and of no other', async () => {
  const config = { ...rqVaeModelSchema.parse(small), levels: 1, codes: 32 };
  const model = new RqVae(config, content);
  const optimiser = {
    optimiser: 'sgd',
    beta1: 0,
    beta2: 0,
    epsilon: 1,
    weightDecay: 0,
    clipNorm: 0,
  } as const;
  const { context } = await openDevice('cpu', { threads: 1 });
  const { items: rows, dim } = content;
  const runner = new StepRunner(tokeniserStep(model, { dim, resetBelow: 0.5 }), optimiser, context, 3);
  const before = initialise(model.parameters, 3);
  // Rows of the codebook as far apart as the latents, so that some codes get few items and some none.
  before['codebook/0'] = before['codebook/0'].map((value) => value * 40);
  await runner.load(before);
  const encoder = new IdEncoder(model, context, content);
  const { ids, latents } = await encoder.encode({ onProgress: () => {} });
  const inputs = { content: content.data, reset: Float32Array.of(1) };
  const shape = { rows, length: 1 };
  await runner.step(1, 1e-6, [{ shape, inputs, users: new Int32Array(), tokens: rows }]);
  const { 'codebook/0': after, 'usage/0': usage } = await context.read(['codebook/0', 'usage/0']);
  await context.dispose();
  const counts = Array.from({ length: 32 }, (_, code) => ids.codes.filter((own) => own === code).length);
  const row = (values: ArrayLike<number>, at: number) => [0, 1, 2, 3].map((axis) => values[at * 4 + axis]);
  const near = (a: number[], b: number[]) => a.every((value, axis) => Math.abs(value - b[axis]) < 1e-4);
  for (const [code, count] of counts.entries()) {
    const own = row(after, code);
    const isLatent = Array.from({ length: content.items }, (_, item) => row(latents.data, item)).some(
      (latent) => near(latent, own),
    );
    expect(isLatent, `code ${code} of ${count} items`).toBe(count <= (0.5 * content.items) / 32);
    if (!isLatent) expect(near(own, row(before['codebook/0'], code))).toBe(true);
  }
  expect(counts.some((count) => count > 0 && count <= (0.5 * content.items) / 32)).toBe(true);
  expect(usage.every((count) => count === 0)).toBe(true);
});

test('initial codebooks are centroids of the latents and of what they leave, the same for a seed', async () => {
  const latents = clusters(90, 3, 4);
  const codebooks = new Codebooks(['c0', 'c1'], [4, 3], () => false);
  const options = { seed: 2, rows: 0, iterations: 50, onProgress: () => {} };
  const first = await codebooks.initial(latents, options);
  expect(await codebooks.initial(latents, options)).toEqual(first);
  const before = latents.data.slice();
  let error = 0;
  for (let item = 0; item < 90; item++) {
    const distances = [0, 1, 2, 3].map((code) =>
      [0, 1, 2].reduce((sum, axis) => sum + (before[item * 3 + axis] - first.c0[code * 3 + axis]) ** 2, 0),
    );
    error += Math.min(...distances);
  }
  // Four groups of standard deviation 0.3 in three dimensions.
  expect(error / 90).toBeLessThan(3 * 0.3 ** 2);
  expect(latents.data).toEqual(before);
});
