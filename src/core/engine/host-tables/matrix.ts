/** A matrix on the host that may be larger than one typed array should be: rows lie in chunks of equal size. */

/** Rows of a chunk are a power of two, and a chunk takes at most so many bytes (one row more, if a row is larger). */
const CHUNK_BYTES = 2 ** 28;

/** Takes what prefetching read, so that the reads are not optimised away. */
const sink = new Float32Array(1);
/** Floats in a line of the cache. */
const LINE = 16;

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

  /**
   * Brings rows ids[start] to ids[end - 1] near the processor: these reads do not wait for each other, as those of row
   * after row do, and on a table larger than the caches waiting is most of the time. Rows out of range are passed over.
   */
  prefetch(ids: Int32Array, start: number, end: number): void {
    const { dim, chunks, shift, mask } = this;
    let sum = 0;
    for (let k = start; k < end; k++) {
      const id = ids[k];
      if (!(id >= 0 && id < this.rows)) continue;
      const values = chunks[id >> shift];
      const from = (id & mask) * dim;
      for (let j = 0; j < dim; j += LINE) sum += values[from + j];
    }
    sink[0] = sum;
  }

  /** Copies rows start to end (exclusive) to the beginning of `target`. */
  read(start: number, end: number, target: Float32Array): void {
    const { dim, chunks, shift, mask } = this;
    for (let row = start, at = 0; row < end; ) {
      const stop = Math.min(end, (row | mask) + 1);
      const from = (row & mask) * dim;
      const values = chunks[row >> shift].subarray(from, from + (stop - row) * dim);
      target.set(values, at);
      at += values.length;
      row = stop;
    }
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
