import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { ACTIONS } from '../../../data/actions.ts';
import { RATING_LEVELS } from '../../../data/batches/sequence-batches.ts';
import { dropout, gatherRows, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  dropoutMask,
  embeddingTable,
  entryBias,
  hstuBlock,
  hstuSpecs,
  type Layer,
  layer,
  linear,
  positionBiasTable,
  type RelativeMaps,
  timeBiasTable,
} from '../../../layers/index.ts';
import { encoderEssentials } from '../encoder-config.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { mapsOf, normaliserOf, relativeFields, relativeInput, spanOf } from '../relative-bias.ts';
import { type EncoderParts, SequenceEncoder } from '../sequence-encoder.ts';

export const hstuSchema = z.object({
  ...relativeFields,
  timeBias: z.boolean().describe('Attention has a bias by the time between query and key').default(true),
  positionBias: z.boolean().describe('Attention has a bias by the distance of query and key').default(true),
  actions: z
    .enum(['none', 'rating', 'feedback'])
    .describe(
      'What joins the input of each past interaction. rating: a vector for its rating, in half steps; feedback: the ' +
        'vectors of what the user did in it (click, like, follow, comment, forward, hate, long view, profile enter)',
    )
    .default('none'),
  context: z
    .enum(['none', 'user'])
    .describe('user: a vector of the user stands before the first interaction and is attended to')
    .default('none'),
});

export type HstuConfig = z.output<typeof hstuSchema>;

function hstuLayer(config: HstuConfig, lead: number): Layer<RelativeMaps> {
  const { dim, heads, dqk, dv, timeBias, positionBias, dropout: rate } = config;
  const normaliser = normaliserOf(config);
  return layer({
    parameters: {
      ...hstuSpecs(dim, { heads, dqk, dv }),
      timeBias: timeBias ? timeBiasTable() : undefined,
      positionBias: positionBias ? positionBiasTable(spanOf(config, lead)) : undefined,
    },
    masks: ({ rows, length }) => dropoutMask(rate, rows, length, heads * dv),
    forward: (x, p, mask, { distances, buckets }) => {
      return hstuBlock(x, p, {
        heads,
        dqk,
        dv,
        normaliser,
        bias: entryBias([
          p.timeBias && buckets && { table: p.timeBias, ids: buckets },
          p.positionBias && { table: p.positionBias, ids: distances },
        ]),
        drop: (gated) => dropout(gated, mask ?? undefined, rate),
      });
    },
  });
}

/** Hierarchical Sequential Transduction Units (Zhai et al. 2024), for next-item retrieval. */
export function hstuModel(config: HstuConfig, sizes: DataSizes): SequenceEncoder<RelativeMaps> {
  const { dim, blocks, timeBias, targetTime, actions, context } = config;
  const lead = context === 'user' ? 1 : 0;
  const table = (rows: number) => embeddingTable([rows, dim], { kind: 'truncated-normal', std: 0.02 });
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: blocks }, () => hstuLayer(config, lead)),
    context: (inputs, shape) => mapsOf(config, inputs, shape, lead),
    input: relativeInput(config),
    columns: {
      ...(timeBias ? { times: targetTime } : {}),
      ...(actions === 'rating' ? { ratings: true } : {}),
      ...(actions === 'feedback' ? { actions: true } : {}),
      ...(context === 'user' ? { users: true } : {}),
    },
    tables: {
      ...(actions === 'rating' ? { 'rating-embedding': table(RATING_LEVELS) } : {}),
      ...(actions === 'feedback' ? { 'action-embedding': table(ACTIONS.length) } : {}),
      ...(context === 'user' ? { 'user-embedding': table(sizes.users) } : {}),
    },
    features: featuresOf(actions),
    lead: lead ? { length: lead, embed: (tables, { users }) => userVector(tables, users, dim) } : undefined,
  });
}

/** What joins the vector of each past interaction. */
function featuresOf(actions: HstuConfig['actions']): EncoderParts<RelativeMaps>['features'] {
  switch (actions) {
    case 'rating':
      return (tables, inputs) => gatherRows(tables['rating-embedding'], inputs.ratings);
    case 'feedback':
      return (tables, inputs) => linear(tf.gather(setBits(), inputs.actions), tables['action-embedding']);
    case 'none':
      return undefined;
  }
}

/** users int32 [rows] -> [rows, 1, dim] */
function userVector(tables: Tensors, users: Tensor, dim: number): Tensor {
  return tf.expandDims(tf.mul(gatherRows(tables['user-embedding'], users), Math.sqrt(dim)), 1);
}

/** 1 where a number has an action's bit: [numbers, actions]. */
function setBits(): Tensor {
  const numbers = 2 ** ACTIONS.length;
  const cells = Array.from({ length: numbers }, (_, number) =>
    ACTIONS.map(({ bit }) => ((number & bit) > 0 ? 1 : 0)),
  );
  return tf.tensor(cells.flat(), [numbers, ACTIONS.length], 'float32');
}

export const hstu = trained({
  id: 'hstu',
  title: 'HSTU',
  summary: 'Gated attention that knows the time.',
  group: 'sequential',
  paper: {
    title:
      'Actions Speak Louder than Words: Trillion-Parameter Sequential Transducers for Generative Recommendations',
    authors: 'Jiaqi Zhai, Lucy Liao, Xing Liu, Yueming Wang, Rui Li, and others',
    year: 2024,
    where: 'ICML 2024, arXiv:2402.17152',
  },
  essentials: encoderEssentials,
  configSchema: hstuSchema,
  build: hstuModel,
});
