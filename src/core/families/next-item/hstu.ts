import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { ACTIONS } from '../../data/actions.ts';
import { RATING_LEVELS } from '../../data/sequence-inputs.ts';
import { bool, dropout, gatherRows, type Tensors } from '../../engine/index.ts';
import {
  embeddingTable,
  hstuBlock,
  hstuBlockParameters,
  linear,
  type ParameterSpec,
  type RandomInputs,
} from '../../layers/index.ts';
import type { BatchShape } from '../../training/step-model.ts';
import { beautyTraining, publishedBooks, publishedTraining } from './causal-encoder.ts';
import type { DataSizes } from './next-item-model.ts';
import { trained } from './next-item-model.ts';
import { RelativeBiasModel, relativeFields } from './relative-bias.ts';

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

/** Hierarchical Sequential Transduction Units (Zhai et al. 2024), for next-item retrieval. */
export class Hstu extends RelativeBiasModel<HstuConfig> {
  readonly #users: number;

  constructor(config: HstuConfig, sizes: DataSizes) {
    const { timeBias, targetTime, actions, context } = config;
    const columns = {
      ...(timeBias ? { times: targetTime } : {}),
      ...(actions === 'rating' ? { ratings: true } : {}),
      ...(actions === 'feedback' ? { actions: true } : {}),
      ...(context === 'user' ? { users: true } : {}),
    };
    super(config, sizes, columns, context === 'user' ? 1 : 0);
    this.#users = sizes.users;
  }

  protected blockTables(): Record<string, ParameterSpec> {
    const { dim, blocks, heads, dqk, dv, timeBias, positionBias, actions, context } = this.config;
    const specs: Record<string, ParameterSpec> = {};
    for (let block = 0; block < blocks; block++) {
      const at = `blocks/${block}`;
      Object.assign(specs, hstuBlockParameters(at, dim, { heads, dqk, dv }));
      if (timeBias) specs[`${at}/time-bias`] = this.timeBiasTable();
      if (positionBias) specs[`${at}/position-bias`] = this.positionBiasTable();
    }
    const table = (rows: number) => embeddingTable([rows, dim], { kind: 'truncated-normal', std: 0.02 });
    if (actions === 'rating') specs['rating-embedding'] = table(RATING_LEVELS);
    if (actions === 'feedback') specs['action-embedding'] = table(ACTIONS.length);
    if (context === 'user') specs['user-embedding'] = table(this.#users);
    return specs;
  }

  protected blockMasks({ rows, length }: BatchShape): RandomInputs {
    const { blocks, heads, dv, dropout: rate } = this.config;
    const spec = bool(rows, this.prefix + length, heads * dv);
    const names = Array.from({ length: blocks }, (_, block) => `mask/${block}`);
    return Object.fromEntries(names.map((name) => [name, { kind: 'mask' as const, spec, rate }]));
  }

  protected override features(parameters: Tensors, { ratings, actions }: Tensors): Tensor | null {
    switch (this.config.actions) {
      case 'rating':
        return gatherRows(parameters['rating-embedding'], ratings);
      case 'feedback':
        return linear(tf.gather(setBits(), actions), parameters['action-embedding']);
      case 'none':
        return null;
    }
  }

  override embed(parameters: Tensors, inputs: Tensors): Tensor {
    const items = super.embed(parameters, inputs);
    if (this.config.context === 'none') return items;
    const user = gatherRows(parameters['user-embedding'], inputs.users);
    return tf.concat([tf.expandDims(tf.mul(user, Math.sqrt(this.config.dim)), 1), items], 1);
  }

  /** x [rows, length, dim] */
  block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { heads, dqk, dv, dropout: rate } = this.config;
    return hstuBlock(parameters, `blocks/${index}`, x, {
      ...{ heads, dqk, dv, normaliser: this.normaliser },
      biases: this.#biases(parameters, inputs, x.shape[1] as number, index),
      drop: (gated) => dropout(gated, inputs[`mask/${index}`], rate),
    });
  }

