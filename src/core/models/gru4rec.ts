import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Tensors } from '../engine/index.ts';
import { linear, type ParameterSpec, parameter, type RandomInputs } from '../layers/index.ts';
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
import type { BatchShape, DataSizes, ModelDefinition } from './types.ts';

export const gru4recSchema = z.object({
  ...recurrentFields,
  training: trainingPositions.default('all-positions'),
  loss: z
    .enum(['cross-entropy', 'bpr'])
    .describe('Softmax over all items, or one negative a prediction')
    .default('cross-entropy'),
});

export type Gru4RecConfig = z.output<typeof gru4recSchema>;

/** GRU over item vectors, then a linear layer back to their width. */
export class Gru4Rec extends RecurrentModel<Gru4RecConfig> {
  readonly parameters: Record<string, ParameterSpec>;

  constructor(config: Gru4RecConfig, sizes: DataSizes) {
    super(config, sizes);
    const limit = 1 / Math.sqrt(config.hidden);
    this.parameters = {
      ...this.tables(),
      'output/weight': parameter([config.hidden, config.dim], { kind: 'uniform', limit }),
      'output/bias': parameter([config.dim], { kind: 'uniform', limit }),
    };
  }

  override randomInputs(shape: BatchShape): RandomInputs {
    const masks = super.randomInputs(shape);
    return this.config.loss === 'bpr' ? { ...masks, negatives: this.onePairedNegative(shape) } : masks;
  }

  protected outputs(parameters: Tensors, _inputs: Tensors, hidden: Tensor): Tensor {
    return linear(hidden, parameters['output/weight'], parameters['output/bias']);
  }

  protected lastOutputs(parameters: Tensors, inputs: Tensors, hidden: Tensor): Tensor {
    return this.outputs(parameters, inputs, lastPositions(hidden, inputs));
  }

  protected lossOf(predictions: Predictions, parameters: Tensors, inputs: Tensors): Tensor {
    const vectors = parameters['item-embedding'];
    return this.config.loss === 'bpr'
      ? bprLoss(predictions, vectors, inputs.negatives)
      : crossEntropy(predictions, vectors);
  }
}

export const gru4rec: ModelDefinition = {
  id: 'gru4rec',
  title: 'GRU4Rec',
  summary: 'A gated recurrent unit over the history of item ids.',
  task: 'next-item',
  kind: 'trained',
  paper: {
    title: 'Session-based Recommendations with Recurrent Neural Networks',
    authors: 'Balázs Hidasi, Alexandros Karatzoglou, Linas Baltrunas, Domonkos Tikk',
    year: 2016,
    where: 'ICLR 2016, arXiv:1511.06939',
  },
  configSchema: gru4recSchema,
  presets: {
    recbole: { description: 'As in RecBole, one row a prefix', config: recbole },
    'ml-1m': {
      description: "RecBole's widths on the histories of the FuXi-alpha table, MovieLens-1M",
      config: tableHistories,
    },
    'ml-20m': {
      description: "RecBole's widths on the histories of the FuXi-alpha table, MovieLens-20M",
      config: { ...tableHistories, microBatchTokens: 4096 },
    },
    kuairand: {
      description: "RecBole's widths on the histories of the FuXi-alpha table, KuaiRand",
      config: { ...tableHistories, microBatchTokens: 4096 },
    },
    beauty: {
      description: "RecBole's widths, Amazon Beauty",
      config: { dropout: 0.5, epochs: 60, patience: 8 },
    },
  },
  build: (config, sizes) => new Gru4Rec(gru4recSchema.parse(config), sizes),
};
