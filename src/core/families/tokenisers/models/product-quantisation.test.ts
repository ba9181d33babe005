import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CancelledError } from '../../../errors.ts';
import { Random } from '../../../math/random.ts';
import { alternate, fitParts, partsOf } from './product-quantisation.ts';

const numbers = z.array(z.number());
const quantiser = z.object({ rotation: numbers, centroids: z.array(numbers) });
const fixture = z
  .object({ dim: z.number(), iterations: z.number(), points: numbers, start: quantiser, end: quantiser })
  .parse(
    JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../../../test/semantic-ids/opq-a.json'), 'utf8'),
    ),
  );

/** Correlated axes of unlike variance. */
function content(items: number, dim: number) {
  const random = new Random(9);
  const mixed = Float64Array.from({ length: dim * dim }, () => random.normal());
  const data = new Float32Array(items * dim);
  for (let item = 0; item < items; item++) {
    for (let j = 0; j < dim; j++) {
      const value = random.normal() / (1 + j);
      for (let i = 0; i < dim; i++) data[item * dim + i] += value * mixed[i * dim + j];
    }
  }
  return { items, dim, data };
}

const space = content(500, 6);
const small = { levels: 3, codes: 8, startIterations: 20, rotations: 8, sample: 0 };

function fitted(config: Partial<typeof small>, content = space) {
  return fitParts({ ...small, ...config }, { content, seed: 1, onProgress: () => {} });
}

function errorOf({ codes, codebooks }: { codes: Int32Array; codebooks: Float32Array[] }): number {
  return space.data.reduce((sum, value, at) => {
    const [item, axis] = [Math.floor(at / space.dim), at % space.dim];
    const own = codebooks.map(
      (book, level) => book[codes[item * codebooks.length + level] * space.dim + axis],
    );
    return sum + (value - own.reduce((a, b) => a + b)) ** 2;
  }, 0);
}

describe('product quantisation', () => {
  test('improves codebooks and rotation as the reference does', () => {
    const { dim, iterations, points, start, end } = fixture;
    const ours = {
      rotation: Float64Array.from(start.rotation),
      centroids: start.centroids.map((part) => Float32Array.from(part)),
    };
    for (let done = 0; done < iterations; done++) alternate(Float32Array.from(points), dim, ours);
    expect(Math.max(...end.rotation.map((value, at) => Math.abs(value - ours.rotation[at])))).toBeLessThan(
      1e-4,
    );
    for (const [level, part] of end.centroids.entries()) {
      expect(Math.max(...part.map((value, at) => Math.abs(value - ours.centroids[level][at])))).toBeLessThan(
        1e-4,
      );
    }
  });

  test('loses less with a rotation, repeats with its seed, and reconstructs by the sum of its vectors', async () => {
    const [plain, rotated, again] = await Promise.all([0, 8, 8].map((rotations) => fitted({ rotations })));
    expect(errorOf(rotated)).toBeLessThan(0.9 * errorOf(plain));
    expect(again).toEqual(rotated);
    expect(rotated.codes).toHaveLength(500 * 3);
    expect(Math.max(...rotated.codes)).toBe(7);
  });

  test('tells each rotation before it, and stops at the one during which it is asked to', async () => {
    const saidOf = async (stopAt: number) => {
      const abort = new AbortController();
      const said: unknown[][] = [];
      const onProgress = (...progress: unknown[]) => {
        if (said.push(progress) === stopAt) abort.abort();
      };
      const fit = { content: space, seed: 1, signal: abort.signal, onProgress };
      const problem = await fitParts(small, fit).then(
        () => null,
        (error) => error,
      );
      return { said, problem };
    };
    const all = Array.from({ length: 8 }, (_, done) => [done, 8, 'rotations']);
    expect(await saidOf(0)).toEqual({ said: all, problem: null });
    expect(await saidOf(3)).toEqual({ said: all.slice(0, 3), problem: expect.any(CancelledError) });
  });

  test('fits a sample, and a content that lacks directions', async () => {
    const flat = { ...space, data: space.data.map((value, at) => (at % 6 > 3 ? 0 : value)) };
    const { codes, codebooks } = await fitted({ sample: 300 }, flat);
    expect([...codebooks.flatMap((book) => [...book])].every(Number.isFinite)).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(4);
  });

  test('splits vectors as evenly as they can be, and refuses more parts than numbers', async () => {
    expect(partsOf(7, 3)).toEqual([
      { from: 0, width: 2 },
      { from: 2, width: 2 },
      { from: 4, width: 3 },
    ]);
    await expect(fitted({ levels: 7 })).rejects.toThrow('these have 6 numbers');
  });
});
