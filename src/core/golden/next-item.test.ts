import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkFixture } from './index.ts';
import { nextItemChecks } from './tables/next-item.ts';

interface Fixture {
  params: Record<string, unknown>;
  outputs: { blocks: unknown[] };
}

function fixture(name: string): Fixture {
  const path = new URL(`../../../test/golden/${name}-a.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}

test.each(Object.keys(nextItemChecks))(
  '%s: every output, gradient, step and rank agrees with the reference',
  async (name) => {
    const given = fixture(name);
    const result = await checkFixture(given);
    expect(Object.entries(result.errors).filter(([, error]) => error > 2e-5)).toEqual([]);
    const compared = Object.keys(result.errors);
    for (const parameter of Object.keys(given.params)) {
      expect(compared).toContain(`grads.${parameter}`);
      expect(compared).toContain(`adamw.params_after_1.${parameter}`);
    }
    expect(compared.filter((field) => field.startsWith('outputs.'))).toHaveLength(
      given.outputs.blocks.length + 4,
    );
    expect(compared).toContain('adamw.loss_trace');
    expect(compared).toContain('eval.candidate_scores');
    expect(result).toMatchObject({ model: name, pass: true });
  },
);
