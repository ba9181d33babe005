import { catalogueCrossEntropy } from '../../../layers/index.ts';
import { joined, lossFunction } from './loss.ts';

/** Cross-entropy of the target in a softmax over the whole catalogue. */
export const fullSoftmax = lossFunction({
  phrase: 'softmax over all items',
  summary: 'softmax over all items',
  settings: {},
  isSoftmax: true,
  candidates: (_, items) => items,
  draws: () => ({}),
  hostInputs: () => 'the full softmax reads every item in every step',
  value: (batches, { vectors }) => {
    const { states, targets, weights } = joined(batches);
    return catalogueCrossEntropy(states, vectors, targets, weights);
  },
});
