import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkGolden } from './index.ts';
import type { Tensor } from './tensor-compare.ts';

type Tensors = Record<string, Tensor>;

interface Fixture {
  grads: Tensors;
  inputs: Tensors;
  outputs: { logits: Tensor; scores: Tensor };
  config: Record<string, number>;
  adam?: { params_after_1: Tensors };
  adamw?: { params_after_1: Tensors };
}

const folder = mkdtempSync(join(tmpdir(), 'tessera-golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Checks a fixture after a change to it. */
function check(model: string, change: (fixture: Fixture) => void) {
  const original = join(import.meta.dirname, '..', '..', '..', 'test', 'golden', `${model}-a.json`);
  const fixture = JSON.parse(readFileSync(original, 'utf8')) as Fixture;
  change(fixture);
  const path = join(folder, `${model}.json`);
  writeFileSync(path, JSON.stringify(fixture));
  return checkGolden(path);
}

/** Moves the entry by one per cent of the largest below `limit`. */
function disturb({ data }: Tensor, index: number, limit = Number.POSITIVE_INFINITY): void {
  data[index] += 0.01 * Math.max(...data.map(Math.abs).filter((size) => size < limit));
}

function largest({ data }: Tensor): number {
  const sizes = data.map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}

test('one number of a fixture that is off by a per cent of the largest is found', async () => {
  const firstOf = (tensors: Tensors = {}) => Object.values(tensors)[0];
  const gradient = await check('bpr', ({ grads }) => disturb(firstOf(grads), 3));
  expect(gradient).toMatchObject({ pass: false, maxError: { gradients: expect.closeTo(0.01, 4) } });
  const scores = await check('bpr', ({ outputs }) => disturb(outputs.scores, 3));
  expect(scores).toMatchObject({ pass: false, maxError: { output: expect.closeTo(0.01, 4) } });
  const step = await check('bpr', ({ adam, grads }) =>
    disturb(firstOf(adam?.params_after_1), largest(firstOf(grads))),
  );
  expect(step).toMatchObject({ pass: false, maxError: { step: expect.closeTo(0.01, 3) } });
  // The logits hold -50000 where a negative is the positive; it must not set the scale.
  const logits = await check('sasrec', ({ outputs }) => disturb(outputs.logits, 0, 1e4));
  expect(logits).toMatchObject({ pass: false, maxError: { output: expect.closeTo(0.01, 3) } });
});

test('a fixture may lack the optimiser, but not a gradient, and must be one that can be run', async () => {
  const without = await check('bpr', (fixture) => delete fixture.adam);
  expect(without).toMatchObject({ pass: true, maxError: { step: null } });
  await expect(check('bpr', (fixture) => Object.assign(fixture, { grads: {} }))).rejects.toThrow(
    /bpr\.json: the fixture has no gradient "user_embedding.weight"/,
  );
  await expect(check('sasrec', ({ config }) => Object.assign(config, { heads: 3 }))).rejects.toThrow(
    /sasrec\.json: cannot be run: heads must divide dim/,
  );
});
