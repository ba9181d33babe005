/** Losses over negatives that all rows of a batch share: the other rows' targets, and sampled items. */
import type { Tensor } from '@tensorflow/tfjs';
import { gatherRows } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { FAR_BELOW, firstClassCrossEntropy } from './losses.ts';

/** Scores of every row's target [rows, 1] and of all candidates [rows, rows + negatives]. */
export interface SharedScores {
  target: Tensor;
  candidates: Tensor;
  /** Bool: the row's own target, and targets of rows that are only padding. */
  excluded: Tensor;
}

/**
 * states [rows, width] x vectors [items, width]; targets int32 [rows], negatives int32 [n]; weights [rows] are 0 in
 * padding rows. The candidates are the targets, then the negatives.
 */
export function sharedScores(
  states: Tensor,
  vectors: Tensor,
  batch: { targets: Tensor; weights: Tensor; negatives: Tensor },
): SharedScores {
  const rows = batch.targets.shape[0] as number;
  const ids = tf.concat([batch.targets, batch.negatives], 0);
  const ofTargets = gatherRows(vectors, batch.targets);
  const isTarget = tf.equal(tf.reshape(batch.targets, [rows, 1]), tf.reshape(ids, [1, -1]));
  const padding = tf.concat([tf.equal(batch.weights, 0), tf.zeros(batch.negatives.shape, 'bool')], 0);
  return {
    target: tf.sum(tf.mul(states, ofTargets), -1, true),
    candidates: tf.matMul(states, gatherRows(vectors, ids), false, true),
    excluded: tf.logicalOr(isTarget, tf.reshape(padding, [1, -1])),
  };
}

function withoutExcluded(scores: Tensor, excluded: Tensor): Tensor {
  return tf.where(excluded, tf.fill(scores.shape, FAR_BELOW), scores);
}

/**
 * Weighted softmax cross-entropy of the target among the candidates, with `share` of the ln of the expected counts
 * subtracted from the scores (logQ correction, Yi et al. 2019): targetLogQ [rows], negativeLogQ [n], weights [rows].
 */
export function sharedSoftmaxLoss(
  { target, candidates, excluded }: SharedScores,
  weights: Tensor,
  odds: { targetLogQ: Tensor; negativeLogQ: Tensor; share: number },
): Tensor {
  const logQ = tf.mul(tf.concat([odds.targetLogQ, odds.negativeLogQ], 0), odds.share);
  const corrected = tf.sub(candidates, tf.reshape(logQ, [1, -1]));
  const ofTarget = tf.sub(target, tf.mul(tf.reshape(odds.targetLogQ, [-1, 1]), odds.share));
  const logits = tf.concat([ofTarget, withoutExcluded(corrected, excluded)], 1);
  return firstClassCrossEntropy(logits, weights);
}

/** x where positive, else slope (e^x - 1) (Clevert et al. 2016). */
function elu(x: Tensor, slope: number): Tensor {
  const below = tf.sub(tf.exp(tf.neg(tf.relu(tf.neg(x)))), 1);
  return tf.add(tf.relu(x), tf.mul(below, slope));
}

/**
 * BPR-max (Hidasi and Karatzoglou 2018, section 3.2): sum_t w_t * (-ln sum_j s_j sigmoid(r_t - r_j) +
 * regularisation * sum_j s_j r_j^2) with s the softmax of the candidates' scores and r = elu(scores). The first sum is one
 * of logarithms: a runtime's sigmoid has few digits far below 0.
 */
export function bprMaxLoss(
  { target, candidates, excluded }: SharedScores,
  weights: Tensor,
  options: { regularisation: number; eluSlope: number },
): Tensor {
  const positive = elu(target, options.eluSlope);
  const scores = elu(candidates, options.eluSlope);
  const logShare = tf.logSoftmax(withoutExcluded(scores, excluded));
  const share = tf.exp(logShare);
  const preferred = tf.logSumExp(tf.sub(logShare, tf.softplus(tf.sub(scores, positive))), 1);
  const penalty = tf.mul(tf.sum(tf.mul(share, tf.square(scores)), 1), options.regularisation);
  return tf.sum(tf.mul(tf.sub(penalty, preferred), weights));
}
