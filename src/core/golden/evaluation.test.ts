import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFixture } from './index.ts';
import { tensorError, tensorSchema } from './tensor-compare.ts';

function fixture(name: string) {
  return JSON.parse(readFileSync(new URL(`../../../test/golden/${name}.json`, import.meta.url), 'utf8'));
}

describe('golden fixtures', () => {
  it.each([
    // The other 33 are in test/golden/recbole.test.ts.
    ['stats-a', 65 - 33],
    ['stats-b', 45],
  ])('%s: every field agrees with SciPy, statsmodels and scikit-learn', async (name, fields) => {
    const result = await checkFixture(fixture(name));
    expect(Object.entries(result.errors).filter(([, error]) => error > 2e-8)).toEqual([]);
    expect(Object.keys(result.errors).length).toBeGreaterThan(fields);
    expect(result).toMatchObject({
      model: 'stats',
      pass: true,
      maxError: { loss: null, gradients: null, step: null },
    });
  });

  it('eval: ranks and metrics agree with the reference', async () => {
    const result = await checkFixture(fixture('eval-a'));
    expect(Object.entries(result.errors).filter(([, error]) => error > 1e-8)).toEqual([]);
    expect(result.pass).toBe(true);
  });

  it('fails when one number is wrong', async () => {
    const stats = fixture('stats-a');
    stats.wilcoxon.normal.p *= 1.001;
    expect((await checkFixture(stats)).pass).toBe(false);
    const ranking = fixture('eval-a');
    ranking.runs[0].ranks[1] += 1;
    expect((await checkFixture(ranking)).pass).toBe(false);
  });

  it('tolerates missing blocks, not broken ones', async () => {
    const { model, inputs, paired_t } = fixture('stats-a');
    expect((await checkFixture({ model, inputs, paired_t })).pass).toBe(true);
    expect((await checkFixture({ model, inputs })).pass).toBe(false);
    await expect(checkFixture({ model, inputs: { x: { shape: [3], data: [1] }, y: [1] } })).rejects.toThrow(
      /no stats fixture: inputs\.x: the shape does not fit/,
    );
    await expect(checkFixture({ model: 'eval' })).rejects.toThrow(/this is no eval fixture: config/);
  });
});

describe('tensor comparison', () => {
  it('scales by the largest entry of the reference', () => {
    expect(tensorError([1, 100.01], [1.001, 100])).toBeCloseTo(1e-4, 8);
    expect(tensorError([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
    expect(tensorError([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
    expect(tensorError([1e-9], [0])).toBe(1e-9);
    expect(tensorError([5, 1], [1, 1], (index) => index === 0)).toBe(0);
    expect(tensorSchema.parse([1, 2])).toEqual({ shape: [2], data: [1, 2] });
    expect(() => tensorSchema.parse({ shape: [2, 2], data: [1] })).toThrow(/shape does not fit/);
  });
});
