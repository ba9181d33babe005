import type { Interactions } from '../types.ts';

/** Training interactions of every item, [items]: of user u those from its offset up to `trainEnd[u]` (exclusive). */
export function trainingCounts(
  { users, offsets, itemIds }: Pick<Interactions, 'users' | 'offsets' | 'itemIds'>,
  trainEnd: Int32Array,
  items: number,
): Int32Array {
  const counts = new Int32Array(items);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]; at < trainEnd[user]; at++) counts[itemIds[at]]++;
  }
  return counts;
}

/** The same for the items that have interactions, as a tensor keeps them. */
export function countItems(interactions: Interactions, trainEnd: Int32Array): Float32Array {
  return Float32Array.from(trainingCounts(interactions, trainEnd, interactions.items));
}
