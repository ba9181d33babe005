/** Vectors as rows of a matrix [rows, dim]. */

/** Vectors of items, row-major [items, dim]. */
export interface ItemMatrix {
  items: number;
  dim: number;
  data: Float32Array;
}

/** Some rows of a matrix, in the order given. */
export function rowsAt(data: Float32Array, dim: number, rows: Int32Array): Float32Array {
  const chosen = new Float32Array(rows.length * dim);
  rows.forEach((row, place) => {
    chosen.set(data.subarray(row * dim, (row + 1) * dim), place * dim);
  });
  return chosen;
}

/** Product of the row of a that begins at i with that of b at j. */
export function dot(a: Float32Array, i: number, b: Float32Array, j: number, dim: number): number {
  let sum = 0;
  for (let axis = 0; axis < dim; axis++) sum += a[i + axis] * b[j + axis];
  return sum;
}

/** The rows at length 1; rows of zeros stay. */
export function unitRows(values: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += dim) {
    let squares = 0;
    for (let axis = 0; axis < dim; axis++) squares += values[from + axis] ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let axis = 0; axis < dim; axis++) unit[from + axis] = values[from + axis] * scale;
  }
  return unit;
}
