/** K-means level by level on what the one before leaves, against the iterations of released code. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Golden, tensorSchema, whole } from '../../src/core/golden/tensor-compare.ts';
import { lloyd } from '../../src/core/math/kmeans.ts';

const kmeansForm = z.object({
  config: z.object({ k: whole, d: whole, iters: whole }),
  x: tensorSchema,
  levels: z.array(
    z.object({
      initial_centroids: tensorSchema,
      /** Codes before each update of the centroids. */
      assignment_per_iteration: z.array(tensorSchema),
    }),
  ),
});

/** Lloyd's iterations level by level, each from the fixture's centroids on what ours left before. */
function compareKmeans(golden: Golden): void {
  const { config, x, levels } = golden.read(kmeansForm, 'residual_kmeans');
  const { d: dim, iters: iterations } = config;
  const residuals = Float32Array.from(x.data);
  for (const [level, expected] of levels.entries()) {
    const { assignments, centroids, codes } = lloyd(
      residuals,
      Float32Array.from(expected.initial_centroids.data),
      dim,
      iterations,
    );
    for (let i = 0; i < residuals.length; i++) {
      residuals[i] -= centroids[codes[Math.floor(i / dim)] * dim + (i % dim)];
    }
    const squares = residuals.reduce((sum, value) => sum + value * value, 0);
    const own = expected.assignment_per_iteration.map((_, i) => [
      `assignment_per_iteration.${i}`,
      assignments[i] ?? [],
    ]);
    golden.compareBlock(['residual_kmeans', 'levels', String(level)], {
      ...Object.fromEntries(own),
      centroids_after: centroids,
      codes_with_final_centroids: codes,
      // Mean squared length of what the level leaves.
      residual_sq_mean: squares / (residuals.length / dim),
    });
  }
}

const folder = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../shared/golden');
const path = join(folder, 'rqvae-a.json');

test.skipIf(!existsSync(path))('assignments, centroids, codes and residuals agree', () => {
  const golden = new Golden('rqvae', JSON.parse(readFileSync(path, 'utf8')));
  compareKmeans(golden);
  const { errors, pass } = golden.result();
  expect(Object.entries(errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  expect(errors).toHaveProperty(['residual_kmeans.levels.2.codes_with_final_centroids']);
  expect(pass).toBe(true);
});
