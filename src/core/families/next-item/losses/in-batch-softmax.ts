import { bool, int32 } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { sharedNegativesCrossEntropy } from '../../../layers/index.ts';
import { logOdds, lossFunction, shared, summed } from './loss.ts';

/**
 * Softmax over the target and targets of other positions of the batch, with the logQ correction for how often an item is a
 * target (Yi et al. 2019, section 3). Items that a position's own user has interacted with in training leave its sum.
 */
export const inBatchSoftmax = lossFunction({
  phrase: 'in-batch softmax',
  summary: "softmax over other positions' targets",
  settings: { negatives: shared.negatives, logQ: shared.logQ },
  isSoftmax: true,
  source: { summary: 'targets', isUnseen: false, odds: ({ targets }) => Float64Array.from(targets) },
  asksKnown: true,
  candidates: ({ negatives }) => negatives + 1,
  draws: ({ negatives }, shape) => ({
    negatives: { kind: 'batch-targets', spec: int32(negatives) },
    ...logOdds(shape, int32(negatives)),
    known: { kind: 'known', of: 'negatives', spec: bool(shape.rows, negatives) },
  }),
  hostInputs: () => ({ negatives: { first: 1 } }),
  value: (batches, { vectors }, { logQ: share }) =>
    summed(batches, ({ states, targets, weights, inputs }) => {
      const [rows, negatives] = inputs.known.shape as [number, number];
      const positions = targets.size / rows;
      const ofRows = tf.tile(tf.expandDims(inputs.known, 1), [1, positions, 1]);
      return sharedNegativesCrossEntropy(states, vectors, targets, inputs.negatives, weights, {
        excluded: tf.reshape(ofRows, [rows * positions, negatives]),
        logQ: [inputs.targetLogQ, inputs.negativeLogQ].map((x) => tf.mul(x, share)),
      });
    }),
});
