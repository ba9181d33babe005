/**
 * Tokens of Semantic IDs: 0 is padding and the decoder's start, then every level's codes, then what only sources hold. And
 * the items that have them, as a tree.
 */
import type { Interactions } from '../../data/types.ts';
import { Random } from '../../math/random.ts';
import { PrefixTrie } from '../../semantic-ids/trie.ts';
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

/** IDs of items as a tree; tuples are the items by index. */
export interface NamedItems {
  trie: PrefixTrie;
  items: Int32Array;
}

/** The items that can be generated, and those that only join by their prefix. */
export interface Catalogue {
  tokens: ItemTokens;
  /** [items] 1 for items that are hidden from training, or null where none are. */
  hidden: Uint8Array | null;
  /** All candidates with an ID, ascending. */
  named: Int32Array;
  /** The IDs that training knows: those of items that are not hidden. */
  trie: PrefixTrie;
  /**
   * The IDs that a search may follow: the same, and those of hidden items whose prefix, all tokens but the last, no other
   * item has. A new item may be the first of its kind.
   */
  search: NamedItems;
  /** All hidden items, or null where nothing is hidden. */
  unseen: NamedItems | null;
}

/** Of the candidates 0 .. items - 1 those with an ID; `hidden` [items] ones stand apart. */
export function catalogueOf(tokens: ItemTokens, items: number, hidden: Uint8Array | null): Catalogue {
  const named = Int32Array.from({ length: items }, (_, item) => item).filter((item) => hasId(tokens, item));
  const seen = namedItems(tokens, hidden ? named.filter((item) => hidden[item] === 0) : named);
  const unseen = hidden ? named.filter((item) => hidden[item] === 1) : new Int32Array(0);
  const { trie } = seen;
  if (unseen.length === 0) return { tokens, hidden, named, trie, search: seen, unseen: null };
  const first = unseen.filter((item) => trie.find(prefixOf(tokens, item)) < 0);
  const search = first.length > 0 ? namedItems(tokens, Int32Array.of(...seen.items, ...first)) : seen;
  return { tokens, hidden, named, trie, search, unseen: namedItems(tokens, unseen) };
}

/** The IDs of the candidates that have one, in their order: int32 [named, levels] */
export function namedTokens({ named, tokens: { tokens, levels } }: Catalogue): Int32Array {
  const width = levels.sizes.length;
  return Int32Array.from(
    { length: named.length * width },
    (_, at) => tokens[named[Math.floor(at / width)] * width + (at % width)],
  );
}

function namedItems({ tokens, levels }: ItemTokens, items: Int32Array): NamedItems {
  const width = levels.sizes.length;
  const tuples = new Int32Array(items.length * width);
  items.forEach((item, i) => {
    tuples.set(tokens.subarray(item * width, (item + 1) * width), i * width);
  });
  return { items, trie: new PrefixTrie(tuples, width) };
}

/** All tokens of an item's ID but the last. */
function prefixOf({ tokens, levels }: ItemTokens, item: number): Int32Array {
  const width = levels.sizes.length;
  return tokens.subarray(item * width, (item + 1) * width - 1);
}

/** The items of a node of any depth. */
export function itemsUnder({ trie, items }: NamedItems, depth: number, node: number): number[] {
  return Array.from(trie.tuples(depth, node), (tuple) => items[tuple]);
}

/** The hidden items that share an item's prefix, itself included. */
export function unseenItemsWithPrefix({ tokens, unseen }: Catalogue, item: number): number[] {
  if (!unseen) return [];
  const prefix = prefixOf(tokens, item);
  const node = unseen.trie.find(prefix);
  return node < 0 ? [] : itemsUnder(unseen, prefix.length, node);
}

export function hasId({ tokens, levels }: ItemTokens, item: number): boolean {
  return tokens[item * levels.sizes.length] > 0;
}

/** Which interactions a history has: the most recent ones, at most `most`, before index `end` with an item that has an ID, oldest first. */
export function readablePlaces(
  data: Interactions,
  user: number,
  end: number,
  tokens: ItemTokens,
  most: number,
): number[] {
  const places: number[] = [];
  for (let at = end - 1; at >= data.offsets[user] && places.length < most; at--) {
    if (hasId(tokens, data.itemIds[at])) places.unshift(at);
  }
  return places;
}
