import { Random } from '../../math/random.ts';

export interface EpochOrderOptions {
  samples: number;
  batchSize: number;
  seed: number;
  /** Name of the random stream. */
  stream: string;
}

/** Deals all samples to the steps of an epoch, in an order that follows from the seed and the epoch. */
export class EpochOrder {
  readonly stepsPerEpoch: number;
  readonly #options: EpochOrderOptions;
  #known: { epoch: number; order: Int32Array } | null = null;

  constructor(options: EpochOrderOptions) {
    this.#options = options;
    this.stepsPerEpoch = Math.ceil(options.samples / options.batchSize);
  }

  /** Numbers of the samples of a step; the last one of an epoch may have fewer. */
  step(epoch: number, index: number): Int32Array {
    const { samples, batchSize, seed, stream } = this.#options;
    if (this.#known?.epoch !== epoch) {
      this.#known = { epoch, order: new Random(seed, epoch, stream).order(samples) };
    }
    return this.#known.order.subarray(index * batchSize, (index + 1) * batchSize);
  }
}
