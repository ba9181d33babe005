/** Vector quantisation: nearest codes, balanced codes, and the estimators that carry gradients past the choice of a code. */
import type { Tensor } from '@tensorflow/tfjs';
import { customGradient, gatherRows } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { DISTANCE_MARGIN, type SinkhornOptions } from '../math/sinkhorn.ts';

/** Vectors shorter than this turn nothing: the rotation would divide by their length. */
const SHORTEST = 1e-8;

/** The same values; no gradient goes further back. */
export function stopGradient(x: Tensor): Tensor {
  return customGradient(
    [x],
    ([value]) => ({ value: tf.clone(value), saved: [] }),
    (dy) => [tf.zerosLike(dy)],
  );
}

/** Squared distances: x [rows, dim], codebook [codes, dim] -> [rows, codes]. */
export function squaredDistances(x: Tensor, codebook: Tensor): Tensor {
  const lengths = tf.add(
    tf.sum(tf.square(x), -1, true),
    tf.reshape(tf.sum(tf.square(codebook), -1), [1, codebook.shape[0]]),
  );
  return tf.sub(lengths, tf.mul(tf.matMul(x, codebook, false, true), 2));
}

/** Nearest code of each row: x [rows, dim], codebook [codes, dim] -> int32 [rows]. No gradient. */
export function nearestCodes(x: Tensor, codebook: Tensor): Tensor {
  const [codes] = codebook.shape;
  const halves = tf.reshape(tf.mul(tf.sum(tf.square(codebook), -1), 0.5), [1, codes]);
  return tf.argMax(tf.sub(tf.matMul(x, codebook, false, true), halves), -1);
}

/**
 * Logarithms of the entropic transport plan between rows and codes (Cuturi 2013): every code gets the same share of the
 * rows, and a row is spread over codes with weights that sum to 1 once converged. Computed in logarithms, for
 * exp(-distance / epsilon) leaves the range of float32. distances [rows, codes] -> [rows, codes].
 */
export function sinkhornLogPlan(distances: Tensor, { epsilon, iterations }: SinkhornOptions): Tensor {
  const [rows, codes] = distances.shape as [number, number];
  const kernel = tf.div(tf.neg(centred(distances)), epsilon);
  let perCode: Tensor = tf.zeros([1, codes]);
  let perRow: Tensor = tf.zeros([rows, 1]);
  for (let i = 0; i < iterations; i++) {
    perRow = tf.neg(tf.logSumExp(tf.add(kernel, perCode), 1, true));
    perCode = tf.sub(Math.log(rows / codes), tf.logSumExp(tf.add(kernel, perRow), 0, true));
  }
  return tf.add(tf.add(kernel, perRow), perCode);
}

/** Scaled so that the middle of the range is 0 and its ends are about -1 and 1. */
function centred(distances: Tensor): Tensor {
  const [least, most] = [tf.min(distances), tf.max(distances)];
  const middle = tf.div(tf.add(least, most), 2);
  return tf.div(tf.sub(distances, middle), tf.add(tf.sub(most, middle), DISTANCE_MARGIN));
}

/** The code with most of each row's weight in the balanced plan: int32 [rows]. No gradient. */
export function balancedCodes(x: Tensor, codebook: Tensor, options: SinkhornOptions): Tensor {
  return tf.argMax(sinkhornLogPlan(squaredDistances(x, codebook), options), -1);
}

/** How many rows have each code: int32 [rows] -> [codes]. */
export function countCodes(codes: Tensor, size: number): Tensor {
  return tf.unsortedSegmentSum(tf.ones(codes.shape), codes as tf.Tensor1D, size);
}

/**
 * `vector` forward; backward the rotation and scaling that take x to it, held constant (Fifty et al. 2024, section 4.2).
 * x, vector [rows, dim].
 */
export function rotateTo(x: Tensor, vector: Tensor): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const length = (v: Tensor) => tf.add(tf.norm(v, 2, -1, true), SHORTEST);
      const from = tf.div(input, length(input));
      const to = tf.div(vector, length(vector));
      const between = tf.add(from, to);
      const mirror = tf.div(between, length(between));
      const scale = tf.div(length(vector), length(input));
      return { value: tf.clone(vector), saved: [from, to, mirror, scale] };
    },
    (dy, [from, to, mirror, scale]) => {
      const along = (v: Tensor) => tf.sum(tf.mul(dy, v), -1, true);
      const reflected = tf.sub(dy, tf.mul(tf.mul(mirror, along(mirror)), 2));
      return [tf.mul(scale, tf.add(reflected, tf.mul(tf.mul(from, along(to)), 2)))];
    },
  );
}

