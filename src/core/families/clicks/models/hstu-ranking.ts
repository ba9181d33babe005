import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, float32, gatherRows, layerNormalize, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { UserError } from '../../../errors.ts';
import {
  bindTree,
  dropoutMask,
  embeddingTable,
  entryBias,
  type HostTableSpecs,
  hstuBlock,
  hstuSpecs,
  type Initialiser,
  type KeptKeys,
  keeping,
  type Layer,
  LayerStack,
  type LinearSpecs,
  layer,
  linear,
  mlp,
  mlpSpecs,
  namedLeaves,
  type PairMaps,
  type ParameterSpecs,
  parameter,
  positionBiasTable,
  type RandomInputs,
  readingKept,
  timeBiasTable,
  xavierUniform,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { clickDataFields, clickTrainingFields } from '../click-config.ts';
import {
  bagInput,
  type ClickBag,
  type ClickFeature,
  type ClickModel,
  type ClickShape,
  type ClickSizes,
  clickModel,
  type KeptHistories,
} from '../click-model.ts';
import { type FeatureVector, featureTables, stackVectors } from '../embedding-bags.ts';
import { candidateLayout, type Layout, sequenceLayout } from '../sequence-layout.ts';

const INPUT_MASK = 'mask/input';
const keyName = (block: number) => `kept/key/${block}`;
const valueName = (block: number) => `kept/value/${block}`;

const hstuRankingFields = {
  dim: field.positiveInt('Width of item, action and context vectors, and of the blocks').default(64),
  blocks: field.positiveInt('Blocks of the encoder').default(2),
  tableDim: field
    .nonNegativeInt('Width of the tables, projected to that of the blocks; 0 for the same')
    .default(0),
  heads: field.positiveInt('Attention heads').default(2),
  dqk: field.positiveInt('Width of queries and keys in each head').default(32),
  dv: field.positiveInt('Width of values in each head').default(32),
  groupNorm: z
    .boolean()
    .describe('What attention gathers is normalised in each head, and not over all heads')
    .default(true),
  positionBias: z.boolean().describe('Attention has a bias by the distance of query and key').default(true),
  timeBias: z
    .boolean()
    .describe('Attention has a bias by the time between query and key, where the rows have times')
    .default(true),
  context: z
    .enum(['all', 'none'])
    .describe(
      "Whether other features take part: the user's stand before the first interaction, those of items and rows join the item",
    )
    .default('all'),
  inputDropout: field.fraction('Rate after the embeddings').default(0.2),
  dropout: field.fraction('Rate inside the blocks').default(0.1),
  head: field.nonNegativeInt('Hidden units between the last block and the log-odds; 0 for none').default(0),
} as const;

const hstuRankingSchema = z.object({
  ...hstuRankingFields,

  ...clickDataFields,
  ...clickTrainingFields,
  historyLength: clickDataFields.historyLength.default(50),
  batchSize: field.positiveInt('Sequences of users in one optimiser step').default(32),
  microBatchTokens: field
    .positiveInt('Most rows computed at once, padding included; gradients add up over a step')
    .default(4096),
});

export type HstuRankingConfig = z.output<typeof hstuRankingSchema>;

const small: Initialiser = { kind: 'truncated-normal', std: 0.02 };
const EPSILON = 1e-6;

/**
 * HSTU for ranking (Zhai et al. 2024, section 2.2): a user's sequence takes turns, item, action, item, action, …, and the
 * state at an item predicts the action that follows it, from everything before. One causal pass learns from every
 * interaction; candidates stand at the place after their history, where nothing but themselves sees them.
 */
export class HstuRanking implements ClickModel {
  readonly bags: readonly ClickBag[];
  readonly vectors = [];
  readonly parameters: ParameterSpecs;
  readonly hostTables: HostTableSpecs;
  readonly rowNames: ClickModel['rowNames'];
  readonly sequences: NonNullable<ClickModel['sequences']>;
  readonly #config: HstuRankingConfig;
  /** Features of the user, which stand before the sequence, and of items and rows, which join the item. */
  readonly #context: readonly FeatureVector[];
  readonly #joined: readonly FeatureVector[];
  readonly #item: ClickBag;
  readonly #tree: ReturnType<typeof inputTree> & { head: LinearSpecs[] };
  readonly #blocks: LayerStack<Layout>;

  /** Throws UserError where rows have no user and item. */
  constructor(config: HstuRankingConfig, sizes: ClickSizes) {
    this.#config = config;
    const item = sizes.features.find(({ of, width }) => of === 'item' && width === 1);
    if (!item || !sizes.sequences) {
      throw new UserError(
        'hstu-ranking reads the items of users in order: the rows need a user and an item, and features=… the item',
      );
    }
    this.sequences = {
      history: config.historyLength,
      times: config.timeBias && sizes.sequences.times,
      kept: this.#kept(),
    };
    const all = config.context === 'all';
    const others = all ? sizes.features.filter((feature) => feature !== item) : [];
    const tables = (features: readonly ClickFeature[]) =>
      features.map((one) => contextTables(one, this.#width));
    const context = tables(others.filter(({ follows }) => follows === 'user'));
    const joined = tables(others.filter(({ follows }) => follows !== 'user'));
    this.#context = context.map(({ vector }) => vector);
    this.#joined = joined.map(({ vector }) => vector);
    this.hostTables = Object.assign({}, ...[...context, ...joined].map(({ hostTables }) => hostTables));
    this.#item = {
      ...{ name: 'item', feature: item.name, codes: { kind: 'same' }, width: 1 },
      parameter: 'item-embedding',
    };
    this.bags = [...[...this.#context, ...this.#joined].flatMap(({ bags }) => bags), this.#item];
    this.#blocks = new LayerStack(Array.from({ length: config.blocks }, () => this.#block()));
    const tasks = sizes.tasks.length;
    const input = inputTree(config, {
      items: item.vocabulary,
      tasks,
      span: this.#span,
      dense: all ? sizes.dense.length : 0,
      context: this.#context.length > 0,
    });
    const head = mlpSpecs([config.dim, ...(config.head > 0 ? [config.head] : []), tasks]);
    this.#tree = { ...input, head };
    this.parameters = { ...namedLeaves(input), ...this.#blocks.parameters, ...namedLeaves({ head }) };
    const answers = ['done', 'not done'];
    this.rowNames = {
      'dense-projection': sizes.dense,
      'action-embedding': answers.flatMap((answer) => sizes.tasks.map((task) => `${task} ${answer}`)),
    };
  }

  /** Width of the tables. */
  get #width(): number {
    return this.#config.tableDim || this.#config.dim;
  }

  #block(): Layer<Layout> {
    const { dim, heads, dqk, dv, positionBias, groupNorm, dropout: rate } = this.#config;
    const span = this.#span;
    return layer({
      parameters: {
        ...hstuSpecs(dim, { heads, dqk, dv }),
        positionBias: positionBias ? positionBiasTable(span) : undefined,
        timeBias: this.sequences.times ? timeBiasTable() : undefined,
      },
      masks: ({ rows, length }) => dropoutMask(rate, rows, length, heads * dv),
      forward: (x, p, mask, layout) => {
        const out = hstuBlock(x, p, {
          heads,
          dqk,
          dv,
          groupNorm,
          normaliser: span,
          bias: biasOf(p.positionBias, p.timeBias, layout),
          attend: layout.attend,
          drop: (gated) => dropout(gated, mask ?? undefined, rate),
        });
        // Values of padding stay zero only while the padding itself does.
        return tf.mul(out, layout.real);
      },
    });
  }

  /** Positions: the context, a full history with its actions, and the row after it. */
  get #span(): number {
    return this.#context.length + 2 * (this.sequences.history + 1);
  }

  randomInputs({ rows, length }: ClickShape): RandomInputs {
    const { dim, dropout: rate, inputDropout } = this.#config;
    const shape = { rows, length: this.#context.length + 2 * length };
    return {
      ...(inputDropout > 0 ? { [INPUT_MASK]: dropoutMask(inputDropout, rows, shape.length, dim) } : {}),
      ...(rate > 0 ? this.#blocks.masks(shape) : {}),
    };
  }

  /** Vectors of items, their features and the row's numbers [rows of data, dim], and of the context [sequences, n, dim]. */
  #vectors(parameters: Tensors, inputs: Tensors, { rows, length }: ClickShape) {
    const p = bindTree(this.#tree, parameters);
    const [n, width, cells] = [this.#context.length, this.#width, rows * length];
    const ids = tf.reshape(inputs[bagInput(this.#item)], [cells]);
    let items = gatherRows(p.itemEmbedding, ids);
    let context: Tensor | null = null;
    const features = [...this.#context, ...this.#joined];
    if (features.length > 0) {
      const stacked = stackVectors(features, parameters, inputs, { dim: width, hostTables: this.hostTables });
      // The context is that of a sequence's first row.
      const all = tf.reshape(stacked, [rows, length * features.length, width]);
      if (n > 0) context = projected(tf.slice(all, [0, 0, 0], [rows, n, width]), p.contextProjection);
      if (this.#joined.length > 0) {
        const joinedVectors = tf.slice(stacked, [0, n, 0], [cells, this.#joined.length, width]);
        items = tf.add(items, tf.sum(joinedVectors, 1));
      }
    }
    if (p.denseProjection) items = tf.add(items, linear(inputs.dense, p.denseProjection));
    return { items: projected(items, p.itemProjection), context };
  }

  /** The sequence before the first block [sequences, positions, dim], zeros where `layout` has nothing. */
  #embed(parameters: Tensors, inputs: Tensors, shape: ClickShape, layout: Layout): Tensor {
    const { dim, inputDropout } = this.#config;
    const { rows, length } = shape;
    const { actionEmbedding, actionProjection, positionEmbedding } = bindTree(this.#tree, parameters);
    const { items, context } = this.#vectors(parameters, inputs, shape);
    const undone = tf.sub(1, inputs.actions);
    const done = linear(tf.concat([inputs.actions, undone], 1), actionEmbedding);
    const actions = projected(done, actionProjection);
    // Side by side in the width is one after the other in the sequence.
    const turns = tf.reshape(tf.concat([items, actions], 1), [rows, 2 * length, dim]);
    const sequence = context ? tf.concat([context, turns], 1) : turns;
    const positions = layout.positions
      ? gatherRows(positionEmbedding, layout.positions)
      : tf.slice(positionEmbedding, [0, 0], [layout.length, dim]);
    const placed = tf.add(tf.mul(sequence, Math.sqrt(dim)), positions);
    return tf.mul(dropout(placed, inputs[INPUT_MASK], inputDropout), layout.real);
  }

  /** States at the items, normalised over the width: [rows of data, dim]. */
  #states(parameters: Tensors, inputs: Tensors, shape: ClickShape, candidates: boolean): Tensor {
    const { dim } = this.#config;
    const { rows, length } = shape;
    const prefix = this.#context.length;
    const layout = sequenceLayout(inputs, shape, { prefix, span: this.#span, candidates });
    const embedded = this.#embed(parameters, inputs, shape, layout);
    const x = this.#blocks.outputs(embedded, { parameters, inputs }, layout).at(-1) ?? embedded;
    const turns = tf.slice(x, [0, prefix, 0], [rows, 2 * length, dim]);
    const items = tf.slice(tf.reshape(turns, [rows * length, 2 * dim]), [0, 0], [rows * length, dim]);
    return layerNormalize(items, EPSILON);
  }

  logits(parameters: Tensors, inputs: Tensors, shape: ClickShape, candidates = true): Tensor {
    return this.#headOf(parameters, this.#states(parameters, inputs, shape, candidates));
  }

  #headOf(parameters: Tensors, states: Tensor): Tensor {
    return mlp(states, bindTree(this.#tree, parameters).head, { activateLast: false });
  }

  /** Keys and values of every block, of a history alone: M-FALCON (section 3.4), whose candidates come in batches afterwards. */
  #kept(): KeptHistories {
    const { blocks, heads, dqk, dv } = this.#config;
    const all = Array.from({ length: blocks }, (_, block) => block);
    return {
      specs: ({ rows, length }) => {
        const places = this.#context.length + 2 * length;
        const specs = all.map((block) => ({
          [keyName(block)]: float32(rows, heads, places, dqk),
          [valueName(block)]: float32(rows, heads, places, dv),
        }));
        return Object.assign({}, ...specs);
      },
      keep: (parameters, inputs, shape) => {
        const kept: KeptKeys[] = [];
        const options = { prefix: this.#context.length, span: this.#span, candidates: false };
        const layout = { ...sequenceLayout(inputs, shape, options), attend: keeping(kept) };
        const embedded = this.#embed(parameters, inputs, shape, layout);
        this.#blocks.outputs(embedded, { parameters, inputs }, layout);
        const named = kept.map(({ keys, values }, at) => ({ [keyName(at)]: keys, [valueName(at)]: values }));
        return Object.assign({}, ...named);
      },
      score: (parameters, inputs, { rows, length, turns }) => {
        const { dim } = this.#config;
        const kept = all.map((at) => ({ keys: inputs[keyName(at)], values: inputs[valueName(at)] }));
        const { positions, times = null, historyTimes = null } = inputs;
        const sizes = { prefix: this.#context.length, span: this.#span, turns };
        const given = this.sequences.times ? { times, historyTimes } : { times: null, historyTimes: null };
        const own = candidateLayout({ positions, ...given }, sizes);
        const layout = { ...own, attend: readingKept(kept) };
        const items = tf.reshape(this.#vectors(parameters, inputs, { rows, length }).items, [
          rows,
          length,
          dim,
        ]);
        const { positionEmbedding } = bindTree(this.#tree, parameters);
        const placed = gatherRows(positionEmbedding, layout.positions as Tensor);
        const x = tf.add(tf.mul(items, Math.sqrt(dim)), placed);
        const states = this.#blocks.outputs(x, { parameters, inputs }, layout).at(-1) ?? x;
        return this.#headOf(parameters, layerNormalize(tf.reshape(states, [rows * length, dim]), EPSILON));
      },
    };
  }
}

interface InputSizes {
  items: number;
  tasks: number;
  /** Positions of a sequence. */
  span: number;
  dense: number;
  /** Whether something stands before the sequence. */
  context: boolean;
}

/** Tables of items, actions and positions, and what brings vectors to the width of the blocks. */
function inputTree(config: HstuRankingConfig, { items, tasks, span, dense, context }: InputSizes) {
  const { dim } = config;
  const width = config.tableDim || dim;
  const projection = width === dim ? undefined : parameter([width, dim], xavierUniform);
  return {
    itemEmbedding: embeddingTable([items, width], small),
    actionEmbedding: parameter([2 * tasks, width], small),
    positionEmbedding: parameter([span, dim], small),
    denseProjection: dense > 0 ? parameter([dense, width], xavierUniform) : undefined,
    itemProjection: projection,
    actionProjection: projection,
    contextProjection: context ? projection : undefined,
  };
}

function projected(x: Tensor, weight: Tensor | undefined): Tensor {
  return weight ? linear(x, weight) : x;
}

/** Bias of a block by position and time, and against candidates of others. */
function biasOf(position: Tensor | undefined, time: Tensor | undefined, { maps }: Layout): PairMaps | null {
  const buckets = maps.flatMap((map) => map.buckets ?? []);
  return entryBias(
    [
      position && { table: position, ids: maps.map(({ distances }) => distances) },
      time && buckets.length > 0 ? { table: time, ids: buckets } : null,
    ],
    maps.flatMap(({ hidden }) => hidden ?? []),
  );
}

function contextTables(feature: ClickFeature, dim: number) {
  const { name, width, vocabulary } = feature;
  const bag = { name, feature: name, width, pooling: 'mean' as const };
  const lookup = { table: `tables/${name}`, rows: vocabulary, codes: { kind: 'same' as const }, bag };
  return featureTables(lookup, dim, { kind: 'none' });
}

export const hstuRanking = clickModel({
  id: 'hstu-ranking',
  title: 'HSTU for ranking',
  summary: "Clicks from the order of a user's actions.",
  group: 'ranking',
  readsSequences: true,
  paper: {
    title:
      'Actions Speak Louder than Words: Trillion-Parameter Sequential Transducers for Generative Recommendations',
    authors: 'Jiaqi Zhai, Lucy Liao, Xing Liu, Yueming Wang, Rui Li, and others',
    year: 2024,
    where: 'ICML 2024, arXiv:2402.17152',
  },
  essentials: ['dim', 'blocks', 'dropout', 'features'],
  configSchema: hstuRankingSchema,
  build: (config, sizes) => new HstuRanking(config, sizes),
});
