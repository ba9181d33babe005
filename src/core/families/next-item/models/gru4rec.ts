import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  dropoutMask,
  embedding,
  linearSpecs,
  project,
  type TensorTree,
  zeros,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { gru4recLosses, lossNamed, lossSettings } from '../losses/index.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import {
  lastPositions,
  RecurrentEncoder,
  recurrentEssentials,
  recurrentFields,
  trainingPositions,
} from '../recurrent.ts';

const sessionLosses = Object.entries(gru4recLosses).flatMap(([id, { needsSessions }]) =>
  needsSessions ? [id] : [],
);

export const gru4recSchema = z
  .object({
    ...recurrentFields,
    outputLayer: z.boolean().describe('Linear layer from the GRU to the item vectors').default(true),
    outputBias: z.boolean().describe('Every item has a bias of its own').default(false),
    hiddenDropout: field.fraction('Rate on the states that the output reads').default(0),
    training: z
      .enum([...trainingPositions.options, 'session-parallel'])
      .describe(
        `${trainingPositions.description}; session-parallel: a row reads one sequence after the other, one interaction ` +
          'a step with the state carried on, as in the original (batchSize counts these rows)',
      )
      .default('all-positions'),
    ...lossSettings(gru4recLosses, 'cross-entropy'),
    momentum: field.fraction('Share of the last change that adagrad and sgd repeat').default(0),
  })
  .refine(({ outputLayer, dim, hidden }) => outputLayer || dim === hidden, {
    path: ['hidden'],
    message: 'without outputLayer, hidden must equal dim',
  })
  .refine(
    ({ loss, training }) => !lossNamed(loss, gru4recLosses).needsSessions || training === 'session-parallel',
    {
      path: ['loss'],
      message: `${sessionLosses.join(' and ')} need training=session-parallel`,
    },
  );

export type Gru4RecConfig = z.output<typeof gru4recSchema>;

/** The linear layer back to the width of the item vectors, and the biases of items. */
function outputTree({ dim, hidden, outputLayer, outputBias }: Gru4RecConfig, items: number) {
  const uniform = { kind: 'uniform', limit: 1 / Math.sqrt(hidden) } as const;
  return {
    output: outputLayer ? linearSpecs(hidden, dim, uniform, uniform) : undefined,
    itemBias: outputBias ? embedding([items, 1], zeros) : undefined,
  };
}

/**
 * GRU over item vectors, then a linear layer back to their width. The library variant (RecBole) trains on whole
 * sequences or prefixes; the original session-parallel, with the state of every row carried from step to step and no
 * gradient through it, and (Hidasi and Karatzoglou 2018) losses over shared negatives.
 */
export function gru4recModel(config: Gru4RecConfig, sizes: DataSizes) {
  const { hidden, hiddenDropout: rate } = config;
  const parameters = outputTree(config, sizes.items);
  type Output = TensorTree<typeof parameters>;
  /** x [..., hidden] -> [..., dim], with a column of ones where items have biases. */
  const toItems = (x: Tensor, { output, itemBias }: Output) => {
    const vectors = output ? project(x, output) : x;
    return itemBias ? tf.concat([vectors, tf.ones([...x.shape.slice(0, -1), 1])], -1) : vectors;
  };
  return new RecurrentEncoder(config, sizes, {
    parameters,
    masks: ({ rows, length }) => ({
      hidden: rate > 0 ? dropoutMask(rate, rows, length, hidden) : undefined,
    }),
    outputs: (states, p, m) => toItems(dropout(states, m?.hidden, rate), p),
    lastOutputs: (states, p, m, inputs) =>
      toItems(lastPositions(dropout(states, m?.hidden, rate), inputs), p),
    itemVectors: (table, { itemBias }) => (itemBias ? tf.concat([table, itemBias], 1) : table),
  });
}

export const gru4rec = trained({
  id: 'gru4rec',
  title: 'GRU4Rec',
  summary: 'A recurrent network over the history.',
  group: 'sequential',
  paper: {
    title: 'Session-based Recommendations with Recurrent Neural Networks',
    authors: 'Balázs Hidasi, Alexandros Karatzoglou, Linas Baltrunas, Domonkos Tikk',
    year: 2016,
    where: 'ICLR 2016, arXiv:1511.06939',
  },
  essentials: recurrentEssentials,
  configSchema: gru4recSchema,
  build: gru4recModel,
});
