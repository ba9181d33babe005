/** What codes have to do with what users do. */

import { COLD_BELOW } from '../../data/statistics.ts';
import type { Interactions } from '../../data/types.ts';
import type { Prefixes } from '../prefixes.ts';
import type { SemanticIds } from '../types.ts';
import { codesOfLevel } from './levels.ts';

/** Training interactions: those of user u from its offset up to `trainEnd[u]` (exclusive). */
export interface TrainingPart {
  interactions: Pick<Interactions, 'users' | 'offsets' | 'itemIds'>;
  trainEnd: Int32Array;
}

export interface LevelPopularity {
  /** Training interactions of an item of each code, [codebookSize]; 0 for codes without items. */
  meanPopularity: Float64Array;
  /** Items of each code with fewer than five training interactions. */
  coldItems: Int32Array;
  /** Share of all interactions (with items that have an ID) on the code that has most of them. */
  maxInteractionShare: number;
}

export function measurePopularity(ids: SemanticIds, popularity: Int32Array): LevelPopularity[] {
  return ids.codebookSizes.map((size, level) => {
    const codes = codesOfLevel(ids, level);
    const [items, interactions, coldItems] = [
      new Int32Array(size),
      new Float64Array(size),
      new Int32Array(size),
    ];
    let total = 0;
    for (const [item, code] of codes.entries()) {
      if (code < 0) continue;
      items[code]++;
      interactions[code] += popularity[item];
      total += popularity[item];
      if (popularity[item] < COLD_BELOW) coldItems[code]++;
    }
    return {
      meanPopularity: interactions.map((sum, code) => (items[code] > 0 ? sum / items[code] : 0)),
      coldItems,
      maxInteractionShare: total > 0 ? interactions.reduce((most, sum) => Math.max(most, sum), 0) / total : 0,
    };
  });
}

/**
 * Whether sharing a prefix means being used together, by depth: the share of successive interactions of one user whose
 * items share the prefix, over the share that independent draws from all interactions would have. Pairs of an item with
 * itself, or with one without an ID, are left out on both sides; 1 is chance, and 0 stands where chance has no pairs.
 */
export function collaborativeLift(
  prefixes: readonly Prefixes[],
  { interactions, trainEnd }: TrainingPart,
  popularity: Int32Array,
): number[] {
  const [{ ids: first }] = prefixes;
  const together = new Float64Array(prefixes.length);
  let pairs = 0;
  for (let user = 0; user < interactions.users; user++) {
    for (let at = interactions.offsets[user] + 1; at < trainEnd[user]; at++) {
      const [a, b] = [interactions.itemIds[at - 1], interactions.itemIds[at]];
      if (a === b || first[a] < 0 || first[b] < 0) continue;
      pairs++;
      for (let depth = 0; depth < prefixes.length; depth++) {
        if (prefixes[depth].ids[a] !== prefixes[depth].ids[b]) break;
        together[depth]++;
      }
    }
  }
  let [total, self] = [0, 0];
  for (const [item, count] of popularity.entries()) {
    if (first[item] < 0) continue;
    total += count;
    self += count * count;
  }
  return prefixes.map(({ ids, count }, depth) => {
    const sums = new Float64Array(count);
    for (const [item, id] of ids.entries()) if (id >= 0) sums[id] += popularity[item];
    const chance = (sums.reduce((sum, value) => sum + value * value, 0) - self) / (total * total - self);
    return pairs > 0 && chance > 0 ? together[depth] / pairs / chance : 0;
  });
}
