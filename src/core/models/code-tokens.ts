/** Tokens of Semantic IDs: 0 is padding and the decoder's start, then every level's codes, then what only sources hold. */

export interface TokenLevels {
  /** First token of each level. */
  starts: number[];
  /** Codes of each level. */
  sizes: number[];
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
  { userTokens = 0, separator = false }: { userTokens?: number; separator?: boolean } = {},
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
