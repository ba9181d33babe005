import type { Tensor } from '@tensorflow/tfjs';
import {
  customGradient,
  FAR_BELOW,
  gatheredSoftmaxLoss,
  gatherRows,
  type SoftmaxLossInputs,
  takeAlongRows,
  tracedSoftmaxLoss,
} from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

/** The score of what is no candidate. */
export { FAR_BELOW };

/**
 * Weighted cross-entropy with the true class in column 0: sum_t w_t * -log softmax(logits_t)[0].
 * logits [tokens, classes], weights [tokens] -> scalar.
 */
export function firstClassCrossEntropy(logits: Tensor, weights: Tensor): Tensor {
  const tokens = logits.shape[0];
  const column = tf.reshape(weights, [tokens, 1]);
  return customGradient(
    [logits],
    ([x]) => {
      const logProbability = tf.logSoftmax(x);
      const first = tf.slice(logProbability, [0, 0], [tokens, 1]);
      return { value: tf.neg(tf.sum(tf.mul(first, column))), saved: [logProbability, column] };
    },
    (dy, [logProbability, weight]) => {
      const classes = logits.shape[1] as number;
      const scale = tf.mul(weight, dy);
      const spread = tf.mul(tf.exp(logProbability), scale);
      const others = tf.slice(spread, [0, 1], [tokens, classes - 1]);
      const first = tf.sub(tf.slice(spread, [0, 0], [tokens, 1]), scale);
      return [tf.concat([first, others], 1)];
    },
  );
}

/**
 * Weighted cross-entropy over a whole catalogue: sum_t w_t * -log softmax(h_t V^T)[target_t].
 * states [tokens, dim], vectors [items, dim], targets int32 [tokens], weights [tokens] -> scalar. `allReal`: the tokens are
 * those of `realRows`. `before` are vectors [n, dim] ahead of these that are only read, as all are with `frozen`.
 */
export function catalogueCrossEntropy(
  states: Tensor,
  vectors: Tensor,
  targets: Tensor,
  weights: Tensor,
  { allReal, frozen, before }: Pick<SoftmaxLossInputs, 'allReal' | 'frozen' | 'before'> = {},
): Tensor {
  const classes = tf.reshape(targets, [-1, 1]);
  const traced = tracedSoftmaxLoss({ states, table: vectors, classes, weights, allReal, frozen, before });
  if (traced) return traced;
  const all = before ? tf.concat([before, vectors], 0) : vectors;
  const ofTarget = takeAlongRows(tf.logSoftmax(tf.matMul(states, all, false, true)), classes);
  return tf.neg(tf.sum(tf.mul(tf.reshape(ofTarget, [-1]), weights)));
}

/** What a gathered row costs, in rows of a product with the whole table: 18 where it was measured last (docs/results/program.md), more on an earlier machine. */
const GATHERED_COST = 25;

/** What the sampled losses leave open. */
export interface SampledOptions {
  /** First rows of the table that are no items: to leave them where they are spares two copies of it. Default: 0. */
  leading?: number;
  /** Keep negatives that equal their token's positive; by default they are left out. */
  keepsTarget?: boolean;
}

/**
 * Softmax cross-entropy of each token's positive against its own negatives.
 * states [tokens, dim], table [leading + items, dim], targets int32 [tokens], negatives int32 [tokens, ...], weights
 * [tokens].
 */
export function sampledCrossEntropy(
  states: Tensor,
  table: Tensor,
  targets: Tensor,
  negatives: Tensor,
  weights: Tensor,
  { leading = 0, keepsTarget = false }: SampledOptions = {},
): Tensor {
  const tokens = states.shape[0];
  const items = tf.concat([tf.reshape(targets, [tokens, 1]), tf.reshape(negatives, [tokens, -1])], 1);
  const classes = leading === 0 ? items : tf.add(items, tf.scalar(leading, 'int32'));
  const given = { states, table, classes, weights, keepsTarget };
  if ((classes.shape[1] as number) * GATHERED_COST < (table.shape[0] as number))
    return gatheredSoftmaxLoss(given);
  const traced = tracedSoftmaxLoss(given);
  if (traced) return traced;
  const vectors = tf.slice(table, [leading, 0], [-1, -1]);
  return firstClassCrossEntropy(sampledLogits(states, vectors, targets, negatives, keepsTarget), weights);
}

