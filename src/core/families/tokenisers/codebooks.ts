import type { Tensor } from '@tensorflow/tfjs';
import { float32, gatherRows, type HostArrays, int32, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import {
  bindTree,
  countCodes,
  namedLeaves,
  type RandomInput,
  type RandomInputs,
} from '../../layers/index.ts';
import { kmeans } from '../../math/kmeans.ts';
import { Random } from '../../math/random.ts';
import { rowsAt } from '../../math/rows.ts';
import type { ItemMatrix } from '../../semantic-ids/types.ts';
import type { PersistentState } from '../../training/step-model.ts';

/** Name of the report of how many codes were reset. */
export const CODES_RESET = 'codes-reset';

/** What a view of a batch has of tokenisers with codebooks. */
export interface CodesInUse {
  quantised?: {
    /** int32 [rows] by level. */
    codes: Tensor[];
    /** [rows, latent] by level: what the level's codes stand for. */
    residuals: Tensor[];
  };
}

interface InitialOptions {
  seed: number;
  /** Items to start from, drawn at random; 0 takes all. */
  rows: number;
  iterations: number;
  signal?: AbortSignal;
  onProgress(done: number, total: number): void;
}

/** What resets add to a step whose input `reset` is 1 where codes of little use are reset after it, else 0. */
export interface CodeResets {
  /** How often each code was used since the last reset. */
  persistent: PersistentState;
  randomInputs(rows: number): RandomInputs;
  reports(view: CodesInUse, inputs: Tensors): Tensors;
}

/**
 * Vectors that codes of residuals stand for, level by level: k-means gives their first values, codes of little use are
 * reset, and they are written with the IDs. Other tokenisers, such as those that round their latents, have none.
 */
export class Codebooks {
  /** Names of the parameters [codes, latent] that hold each level's vectors. */
  readonly parameters: readonly string[];
  /** Whether the level's vectors are compared at length 1. */
  readonly isUnit: (level: number) => boolean;
  readonly #sizes: readonly number[];

  constructor(parameters: readonly string[], sizes: readonly number[], isUnit: (level: number) => boolean) {
    this.parameters = parameters;
    this.#sizes = sizes;
    this.isUnit = isUnit;
  }

  /**
   * First values by k-means, each level on the residuals of the levels before (as TIGER does with the first batch: Rajput
   * et al. 2023, section 3.1), by parameter.
   */
  async initial(latents: ItemMatrix, start: InitialOptions): Promise<HostArrays> {
    const { seed, iterations, signal, onProgress } = start;
    const { dim } = latents;
    const residuals = sampleRows(latents, start.rows, new Random(seed, 0, 'init/rows'));
    const total = this.#sizes.length * iterations;
    const codebooks: HostArrays = {};
    for (const [level, k] of this.#sizes.entries()) {
      const random = new Random(seed, 0, `init/codebook/${level}`);
      const onIteration = (done: number) => onProgress(level * iterations + done, total);
      const options = { k, iterations, random, signal, onIteration };
      const { centroids, codes } = await kmeans(residuals, dim, options);
      if (this.isUnit(level)) normaliseRows(centroids, dim);
      codebooks[this.parameters[level]] = centroids;
      for (const [row, code] of codes.entries()) {
        for (let axis = 0; axis < dim; axis++) residuals[row * dim + axis] -= centroids[code * dim + axis];
      }
    }
    onProgress(total, total);
    return codebooks;
  }

  /** In a reset codes with at most `below` of the mean use since the last one become residuals of the batch. */
  resets(view: (parameters: Tensors, inputs: Tensors) => CodesInUse, below: number): CodeResets {
    const sizes = this.#sizes;
    const state = { usage: sizes.map((size) => float32(size)) };
    /** Rows of the batch that take the place of unused codes, by level. */
    const random = (rows: number) => ({
      resetRows: sizes.map((size): RandomInput => {
        return { kind: 'integers', spec: int32(size), low: 0, high: rows };
      }),
    });
    /** By level: use since the last reset and 1 for each code that is reset, [codes]; residuals [rows, latent]. */
    const levels = ({ quantised }: CodesInUse, inputs: Tensors) => {
      if (!quantised) throw new Error('a tokeniser with codebooks says what it quantised');
      const { usage } = bindTree(state, inputs);
      return sizes.map((size, level) => {
        const used = tf.add(usage[level], countCodes(quantised.codes[level], size));
        const least = tf.mul(tf.mean(used), below);
        const unused = tf.mul(tf.cast(tf.lessEqual(used, least), 'float32'), inputs.reset);
        return { used, unused, residuals: quantised.residuals[level] };
      });
    };
    return {
      persistent: {
        specs: namedLeaves(state),
        next: (current, inputs, { rows }, updated) => {
          const { resetRows } = bindTree(random(rows), inputs);
          const all = levels(view(current, inputs), inputs);
          const kept = all.map(({ unused, residuals }, level) => {
            const name = this.parameters[level];
            const fresh = gatherRows(residuals, resetRows[level]);
            const column = tf.reshape(unused, [sizes[level], 1]);
            return [name, tf.add(tf.mul(updated[name], tf.sub(1, column)), tf.mul(fresh, column))];
          });
          const usage = all.map(({ used }) => tf.mul(used, tf.sub(1, inputs.reset)));
          return { ...Object.fromEntries(kept), ...namedLeaves({ usage }) };
        },
      },
      randomInputs: (rows) => namedLeaves(random(rows)),
      reports: (seen, inputs) => {
        const counts = levels(seen, inputs).map(({ unused }) => tf.sum(unused));
        return { [CODES_RESET]: counts.reduce((sum, count) => tf.add(sum, count), tf.scalar(0) as Tensor) };
      },
    };
  }
}

/** A copy of `count` rows without repetition, or of all. */
function sampleRows({ items, dim, data }: ItemMatrix, count: number, random: Random): Float32Array {
  if (count === 0 || count >= items) return data.slice();
  return rowsAt(data, dim, random.order(items).subarray(0, count));
}

function normaliseRows(rows: Float32Array, dim: number): void {
  for (let from = 0; from < rows.length; from += dim) {
    const row = rows.subarray(from, from + dim);
    const length = Math.hypot(...row);
    if (length > 0) for (let axis = 0; axis < dim; axis++) row[axis] /= length;
  }
}
