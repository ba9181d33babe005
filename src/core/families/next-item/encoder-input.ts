/** How item vectors and positions meet before the first block. Scale, initial values and norm are one choice: apart, one drowns in the other. */
import type { Initialiser, Layer } from '../../layers/index.ts';

const INITIAL_STD = 0.02;

export interface EncoderInput {
  /** Initial item vectors, and those of special tokens. */
  items: Initialiser;
  /** What they are multiplied by. */
  scale: number;
  /** Initial position vectors. */
  positions: Initialiser;
  /** Of their sum, before dropout. */
  norm?: Layer;
}

/** Small item vectors, scaled up by sqrt(dim) (Vaswani et al. 2017, section 3.4), and positions as large as those. */
export function scaledInput(dim: number, positions?: Initialiser): EncoderInput {
  return {
    items: { kind: 'truncated-normal', std: INITIAL_STD },
    scale: Math.sqrt(dim),
    positions: positions ?? { kind: 'truncated-normal', std: 1 / Math.sqrt(dim) },
  };
}

/** Items and positions of the same initial values, and their sum as it is, or normalised. */
export function plainInput(
  init: Initialiser = { kind: 'truncated-normal', std: INITIAL_STD },
  norm?: Layer,
): EncoderInput {
  return { items: init, scale: 1, positions: init, norm };
}