/**
 * Logits of a positive and its own negatives: states [tokens, dim] x vectors [items, dim] -> [tokens, 1 + negatives],
 * the positive first. targets int32 [tokens], negatives int32 [tokens, ...]; one equal to its positive gets -5e4, unless
 * `keepsTarget`.
 */
export function sampledLogits(
  states: Tensor,
  vectors: Tensor,
  targets: Tensor,
  negatives: Tensor,
  keepsTarget = false,
): Tensor {
  const tokens = states.shape[0];
  const all = tf.matMul(states, vectors, false, true);
  const positives = tf.reshape(targets, [tokens, 1]);
  const drawn = tf.reshape(negatives, [tokens, -1]);
  const logits = takeAlongRows(all, tf.concat([positives, drawn], 1));
  if (keepsTarget) return logits;
  const same = tf.cast(tf.equal(drawn, positives), 'float32');
  const masked = tf.concat([tf.zeros([tokens, 1]), same], 1);
  return tf.add(tf.mul(logits, tf.sub(tf.scalar(1), masked)), tf.mul(masked, FAR_BELOW));
}

/**
 * Softmax cross-entropy of a positive against `negatives` shared by all tokens.
 * states [tokens, dim], vectors [rows, dim], targets int32 [tokens], negatives int32 [n], weights [tokens].
 */
export function sharedNegativesCrossEntropy(
  states: Tensor,
  vectors: Tensor,
  targets: Tensor,
  negatives: Tensor,
  weights: Tensor,
  { keepsTarget = false, excluded, logQ }: SharedOptions = {},
): Tensor {
  const tokens = targets.shape[0];
  const [ofTargets, ofNegatives] = logQ ?? [];
  const positive = tf.sum(tf.mul(states, gatherRows(vectors, targets)), -1, true);
  const others = tf.matMul(states, gatherRows(vectors, negatives), false, true);
  const first = ofTargets ? tf.sub(positive, tf.reshape(ofTargets, [tokens, 1])) : positive;
  const corrected = ofNegatives ? tf.sub(others, tf.reshape(ofNegatives, [1, -1])) : others;
  // A negative that is the token's own positive leaves the sum.
  const same = () => tf.equal(tf.reshape(targets, [tokens, 1]), tf.reshape(negatives, [1, -1]));
  const out = excluded ?? (keepsTarget ? null : same());
  const open = out ? tf.where(out, tf.fill(others.shape, FAR_BELOW), corrected) : corrected;
  return firstClassCrossEntropy(tf.concat([first, open], 1), weights);
}

/** What losses with shared negatives leave open besides. */
interface SharedOptions extends SampledOptions {
  /** Bool [tokens, n]: negatives that leave the sum, in place of those that equal the target. */
  excluded?: Tensor;
  /** Subtracted from the scores of the targets [tokens] and of the negatives [n]. */
  logQ?: readonly Tensor[];
}

/**
 * Binary cross-entropy of each token's positive against one negative. states [tokens, dim], vectors [items, dim], targets
 * int32 [tokens], negatives int32 [tokens, 1], weights [tokens] -> scalar.
 */
export function binaryCrossEntropy(
  states: Tensor,
  vectors: Tensor,
  targets: Tensor,
  negatives: Tensor,
  weights: Tensor,
): Tensor {
  const score = (ids: Tensor) => tf.sum(tf.mul(states, gatherRows(vectors, ids)), -1);
  const positive = negativeLogSigmoid(score(targets), weights);
  const negative = negativeLogSigmoid(tf.neg(score(tf.reshape(negatives, [-1]))), weights);
  return tf.add(positive, negative);
}

/** Weighted sum of -log sigmoid(x): x [tokens], weights [tokens] -> scalar. */
export function negativeLogSigmoid(x: Tensor, weights: Tensor): Tensor {
  return tf.sum(tf.mul(tf.softplus(tf.neg(x)), weights));
}

/**
 * Weighted binary cross-entropy of log-odds: sum over t of w_t (softplus(x_t) - y_t x_t). logits, labels in [0, 1] and
 * weights of one shape -> scalar.
 */
export function logisticLoss(logits: Tensor, labels: Tensor, weights: Tensor): Tensor {
  return customGradient(
    [logits],
    ([x]) => ({
      value: tf.sum(tf.mul(tf.sub(tf.softplus(x), tf.mul(x, labels)), weights)),
      saved: [x, labels, weights],
    }),
    (dy, [x, label, weight]) => [tf.mul(tf.mul(tf.sub(tf.sigmoid(x), label), weight), dy)],
  );
}
