import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';

const models = ['gru4rec', 'narm'];

interface Fixture {
  params: Record<string, { shape: number[]; data: number[] }>;
  bpr_loss_variant: { grads: Record<string, { data: number[] }> };
}

function fixture(name: string): Fixture {
  const path = new URL(`../../../test/golden/${name}-a.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

test.each(models)('%s: every output, gradient and step agrees with RecBole', async (name) => {
  const result = await checkFixture(fixture(name));
  expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  const parameters = Object.keys(fixture(name).params).length;
  // Gradients of both losses and one step of every parameter, three outputs, two losses and a trace.
  expect(Object.keys(result.errors)).toHaveLength(3 * parameters + 6);
  expect(result).toMatchObject({ model: name, pass: true });
});

test.each(models)('%s: a wrong gradient of the second loss is found', async (name) => {
  const changed = fixture(name);
  const [first] = Object.values(changed.bpr_loss_variant.grads);
  const largest = Math.max(...first.data.map(Math.abs));
  first.data[first.data.length - 1] += 0.01 * largest;
  const result = await checkFixture(changed);
  expect(result).toMatchObject({ pass: false, maxError: { gradients: expect.closeTo(0.01, 3) } });
});
