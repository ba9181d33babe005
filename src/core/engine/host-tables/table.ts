import { UserError } from '../../errors.ts';
import type { OptimiserConfig, UpdateScalars } from '../optimisers.ts';
import { ChunkedMatrix } from './matrix.ts';
import { RowSlots } from './slots.ts';

/** Ids of a batch: bag b is ids[offsets[b]] to ids[offsets[b + 1] - 1], and may be empty. */
export interface IdBags {
  ids: Int32Array;
  /** [bags + 1] */
  offsets: Int32Array;
  /** What the sum of each bag is multiplied with, [bags]. Default: 1. */
  scales?: Float32Array;
}

/** Where bag b of a lookup stands in an array of vectors: from value offset + b * stride on. */
export interface Placement {
  offset: number;
  stride: number;
}

/** State an optimiser keeps for a table, as matrices of so many columns by name. */
export function tableSlots(optimiser: OptimiserConfig['optimiser'], dim: number): Record<string, number> {
  switch (optimiser) {
    case 'sgd':
      return {};
    case 'adagrad':
      return { v: dim };
    case 'rowwise-adagrad':
      return { v: 1 };
    case 'adam':
    case 'adamw':
    case 'lazy-adam':
      return { m: dim, v: dim };
  }
}

/** Bytes of a table and what the optimiser keeps for it. */
export function tableBytes(optimiser: OptimiserConfig['optimiser'], rows: number, dim: number): number {
  const columns = Object.values(tableSlots(optimiser, dim)).reduce((sum, width) => sum + width, dim);
  return 4 * rows * columns;
}

/** Rows brought near the processor together. */
const AHEAD = 32;

/** Throws UserError for what the row-wise updates do not have. */
export function checkTableOptimiser({
  momentum,
  clipNorm,
  weightDecay,
  decayed,
}: Pick<OptimiserConfig, 'momentum' | 'clipNorm' | 'weightDecay' | 'decayed'>): void {
  const no = (field: string, why: string) =>
    new UserError({ code: 'bad-config', field, problem: `set it to 0: ${why}` });
  if (momentum) throw no('momentum', 'embedding tables on the host have none');
  if (clipNorm > 0) throw no('clipNorm', 'gradients of embedding tables on the host are not clipped');
  if (weightDecay > 0 && decayed !== 'matrices') {
    throw no('weightDecay', 'rows of embedding tables on the host do not decay; or set decayed=matrices');
  }
}

/**
 * An embedding table on the host. A step pools rows of it into the inputs of the graph, adds up the gradients of those
 * inputs by row, and updates the rows that it saw: its cost follows the batch, not the table. The updates are those of
 * `applyUpdate` on a table whose other rows have zero gradients. Adam moves these rows too, so that its cost follows the
 * table; lazy Adam leaves them, and their moments, as they are.
 */
export class HostTable {
  readonly weights: ChunkedMatrix;
  /** What the optimiser keeps, by slot name: [rows, dim], or [rows, 1] row-wise. */
  readonly slots: Readonly<Record<string, ChunkedMatrix>>;
  readonly #config: OptimiserConfig;
  readonly #seen = new RowSlots();
  #gradients = new Float32Array(0);

  constructor(rows: number, dim: number, config: OptimiserConfig, chunkBytes?: number) {
    checkTableOptimiser(config);
    this.#config = config;
    this.weights = new ChunkedMatrix(rows, dim, chunkBytes);
    const widths = Object.entries(tableSlots(config.optimiser, dim));
    this.slots = Object.fromEntries(
      widths.map(([slot, width]) => [slot, new ChunkedMatrix(rows, width, chunkBytes)]),
    );
  }

