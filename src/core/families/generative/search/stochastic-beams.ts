/**
 * Sampling of sequences without replacement in one beam search (Kool, van Hoof and Welling 2019, "Stochastic Beams and
 * Where to Find Them"): the sequences with the largest Gumbel-perturbed log-probabilities are a sample without
 * replacement, and a prefix's perturbed value is the largest of its continuations.
 */

import { Random } from '../../../math/random.ts';
import type { GenerationConfig } from '../generative-config.ts';

export interface Sampling {
  /** Logits are divided by it: above 1 evens the probabilities out, near 0 keeps the most probable alone. */
  temperature: number;
  /** Uniform numbers for the continuations of a node of the trie, the same ones at every call. */
  noise(row: number, level: number, node: number): Pick<Random, 'uniform'>;
}

/** How a model's config has its lists made; `userOf` says whose the rows are. */
export function decodingOf(
  { decoding, samplingTemperature }: Pick<GenerationConfig, 'decoding' | 'samplingTemperature'>,
  seed: number,
  userOf: (row: number) => number,
): { mode: 'free' | 'renormalised'; sample?: Sampling } {
  if (decoding === 'free') return { mode: 'free' };
  if (decoding === 'constrained') return { mode: 'renormalised' };
  return { mode: 'renormalised', sample: samplingOf(samplingTemperature, seed, userOf) };
}

/**
 * The noise of a row is a function of the seed, the row's user and the node: how users are put into batches, and which
 * sequences are kept, decides nothing.
 */
export function samplingOf(temperature: number, seed: number, userOf: (row: number) => number): Sampling {
  return {
    temperature,
    noise: (row, level, node) => new Random(seed, userOf(row), `sequences/${level}/${node}`),
  };
}

/**
 * Perturbed values of a prefix's continuations, given their log-probabilities and that the largest of them is the
 * prefix's own (appendix B.3 of the paper).
 */
export function perturbContinuations(
  parentScore: number,
  count: number,
  scoreOf: (continuation: number) => number,
  noise: Pick<Random, 'uniform'>,
): Float64Array {
  const values = new Float64Array(count);
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    values[i] = scoreOf(i) + standardGumbel(noise);
    if (values[i] > largest) largest = values[i];
  }
  return values.map((value) => {
    const above = parentScore - value + logOfRest(value - largest);
    return parentScore - Math.max(0, above) - Math.log1p(Math.exp(-Math.abs(above)));
  });
}

function standardGumbel(noise: Pick<Random, 'uniform'>): number {
  return -Math.log(-Math.log(noise.uniform() || 2 ** -54));
}

/** log(1 - exp(x)) of x <= 0, without loss near 0. */
function logOfRest(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}
