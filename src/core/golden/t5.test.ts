import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';

const folder = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../../shared/golden');
const path = join(folder, 't5-a.json');

interface Fixture {
  params: Record<string, unknown>;
  decode: Record<string, { tokens: number[]; sequences_score: number }[][]>;
}

test.skipIf(!existsSync(path))('t5: outputs, gradients, steps and every way of decoding agree', async () => {
  const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
  const result = await checkFixture(fixture);
  expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  const compared = Object.keys(result.errors);
  for (const parameter of Object.keys(fixture.params)) {
    expect(compared).toContain(`grads.${parameter}`);
    expect(compared).toContain(`adamw.params_after_1.${parameter}`);
  }
  // Two kinds of buckets, five outputs and the loss trace; the catalogue, greedy (no score per token) and four beams of three users.
  expect(compared.filter((field) => /^outputs|loss_trace/.test(field))).toHaveLength(8);
  expect(compared.filter((field) => field.startsWith('decode.'))).toHaveLength(3 * (1 + 2 + 4 * 3));
  expect(result).toMatchObject({ model: 't5', pass: true });

  const [beam] = fixture.decode.beam5_constrained_renormalised[1];
  beam.sequences_score *= 1.01;
  expect(await checkFixture(fixture)).toMatchObject({
    pass: false,
    maxError: { gradients: expect.any(Number) },
  });
});