  /** Adds the (scaled) sum of the rows of each bag to zeros in `target`. Throws RangeError at a wrong id. */
  pool({ ids, offsets, scales }: IdBags, target: Float32Array, { offset, stride }: Placement): void {
    const { rows, dim, chunks, shift, mask } = this.weights;
    let near = 0;
    for (let bag = 0, at = offset; bag + 1 < offsets.length; bag++, at += stride) {
      for (let k = offsets[bag]; k < offsets[bag + 1]; k++) {
        if (k >= near) {
          near = Math.min(ids.length, k + AHEAD);
          this.weights.prefetch(ids, k, near);
        }
        const id = ids[k];
        if (!(id >= 0 && id < rows)) throw new RangeError(`row ${id} of a table of ${rows} rows`);
        const values = chunks[id >> shift];
        const from = (id & mask) * dim;
        for (let j = 0; j < dim; j++) target[at + j] += values[from + j];
      }
      if (scales) for (let j = 0; j < dim; j++) target[at + j] *= scales[bag];
    }
  }

  /** Adds the gradients of pooled bags to those of their rows, until `update`. */
  accumulate({ ids, offsets, scales }: IdBags, gradients: Float32Array, { offset, stride }: Placement): void {
    const { dim } = this.weights;
    for (let bag = 0, at = offset; bag + 1 < offsets.length; bag++, at += stride) {
      const scale = scales ? scales[bag] : 1;
      for (let k = offsets[bag]; k < offsets[bag + 1]; k++) {
        const known = this.#seen.count;
        const slot = this.#seen.slotOf(ids[k]);
        if (slot === known) this.#reserve(slot + 1);
        const sums = this.#gradients;
        const to = slot * dim;
        if (slot === known) for (let j = 0; j < dim; j++) sums[to + j] = scale * gradients[at + j];
        else for (let j = 0; j < dim; j++) sums[to + j] += scale * gradients[at + j];
      }
    }
  }

  /** The rows with gradients since the last update, and the gradients [rows seen, dim]. */
  get pending(): { ids: Int32Array; gradients: Float32Array } {
    const { ids, count } = this.#seen;
    return { ids, gradients: this.#gradients.subarray(0, count * this.weights.dim) };
  }

  /** One optimiser step on the rows with gradients, as `updateScalars` sizes it. */
  update({ stepSize, epsilon }: UpdateScalars): void {
    switch (this.#config.optimiser) {
      case 'sgd':
        this.#sgd(stepSize);
        break;
      case 'adagrad':
        this.#adagrad(stepSize, epsilon);
        break;
      case 'rowwise-adagrad':
        this.#rowwiseAdagrad(stepSize, epsilon);
        break;
      case 'lazy-adam':
        this.#lazyAdam(stepSize, epsilon);
        break;
      default:
        this.#adam(stepSize, epsilon);
    }
    this.#seen.clear();
  }

  /** Forgets the gradients since the last update. */
  discard(): void {
    this.#seen.clear();
  }

  /** What updating the next rows will read. */
  #prefetch(ids: Int32Array, slot: number): void {
    const end = Math.min(ids.length, slot + AHEAD);
    this.weights.prefetch(ids, slot, end);
    for (const matrix of Object.values(this.slots)) matrix.prefetch(ids, slot, end);
  }

