import { binaryCrossEntropy } from '../../../layers/index.ts';
import { joined, lossFunction, ONE_NEGATIVE, ownNegatives } from './loss.ts';

/** Binary cross-entropy of the target and one negative (Kang and McAuley 2018, section 3.5). */
export const bce = lossFunction({
  phrase: 'binary cross-entropy',
  summary: 'binary cross-entropy with one negative a position',
  settings: {},
  isSoftmax: false,
  candidates: () => 2,
  draws: (_, shape, source) => ({ negatives: ownNegatives(shape, 1, source) }),
  hostInputs: () => ONE_NEGATIVE,
  value: (batches, { vectors }) => {
    const { states, targets, weights, inputs } = joined(batches, ['negatives']);
    return binaryCrossEntropy(states, vectors, targets, inputs.negatives, weights);
  },
});
