import type { Interactions } from './types.ts';

/** Training interactions of every item, [items]. `trainEnd[u]` is the end (exclusive) of the training part of user u. */
export function countItems(interactions: Interactions, trainEnd: Int32Array): Float32Array {
  const { offsets, itemIds } = interactions;
  const counts = new Float32Array(interactions.items);
  for (let user = 0; user < interactions.users; user++) {
    for (let i = offsets[user]; i < trainEnd[user]; i++) counts[itemIds[i]]++;
  }
  return counts;
}