  #reserve(rows: number): void {
    const { dim } = this.weights;
    if (rows * dim <= this.#gradients.length) return;
    const larger = new Float32Array(Math.max(2 * this.#gradients.length, 64 * dim));
    larger.set(this.#gradients);
    this.#gradients = larger;
  }

  #sgd(stepSize: number): void {
    const { dim, chunks, shift, mask } = this.weights;
    const [ids, gradients] = [this.#seen.ids, this.#gradients];
    for (let slot = 0, g = 0; slot < ids.length; slot++, g += dim) {
      if (slot % AHEAD === 0) this.#prefetch(ids, slot);
      const values = chunks[ids[slot] >> shift];
      const at = (ids[slot] & mask) * dim;
      for (let j = 0; j < dim; j++) values[at + j] -= stepSize * gradients[g + j];
    }
  }

  #adagrad(stepSize: number, epsilon: number): void {
    const { dim, chunks, shift, mask } = this.weights;
    const sums = this.slots.v.chunks;
    const [ids, gradients] = [this.#seen.ids, this.#gradients];
    for (let slot = 0, g = 0; slot < ids.length; slot++, g += dim) {
      if (slot % AHEAD === 0) this.#prefetch(ids, slot);
      const chunk = ids[slot] >> shift;
      const at = (ids[slot] & mask) * dim;
      const [values, squares] = [chunks[chunk], sums[chunk]];
      for (let j = 0; j < dim; j++) {
        const gradient = gradients[g + j];
        squares[at + j] += gradient * gradient;
        values[at + j] -= (stepSize * gradient) / (Math.sqrt(squares[at + j]) + epsilon);
      }
    }
  }

  #rowwiseAdagrad(stepSize: number, epsilon: number): void {
    const { dim, chunks, shift, mask } = this.weights;
    const { v } = this.slots;
    const [ids, gradients] = [this.#seen.ids, this.#gradients];
    for (let slot = 0, g = 0; slot < ids.length; slot++, g += dim) {
      if (slot % AHEAD === 0) this.#prefetch(ids, slot);
      const id = ids[slot];
      let squares = 0;
      for (let j = 0; j < dim; j++) squares += gradients[g + j] * gradients[g + j];
      const sums = v.chunks[id >> v.shift];
      sums[id & v.mask] += squares / dim;
      const scale = stepSize / (Math.sqrt(sums[id & v.mask]) + epsilon);
      const values = chunks[id >> shift];
      const at = (id & mask) * dim;
      for (let j = 0; j < dim; j++) values[at + j] -= scale * gradients[g + j];
    }
  }

  #lazyAdam(stepSize: number, epsilon: number): void {
    const { beta1, beta2 } = this.#config;
    const { dim, chunks, shift, mask } = this.weights;
    const { m, v } = this.slots;
    const [ids, gradients] = [this.#seen.ids, this.#gradients];
    for (let slot = 0, g = 0; slot < ids.length; slot++, g += dim) {
      if (slot % AHEAD === 0) this.#prefetch(ids, slot);
      const chunk = ids[slot] >> shift;
      const at = (ids[slot] & mask) * dim;
      const [values, first, second] = [chunks[chunk], m.chunks[chunk], v.chunks[chunk]];
      for (let j = 0; j < dim; j++) {
        const gradient = gradients[g + j];
        first[at + j] = beta1 * first[at + j] + (1 - beta1) * gradient;
        second[at + j] = beta2 * second[at + j] + (1 - beta2) * gradient * gradient;
        values[at + j] -= (stepSize * first[at + j]) / (Math.sqrt(second[at + j]) + epsilon);
      }
    }
  }

  /** Every row, rounded as single ops on the device would be. */
  #adam(stepSize: number, epsilon: number): void {
    const { beta1, beta2 } = this.#config;
    const { dim, chunks, shift, mask } = this.weights;
    const { m, v } = this.slots;
    const [ids, gradients] = [this.#seen.ids, this.#gradients];
    for (const first of m.chunks) for (let k = 0; k < first.length; k++) first[k] *= beta1;
    for (const second of v.chunks) for (let k = 0; k < second.length; k++) second[k] *= beta2;
    for (let slot = 0, g = 0; slot < ids.length; slot++, g += dim) {
      const chunk = ids[slot] >> shift;
      const at = (ids[slot] & mask) * dim;
      const [first, second] = [m.chunks[chunk], v.chunks[chunk]];
      for (let j = 0; j < dim; j++) {
        const gradient = gradients[g + j];
        first[at + j] += (1 - beta1) * gradient;
        second[at + j] += (1 - beta2) * gradient * gradient;
      }
    }
    chunks.forEach((values, chunk) => {
      const [first, second] = [m.chunks[chunk], v.chunks[chunk]];
      for (let k = 0; k < values.length; k++) {
        values[k] -= (stepSize * first[k]) / (Math.sqrt(second[k]) + epsilon);
      }
    });
  }
}
