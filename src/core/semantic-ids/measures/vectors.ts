/** What codes keep of the items' vectors. */

import { squaredDistance } from '../../math/nearest.ts';
import { Random } from '../../math/random.ts';
import { spearman } from '../../math/spearman.ts';
import type { Prefixes } from '../prefixes.ts';
import type { ItemMatrix, Snapshot } from '../types.ts';

export interface ReconstructionMeasures {
  /** Mean length of what is left after each depth; index 0 is the vector itself. */
  residualNorm: number[];
  /** Mean squared error of an element after each depth; index 0 is depth 1. */
  mse: number[];
  /** Mean cosine of the vector and the sum of its codes' vectors, by depth. */
  cosine: number[];
}

/**
 * How well the sum of codebook vectors is the vector it stands for, in the space that the codebooks quantise. Null where
 * a tokeniser has no codebooks.
 * @param vectors [items, dim] of that space
 */
export function measureReconstruction(
  { ids, codebooks }: Pick<Snapshot, 'ids' | 'codebooks'>,
  { dim, data }: ItemMatrix,
): ReconstructionMeasures | null {
  const { levels, codes } = ids;
  if (codebooks.length !== levels) return null;
  const norms = new Float64Array(levels + 1);
  const squares = new Float64Array(levels);
  const cosines = new Float64Array(levels);
  const sum = new Float64Array(dim);
  let counted = 0;
  for (let item = 0; item < ids.items; item++) {
    if (codes[item * levels] < 0) continue;
    counted++;
    sum.fill(0);
    let length = 0;
    for (let axis = 0; axis < dim; axis++) length += data[item * dim + axis] ** 2;
    norms[0] += Math.sqrt(length);
    for (let level = 0; level < levels; level++) {
      const from = codes[item * levels + level] * dim;
      let [left, product, norm] = [0, 0, 0];
      for (let axis = 0; axis < dim; axis++) {
        sum[axis] += codebooks[level][from + axis];
        const value = data[item * dim + axis];
        left += (value - sum[axis]) ** 2;
        product += value * sum[axis];
        norm += sum[axis] ** 2;
      }
      norms[level + 1] += Math.sqrt(left);
      squares[level] += left;
      cosines[level] += length > 0 && norm > 0 ? product / Math.sqrt(length * norm) : 0;
    }
  }
  return {
    residualNorm: Array.from(norms, (value) => value / counted),
    mse: Array.from(squares, (value) => value / counted / dim),
    cosine: Array.from(cosines, (value) => value / counted),
  };
}

/**
 * Share of the content's variance that is left inside prefixes, by depth: Σ |x - mean of its prefix|² / Σ |x - mean|².
 * It needs no codebooks, so all tokenisers compare on the same vectors. It is 0 where every item is alone.
 */
export function contentSpread(prefixes: readonly Prefixes[], { dim, data }: ItemMatrix): number[] {
  const within = ({ ids, count }: Prefixes): number => {
    const sums = new Float64Array(count * dim);
    const sizes = new Int32Array(count);
    let squares = 0;
    for (const [item, id] of ids.entries()) {
      if (id < 0) continue;
      sizes[id]++;
      for (let axis = 0; axis < dim; axis++) {
        const value = data[item * dim + axis];
        sums[id * dim + axis] += value;
        squares += value * value;
      }
    }
    for (let id = 0; id < count; id++) {
      let norm = 0;
      for (let axis = 0; axis < dim; axis++) norm += sums[id * dim + axis] ** 2;
      squares -= norm / sizes[id];
    }
    return Math.max(squares, 0);
  };
  const [first] = prefixes;
  const total = within({ ids: first.ids.map((id) => (id < 0 ? -1 : 0)), count: 1 });
  return prefixes.map((prefix) => (total > 0 ? within(prefix) / total : 0));
}

export interface NeighbourMeasures {
  /** Items whose neighbours were looked up. */
  anchors: number;
  neighbours: number;
  /** Share of an item's nearest neighbours that share its prefix, by depth. */
  recall: number[];
  /** Spearman's correlation of content distance and tree distance over random pairs. */
  treeCorrelation: number;
}

const ANCHORS = 500;
const NEIGHBOURS = 10;
/** Items among which neighbours are looked for. */
const MAX_CANDIDATES = 50_000;
const PAIRS_OF_ANCHOR = 40;

/**
 * Whether near items have near IDs, over a random sample of items: exact nearest neighbours by Euclidean distance of
 * content among (at most 50,000) items with an ID.
 */
export function measureNeighbours(
  prefixes: readonly Prefixes[],
  { dim, data }: ItemMatrix,
  seed: number,
): NeighbourMeasures {
  const random = new Random(seed, 0, 'neighbours');
  const [{ ids: first }] = prefixes;
  const withId = Int32Array.from(first.keys()).filter((item) => first[item] >= 0);
  const shuffled = random.shuffle(withId).slice(0, MAX_CANDIDATES);
  const anchors = shuffled.slice(0, ANCHORS);
  const neighbours = Math.min(NEIGHBOURS, shuffled.length - 1);
  const shared = new Float64Array(prefixes.length);
  const distances: number[] = [];
  const depths: number[] = [];
  const nearest = new NearestFew(neighbours);
  for (const anchor of anchors) {
    nearest.clear();
    for (const other of shuffled) {
      if (other !== anchor) nearest.offer(other, squaredDistance(data, anchor * dim, data, other * dim, dim));
    }
    for (const other of nearest.items) {
      for (let at = 0; at < sharedDepth(prefixes, anchor, other); at++) shared[at]++;
    }
    for (let pair = 0; pair < PAIRS_OF_ANCHOR && shuffled.length > 1; pair++) {
      const other = shuffled[random.below(shuffled.length)];
      if (other === anchor) continue;
      distances.push(squaredDistance(data, anchor * dim, data, other * dim, dim));
      depths.push(prefixes.length - sharedDepth(prefixes, anchor, other));
    }
  }
  return {
    anchors: anchors.length,
    neighbours,
    recall: Array.from(shared, (count) => count / (anchors.length * neighbours)),
    treeCorrelation: spearman(distances, depths),
  };
}

/** Codes that two items share from the first on. */
export function sharedDepth(prefixes: readonly Prefixes[], a: number, b: number): number {
  let depth = 0;
  while (depth < prefixes.length && prefixes[depth].ids[a] === prefixes[depth].ids[b]) depth++;
  return depth;
}

/** The items of the smallest distances offered, the earlier of equal ones. */
class NearestFew {
  readonly #size: number;
  readonly #distances: number[] = [];
  readonly items: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  clear(): void {
    this.#distances.length = 0;
    this.items.length = 0;
  }

  offer(item: number, distance: number): void {
    const full = this.items.length === this.#size;
    if (this.#size === 0 || (full && distance >= this.#distances[this.#size - 1])) return;
    let at = full ? this.#size - 1 : this.items.length;
    while (at > 0 && this.#distances[at - 1] > distance) {
      this.#distances[at] = this.#distances[at - 1];
      this.items[at] = this.items[at - 1];
      at--;
    }
    this.#distances[at] = distance;
    this.items[at] = item;
  }
}
