/** A matrix on the host that may be larger than one typed array should be: rows lie in chunks of equal size. */

/** Rows of a chunk are a power of two, and a chunk takes at most so many bytes (one row more, if a row is larger). */
const CHUNK_BYTES = 2 ** 28;

export class ChunkedMatrix {
  readonly rows: number;
  readonly dim: number;
  /** Row r is in chunk r >> shift, from value (r & mask) * dim on. */
  readonly chunks: readonly Float32Array[];
  readonly shift: number;
  readonly mask: number;

  constructor(rows: number, dim: number, chunkBytes = CHUNK_BYTES) {
    this.rows = rows;
    this.dim = dim;
    this.shift = Math.max(0, Math.floor(Math.log2(chunkBytes / (4 * dim))));
    const perChunk = 2 ** this.shift;
    this.mask = perChunk - 1;
    this.chunks = Array.from({ length: Math.ceil(rows / perChunk) }, (_, chunk) => {
      return new Float32Array(Math.min(perChunk, rows - chunk * perChunk) * dim);
    });
  }

  /** Copies a row to `target` from place `at` on. */
  read(row: number, target: Float32Array, at: number): void {
    const values = this.chunks[row >> this.shift];
    const from = (row & this.mask) * this.dim;
    for (let j = 0; j < this.dim; j++) target[at + j] = values[from + j];
  }

  /** Every value in row-major order, in one array; for small matrices. */
  toArray(): Float32Array {
    const all = new Float32Array(this.rows * this.dim);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Takes the values of a row-major array of the same size. */
  fill(values: Float32Array): void {
    let at = 0;
    for (const chunk of this.chunks) {
      chunk.set(values.subarray(at, at + chunk.length));
      at += chunk.length;
    }
  }
}
