/** What is left of an item's vector after each level, and how far the codes are from it. */
import { type CodeTable, hasId } from './code-table.ts';

export interface Vectors {
  readonly items: number;
  readonly dim: number;
  /** [items, dim] */
  readonly data: Float32Array;
}

/** What the codes stand for: vectors of one space. */
export interface Quantiser {
  readonly vectors: Vectors;
  /** One a level, [codes, dim]. */
  readonly codebooks: readonly Float32Array[];
}

/**
 * Code vectors for IDs that came without: the mean residual of the items of each code, level after level, which is
 * what one step of residual k-means would set. Unused codes stay at the origin.
 */
export function meanCodebooks(table: CodeTable, vectors: Vectors): Float32Array[] {
  const { codes, levels, items, codebookSizes } = table;
  const { dim } = vectors;
  const residuals = vectors.data.slice();
  return codebookSizes.map((size, level) => {
    const means = new Float32Array(size * dim);
    const counts = new Int32Array(size);
    for (let item = 0; item < items; item++) {
      if (!hasId(table, item)) continue;
      const code = codes[item * levels + level];
      counts[code]++;
      for (let at = 0; at < dim; at++) means[code * dim + at] += residuals[item * dim + at];
    }
    for (let code = 0; code < size; code++) {
      for (let at = 0; at < dim; at++) means[code * dim + at] /= Math.max(1, counts[code]);
    }
    for (let item = 0; item < items; item++) {
      if (!hasId(table, item)) continue;
      const code = codes[item * levels + level];
      for (let at = 0; at < dim; at++) residuals[item * dim + at] -= means[code * dim + at];
    }
    return means;
  });
}

/** Writes what level `level` had to quantise of an item: its vector less the code vectors of the levels before. */
export function writeResidual(
  { codes, levels }: CodeTable,
  { vectors: { dim, data }, codebooks }: Quantiser,
  item: number,
  level: number,
  into: Float32Array,
  at = 0,
): void {
  for (let index = 0; index < dim; index++) into[at + index] = data[item * dim + index];
  for (let before = 0; before < level; before++) {
    const from = codes[item * levels + before] * dim;
    for (let index = 0; index < dim; index++) into[at + index] -= codebooks[before][from + index];
  }
}

/** Residuals of some items before a level: [items, dim]. */
export function residualsOf(
  table: CodeTable,
  quantiser: Quantiser,
  items: Int32Array,
  level: number,
): Vectors {
  const { dim } = quantiser.vectors;
  const data = new Float32Array(items.length * dim);
  for (const [at, item] of items.entries()) writeResidual(table, quantiser, item, level, data, at * dim);
  return { items: items.length, dim, data };
}

/** The length that is left of an item's vector before the first level and after each one: [levels + 1]. */
export function residualNorms(table: CodeTable, quantiser: Quantiser, item: number): number[] {
  const residual = new Float32Array(quantiser.vectors.dim);
  return Array.from({ length: table.levels + 1 }, (_, level) => {
    writeResidual(table, quantiser, item, level, residual);
    return Math.hypot(...residual);
  });
}

export interface DeadCode {
  code: number;
  /** From its vector to the nearest residual. */
  distance: number;
  /** The item with that residual. */
  item: number;
  /** From that residual to the code the item has: what the dead code would have to beat. */
  taken: number;
}

/** Codes of a level that no item has, each with the nearest residual among some items, and whose that is. */
export function deadCodes(
  table: CodeTable,
  quantiser: Quantiser,
  level: number,
  counts: Int32Array,
  items: Int32Array,
): DeadCode[] {
  const { dim } = quantiser.vectors;
  const book = quantiser.codebooks[level];
  const residuals = residualsOf(table, quantiser, items, level).data;
  const dead = [...counts.keys()].filter((code) => counts[code] === 0);
  return dead.map((code) => {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let at = 0; at < items.length; at++) {
      const distance = squaredDistance(book, code * dim, residuals, at * dim, dim);
      if (distance < least) [nearest, least] = [at, distance];
    }
    if (nearest < 0) return { code, distance: Number.NaN, item: -1, taken: Number.NaN };
    const item = items[nearest];
    const ownCode = table.codes[item * table.levels + level];
    const taken = squaredDistance(book, ownCode * dim, residuals, nearest * dim, dim);
    return { code, distance: Math.sqrt(least), item, taken: Math.sqrt(taken) };
  });
}

/** Between `dim` values of two arrays from two places on. */
export function squaredDistance(
  one: Float32Array,
  from: number,
  other: Float32Array,
  to: number,
  dim: number,
): number {
  let sum = 0;
  for (let at = 0; at < dim; at++) {
    const difference = one[from + at] - other[to + at];
    sum += difference * difference;
  }
  return sum;
}
