import { describe, expect, test } from 'vitest';
import { nearestCentroids } from '../../../math/nearest.ts';
import { Random } from '../../../math/random.ts';
import { countLabels } from '../../../semantic-ids/measures/levels.ts';
import { fitLevels, residualKmeansSchema } from './residual-kmeans.ts';

/** Items around a few centres of their own size, with finer groups inside. */
function content(items: number, dim: number) {
  const random = new Random(5);
  const centres = Float32Array.from({ length: 6 * dim }, () => 4 * random.normal());
  const finer = Float32Array.from({ length: 5 * dim }, () => random.normal());
  const data = Float32Array.from({ length: items * dim }, (_, at) => {
    const [item, axis] = [Math.floor(at / dim), at % dim];
    return centres[(item % 6) * dim + axis] + finer[(item % 5) * dim + axis] + 0.1 * random.normal();
  });
  return { items, dim, data };
}

const space = content(600, 4);
const small = { levels: 3, codes: 8, iterations: 40, sample: 0, unitResiduals: false };

function fitted(config: object, content = space) {
  const whole = residualKmeansSchema.parse({ ...small, ...config });
  return fitLevels(whole, { content, seed: 1, onProgress: () => {} });
}

function residualsOf(codes: Int32Array, codebooks: Float32Array[], level: number): Float32Array {
  return space.data.map((value, at) => {
    const item = Math.floor(at / space.dim);
    for (let above = 0; above < level; above++) {
      value -= codebooks[above][codes[item * codebooks.length + above] * space.dim + (at % space.dim)];
    }
    return value;
  });
}

const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);

describe('residual k-means', () => {
  test('codes the nearest vector of what is left, and leaves less on every level', async () => {
    const { codes, codebooks } = await fitted({});
    for (let level = 0; level < 3; level++) {
      const left = residualsOf(codes, codebooks, level);
      const expected = new Int32Array(space.items);
      nearestCentroids(left, codebooks[level], space.dim, expected);
      expect([...expected].filter((code, item) => code !== codes[item * 3 + level])).toEqual([]);
      expect(squares(residualsOf(codes, codebooks, level + 1))).toBeLessThan(0.7 * squares(left));
    }
    expect(await fitted({})).toEqual({ codebookSizes: [8, 8, 8], codes, codebooks });
  });

  test('by direction still sums up to the vectors', async () => {
    const { codes, codebooks } = await fitted({ unitResiduals: true });
    expect(squares(residualsOf(codes, codebooks, 3))).toBeLessThan(0.4 * squares(space.data));
  });

  test('balanced uses the codes of a level nearly alike', async () => {
    const random = new Random(2);
    const skewed = {
      items: 600,
      dim: 2,
      data: Float32Array.from({ length: 1200 }, () => Math.exp(random.normal())),
    };
    const spread = async (config: object) => {
      const { codes } = await fitted({ levels: 1, ...config }, skewed);
      const counts = countLabels(codes, 8);
      return Math.max(...counts) - Math.min(...counts);
    };
    const plain = await spread({});
    expect(plain).toBeGreaterThan(100);
    expect(await spread({ balance: 'last', sinkhornEpsilon: 0.005, sinkhornIterations: 200 })).toBeLessThan(
      0.2 * plain,
    );
  });
});