/**
 * A sample of the codes' vectors, relaxed (Jang et al. 2017): softmax((noise - squared distance) / temperature) weighs
 * them. x [rows, dim], codebook [codes, dim], uniform [rows, codes] in (0, 1), temperature a scalar -> [rows, dim].
 */
export function gumbelMixture(x: Tensor, codebook: Tensor, uniform: Tensor, temperature: Tensor): Tensor {
  const noise = tf.neg(tf.log(tf.neg(tf.log(uniform))));
  const logits = tf.sub(noise, squaredDistances(x, codebook));
  return tf.matMul(tf.softmax(tf.div(logits, temperature)), codebook);
}

export type Estimator = 'straight-through' | 'rotation' | 'gumbel-softmax';

export interface ResidualQuantiserOptions {
  estimator: Estimator;
  /**
   * once: the decoder's gradient crosses from the sum of the vectors to the latent, and each level's commitment reaches
   * it, for residuals subtract constants. each-level: the estimator stands between a level's residual and its vector,
   * as in released code; a straight-through residual then sends nothing back, so that only the first level commits.
   */
  crossing: 'once' | 'each-level';
  /** Balanced codes where given; null at a level takes the nearest. */
  sinkhorn: readonly (SinkhornOptions | null)[];
  /** Of gumbel-softmax. */
  noise?: { uniform: readonly Tensor[]; temperature: Tensor };
}

/** What residual quantisation gives, by level; `sum` is the decoder's input [rows, dim]. */
export interface Quantised {
  codes: Tensor[];
  /** Input of each level, [rows, dim]. */
  residuals: Tensor[];
  /** Vector of each level that its losses draw to the residual, [rows, dim]. */
  vectors: Tensor[];
  sum: Tensor;
}

/**
 * Residual quantisation (Lee et al. 2022, section 3.1): each level quantises what the levels before it have left.
 * latent [rows, dim], codebooks of [codes, dim].
 */
export function quantiseResidually(
  latent: Tensor,
  codebooks: readonly Tensor[],
  options: ResidualQuantiserOptions,
): Quantised {
  const { estimator, crossing } = options;
  const result: Omit<Quantised, 'sum'> = { codes: [], residuals: [], vectors: [] };
  const outputs: Tensor[] = [];
  let residual = latent;
  for (const [level, codebook] of codebooks.entries()) {
    const balance = options.sinkhorn[level];
    const codes = balance ? balancedCodes(residual, codebook, balance) : nearestCodes(residual, codebook);
    const vector = vectorOf(residual, codebook, codes, level, options);
    result.codes.push(codes);
    result.residuals.push(residual);
    result.vectors.push(vector);
    const output =
      crossing === 'once' && estimator !== 'gumbel-softmax' ? vector : passing(residual, vector, estimator);
    outputs.push(output);
    residual = tf.sub(residual, crossing === 'once' ? stopGradient(output) : output);
  }
  const sum = outputs.reduce((total, output) => tf.add(total, output));
  return { ...result, sum: crossing === 'once' ? passing(latent, sum, estimator) : sum };
}

function vectorOf(
  residual: Tensor,
  codebook: Tensor,
  codes: Tensor,
  level: number,
  { estimator, noise }: ResidualQuantiserOptions,
): Tensor {
  if (estimator !== 'gumbel-softmax') return gatherRows(codebook, codes);
  if (!noise) throw new Error('gumbel-softmax needs noise');
  return gumbelMixture(residual, codebook, noise.uniform[level], noise.temperature);
}

/** The vector, with the gradient that the estimator sends to x; that of gumbel-softmax is its own. */
function passing(x: Tensor, vector: Tensor, estimator: Estimator): Tensor {
  if (estimator === 'gumbel-softmax') return vector;
  const constant = stopGradient(vector);
  if (estimator === 'rotation') return rotateTo(x, constant);
  return customGradient(
    [x],
    () => ({ value: tf.clone(constant), saved: [] }),
    (dy) => [dy],
  );
}

/**
 * Sums over levels and dimensions of the squared distances that move the vectors to the residuals (`codebook`) and the
 * residuals to the vectors (`commitment`); equal numbers with different gradients (van den Oord et al. 2017, section
 * 3.2). Each [rows].
 */
export function quantisationLosses({ residuals, vectors }: Quantised): {
  codebook: Tensor;
  commitment: Tensor;
} {
  const total = (distance: (residual: Tensor, vector: Tensor) => Tensor) =>
    residuals
      .map((residual, level) => tf.sum(tf.square(distance(residual, vectors[level])), -1))
      .reduce((sum, part) => tf.add(sum, part));
  return {
    codebook: total((residual, vector) => tf.sub(stopGradient(residual), vector)),
    commitment: total((residual, vector) => tf.sub(residual, stopGradient(vector))),
  };
}
