import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';

interface Fixture {
  params: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

function fixture(name: string): Fixture {
  const path = new URL(`../../../test/golden/${name}-a.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

test.each(['liger', 'rpg'])('%s: every output, gradient and step agrees with the reference', async (name) => {
  const given = fixture(name);
  const result = await checkFixture(given);
  expect(Object.entries(result.errors).filter(([, error]) => error > 1e-5)).toEqual([]);
  const compared = Object.keys(result.errors);
  for (const parameter of Object.keys(given.params)) {
    expect(compared).toContain(`grads.${parameter}`);
    expect(compared).toContain(`adamw.params_after_1.${parameter}`);
  }
  for (const output of Object.keys(given.outputs)) {
    expect(
      compared.some((path) => path.startsWith(`outputs.${output}`)),
      output,
    ).toBe(true);
  }
  expect(compared).toContain('adamw.loss_trace');
  expect(result).toMatchObject({ model: name, pass: true });
});
