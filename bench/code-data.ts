/** Histories as short as Amazon Beauty's of items with generated Semantic IDs. */
import type { Interactions } from '../src/core/data/types.ts';
import { type Catalogue, catalogueOf, itemTokens } from '../src/core/families/generative/code-tokens.ts';
import { Random } from '../src/core/math/random.ts';
import { collisionTokens } from '../src/core/semantic-ids/types.ts';

interface Sizes {
  users: number;
  items: number;
  /** Codes of an ID, and how many each is one of. */
  levels: number;
  codes: number;
}

/** Lengths of 1 + a geometric draw of mean 5, at most 20 items, and the one behind them; items and codes uniform. */
export function codeData(
  { users, items, levels, codes }: Sizes,
  config: Parameters<typeof itemTokens>[1],
): { data: Interactions; catalogue: Catalogue } {
  const random = new Random(3);
  const offsets = new Int32Array(users + 1);
  for (let user = 0; user < users; user++) {
    const drawn = 2 + Math.floor(Math.log(1 - random.uniform()) / Math.log(5 / 6));
    offsets[user + 1] = offsets[user] + Math.min(21, drawn);
  }
  const itemIds = new Int32Array(offsets[users]);
  random.fillIntegers(itemIds, 0, items);
  const data = { users, items, catalogueItems: items, offsets, itemIds, times: null, ratings: null };
  const drawn = new Int32Array(items * levels);
  random.fillIntegers(drawn, 0, codes);
  const ids = { levels, codebookSizes: Array<number>(levels).fill(codes), items, codes: drawn };
  const tokens = itemTokens({ ...ids, collisionTokens: collisionTokens(drawn, levels) }, config);
  return { data, catalogue: catalogueOf(tokens, items, null) };
}

/** Settings of the form key=value, numbers as numbers. */
export function settingsOf(words: readonly string[]): Record<string, string | number> {
  return Object.fromEntries(
    words.map((word) => {
      const [key, value] = word.split('=');
      return [key, Number.isNaN(Number(value)) ? value : Number(value)];
    }),
  );
}
