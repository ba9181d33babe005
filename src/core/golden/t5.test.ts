import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';

const folder = process.env.TESSERA_GOLDEN ?? join(import.meta.dirname, '../../../../shared/golden');
const path = join(folder, 't5-a.json');

interface Fixture {
  params: Record<string, unknown>;
}

test.skipIf(!existsSync(path))('t5: outputs, gradients and steps agree', async () => {
  const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
  const result = await checkFixture(fixture);
  expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  const compared = Object.keys(result.errors);
  for (const parameter of Object.keys(fixture.params)) {
    expect(compared).toContain(`grads.${parameter}`);
    expect(compared).toContain(`adamw.params_after_1.${parameter}`);
  }
  // Two kinds of buckets, five outputs and the loss trace.
  expect(compared.filter((field) => /^outputs|loss_trace/.test(field))).toHaveLength(8);
  expect(result).toMatchObject({ model: 't5', pass: true });
});
