/** The losses of a policy by rewards and by preferences. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../../../engine/tf.ts';

export interface PolicyTerms {
  /** log π_θ of each token given those before it, [IDs, levels]. */
  logProbabilities: Tensor;
  /** log π_start of the same, [IDs, levels]. */
  start: Tensor;
  /** Of each ID, together 1 over a step; 0 of one that is not there. */
  weights: Tensor;
}

/**
 * Group relative policy optimisation over drawn IDs o_i of L tokens, with ratio w_il = π_θ(o_il) / π_drawn(o_il), where π_drawn is the
 * policy when the IDs were drawn and all probabilities are over the tokens that continue a prefix to an item:
 *
 *     loss = Σ_i weight_i (1/L) Σ_l [ −min(w_il A_i, clip(w_il, 1 − ε, 1 + ε) A_i) + β k_il ]
 *     k_il = π_start / π_θ − ln(π_start / π_θ) − 1
 *
 * k is the estimator of KL(π_θ ‖ π_start) that is never negative (Schulman 2020). With equal weights that is equation 3 of Shao et al.
 * 2024, "DeepSeekMath", for IDs of equal length. Scalar.
 */
export function grpoLoss(
  { logProbabilities, start, weights }: PolicyTerms,
  { drawn, advantages }: { drawn: Tensor; advantages: Tensor },
  { clipRange, klWeight }: { clipRange: number; klWeight: number },
): Tensor {
  const [ids, levels] = logProbabilities.shape as [number, number];
  const ratio = tf.exp(tf.sub(logProbabilities, drawn));
  const advantage = tf.reshape(advantages, [ids, 1]);
  const clipped = tf.clipByValue(ratio, 1 - clipRange, 1 + clipRange);
  const gain = tf.minimum(tf.mul(ratio, advantage), tf.mul(clipped, advantage));
  const toStart = tf.sub(start, logProbabilities);
  const divergence = () => tf.sub(tf.sub(tf.exp(toStart), toStart), 1);
  // Far from the start it is too large for a number, and 0 times that is none.
  const losses = klWeight === 0 ? tf.neg(gain) : tf.sub(tf.mul(divergence(), klWeight), gain);
  return tf.sum(tf.mul(losses, tf.reshape(tf.div(weights, levels), [ids, 1])));
}

/**
 * The softmax over several negatives (Chen et al. 2024, "On Softmax Direct Preference Optimization for Recommendation", arXiv:2406.09215,
 * equation 9). Rows of IDs [rows * choices], of which the first of each row is preferred; h_i = β Σ_l (log π_θ − log π_start):
 *
 *     loss = Σ_rows weight −ln σ( −ln Σ_negatives exp(h_negative − h_preferred) )
 *
 * Of one negative it is direct preference optimisation. A negative of weight 0 is left out. Scalar.
 */
export function softmaxPreferenceLoss(
  { logProbabilities, start, weights }: PolicyTerms,
  { choices, scale }: { choices: number; scale: number },
): Tensor {
  const margins = preferenceMargins({ logProbabilities, start, weights }, { choices, scale });
  const ofRows = tf.slice(tf.reshape(weights, [-1, choices]), [0, 0], [-1, 1]);
  return tf.sum(tf.mul(tf.softplus(tf.neg(margins)), tf.reshape(ofRows, [-1])));
}

/** What lies far below every logit. */
const ABSENT = -1e9;

/** By row h_preferred − ln Σ exp(h_negative), [rows]. */
export function preferenceMargins(
  { logProbabilities, start, weights }: PolicyTerms,
  { choices, scale }: { choices: number; scale: number },
): Tensor {
  const gains = tf.mul(tf.sum(tf.sub(logProbabilities, start), 1), scale);
  const byRow = tf.reshape(gains, [-1, choices]);
  const preferred = tf.slice(byRow, [0, 0], [-1, 1]);
  const negatives = tf.slice(byRow, [0, 1], [-1, choices - 1]);
  const present = tf.slice(tf.reshape(weights, [-1, choices]), [0, 1], [-1, choices - 1]);
  const absent = tf.mul(tf.cast(tf.equal(present, tf.scalar(0)), 'float32'), ABSENT);
  const together = tf.logSumExp(tf.add(negatives, absent), 1);
  return tf.sub(tf.reshape(preferred, [-1]), together);
}
