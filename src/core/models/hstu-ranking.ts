import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { bool, dropout, gatherRows, layerNormalize, type Tensors } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import {
  embeddingTable,
  type HostTableSpec,
  hstuBlock,
  hstuBlockParameters,
  type Initialiser,
  mlp,
  mlpParameters,
  type ParameterSpec,
  parameter,
  queryBlocks,
  type RandomInput,
  type RandomInputs,
} from '../layers/index.ts';
import { field } from './config.ts';
import { type FeatureVector, featureTables, stackVectors } from './embedding-bags.ts';
import type { RankingBag, RankingFeature, RankingModel, RankingShape, RankingSizes } from './ranking.ts';
import { rankingDataFields, rankingTrainingFields } from './ranking-config.ts';
import { entries, laterKeys, normal02 } from './relative-bias.ts';
import type { ModelDefinition } from './types.ts';

const hstuRankingFields = {
  dim: field.whole('Width of item, action and context vectors, and of the blocks').default(64),
  blocks: field.whole('Blocks of the encoder').default(2),
  heads: field.whole('Attention heads').default(2),
  dqk: field.whole('Width of queries and keys in each head').default(32),
  dv: field.whole('Width of values in each head').default(32),
  groupNorm: z
    .boolean()
    .describe('What attention gathers is normalised in each head, and not over all heads')
    .default(true),
  positionBias: z.boolean().describe('Attention has a bias by the distance of query and key').default(true),
  context: z
    .enum(['all', 'none'])
    .describe('Whether the vectors of the other features (user, context) stand before the first interaction')
    .default('all'),
  inputDropout: field.fraction('Rate after the embeddings').default(0.2),
  dropout: field.fraction('Rate inside the blocks').default(0.1),
  head: field.natural('Hidden units between the last block and the log-odds; 0 for none').default(0),
} as const;

const hstuRankingSchema = z.object({
  ...hstuRankingFields,
  ...rankingDataFields,
  ...rankingTrainingFields,
  historyLength: rankingDataFields.historyLength.default(50),
  batchSize: field.whole('Rows in one optimiser step').default(128),
});

export type HstuRankingConfig = z.output<typeof hstuRankingSchema>;

const small: Initialiser = { kind: 'truncated-normal', std: 0.02 };
/** Actions of a past interaction: none known, and the codes of its first label. */
const ACTION_CODES = 3;
const EPSILON = 1e-6;

/**
 * HSTU for ranking (Zhai et al. 2024, section 2.2): the sequence takes turns, item, action, item, action, …, and ends with
 * the candidate, where the actions are predicted. One row of data is one candidate behind its user's history, aligned to
 * the end, so that distances to the candidate are the same in every row.
 */
export class HstuRanking implements RankingModel {
  readonly bags: readonly RankingBag[];
  readonly vectors = [];
  readonly parameters: Record<string, ParameterSpec>;
  readonly hostTables: Record<string, HostTableSpec>;
  readonly #config: HstuRankingConfig;
  readonly #context: readonly FeatureVector[];
  readonly #history: number;
  readonly #candidate: string;
  readonly #tasks: number;

