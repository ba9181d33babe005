/**
 * UMAP in two dimensions (McInnes, Healy and Melville 2018, algorithms 1 to 5) on typed arrays and in steps, so that the
 * process can do other work meanwhile. It starts from the principal components and is a function of the vectors and
 * the seed.
 */
import { Random } from '../../math/random.ts';
import { type NeighbourLists, nearestSteps } from './nearest.ts';
import { principalComponents, projectAll } from './projection.ts';
import type { Vectors } from './residuals.ts';

export interface UmapStep {
  stage: 'neighbours' | 'layout';
  done: number;
  total: number;
}

const NEIGHBOURS = 15;
/** Distances are taken in the leading principal components: the rest is mostly noise, and costs time. */
const COMPONENTS = 32;
/** The curve 1 / (1 + a d^2b) that is nearest to the one of a smallest distance of 0.1 and a spread of 1 (§3.2). */
const A = 1.5769434604035877;
const B = 0.8950608781227859;
const NEGATIVES = 5;
const MAX_MOVE = 4;
/** Side of the square that the layout starts in. */
const SIDE = 10;

/** Yields after each piece of work; returns [items, 2]. Fewer than three vectors have no layout: all at the origin. */
export function* umapSteps(vectors: Vectors, seed: number): Generator<UmapStep, Float32Array> {
  const { items } = vectors;
  if (items < 3) return new Float32Array(2 * items);
  const reduced = vectors.dim > COMPONENTS ? inComponents(vectors, COMPONENTS) : vectors;
  const search = nearestSteps(reduced, Math.min(NEIGHBOURS, items - 1));
  let found = search.next();
  for (; !found.done; found = search.next()) {
    yield { stage: 'neighbours', done: found.value, total: items };
  }
  // As the authors' code: few items need more epochs.
  const epochs = items <= 10_000 ? 500 : 200;
  const edges = edgesOf(found.value, epochs);
  const points = startOf(reduced);
  const random = new Random(seed, 0, 'umap');
  for (let epoch = 0; epoch < epochs; epoch++) {
    layoutEpoch(points, edges, epoch, 1 - epoch / epochs, random);
    yield { stage: 'layout', done: epoch + 1, total: epochs };
  }
  return points;
}

function inComponents(vectors: Vectors, components: number): Vectors {
  const projection = principalComponents(vectors, components);
  return { items: vectors.items, dim: projection.axes.length, data: projectAll(projection, vectors) };
}

function startOf(vectors: Vectors): Float32Array {
  const flat = inComponents(vectors, 2);
  const points = new Float32Array(2 * vectors.items);
  let largest = 0;
  for (const value of flat.data) largest = Math.max(largest, Math.abs(value));
  const scale = largest > 0 ? SIDE / largest : 0;
  // Equal vectors would stay on each other for ever.
  const random = new Random(1, 0, 'umap start');
  for (let at = 0; at < points.length; at++) {
    const value = flat.dim === 2 ? flat.data[at] : at % 2 === 0 ? flat.data[at / 2] : 0;
    points[at] = value * scale + 1e-3 * random.normal();
  }
  return points;
}

/** Edges of the neighbourhood graph, each in both directions. */
interface Edges {
  from: Int32Array;
  to: Int32Array;
  /** How many epochs pass between two uses: the heavier, the more often. */
  every: Float32Array;
  /** Epoch of the next use. */
  next: Float32Array;
}

function edgesOf(neighbours: NeighbourLists, epochs: number): Edges {
  const { k, indices } = neighbours;
  const weights = memberships(neighbours);
  const list: { from: number; to: number; weight: number }[] = [];
  let heaviest = 0;
  for (let at = 0; at < indices.length; at++) {
    const from = Math.floor(at / k);
    const to = indices[at];
    const back = indices.subarray(to * k, to * k + k).indexOf(from);
    if (back >= 0 && to < from) continue;
    const other = back >= 0 ? weights[to * k + back] : 0;
    // The probability that at least one of the two directed edges exists.
    const weight = weights[at] + other - weights[at] * other;
    heaviest = Math.max(heaviest, weight);
    list.push({ from, to, weight }, { from: to, to: from, weight });
  }
  const used = list.filter(({ weight }) => weight >= heaviest / epochs);
  const every = Float32Array.from(used, ({ weight }) => heaviest / weight);
  return {
    from: Int32Array.from(used, ({ from }) => from),
    to: Int32Array.from(used, ({ to }) => to),
    every,
    next: every.slice(),
  };
}

/** Weights of the directed edges, [items, k]: 1 for the nearest, and log2(k) in all (algorithm 3). */
function memberships({ k, distances }: NeighbourLists): Float32Array {
  const weights = new Float32Array(distances.length);
  const target = Math.log2(k);
  for (let start = 0; start < distances.length; start += k) {
    const near = distances.subarray(start, start + k);
    const nearest = near.find((distance) => distance > 0) ?? 0;
    let [low, high, width] = [0, Number.POSITIVE_INFINITY, 1];
    const weightOf = (distance: number) => Math.exp(-Math.max(0, distance - nearest) / width);
    for (let turn = 0; turn < 64; turn++) {
      let sum = 0;
      for (const distance of near) sum += weightOf(distance);
      if (Math.abs(sum - target) < 1e-5) break;
      if (sum > target) high = width;
      else low = width;
      width = high === Number.POSITIVE_INFINITY ? 2 * width : (low + high) / 2;
    }
    for (let at = 0; at < k; at++) weights[start + at] = weightOf(near[at]);
  }
  return weights;
}

/** One pass over the edges that are due: they pull their ends together and push others away (algorithm 5). */
function layoutEpoch(
  points: Float32Array,
  { from, to, every, next }: Edges,
  epoch: number,
  rate: number,
  random: Random,
): void {
  const items = points.length / 2;
  for (let edge = 0; edge < from.length; edge++) {
    if (next[edge] > epoch + 1) continue;
    next[edge] += every[edge];
    const [head, tail] = [2 * from[edge], 2 * to[edge]];
    let [dx, dy] = [points[head] - points[tail], points[head + 1] - points[tail + 1]];
    let squared = dx * dx + dy * dy;
    if (squared > 0) {
      const power = squared ** B;
      const pull = (-2 * A * B * (power / squared)) / (1 + A * power);
      const [moveX, moveY] = [rate * limited(pull * dx), rate * limited(pull * dy)];
      points[head] += moveX;
      points[head + 1] += moveY;
      points[tail] -= moveX;
      points[tail + 1] -= moveY;
    }
    for (let negative = 0; negative < NEGATIVES; negative++) {
      const other = 2 * (random.uint32() % items);
      if (other === head) continue;
      [dx, dy] = [points[head] - points[other], points[head + 1] - points[other + 1]];
      squared = dx * dx + dy * dy;
      const push = (2 * B) / ((0.001 + squared) * (1 + A * squared ** B));
      points[head] += rate * limited(push * dx);
      points[head + 1] += rate * limited(push * dy);
    }
  }
}

function limited(move: number): number {
  return Math.max(-MAX_MOVE, Math.min(MAX_MOVE, move));
}
