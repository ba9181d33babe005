/** Rows of a matrix [rows, dim] at length 1; rows of zeros stay. */
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
