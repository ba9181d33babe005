/** Sparse matrices by rows, and their products with dense ones. */

/** Row r has `values[at]` in column `columns[at]` for at = offsets[r] .. offsets[r + 1] - 1. */
export interface SparseMatrix {
  rows: number;
  width: number;
  /** [rows + 1] */
  offsets: Int32Array;
  columns: Int32Array;
  values: Float32Array;
}

/** sparse [rows, width] times dense [width, n]: [rows, n] */
export function timesDense({ rows, offsets, columns, values }: SparseMatrix, dense: Float32Array, n: number) {
  const product = new Float32Array(rows * n);
  for (let row = 0; row < rows; row++) {
    const to = row * n;
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      const from = columns[at] * n;
      const value = values[at];
      for (let j = 0; j < n; j++) product[to + j] += value * dense[from + j];
    }
  }
  return product;
}

/** The transpose of sparse [rows, width] times dense [rows, n]: [width, n] */
export function transposeTimesDense(sparse: SparseMatrix, dense: Float32Array, n: number): Float32Array {
  const { rows, width, offsets, columns, values } = sparse;
  const product = new Float32Array(width * n);
  for (let row = 0; row < rows; row++) {
    const from = row * n;
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      const to = columns[at] * n;
      const value = values[at];
      for (let j = 0; j < n; j++) product[to + j] += value * dense[from + j];
    }
  }
  return product;
}