  /** Throws UserError where the data has no item, or no histories with labels. */
  constructor(config: HstuRankingConfig, sizes: RankingSizes) {
    this.#config = config;
    this.#tasks = sizes.tasks.length;
    const item = needed(sizes, 'item', ({ of, width }) => of === 'item' && width === 1);
    const history = needed(sizes, 'history', ({ name }) => name === 'history');
    const labels = needed(sizes, 'history-labels', ({ name }) => name === 'history-labels');
    this.#history = history.width;
    const others = sizes.features.filter((one) => ![item, history, labels].includes(one));
    const tables = (config.context === 'all' ? others : []).map((feature) =>
      contextTables(feature, config.dim),
    );
    this.#context = tables.map(({ vector }) => vector);
    this.hostTables = Object.assign({}, ...tables.map(({ hostTables }) => hostTables));
    const own = (feature: RankingFeature): RankingBag => ({
      ...{ name: feature.name, feature: feature.name, codes: { kind: 'same' } },
      ...{ width: feature.width, align: 'end' },
    });
    this.bags = [...this.#context.flatMap(({ bags }) => bags), own(item), own(history), own(labels)];
    this.#candidate = item.name;
    this.parameters = this.#tables(item.vocabulary);
  }

  #tables(items: number): Record<string, ParameterSpec> {
    const { dim, blocks, heads, dqk, dv, positionBias, head } = this.#config;
    const specs: Record<string, ParameterSpec> = {
      'item-embedding': embeddingTable([items, dim], small),
      'action-embedding': parameter([ACTION_CODES, dim], small),
      'position-embedding': parameter([this.#length, dim], small),
    };
    for (let block = 0; block < blocks; block++) {
      Object.assign(specs, hstuBlockParameters(`blocks/${block}`, dim, { heads, dqk, dv }));
      if (positionBias) specs[`blocks/${block}/position-bias`] = parameter([2 * this.#length - 1], normal02);
    }
    const hidden = head > 0 ? [head] : [];
    return { ...specs, ...mlpParameters('head', [dim, ...hidden, this.#tasks]) };
  }

  /** Context, items and actions in turn, and the candidate. */
  get #length(): number {
    return this.#context.length + 2 * this.#history + 1;
  }

  randomInputs({ rows }: RankingShape): RandomInputs {
    const { dim, blocks, heads, dv, dropout: rate, inputDropout } = this.#config;
    const mask = (width: number, share: number) =>
      ({ kind: 'mask', spec: bool(rows, this.#length, width), rate: share }) as const;
    const masks: Record<string, RandomInput> = {};
    if (inputDropout > 0) masks['mask/input'] = mask(dim, inputDropout);
    for (let block = 0; rate > 0 && block < blocks; block++) masks[`mask/${block}`] = mask(heads * dv, rate);
    return masks;
  }

  /** The sequence before the first block [rows, length, dim], and 1 at its real places [rows, length, 1]. */
  #embed(parameters: Tensors, inputs: Tensors, rows: number): { x: Tensor; real: Tensor } {
    const { dim, inputDropout } = this.#config;
    const items = inputs['bag/history'];
    const shape: [number, number, number] = [rows, 2 * this.#history, dim];
    // Side by side in the width is one after the other in the sequence.
    const turns = tf.concat(
      [
        gatherRows(parameters['item-embedding'], items),
        gatherRows(parameters['action-embedding'], inputs['bag/history-labels']),
      ],
      2,
    );
    const known = tf.cast(tf.greater(items, tf.scalar(0, 'int32')), 'float32');
    const candidate = gatherRows(parameters['item-embedding'], inputs[`bag/${this.#candidate}`]);
    const context =
      this.#context.length > 0
        ? [stackVectors(this.#context, parameters, inputs, { dim, hostTables: this.hostTables })]
        : [];
    const sequence = tf.concat([...context, tf.reshape(turns, shape), candidate], 1);
    const column = tf.expandDims(known, 2);
    const pairs = tf.reshape(tf.concat([column, column], 2), [rows, 2 * this.#history]);
    const places = tf.concat([tf.ones([rows, this.#context.length]), pairs, tf.ones([rows, 1])], 1);
    const real = tf.expandDims(places, -1);
    const placed = tf.add(tf.mul(sequence, Math.sqrt(dim)), parameters['position-embedding']);
    return { x: tf.mul(dropout(placed, inputs['mask/input'], inputDropout), real), real };
  }

  /** Biases by distance, one map a query block: [1, 1, queries, keys]. */
  #biases(table: Tensor | undefined): Tensor[] {
    if (!table) return [];
    const last = 2 * this.#length - 1;
    return queryBlocks(this.#length).map(([start, end]) => {
      const distances = laterKeys(start, end, (query, key) => this.#length - 1 + key - query, last);
      return tf.reshape(entries(table, distances), [1, 1, end - start, end]);
    });
  }

  /** State at the candidate, normalised over the width: [rows, dim]. */
  states(parameters: Tensors, inputs: Tensors, { rows }: RankingShape): Tensor {
    const { blocks, heads, dqk, dv, groupNorm, dropout: rate, dim } = this.#config;
    const { x: input, real } = this.#embed(parameters, inputs, rows);
    let x = input;
    for (let block = 0; block < blocks; block++) {
      const at = `blocks/${block}`;
      const out = hstuBlock(parameters, at, x, {
        ...{ heads, dqk, dv, groupNorm, normaliser: this.#length },
        biases: this.#biases(parameters[`${at}/position-bias`]),
        drop: (gated) => dropout(gated, inputs[`mask/${block}`], rate),
      });
      // Values of padding stay zero only while the padding itself does.
      x = tf.mul(out, real);
    }
    const last = tf.reshape(tf.slice(x, [0, this.#length - 1, 0], [rows, 1, dim]), [rows, dim]);
    return layerNormalize(last, EPSILON);
  }

  logits(parameters: Tensors, inputs: Tensors, shape: RankingShape): Tensor {
    const layers = this.#config.head > 0 ? 2 : 1;
    return mlp(parameters, 'head', this.states(parameters, inputs, shape), { layers, activateLast: false });
  }
}

function needed(
  { features }: RankingSizes,
  name: string,
  fits: (feature: RankingFeature) => boolean,
): RankingFeature {
  const found = features.find(fits);
  if (found) return found;
  throw new UserError(
    `the rows have no feature "${name}": hstu-ranking reads histories of items; train it on a data set of interactions ` +
      'with historyLength over 0 and all of user, item, history and history-labels among its features',
  );
}

function contextTables(feature: RankingFeature, dim: number) {
  const { name, width, vocabulary } = feature;
  const bag = { name, feature: name, width, pooling: 'mean' as const };
  const lookup = { table: `tables/${name}`, rows: vocabulary, codes: { kind: 'same' as const }, bag };
  return featureTables(lookup, dim, { kind: 'none' });
}

export const hstuRanking: ModelDefinition = {
  id: 'hstu-ranking',
  title: 'HSTU for ranking',
  summary:
    'HSTU over items and what the user did with them in turn predicts what they will do with a candidate.',
  task: 'ranking',
  kind: 'ranking',
  paper: {
    title:
      'Actions Speak Louder than Words: Trillion-Parameter Sequential Transducers for Generative Recommendations',
    authors: 'Jiaqi Zhai, Lucy Liao, Xing Liu, Yueming Wang, Rui Li, and others',
    year: 2024,
    where: 'ICML 2024, arXiv:2402.17152',
  },
  configSchema: hstuRankingSchema,
  presets: {
    released: {
      description:
        'Sizes of the released ranking code: 3 layers, 4 heads of 128, width 512, group norm, Adam 0.95/0.999',
      config: {
        ...{ dim: 512, blocks: 3, heads: 4, dqk: 128, dv: 128, historyLength: 200 },
        ...{ batchSize: 16, epochs: 5, optimiser: 'adam', learningRate: 1e-3, beta1: 0.95 },
      },
    },
    small: {
      description: 'For a laptop: one block of width 32 over the last 20 interactions',
      config: { dim: 32, blocks: 1, heads: 1, historyLength: 20, batchSize: 512, epochs: 5 },
    },
  },
  build: (config, sizes) => new HstuRanking(hstuRankingSchema.parse(config), sizes),
};