  /** One a query block: [rows or 1, 1, queries, keys]; none where both biases are off. */
  #biases(parameters: Tensors, inputs: Tensors, length: number, index: number): Tensor[] {
    const { timeBias, positionBias } = this.config;
    const at = `blocks/${index}`;
    const times = timeBias ? this.timeMaps(parameters[`${at}/time-bias`], inputs, length) : [];
    const positions = positionBias
      ? this.positionMaps(parameters[`${at}/position-bias`], inputs, length)
      : [];
    const sums = timeBias && positionBias ? times.map((time, i) => tf.add(time, positions[i])) : null;
    return (sums ?? [...times, ...positions]).map((map) => tf.reshape(map, [-1, 1, ...map.shape.slice(-2)]));
  }

  protected override finish(_parameters: Tensors, x: Tensor): Tensor {
    if (this.prefix === 0) return x;
    const [rows, length, dim] = x.shape as [number, number, number];
    return tf.slice(x, [0, this.prefix, 0], [rows, length - this.prefix, dim]);
  }
}

/** 1 where a number has an action's bit: [numbers, actions]. */
function setBits(): Tensor {
  const numbers = 2 ** ACTIONS.length;
  const cells = Array.from({ length: numbers }, (_, number) =>
    ACTIONS.map(({ bit }) => ((number & bit) > 0 ? 1 : 0)),
  );
  return tf.tensor(cells.flat(), [numbers, ACTIONS.length], 'float32');
}

const ml1m = { ...publishedTraining, dim: 50, heads: 1, dqk: 50, dv: 50 };
const large1m = { ...ml1m, blocks: 8, heads: 2, dqk: 25, dv: 25 };
const ml20m = { ...publishedTraining, dim: 256, heads: 4, dqk: 64, dv: 64 };
const large20m = { ...ml20m, heads: 8, dqk: 32, dv: 32 };

export const hstu = trained({
  id: 'hstu',
  title: 'HSTU',
  summary: 'Gated pointwise attention over the history, with biases by position and by time.',
  group: 'attention',
  paper: {
    title:
      'Actions Speak Louder than Words: Trillion-Parameter Sequential Transducers for Generative Recommendations',
    authors: 'Jiaqi Zhai, Lucy Liao, Xing Liu, Yueming Wang, Rui Li, and others',
    year: 2024,
    where: 'ICML 2024, arXiv:2402.17152',
  },
  configSchema: hstuSchema,
  presets: {
    'ml-1m': { description: 'HSTU in the HSTU and FuXi-α tables, MovieLens-1M', config: ml1m },
    'ml-1m-large': {
      description: 'HSTU-large in the HSTU and FuXi-α tables, MovieLens-1M: 8 blocks',
      config: large1m,
    },
    'ml-20m': {
      description: 'HSTU in the HSTU table, MovieLens-20M: 4 blocks',
      config: { ...ml20m, blocks: 4 },
    },
    'ml-20m-large': {
      description: 'HSTU-large in the HSTU table, MovieLens-20M: 16 blocks',
      config: { ...large20m, blocks: 16 },
    },
    'ml-20m-fuxi': { description: 'HSTU in the FuXi-α table, MovieLens-20M: 2 blocks', config: ml20m },
    'ml-20m-fuxi-large': {
      description: 'HSTU-Large in the FuXi-α table, MovieLens-20M: 8 blocks',
      config: { ...large20m, blocks: 8 },
    },
    kuairand: { description: 'HSTU in the FuXi-α table, KuaiRand', config: ml1m },
    'kuairand-large': {
      description: 'HSTU-Large in the FuXi-α table, KuaiRand: 8 blocks; heads as on MovieLens-1M',
      config: large1m,
    },
    books: {
      description: 'HSTU in the HSTU table, Amazon Books',
      config: { ...publishedBooks, blocks: 4, dqk: 16, dv: 16 },
    },
    'books-large': {
      description: 'HSTU-large in the HSTU table, Amazon Books: 16 blocks',
      config: { ...publishedBooks, blocks: 16, heads: 8, dqk: 8, dv: 8 },
    },
    beauty: {
      description: 'Amazon Beauty, full softmax; the settings tuned here for SASRec',
      config: { ...beautyTraining, heads: 2, dqk: 32, dv: 32 },
    },
  },
  build: (config, sizes) => new Hstu(config, sizes),
});
