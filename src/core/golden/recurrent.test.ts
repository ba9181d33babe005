import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkRecurrent, RECURRENT_FIXTURES } from './recurrent.ts';

interface Fixture {
  params: Record<string, { shape: number[]; data: number[] }>;
  bpr_loss_variant: { grads: Record<string, { data: number[] }> };
}

function fixture(name: string): Fixture {
  const path = new URL(`../../../test/golden/${name}-a.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

test.each(RECURRENT_FIXTURES)('$name: every output, gradient and step agrees with RecBole', async (kind) => {
  const result = await checkRecurrent(kind, fixture(kind.name));
  expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  const parameters = Object.keys(fixture(kind.name).params).length;
  // Gradients of both losses and one step of every parameter, three outputs, two losses and a trace.
  expect(Object.keys(result.errors)).toHaveLength(3 * parameters + 6);
  expect(result).toMatchObject({ model: kind.name, pass: true });
});

test.each(RECURRENT_FIXTURES)('$name: a wrong gradient of the second loss is found', async (kind) => {
  const changed = fixture(kind.name);
  const [first] = Object.values(changed.bpr_loss_variant.grads);
  const largest = Math.max(...first.data.map(Math.abs));
  first.data[first.data.length - 1] += 0.01 * largest;
  const result = await checkRecurrent(kind, changed);
  expect(result).toMatchObject({ pass: false, maxError: { gradients: expect.closeTo(0.01, 3) } });
});
