import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkLiger } from './liger.ts';
import { checkRpg } from './rpg.ts';
import type { GoldenResult } from './tensor-compare.ts';

interface Fixture {
  params: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

function fixture(name: string): Fixture {
  const path = new URL(`../../../test/golden/${name}-a.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

const checks: [string, (given: unknown) => Promise<GoldenResult>][] = [
  ['liger', checkLiger],
  ['rpg', checkRpg],
];

test.each(checks)('%s: every output, gradient and step agrees with the reference', async (name, check) => {
  const given = fixture(name);
  const result = await check(given);
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
