import { z } from 'zod';
import { bprMaxLoss, sharedScores } from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { lossFunction, SESSION_NEGATIVES, summed } from './loss.ts';

/** BPR-max of session-parallel training (Hidasi and Karatzoglou 2018, section 3.2). */
export const bprMax = lossFunction({
  phrase: 'BPR-max',
  summary: "BPR-max over the other rows' targets and shared negatives (session-parallel only)",
  settings: {
    ...SESSION_NEGATIVES,
    bprReg: z.number().nonnegative().describe('Penalty of bpr-max on the scores of negatives').default(1),
    elu: field.positive('Slope at 0 from below of the ELU on the scores of bpr-max').default(0.5),
  },
  isSoftmax: false,
  sessions: ({ negatives, negativeAlpha }) => ({ count: negatives, alpha: negativeAlpha }),
  candidates: ({ negatives, batchSize }) => negatives + batchSize,
  draws: () => ({}),
  hostInputs: () => 'its batches share their negatives',
  value: (batches, { vectors }, { bprReg: regularisation, elu: eluSlope }) =>
    summed(batches, ({ states, targets, weights, inputs: { negatives } }) => {
      const scores = sharedScores(states, vectors, { targets, weights, negatives });
      return bprMaxLoss(scores, weights, { regularisation, eluSlope });
    }),
});
