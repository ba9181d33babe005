import { expect, test } from 'vitest';
import type { Config } from './draft.ts';
import { fittingSettings } from './fitting-settings.ts';

/** A step that takes a byte a token, a quarter where its blocks are computed again, and never less than one row. */
async function fitting(config: Config, free: number, { row = 200 } = {}) {
  const tried: Config[] = [];
  const memoryOf = (changes: Config) => {
    const { recomputeBlocks, microBatchTokens } = { ...config, ...changes };
    const tokens = Math.max(row, Number(microBatchTokens));
    const bytes = recomputeBlocks === true ? tokens / 4 : tokens;
    return { bytes, free, problem: bytes > free ? 'more than is free' : null };
  };
  const found = await fittingSettings(config, memoryOf({}), async (changes) => {
    tried.push(changes);
    return memoryOf(changes);
  });
  return { found, tried: tried.length };
}

test('blocks are computed again before there are fewer tokens at once, and both where one is not enough', async () => {
  const config = { recomputeBlocks: false, microBatchTokens: 8192 };
  expect((await fitting(config, 3000)).found).toEqual({ recomputeBlocks: true });
  expect((await fitting(config, 600)).found).toEqual({ recomputeBlocks: true, microBatchTokens: 2048 });
});

test('a model whose blocks are not recomputed has fewer tokens, and what cannot fit is not tried', async () => {
  expect(await fitting({ microBatchTokens: 8192 }, 1100)).toEqual({
    ...{ found: { microBatchTokens: 1024 }, tried: 1 },
  });
});

test('nothing is changed where a single row does not fit, or nothing can be changed', async () => {
  expect(await fitting({ microBatchTokens: 8192 }, 100)).toEqual({ found: null, tried: 2 });
  expect((await fitting({ microBatchTokens: 8192, recomputeBlocks: true }, 20)).found).toBeNull();
  expect(await fitting({ recomputeBlocks: true }, 20)).toEqual({ found: null, tried: 0 });
  expect(await fitting({ batchSize: 8 }, 20, { row: 64 })).toEqual({ found: null, tried: 0 });
});
