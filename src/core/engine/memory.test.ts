import { expect, it } from 'vitest';
import { free } from '../../../test/engine/memory-limits.ts';
import { fewerRows } from '../training/fitting-rows.ts';
import { requireRunMemory, requireStateMemory } from './memory.ts';

it('a model that cannot fit is refused before anything of it is made', () => {
  const spec = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
  const parameters = { w: spec(1000, 1000) };
  const moments = { m: spec(1000, 1000), v: spec(1000, 1000) };
  expect(() => requireStateMemory(parameters, moments, free(24e6))).not.toThrow();
  expect(() => requireStateMemory(parameters, moments, free(24e6 - 1))).toThrow(
    /^the model has 1 million parameters and takes 0\.0 GiB .* make it narrower or shallower$/,
  );
  expect(() => requireStateMemory({ w: spec(1e9, 1e9) }, {})).toThrow(/1,000,000,000,000 million/);
});

it('a step that cannot fit is refused before it runs, with how many rows would', () => {
  const needs = (
    shapes: { rows: number; length: number }[],
    liveBytes: number,
    bytes: number,
    keepsBlocks?: boolean,
  ) => {
    const memory = { of: 'a training step', toFit: fewerRows(shapes, keepsBlocks) } as const;
    const program = { name: 'step', state: {}, inputs: {}, run: () => ({ outputs: {} }) };
    return () => requireRunMemory({ ...program, memory }, liveBytes, free(bytes));
  };
  const long = [{ rows: 8, length: 2048 }];
  expect(needs(long, 2 ** 30, 2.01 * 2 ** 30)).not.toThrow();
  expect(needs(long, 2 ** 30, 2 ** 30)).toThrow(
    'a training step takes about 2.0 GiB of memory, and 1.0 GiB are free; set a lower microBatchTokens: 4 rows of 2,048 fit, not 8',
  );
  expect(needs(long, 2 ** 33, 2 ** 30)).toThrow('a single row of 2,048 does not fit: make the rows shorter');
  expect(needs(long, 2 ** 30, 2 ** 30, true)).toThrow(
    '4 rows of 2,048 fit, not 8; or set recomputeBlocks=true',
  );
  expect(needs(long, 2 ** 33, 2 ** 30, true)).toThrow(
    'a single row of 2,048 does not fit: set recomputeBlocks=true, make the rows shorter',
  );
  const joint = [{ rows: 30, length: 64 }, ...long];
  expect(needs(joint, 2 ** 30, 2 ** 30)).toThrow('4 rows of 2,048 fit, not 9');
  expect(() =>
    requireRunMemory({ name: 'x', state: {}, inputs: {}, run: () => ({ outputs: {} }) }, 1e15),
  ).not.toThrow();
});
