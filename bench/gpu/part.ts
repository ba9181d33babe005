/**
 * One part of a trial of GPUs, in a process of its own: a driver that ends it costs this part alone.
 *
 * usage: node bench/gpu/part.ts DATA PART DEVICE [MODEL [PRECISION]]
 * PART is devices, kernels, trained or speed. PRECISION is float32 unless told. Prints one JSON line.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceChecks } from '../../src/core/engine/devices/checks.ts';
import { requireDevice } from '../../src/core/engine/devices/device-list.ts';
import { deviceKinds } from '../../src/core/engine/devices/kinds.ts';
import { CancelledError } from '../../src/core/errors.ts';
import { findModel, resolveConfig } from '../../src/core/families/registry.ts';
import { runTraining } from '../../src/core/families/trainer.ts';
import type { SourceRun, TrainerEvent, TrainSpec } from '../../src/core/training/events.ts';
import { disagreements } from '../../test/engine/conformance.ts';
import { elementwiseCases, filledOperandCases } from '../../test/engine/kernel-cases.ts';
import { shapeCases } from '../../test/engine/shape-cases.ts';
import { smallConfig } from '../../test/small-models.ts';
import { type Kernels, SPEED_MS, type Speed, type Trained } from './answers.ts';

/** GPUs approximate exp and tanh, and multiply in another order. */
const TOLERANCE = { cpu: 2e-5, webgpu: 2e-4, cuda: 2e-3, 'tfjs-gpu': 2e-3 } as const;
const CASES = [...elementwiseCases, ...filledOperandCases, ...shapeCases];

const [data, part, device, id, precision = 'float32'] = process.argv.slice(2) as [
  ...[string, string, TrainSpec['device'], string],
  string?,
];
const runDir = mkdtempSync(join(tmpdir(), 'tessera-gpu-trial-'));
const parts: Record<string, () => Promise<unknown>> = {
  devices: () => deviceChecks.list(),
  kernels,
  trained: () => trained(device),
  speed: () => speed(device),
};

async function kernels(): Promise<Kernels> {
  const kind = requireDevice(device, deviceKinds);
  const context = await kind.open({ threads: 1 });
  try {
    return {
      cases: CASES.length,
      disagreements: await disagreements(context, CASES, TOLERANCE[kind.id]),
    };
  } finally {
    await context.dispose();
  }
}

/** Semantic IDs that pack.ts has made. */
const ids = { run: 'ids', name: 'ids', model: 'residual-kmeans', config: {}, checkpoint: null };
const ownIds = { tokeniser: { ...ids, dir: join(data, 'ids') } };

function specOf(config: Record<string, unknown>, on: TrainSpec['device']): TrainSpec {
  const { kind } = findModel(id);
  return {
    ...{ runId: id, model: id, config, runDir, seed: 1, device: on, threads: 1, resumeFrom: null },
    datasetDir: join(data, kind === 'ranking' ? 'clicks' : 'sample'),
    sources: kind === 'generative' ? ownIds : {},
  };
}

/** Each model takes the keys that it has. */
const short = { epochs: 2, stepsPerEpoch: 4, epochSteps: 4, policy: 'tiger' };

/** The runs that the model's config names: a reward goes on from a small TIGER, which the CPU trains. */
async function sourcesOf(spec: TrainSpec): Promise<TrainSpec['sources']> {
  if (id !== 'rewarded') return spec.sources;
  const model = 'tiger';
  const config = smallConfig(findModel(model), short);
  const dir = join(runDir, 'policy');
  let checkpoint: SourceRun['checkpoint'] = null;
  const policy: TrainSpec = {
    ...spec,
    runId: model,
    model,
    config,
    runDir: dir,
    device: 'cpu',
    sources: ownIds,
  };
  await runTraining(policy, (event) => {
    if (event.type === 'checkpoint') checkpoint = event.checkpoint.path;
  });
  return { policy: { run: model, name: model, model, config, dir, checkpoint }, ...ownIds };
}

/** The whole training of a small model, with its test. */
async function trained(on: TrainSpec['device']): Promise<Trained> {
  const seen: number[] = [];
  const spec = specOf(smallConfig(findModel(id), short), on);
  const sources = await sourcesOf(spec);
  const begun = performance.now();
  const { metrics } = await runTraining({ ...spec, sources }, (event) =>
    seen.push(...losses(event).map(({ loss }) => loss)),
  );
  return { losses: seen, metrics, seconds: (performance.now() - begun) / 1000 };
}

/** Steps a second at the size of a preset, after the first reports: the steps between and the time they took. */
async function speed(on: TrainSpec['device']): Promise<Speed> {
  const { presets } = findModel(id);
  const [preset] = ['ml-1m', 'small', 'beauty'].filter((name) => name in presets);
  const overrides = { precision, ...(id === 'tiger' ? { tokeniser: 'ids' } : {}) };
  const config = resolveConfig(id, { preset, overrides });
  const abort = new AbortController();
  const times: { steps: number; time: number }[] = [];
  const emit = (event: TrainerEvent) => {
    const newest = losses(event).at(-1);
    if (!newest) return;
    times.push({ steps: newest.step, time: performance.now() });
    if (performance.now() - times[0].time > SPEED_MS) abort.abort();
  };
  const ending = setTimeout(() => abort.abort(), 4 * SPEED_MS);
  try {
    await runTraining(specOf(config, on), emit, abort.signal);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    clearTimeout(ending);
  }
  const [first, last] = [times[0], times.at(-1)];
  if (!first || !last || last.steps === first.steps) return { preset, stepsPerSecond: null };
  return { preset, stepsPerSecond: ((last.steps - first.steps) / (last.time - first.time)) * 1000 };
}

function losses(event: TrainerEvent): { step: number; loss: number }[] {
  if (event.type !== 'series') return [];
  const points = event.points.filter(({ metric }) => metric === 'train/loss');
  return points.flatMap(({ steps, values }) => values.map((loss, at) => ({ step: steps[at], loss })));
}

try {
  process.stdout.write(`${JSON.stringify(await parts[part]())}\n`);
} finally {
  rmSync(runDir, { recursive: true, force: true });
}
process.exit(0);
