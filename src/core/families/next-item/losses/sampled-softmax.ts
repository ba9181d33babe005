import { z } from 'zod';
import { int32 } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  firstClassCrossEntropy,
  sampledCrossEntropy,
  sampledLogits,
  sharedNegativesCrossEntropy,
} from '../../../layers/index.ts';
import { joined, logOdds, lossFunction, OWN_ON_HOST, ownNegatives, shared, summed } from './loss.ts';

/** Cross-entropy of the target in a softmax over itself and sampled negatives, corrected where these have odds of their own. */
export const sampledSoftmax = lossFunction({
  phrase: 'sampled softmax',
  summary: 'softmax over sampled items',
  settings: {
    negatives: shared.negatives,
    negativeSharing: z
      .enum(['position', 'batch'])
      .describe('Fresh negatives for every position, or one set for all positions computed together')
      .default('position'),
    targetAmongNegatives: shared.targetAmongNegatives,
    logQ: shared.logQ,
  },
  isSoftmax: true,
  candidates: ({ negatives }) => negatives + 1,
  draws: ({ negatives: count, negativeSharing, logQ }, shape, source) => {
    const { odds } = source;
    const drawn =
      negativeSharing === 'batch'
        ? ({
            kind: 'integers',
            spec: int32(count),
            low: 0,
            high: shape.items,
            byOdds: odds !== null,
          } as const)
        : ownNegatives(shape, count, source);
    return { negatives: drawn, ...(odds && logQ > 0 ? logOdds(shape, drawn.spec) : {}) };
  },
  hostInputs: ({ negativeSharing }) =>
    negativeSharing === 'batch' ? { negatives: { first: 1 } } : OWN_ON_HOST,
  conflict: ({ negativeSharing }, { isUnseen }) =>
    isUnseen && negativeSharing === 'batch'
      ? {
          field: 'negativeItems',
          problem:
            'negatives that a whole batch shares cannot be unseen by each of its users: set negativeSharing=position',
        }
      : null,
  value: (batches, items, settings, { odds }) => {
    const { leading, vectors } = items;
    const isCorrected = odds !== null && settings.logQ > 0;
    const options = { leading, keepsTarget: settings.targetAmongNegatives === 'kept' };
    if (settings.negativeSharing === 'batch') {
      return summed(batches, ({ states, targets, weights, inputs }) =>
        sharedNegativesCrossEntropy(states, vectors, targets, inputs.negatives, weights, {
          ...options,
          logQ: isCorrected
            ? [inputs.targetLogQ, inputs.negativeLogQ].map((x) => tf.mul(x, settings.logQ))
            : undefined,
        }),
      );
    }
    const names = ['negatives', ...(isCorrected ? ['targetLogQ', 'negativeLogQ'] : [])];
    const { states, targets, weights, inputs } = joined(batches, names);
    if (!isCorrected)
      return sampledCrossEntropy(states, items.table, targets, inputs.negatives, weights, options);
    const logQ = tf.mul(tf.concat([inputs.targetLogQ, inputs.negativeLogQ], 1), settings.logQ);
    const logits = sampledLogits(states, vectors, targets, inputs.negatives, options.keepsTarget);
    return firstClassCrossEntropy(tf.sub(logits, logQ), weights);
  },
});
