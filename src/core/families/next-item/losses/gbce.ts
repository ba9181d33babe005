import { z } from 'zod';
import * as tf from '../../../engine/tf.ts';
import { negativeLogSigmoid, sampledLogits } from '../../../layers/index.ts';
import { joined, lossFunction, OWN_ON_HOST, ownNegatives, shared } from './loss.ts';

/**
 * Generalised binary cross-entropy of gSASRec (Petrov and Macdonald 2023, arXiv:2308.07192, sections 4 and 5): the mean over a
 * target, whose probability is taken to the power of beta, and k negatives: (beta softplus(-s+) + sum softplus(s-)) / (k + 1)
 * with beta = 1 - t (1 - k / (items - 1)). At t = 0 it is the mean of the binary cross-entropies.
 */
export const gbce = lossFunction({
  phrase: 'generalised binary cross-entropy',
  summary: 'binary cross-entropy calibrated for its sampling rate (gSASRec)',
  settings: {
    negatives: shared.negatives,
    calibration: z
      .number()
      .min(0)
      .max(1)
      .describe('How far gbce corrects for its sampled negatives: 0 not at all, 1 in full (t of gSASRec)')
      .default(0.75),
  },
  isSoftmax: false,
  candidates: ({ negatives }) => negatives + 1,
  draws: ({ negatives }, shape, source) => ({ negatives: ownNegatives(shape, negatives, source) }),
  hostInputs: () => OWN_ON_HOST,
  value: (batches, { vectors }, { negatives: k, calibration }) => {
    const { states, targets, weights, inputs } = joined(batches, ['negatives']);
    const others = Math.max(1, vectors.shape[0] - 1);
    const beta = 1 - calibration * (1 - k / others);
    const logits = sampledLogits(states, vectors, targets, inputs.negatives, true);
    const [positive, drawn] = tf.split(logits, [1, k], 1);
    const ofTargets = tf.mul(negativeLogSigmoid(tf.reshape(positive, [-1]), weights), beta);
    const ofNegatives = tf.sum(tf.mul(tf.sum(tf.softplus(drawn), 1), weights));
    return tf.div(tf.add(ofTargets, ofNegatives), k + 1);
  },
});
