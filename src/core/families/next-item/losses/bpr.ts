import { gatherRows } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { bprLosses } from '../../../layers/index.ts';
import { joined, lossFunction, ONE_NEGATIVE, ownNegatives } from './loss.ts';

/** Bayesian personalised ranking (Rendle et al. 2009): -ln sigmoid of how far a target is ahead of one negative. */
export const bpr = lossFunction({
  phrase: 'Bayesian personalised ranking',
  summary: 'a target before one negative a position',
  settings: {},
  isSoftmax: false,
  candidates: () => 2,
  draws: (_, shape, source) => ({ negatives: ownNegatives(shape, 1, source) }),
  hostInputs: () => ONE_NEGATIVE,
  value: (batches, { vectors }) => {
    const { states, targets, weights, inputs } = joined(batches, ['negatives']);
    const negatives = gatherRows(vectors, tf.reshape(inputs.negatives, [-1]));
    const margin = tf.sum(tf.mul(states, tf.sub(gatherRows(vectors, targets), negatives)), -1);
    return tf.sum(tf.mul(bprLosses(margin), weights));
  },
});
