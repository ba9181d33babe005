/** Truncated singular value decomposition of a sparse matrix by random projection. */
import { throwIfCancelled } from '../errors.ts';
import { Random } from './random.ts';
import { type SparseMatrix, timesDense, transposeTimesDense } from './sparse.ts';

/** Columns beyond those wanted; they make the last wanted ones exact enough. */
const OVERSAMPLING = 10;
/** Multiplications by the matrix and its transpose that sharpen the spectrum. */
const POWER_ITERATIONS = 4;
/** Directions shorter than this share of their column are taken for rounding. */
const RANK_TOLERANCE = 1e-6;
/** Sweeps after which Jacobi's method has long converged on matrices of this size. */
const MAX_SWEEPS = 30;

export interface TruncatedSvd {
  /** Singular vectors times singular values, U·S: [rows, dim] */
  vectors: Float32Array;
  /** [dim], largest first; 0 beyond the rank */
  singularValues: Float64Array;
}

export interface SvdOptions {
  dim: number;
  seed: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * The largest `dim` singular values with U·S of sparse [rows, width] (Halko, Martinsson and Tropp 2011, algorithms 4.4
 * and 5.1): a random projection, power iterations with orthonormal columns, then the exact decomposition of the small
 * matrix that is left. Deterministic for a seed; dim may be more than the rank.
 */
export async function truncatedSvd(matrix: SparseMatrix, options: SvdOptions): Promise<TruncatedSvd> {
  const { dim, seed, signal, onProgress } = options;
  const n = Math.min(dim + OVERSAMPLING, matrix.rows, matrix.width);
  const steps = 2 * POWER_ITERATIONS + 2;
  let done = 0;
  const next = async <T>(value: T): Promise<T> => {
    onProgress?.(++done, steps);
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(signal);
    return value;
  };
  const random = new Random(seed, 0, 'truncated-svd');
  const start = Float32Array.from({ length: matrix.width * n }, () => random.normal());
  let basis = await next(orthonormal(timesDense(matrix, start, n), n));
  for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) {
    const other = await next(orthonormal(transposeTimesDense(matrix, basis, n), n));
    basis = await next(orthonormal(timesDense(matrix, other, n), n));
  }
  const projected = transposeTimesDense(matrix, basis, n);
  const { values, vectors } = symmetricEigen(gram(projected, n), n);
  await next(null);
  const singularValues = new Float64Array(dim);
  for (let j = 0; j < Math.min(dim, n); j++) singularValues[j] = Math.sqrt(Math.max(values[j], 0));
  return { vectors: rotated(basis, vectors, singularValues, n, dim), singularValues };
}

/** basis [rows, n] times eigenvectors (columns of [n, n]) times singular values: [rows, dim] */
function rotated(
  basis: Float32Array,
  eigenvectors: Float64Array,
  scales: Float64Array,
  n: number,
  dim: number,
): Float32Array {
  const rows = basis.length / n;
  const width = Math.min(n, dim);
  const result = new Float32Array(rows * dim);
  const sums = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let k = 0; k < n; k++) {
      const value = basis[row * n + k];
      for (let j = 0; j < width; j++) sums[j] += value * eigenvectors[k * n + j];
    }
    for (let j = 0; j < width; j++) result[row * dim + j] = sums[j] * scales[j];
  }
  return result;
}

/** Columns' products of dense [rows, n]: symmetric [n, n] */
function gram(dense: Float32Array, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let from = 0; from < dense.length; from += n) {
    for (let i = 0; i < n; i++) {
      const value = dense[from + i];
      if (value === 0) continue;
      for (let j = i; j < n; j++) product[i * n + j] += value * dense[from + j];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) product[i * n + j] = product[j * n + i];
  return product;
}

/** An orthonormal basis of the columns of dense [rows, n], by Cholesky's factor twice; columns beyond the rank are 0. */
function orthonormal(dense: Float32Array, n: number): Float32Array {
  return dividedByFactor(dividedByFactor(dense, n), n);
}

/** dense · R⁻¹, where RᵀR is its gram matrix. */
function dividedByFactor(dense: Float32Array, n: number): Float32Array {
  const factor = gram(dense, n);
  const inverse = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const whole = factor[k * n + k];
    let pivot = whole;
    for (let i = 0; i < k; i++) pivot -= factor[i * n + k] ** 2;
    inverse[k] = pivot > RANK_TOLERANCE ** 2 * whole && pivot > 0 ? 1 / Math.sqrt(pivot) : 0;
    for (let j = k; j < n; j++) {
      let sum = factor[k * n + j];
      for (let i = 0; i < k; i++) sum -= factor[i * n + k] * factor[i * n + j];
      factor[k * n + j] = sum * inverse[k];
    }
  }
  const result = new Float32Array(dense.length);
  const row = new Float64Array(n);
  for (let from = 0; from < dense.length; from += n) {
    for (let j = 0; j < n; j++) row[j] = dense[from + j];
    for (let k = 0; k < n; k++) {
      const value = row[k] * inverse[k];
      result[from + k] = value;
      for (let j = k + 1; j < n; j++) row[j] -= value * factor[k * n + j];
    }
  }
  return result;
}

/**
 * Eigenvalues, largest first, and eigenvectors (columns) of a symmetric matrix [n, n] by cyclic Jacobi rotations
 * (Golub and Van Loan, Matrix Computations, section 8.5). The matrix is overwritten.
 */
export function symmetricEigen(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q] ** 2;
    if (off <= 1e-24 * scale) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i]);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) {
    for (let i = 0; i < n; i++) vectors[i * n + to] = v[from * n + i];
  }
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors };
}

/** Makes a[p, q] zero; `v` keeps the eigenvectors in its rows, which lie together in memory. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const between = a[p * n + q];
  if (between === 0) return;
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * between);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < n; i++) {
    const [ip, iq] = [a[i * n + p], a[i * n + q]];
    a[i * n + p] = c * ip - s * iq;
    a[i * n + q] = s * ip + c * iq;
  }
  for (let i = 0; i < n; i++) {
    const [pi, qi] = [a[p * n + i], a[q * n + i]];
    a[p * n + i] = c * pi - s * qi;
    a[q * n + i] = s * pi + c * qi;
    const [vp, vq] = [v[p * n + i], v[q * n + i]];
    v[p * n + i] = c * vp - s * vq;
    v[q * n + i] = s * vp + c * vq;
  }
}
