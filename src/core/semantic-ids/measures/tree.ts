/** Semantic IDs as a tree: how it branches, and how many items end in one leaf. */

import { entropyOf } from '../../math/information.ts';
import type { Prefixes } from '../prefixes.ts';
import type { SemanticIds } from '../types.ts';
import { countLabels } from './levels.ts';

export interface DepthMeasures {
  /** Codes of the prefixes, counted from 1. */
  depth: number;
  /** Distinct prefixes. */
  prefixes: number;
  /** Prefixes of this depth for each of the depth above. */
  meanChildren: number;
  /** Items by prefix, most first: the points of a Zipf plot. */
  sizes: Int32Array;
}

/** Of whole IDs, the collision token not counted. */
export interface CollisionMeasures {
  /** Items with an ID. */
  items: number;
  /** Items of the catalogue without one. */
  missing: number;
  /** 1 - distinct IDs / items */
  rate: number;
  /** Items that share their ID with another. */
  inCollisions: number;
  largestBucket: number;
  /** Items with the ID of a random item, itself included: Σ n² / items. */
  expectedBucket: number;
  /** Possible IDs for each item. */
  capacityRatio: number;
  /** exp(entropy of the IDs) / items: 1 where all are distinct. */
  effectiveCapacity: number;
}

export function measureDepths(prefixes: readonly Prefixes[]): DepthMeasures[] {
  return prefixes.map(({ ids, count }, at) => ({
    depth: at + 1,
    prefixes: count,
    meanChildren: count / (prefixes[at - 1]?.count ?? 1),
    sizes: countLabels(ids, count).sort().reverse(),
  }));
}

export function measureCollisions(ids: SemanticIds, whole: Prefixes): CollisionMeasures {
  const buckets = countLabels(whole.ids, whole.count);
  let [items, squares, inCollisions, largestBucket] = [0, 0, 0, 0];
  for (const size of buckets) {
    items += size;
    squares += size * size;
    if (size > 1) inCollisions += size;
    largestBucket = Math.max(largestBucket, size);
  }
  return {
    items,
    missing: ids.items - items,
    rate: 1 - whole.count / items,
    inCollisions,
    largestBucket,
    expectedBucket: squares / items,
    capacityRatio: ids.codebookSizes.reduce((product, size) => product * size, 1) / items,
    effectiveCapacity: Math.exp(entropyOf(Array.from(buckets))) / items,
  };
}
