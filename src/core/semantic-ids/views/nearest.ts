/** Exact nearest neighbours of many vectors, in steps. */
import { squaredDistance, type Vectors } from './residuals.ts';

export interface NeighbourLists {
  readonly k: number;
  /** [items, k] from the nearest on; an item is not its own neighbour. */
  readonly indices: Int32Array;
  /** [items, k] Euclidean */
  readonly distances: Float32Array;
}

/** Vectors whose neighbours are found in one step. */
const BLOCK = 128;

/** Yields how many vectors are done. Needs more than k vectors. */
export function* nearestSteps(vectors: Vectors, k: number): Generator<number, NeighbourLists> {
  const { items } = vectors;
  const indices = new Int32Array(items * k);
  const distances = new Float32Array(items * k);
  for (let from = 0; from < items; from += BLOCK) {
    const to = Math.min(items, from + BLOCK);
    for (let item = from; item < to; item++) {
      fillNearest(
        vectors,
        item,
        indices.subarray(item * k, item * k + k),
        distances.subarray(item * k, item * k + k),
      );
    }
    yield to;
  }
  for (let at = 0; at < distances.length; at++) distances[at] = Math.sqrt(distances[at]);
  return { k, indices, distances };
}

/** Insertion into sorted lists of squared distances, which are long full after the first few vectors. */
function fillNearest(
  { items, dim, data }: Vectors,
  item: number,
  indices: Int32Array,
  distances: Float32Array,
): void {
  const last = indices.length - 1;
  distances.fill(Number.POSITIVE_INFINITY);
  for (let other = 0; other < items; other++) {
    if (other === item) continue;
    const distance = squaredDistance(data, item * dim, data, other * dim, dim);
    if (distance >= distances[last]) continue;
    let at = last;
    for (; at > 0 && distances[at - 1] > distance; at--) {
      distances[at] = distances[at - 1];
      indices[at] = indices[at - 1];
    }
    distances[at] = distance;
    indices[at] = other;
  }
}
