/** What a run's series say of a step besides its loss. */
import { expect, test } from 'vitest';
import { SequenceBatches } from '../data/batches/sequence-batches.ts';
import { openDevice } from '../engine/index.ts';
import { buildTrained } from '../families/next-item/next-item-models.ts';
import { resolveConfig } from '../families/registry.ts';
import { initialise } from '../layers/index.ts';
import type { TrainingConfig } from './config.ts';
import { StepRunner } from './step-runner.ts';

const lengths = [3, 9, 2, 8];
const offsets = Int32Array.from([
  0,
  ...lengths.map((_, user) => lengths.slice(0, user + 1).reduce((a, b) => a + b)),
]);
const itemIds = Int32Array.from({ length: offsets[4] }, (_, at) => (at * 5) % 11);
const data = { users: 4, items: 11, catalogueItems: 11, offsets, itemIds, times: null, ratings: null };

test.each([{ joint: true }, { joint: false }])(
  'the gradient before it is clipped, and the change of what is no table: joint $joint',
  async ({ joint }) => {
    const rate = 0.25;
    const overrides = { dim: 8, blocks: 1, maxLength: 8, optimiser: 'sgd', batchSize: 4, dropout: 0 };
    const config = resolveConfig('sasrec', { overrides }) as TrainingConfig;
    const model = buildTrained('sasrec', config, data);
    const { context } = await openDevice('cpu', { threads: 1 });
    const kind = { batchSize: 4, microBatchTokens: joint ? 400 : 40, maxLength: 8, seed: 1, joint };
    const batches = new SequenceBatches(data, offsets.subarray(1), {
      ...kind,
      lengthBuckets: { overhead: 0 },
    });
    const parts = batches.step(0, 0);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0].joint === true).toBe(joint);
    const start = initialise(model.parameters, 1);
    const norm = (names: readonly string[], of: (name: string, at: number) => number) =>
      Math.hypot(...names.flatMap((name) => Array.from(start[name], (_, at) => of(name, at))));
    const all = Object.keys(start);
    const others = all.filter((name) => !model.parameters[name].embedding);
    expect(others.length).toBeLessThan(all.length);
    const measures = [];
    for (const clipNorm of [0, 1e-3]) {
      const runner = new StepRunner(model, { ...config, clipNorm }, context, 1);
      await runner.load(start);
      await runner.step(1, rate, parts);
      const next = await context.read(all);
      const change = (name: string, at: number) => next[name][at] - start[name][at];
      const found = runner.measures();
      if (clipNorm === 0) expect(found['train/gradient-norm']).toBeCloseTo(norm(all, change) / rate, 3);
      const ratio = norm(others, change) / norm(others, (name, at) => start[name][at]);
      expect(found['train/update-ratio'] / ratio).toBeCloseTo(1, 2);
      expect(found['train/positions-per-second']).toBeGreaterThan(0);
      // Reports of a step are the model's own.
      expect(Object.keys(runner.reports)).not.toContain('gradient-norm');
      measures.push(found['train/gradient-norm']);
    }
    expect(measures[1]).toBe(measures[0]);
    await context.dispose();
  },
);
