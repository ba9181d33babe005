import type { Interactions } from '../../data/types.ts';
import { PrefixTrie } from '../../semantic-ids/trie.ts';
import type { ItemTokens } from './code-tokens.ts';

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
