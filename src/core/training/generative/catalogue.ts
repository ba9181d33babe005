import type { Interactions } from '../../data/types.ts';
import type { ItemTokens } from '../../models/code-tokens.ts';
import { PrefixTrie } from '../../semantic-ids/trie.ts';

/** The items that can be generated, and those that only join by their prefix. */
export interface Catalogue {
  tokens: ItemTokens;
  /** Tuples are the items of `generated`, by index. */
  trie: PrefixTrie;
  generated: Int32Array;
  /** Hidden items in a tree of their own, or null where nothing is hidden. */
  unseen: { trie: PrefixTrie; items: Int32Array } | null;
}

/** Of the candidates 0 .. items - 1 those with an ID; `hidden` [items] ones stand apart. */
export function catalogueOf(tokens: ItemTokens, items: number, hidden: Uint8Array | null): Catalogue {
  const named = Int32Array.from({ length: items }, (_, item) => item).filter((item) => hasId(tokens, item));
  const generated = hidden ? named.filter((item) => hidden[item] === 0) : named;
  const unseen = hidden ? named.filter((item) => hidden[item] === 1) : new Int32Array(0);
  return {
    tokens,
    trie: trieOf(tokens, generated),
    generated,
    unseen: unseen.length > 0 ? { trie: trieOf(tokens, unseen), items: unseen } : null,
  };
}

function trieOf({ tokens, levels }: ItemTokens, items: Int32Array): PrefixTrie {
  const width = levels.sizes.length;
  const tuples = new Int32Array(items.length * width);
  items.forEach((item, i) => {
    tuples.set(tokens.subarray(item * width, (item + 1) * width), i * width);
  });
  return new PrefixTrie(tuples, width);
}

export function hasId({ tokens, levels }: ItemTokens, item: number): boolean {
  return tokens[item * levels.sizes.length] > 0;
}

/** The most recent items, at most `most`, that a user had before index `end` and that have an ID, oldest first. */
export function readableHistory(
  data: Interactions,
  user: number,
  end: number,
  tokens: ItemTokens,
  most: number,
): number[] {
  const history: number[] = [];
  for (let at = end - 1; at >= data.offsets[user] && history.length < most; at--) {
    if (hasId(tokens, data.itemIds[at])) history.unshift(data.itemIds[at]);
  }
  return history;
}
