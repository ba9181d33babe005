import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { bool, dropout, float32, type Tensors } from '../../engine/index.ts';
import {
  bprMaxLoss,
  embedding,
  linear,
  type ParameterSpec,
  parameter,
  type RandomInputs,
  sharedScores,
  sharedSoftmaxLoss,
  zeros,
} from '../../layers/index.ts';
import { field } from '../../training/config.ts';
import type { BatchShape, PersistentState } from '../../training/step-model.ts';
import type { DataSizes } from './next-item-model.ts';
import { trained } from './next-item-model.ts';
import {
  bprLoss,
  crossEntropy,
  lastPositions,
  type Predictions,
  RecurrentModel,
  recbole,
  recurrentFields,
  tableHistories,
  trainingPositions,
} from './recurrent.ts';

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
    loss: z
      .enum(['cross-entropy', 'bpr', 'sampled-softmax', 'bpr-max'])
      .describe(
        'Softmax over all items, one negative a prediction, or (session-parallel only) softmax or BPR-max over the ' +
          "other rows' targets and shared negatives",
      )
      .default('cross-entropy'),
    negatives: field.whole('Shared negatives of a step in sampled-softmax and bpr-max').default(2048),
    negativeAlpha: z
      .number()
      .min(0)
      .max(1)
      .describe('Shared negatives are drawn in proportion to popularity to this power')
      .default(0.5),
    logQ: z
      .number()
      .nonnegative()
      .describe('Share of the ln of the sampling odds that sampled-softmax subtracts from the scores')
      .default(1),
    bprReg: z.number().nonnegative().describe('Penalty of bpr-max on the scores of negatives').default(1),
    elu: field.positive('Slope at 0 from below of the ELU on the scores of bpr-max').default(0.5),
    momentum: field.fraction('Share of the last change that adagrad and sgd repeat').default(0),
  })
  .refine(({ outputLayer, dim, hidden }) => outputLayer || dim === hidden, {
    path: ['hidden'],
    message: 'without outputLayer, hidden must equal dim',
  })
  .refine(({ loss, training }) => !isShared(loss) || training === 'session-parallel', {
    path: ['loss'],
    message: 'sampled-softmax and bpr-max need training=session-parallel',
  });

export type Gru4RecConfig = z.output<typeof gru4recSchema>;

/** Losses over negatives that all rows share. */
function isShared(loss: string): boolean {
  return loss === 'sampled-softmax' || loss === 'bpr-max';
}

const carriedName = (layer: number) => `carried/${layer}`;

/**
 * GRU over item vectors, then a linear layer back to their width. The library variant (RecBole) trains on whole
 * sequences or prefixes; the original session-parallel, with the state of every row carried from step to step and no
 * gradient through it, and (Hidasi and Karatzoglou 2018) losses over shared negatives.
 */
export class Gru4Rec extends RecurrentModel<Gru4RecConfig> {
  readonly parameters: Record<string, ParameterSpec>;
  readonly persistent?: PersistentState;

  constructor(config: Gru4RecConfig, sizes: DataSizes) {
    const { dim, hidden, layers, outputLayer, outputBias, loss, negatives, negativeAlpha: alpha } = config;
    const parallel = config.training === 'session-parallel';
    super(config, sizes, parallel ? { count: isShared(loss) ? negatives : 0, alpha } : undefined);
    const names = Array.from({ length: parallel ? layers : 0 }, (_, layer) => carriedName(layer));
    if (parallel) this.persistent = this.#persistent(names);
    const limit = 1 / Math.sqrt(hidden);
    this.parameters = {
      ...this.tables(),
      ...(outputLayer && {
        'output/weight': parameter([hidden, dim], { kind: 'uniform', limit }),
        'output/bias': parameter([dim], { kind: 'uniform', limit }),
      }),
      ...(outputBias && { 'item-bias': embedding([this.items, 1], zeros) }),
    };
  }

  override randomInputs(shape: BatchShape): RandomInputs {
    const { hiddenDropout: rate, hidden, loss } = this.config;
    const spec = bool(shape.rows, shape.length, hidden);
    return {
      ...super.randomInputs(shape),
      ...(rate > 0 && { 'mask/hidden': { kind: 'mask', spec, rate } }),
      ...(loss === 'bpr' && { negatives: this.onePairedNegative(shape) }),
    };
  }

  protected override start(inputs: Tensors, layer: number): Tensor | undefined {
    const { continues } = inputs;
    return continues && tf.mul(inputs[carriedName(layer)], tf.reshape(continues, [-1, 1]));
  }

