/** Tokens of Semantic IDs: 0 is padding and the decoder's start, then every level's codes, then what only sources hold. */
import { Random } from '../../math/random.ts';
import type { SemanticIds } from '../../semantic-ids/types.ts';

export interface TokenLevels {
  /** First token of each level. */
  starts: number[];
  /** Codes of each level. */
  sizes: number[];
  /** Levels that mean something: those before the token that tells equal codes apart. */
  semantic: number;
  /** Tokens that can be predicted: padding and all codes. */
  outputs: number;
  /** Tokens that can be read: those, the users' and the separator. */
  inputs: number;
  /** Tokens that users are hashed to, from `outputs` on. */
  userTokens: number;
  /** Token between two items, or null. */
  separator: number | null;
}

/** Token = 1 + the codes of the levels before + code. */
export function tokenLevels(
  sizes: readonly number[],
  {
    userTokens = 0,
    separator = false,
    semantic = sizes.length,
  }: { userTokens?: number; separator?: boolean; semantic?: number } = {},
): TokenLevels {
  const starts: number[] = [];
  let next = 1;
  for (const size of sizes) {
    starts.push(next);
    next += size;
  }
  return {
    starts,
    sizes: [...sizes],
    semantic,
    outputs: next,
    inputs: next + userTokens + (separator ? 1 : 0),
    userTokens,
    separator: separator ? next + userTokens : null,
  };
}

/** The token of a user: its dense id hashed (Knuth's multiplicative hash), as TIGER hashes ids (section 3.2). */
export function userToken(user: number, { outputs, userTokens }: TokenLevels): number {
  const mixed = Math.imul(user + 1, 0x9e3779b1) >>> 0;
  return outputs + Math.floor((mixed / 2 ** 32) * userTokens);
}

/** The tokens of a catalogue's items. */
export interface ItemTokens {
  levels: TokenLevels;
  /** int32 [items, levels]; 0 on every level of an item without an ID. */
  tokens: Int32Array;
}

export interface ItemTokenOptions {
  userTokens: number;
  separator: boolean;
  /** A further level tells items of equal codes apart, where there are any (Rajput et al. 2023, section 3.1). */
  collisionToken: boolean;
  /** Seed of a permutation of the IDs among the items that have one; 0 leaves them. */
  shuffleIds: number;
}

export function itemTokens(ids: SemanticIds, options: ItemTokenOptions): ItemTokens {
  const most = ids.collisionTokens.reduce((a, b) => Math.max(a, b), 0);
  const collided = options.collisionToken && most > 0;
  const levels = tokenLevels([...ids.codebookSizes, ...(collided ? [most + 1] : [])], {
    ...options,
    semantic: ids.levels,
  });
  const width = levels.sizes.length;
  const tokens = new Int32Array(ids.items * width);
  const owners = ownersOf(ids, options.shuffleIds);
  for (let item = 0; item < ids.items; item++) {
    const owner = owners[item];
    if (ids.codes[owner * ids.levels] < 0) continue;
    for (let level = 0; level < width; level++) {
      const code = level < ids.levels ? ids.codes[owner * ids.levels + level] : ids.collisionTokens[owner];
      tokens[item * width + level] = levels.starts[level] + code;
    }
  }
  return { levels, tokens };
}

/** What to say of items whose codes are those of an item before them; null where there are none. */
export function collisionNote(
  { items, collisionTokens }: SemanticIds,
  collisionToken: boolean,
): { level: 'info' | 'warn'; message: string } | null {
  const count = collisionTokens.reduce((sum, token) => sum + (token > 0 ? 1 : 0), 0);
  if (count === 0) return null;
  const alike = `${count} of ${items} items have the codes of another one`;
  return collisionToken
    ? { level: 'info', message: `${alike}: one more token tells them apart` }
    : {
        level: 'warn',
        message: `${alike}, and nothing tells them apart: they share a rank; set collisionToken=true`,
      };
}

/** Whose ID each item gets. */
function ownersOf({ items, codes, levels }: SemanticIds, seed: number): Int32Array {
  const owners = Int32Array.from({ length: items }, (_, item) => item);
  if (seed === 0) return owners;
  const named = owners.filter((item) => codes[item * levels] >= 0);
  const shuffled = new Random(seed, 0, 'shuffle-ids').shuffle(named.slice());
  named.forEach((item, i) => {
    owners[item] = shuffled[i];
  });
  return owners;
}
