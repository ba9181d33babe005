/** What fixtures of models over Semantic IDs share. */
import { z } from 'zod';
import { type ItemTokens, tokenLevels } from '../families/generative/code-tokens.ts';
import { tensorSchema } from './tensor-compare.ts';

const index = z.number().int().nonnegative();

/** Histories, targets and the codes of all items, [items, levels]. */
export const idInputs = z.object({
  histories: z.array(z.array(index).min(1)),
  targets: z.array(index),
  item_codes: tensorSchema,
});

/** The tokens of the fixture's items. */
export function itemTokensOf(
  { item_codes }: z.output<typeof idInputs>,
  sizes: readonly number[],
): ItemTokens {
  const levels = tokenLevels(sizes);
  const tokens = Int32Array.from(item_codes.data, (code, i) => levels.starts[i % sizes.length] + code);
  return { levels, tokens };
}
