/** Vectors in fewer dimensions: principal components by subspace iteration (Halko, Martinsson and Tropp 2011, §4.4). */
import { Random } from '../../math/random.ts';
import type { Vectors } from './residuals.ts';

export interface Projection {
  /** [dim] */
  readonly mean: Float64Array;
  /** [components, dim], orthonormal, the one with most variance first. */
  readonly axes: Float64Array[];
}

const ITERATIONS = 12;
const SPARE = 4;
/** Products of one iteration over all vectors: what is more is not looked at. */
const WORK = 8_000_000;

/** Fitted on at most as many of the vectors, evenly spread, as make a quick answer. */
export function principalComponents(vectors: Vectors, components: number): Projection {
  const { dim, items } = vectors;
  const wanted = Math.min(components, dim);
  const width = Math.min(dim, wanted + SPARE);
  const rows = sampledRows(items, Math.max(2 * dim, Math.floor(WORK / (dim * width))));
  const centred = new Float64Array(rows.length * dim);
  const mean = meanOf(vectors, rows);
  for (const [at, row] of rows.entries()) {
    for (let index = 0; index < dim; index++) {
      centred[at * dim + index] = vectors.data[row * dim + index] - mean[index];
    }
  }
  const random = new Random(1, 0, 'principal components');
  let axes: Float64Array[] = Array.from({ length: width }, () =>
    Float64Array.from({ length: dim }, () => random.normal()),
  );
  orthonormalise(axes);
  let variances: number[] = [];
  for (let turn = 0; turn < ITERATIONS; turn++) {
    axes = axes.map((axis) => covarianceTimes(centred, rows.length, axis));
    variances = orthonormalise(axes);
  }
  // Subspace iteration finds the space first and its axes later: their order is that of the variances.
  const byVariance = [...axes.keys()].sort((a, b) => variances[b] - variances[a]).slice(0, wanted);
  return { mean, axes: byVariance.map((at) => axes[at]) };
}

/** Coordinates of a vector that stands in `data` from `from` on. */
function project(
  { mean, axes }: Projection,
  data: Float32Array,
  from: number,
  into: Float32Array,
  at: number,
) {
  for (const [component, axis] of axes.entries()) {
    let sum = 0;
    for (let index = 0; index < axis.length; index++) sum += axis[index] * (data[from + index] - mean[index]);
    into[at + component] = sum;
  }
}

/** [items, components] */
export function projectAll(projection: Projection, { items, dim, data }: Vectors): Float32Array {
  const width = projection.axes.length;
  const points = new Float32Array(items * width);
  for (let item = 0; item < items; item++) project(projection, data, item * dim, points, item * width);
  return points;
}

function sampledRows(items: number, most: number): number[] {
  if (items <= most) return Array.from({ length: items }, (_, row) => row);
  return Array.from({ length: most }, (_, at) => Math.floor((at * items) / most));
}

function meanOf({ dim, data }: Vectors, rows: readonly number[]): Float64Array {
  const mean = new Float64Array(dim);
  for (const row of rows) for (let index = 0; index < dim; index++) mean[index] += data[row * dim + index];
  for (let index = 0; index < dim; index++) mean[index] /= Math.max(1, rows.length);
  return mean;
}

/** Covariance of the rows times a vector, without the covariance itself. */
function covarianceTimes(rows: Float64Array, count: number, axis: Float64Array): Float64Array {
  const dim = axis.length;
  const product = new Float64Array(dim);
  for (let row = 0; row < count; row++) {
    let score = 0;
    for (let index = 0; index < dim; index++) score += rows[row * dim + index] * axis[index];
    score /= count;
    for (let index = 0; index < dim; index++) product[index] += score * rows[row * dim + index];
  }
  return product;
}

/** Gram and Schmidt, in place; returns the lengths that the vectors had beyond the earlier ones. */
function orthonormalise(axes: Float64Array[]): number[] {
  return axes.map((axis, at) => {
    for (let before = 0; before < at; before++) {
      const other = axes[before];
      let share = 0;
      for (let index = 0; index < axis.length; index++) share += axis[index] * other[index];
      for (let index = 0; index < axis.length; index++) axis[index] -= share * other[index];
    }
    const length = Math.hypot(...axis);
    for (let index = 0; index < axis.length; index++) axis[index] = length > 0 ? axis[index] / length : 0;
    return length;
  });
}
