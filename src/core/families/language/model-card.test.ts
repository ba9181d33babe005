import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModelCard } from './model-card.ts';

/** Written by transformers and the Python package gguf: see test/language. */
const written = (path: string) => join(import.meta.dirname, '../../../../test/language', path);

test('a card says what a model is and takes, also where its tokenizer is missing', () => {
  const card = readModelCard(written('checkpoints/qwen3'), 32);
  expect(card).toMatchObject({
    ...{ name: 'qwen3', architecture: 'qwen3' },
    sizes: { vocabulary: 24, dim: 8, blocks: 2, heads: 2, kvHeads: 1, headDim: 6, ffnDim: 12, context: 64 },
    tokenizer: { problem: expect.stringMatching(/no tokenizer.json beside the weights/) },
  });
  // Two blocks of q and out 8 x 12, k and v 8 x 6, three matrices 8 x 12 and norms; the table is the output layer, too.
  const areas = { words: 24 * 8, attention: 2 * (2 * 96 + 2 * 48), 'feed-forward': 2 * 3 * 96, other: 64 };
  expect(card.areas).toEqual(areas);
  expect(card.types).toEqual([{ name: 'BF16', parameters: card.parameters }]);
  expect(card.memory.adapters).toBeGreaterThan(card.memory.scoring);
  const gguf = readModelCard(written('gguf/llama.gguf'), 32);
  expect(gguf.types.map(({ name }) => name)).toEqual(['Q8_0', 'F32']);
});
