import type { DeviceContext, Executable, Program } from '../engine/index.ts';
import { float32 } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { throwIfCancelled, UserError } from '../errors.ts';

/** Columns eliminated together, and rows updated by one product. */
const BLOCK = 256;
const PANEL = 1024;

/** rows - left * right, the one product that carries nearly all of the work. */
function panelUpdate(rows: number, n: number): Program {
  return {
    name: `panel ${rows} x ${n}`,
    state: {},
    inputs: { rows: float32(rows, n), left: float32(rows, BLOCK), right: float32(BLOCK, n) },
    run: (_, { rows: current, left, right }) => ({
      state: {},
      outputs: { result: tf.sub(current, tf.matMul(left as tf.Tensor2D, right as tf.Tensor2D)) },
    }),
  };
}

/** In-place Gauss-Jordan inverse of a small matrix in double precision. Throws where it is singular. */
function invertSmall(a: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    const pivot = a[k * n + k];
    if (!(Math.abs(pivot) > 1e-12)) {
      throw new UserError('the item-item matrix cannot be inverted; raise l2');
    }
    for (let j = 0; j < n; j++) if (j !== k) a[k * n + j] /= pivot;
    for (let i = 0; i < n; i++) {
      const factor = a[i * n + k];
      if (i === k || factor === 0) continue;
      for (let j = 0; j < n; j++) if (j !== k) a[i * n + j] -= factor * a[k * n + j];
      a[i * n + k] = -factor / pivot;
    }
    a[k * n + k] = 1 / pivot;
  }
}

/** Block [row.., column..] of size height x width, zero outside the matrix. */
function readBlock(
  matrix: Float32Array,
  n: number,
  [row, column]: [number, number],
  [height, width]: [number, number],
): Float32Array {
  const block = new Float32Array(height * width);
  for (let i = 0; i < height && row + i < n; i++) {
    const from = (row + i) * n + column;
    block.set(matrix.subarray(from, from + Math.min(width, n - column)), i * width);
  }
  return block;
}

/**
 * Inverts a symmetric positive definite matrix [n, n] in place by blocked Gauss-Jordan elimination: every
 * step inverts a diagonal block on the host and updates all rows by products on the device. 2 n^3
 * operations; such matrices need no pivoting.
 */
export async function invertSymmetric(
  matrix: Float32Array,
  n: number,
  device: DeviceContext,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const panelRows = Math.min(PANEL, n);
  const pivotRows = await device.compile(panelUpdate(BLOCK, n));
  const panel = await device.compile(panelUpdate(panelRows, n));
  try {
    for (let at = 0; at < n; at += BLOCK) {
      throwIfCancelled(signal);
      const size = Math.min(BLOCK, n - at);
      const right = await eliminatePivot(matrix, n, at, pivotRows);
      for (let row = 0; row < n; row += panelRows) {
        await eliminatePanel(matrix, n, { at, size, row, height: panelRows }, right, panel);
      }
      for (let i = 0; i < size; i++) matrix.set(right.subarray(i * n, (i + 1) * n), (at + i) * n);
      onProgress(at + size, n);
    }
  } finally {
    await pivotRows.release();
    await panel.release();
  }
}

/** The new pivot rows [BLOCK, n]: pivot^-1 times the old ones, with pivot^-1 itself in the pivot columns. */
async function eliminatePivot(
  matrix: Float32Array,
  n: number,
  at: number,
  product: Executable,
): Promise<Float32Array> {
  const size = Math.min(BLOCK, n - at);
  const pivot = Float64Array.from(readBlock(matrix, n, [at, at], [size, size]));
  invertSmall(pivot, size);
  const left = new Float32Array(BLOCK * BLOCK);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) left[i * BLOCK + k] = -pivot[i * size + k];
  }
  const rows = new Float32Array(BLOCK * n);
  const result = await product.run({ rows, left, right: readBlock(matrix, n, [at, 0], [BLOCK, n]) });
  const right = result.result as Float32Array;
  for (let i = 0; i < BLOCK; i++) {
    for (let k = 0; k < size; k++) right[i * n + at + k] = i < size ? pivot[i * size + k] : 0;
  }
  return right;
}

/** Rows of a panel outside the pivot block: row - (its pivot columns) * (new pivot rows). */
async function eliminatePanel(
  matrix: Float32Array,
  n: number,
  { at, size, row, height }: { at: number; size: number; row: number; height: number },
  right: Float32Array,
  panel: Executable,
): Promise<void> {
  const left = readBlock(matrix, n, [row, at], [height, BLOCK]);
  const rows = readBlock(matrix, n, [row, 0], [height, n]);
  for (let i = 0; i < height; i++) {
    left.fill(0, i * BLOCK + size, (i + 1) * BLOCK);
    // The pivot columns of the other rows start from zero and receive -left * pivot^-1.
    rows.fill(0, i * n + at, i * n + at + size);
  }
  const result = (await panel.run({ rows, left, right })).result as Float32Array;
  for (let i = 0; i < height && row + i < n; i++) {
    const inPivot = row + i >= at && row + i < at + size;
    if (!inPivot) matrix.set(result.subarray(i * n, (i + 1) * n), (row + i) * n);
  }
}