  /** The hidden state of every row, by layer, [batchSize, hidden]. */
  #persistent(names: readonly string[]): PersistentState {
    const { batchSize, hidden } = this.config;
    return {
      specs: Object.fromEntries(names.map((name) => [name, float32(batchSize, hidden)])),
      next: (parameters, inputs) => {
        const states = this.layerStates(parameters, inputs);
        return Object.fromEntries(
          names.map((name, layer) => [name, tf.reshape(states[layer], [-1, hidden])]),
        );
      },
    };
  }

  protected outputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor {
    return this.#project(parameters, dropout(hidden, inputs['mask/hidden'], this.config.hiddenDropout));
  }

  protected lastOutputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor {
    const dropped = dropout(hidden, inputs['mask/hidden'], this.config.hiddenDropout);
    return this.#project(parameters, lastPositions(dropped, inputs));
  }

  /** hidden [..., hidden] -> [..., dim], with a column of ones more where items have biases. */
  #project(parameters: Tensors, hidden: Tensor): Tensor {
    const { outputLayer, outputBias } = this.config;
    const x = outputLayer ? linear(hidden, parameters['output/weight'], parameters['output/bias']) : hidden;
    return outputBias ? tf.concat([x, tf.ones([...x.shape.slice(0, -1), 1])], -1) : x;
  }

  protected override itemVectors(parameters: Tensors): Tensor {
    const vectors = parameters['item-embedding'];
    return this.config.outputBias ? tf.concat([vectors, parameters['item-bias']], 1) : vectors;
  }

  get logitScale(): number | undefined {
    return this.config.loss === 'cross-entropy' ? 1 : undefined;
  }

  protected lossOf(predictions: Predictions, parameters: Tensors, inputs: Tensors): Tensor {
    const { loss, logQ: share, bprReg: regularisation, elu: eluSlope } = this.config;
    const vectors = this.itemVectors(parameters);
    if (loss === 'bpr') return bprLoss(predictions, vectors, inputs.negatives);
    if (loss === 'cross-entropy') return crossEntropy(predictions, vectors);
    const { states, targets, weights } = predictions;
    const scores = sharedScores(states, vectors, { targets, weights, negatives: inputs.negatives });
    if (loss === 'bpr-max') return bprMaxLoss(scores, weights, { regularisation, eluSlope });
    const { targetLogQ, negativeLogQ } = inputs;
    return sharedSoftmaxLoss(scores, weights, { targetLogQ, negativeLogQ, share });
  }
}

/** Ranges and values of the authors' code: one table for input and output, Adagrad, ten epochs. */
const original = {
  training: 'session-parallel',
  dim: 100,
  hidden: 100,
  outputLayer: false,
  outputBias: true,
  dropout: 0,
  optimiser: 'adagrad',
  learningRate: 0.05,
  epsilon: 1e-6,
  epochs: 10,
  patience: 0,
};

export const gru4rec = trained({
  id: 'gru4rec',
  title: 'GRU4Rec',
  summary: 'A gated recurrent unit over the history of item ids.',
  group: 'recurrent',
  paper: {
    title: 'Session-based Recommendations with Recurrent Neural Networks',
    authors: 'Balázs Hidasi, Alexandros Karatzoglou, Linas Baltrunas, Domonkos Tikk',
    year: 2016,
    where: 'ICLR 2016, arXiv:1511.06939',
  },
  configSchema: gru4recSchema,
  presets: {
    recbole: { description: 'As in RecBole, one row a prefix', config: recbole },
    original: {
      description: 'Session-parallel with sampled cross-entropy and logQ correction',
      config: { ...original, loss: 'sampled-softmax' },
    },
    'original-bpr-max': {
      description: 'Session-parallel with the BPR-max loss',
      config: { ...original, loss: 'bpr-max', momentum: 0.2 },
    },
    'ml-1m': {
      description: "RecBole's widths on the histories of the FuXi-α table, MovieLens-1M",
      config: tableHistories,
    },
    'ml-20m': {
      description: "RecBole's widths on the histories of the FuXi-α table, MovieLens-20M",
      config: { ...tableHistories, microBatchTokens: 4096 },
    },
    kuairand: {
      description: "RecBole's widths on the histories of the FuXi-α table, KuaiRand",
      config: { ...tableHistories, microBatchTokens: 4096 },
    },
    beauty: {
      description: "RecBole's widths, Amazon Beauty",
      config: { dropout: 0.5, epochs: 60, patience: 8 },
    },
  },
  build: (config, sizes) => new Gru4Rec(config, sizes),
});
