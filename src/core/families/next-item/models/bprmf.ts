import { z } from 'zod';
import { gatherRows } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { bindTree, bprLosses, embeddingTable, namedLeaves, xavierNormal } from '../../../layers/index.ts';
import { dataFields, field, protocolFields, trainingFields } from '../../../training/config.ts';
import { startFields } from '../../../training/warm-start.ts';
import { type DataSizes, type TrainedModel, trained } from '../next-item-model.ts';

// Its step has no product of matrices.
const { precision: _, ...bprmfTrainingFields } = trainingFields;

export const bprmfSchema = z.object({
  dim: field.positiveInt('Width of user and item vectors').default(64),
  l2: z.number().nonnegative().describe('Penalty on the squared norms of the vectors of a triple').default(0),
  ...startFields,
  ...bprmfTrainingFields,
  batchSize: field.positiveInt('Interactions in one optimiser step').default(2048),
  optimiser: trainingFields.optimiser.default('adam'),
  beta2: field.fraction('Decay of the second moment (Adam)').default(0.999),
  ...dataFields,
  ...protocolFields,
});

export type BprMfConfig = z.output<typeof bprmfSchema>;

/** Matrix factorisation trained on pairs: -log(gamma + sigmoid(p_u . q_i - p_u . q_j)). */
export function bprmfModel({ dim, l2 }: BprMfConfig, { users, items }: DataSizes): TrainedModel {
  const tree = {
    userEmbedding: embeddingTable([users, dim], xavierNormal),
    itemEmbedding: embeddingTable([items, dim], xavierNormal),
  };
  return {
    batches: { kind: 'pairs' },
    cost: { width: dim, blocks: 0, blockWidth: 0, heads: 0, causal: true, candidates: 2 },
    parameters: namedLeaves(tree),
    randomInputs: () => ({}),
    loss: (parameters, inputs) => {
      const { userEmbedding, itemEmbedding } = bindTree(tree, parameters);
      const user = gatherRows(userEmbedding, inputs.users);
      const positive = gatherRows(itemEmbedding, inputs.positives);
      const negative = gatherRows(itemEmbedding, inputs.negatives);
      const margin = tf.sum(tf.mul(user, tf.sub(positive, negative)), -1);
      const ranking = tf.sum(tf.mul(bprLosses(margin), inputs.weights));
      if (l2 === 0) return ranking;
      const squares = [user, positive, negative].map((x) => tf.sum(tf.square(x), -1));
      const norms = tf.add(tf.add(squares[0], squares[1]), squares[2]);
      return tf.add(ranking, tf.mul(tf.sum(tf.mul(norms, inputs.weights)), l2));
    },
    scores: (parameters, inputs) => {
      const { userEmbedding, itemEmbedding } = bindTree(tree, parameters);
      return tf.matMul(tf.gather(userEmbedding, inputs.users), itemEmbedding, false, true);
    },
  };
}

export const bprmf = trained({
  id: 'bprmf',
  title: 'BPRMF',
  summary: 'A vector for each user and each item.',
  group: 'baseline',
  paper: {
    title: 'BPR: Bayesian Personalized Ranking from Implicit Feedback',
    authors: 'Steffen Rendle, Christoph Freudenthaler, Zeno Gantner, Lars Schmidt-Thieme',
    year: 2009,
    where: 'UAI 2009, arXiv:1205.2618',
  },
  essentials: ['dim', 'l2', 'epochs', 'learningRate'],
  configSchema: bprmfSchema,
  knowsUsers: true,
  build: bprmfModel,
});
