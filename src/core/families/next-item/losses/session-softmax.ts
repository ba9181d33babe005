import { sharedScores, sharedSoftmaxLoss } from '../../../layers/index.ts';
import { lossFunction, SESSION_NEGATIVES, shared, summed } from './loss.ts';

/** Softmax of session-parallel training, over the other rows' targets and shared negatives (Hidasi and Karatzoglou 2018). */
export const sessionSoftmax = lossFunction({
  phrase: 'sampled softmax',
  summary: "softmax over the other rows' targets and shared negatives (session-parallel only)",
  settings: { ...SESSION_NEGATIVES, logQ: shared.logQ },
  isSoftmax: false,
  sessions: ({ negatives, negativeAlpha }) => ({ count: negatives, alpha: negativeAlpha }),
  candidates: ({ negatives, batchSize }) => negatives + batchSize,
  draws: () => ({}),
  hostInputs: () => 'its batches share their negatives',
  value: (batches, { vectors }, { logQ: share }) =>
    summed(batches, ({ states, targets, weights, inputs: { negatives, targetLogQ, negativeLogQ } }) => {
      const scores = sharedScores(states, vectors, { targets, weights, negatives });
      return sharedSoftmaxLoss(scores, weights, { targetLogQ, negativeLogQ, share });
    }),
});
