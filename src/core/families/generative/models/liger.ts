import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import {
  dropout,
  float32,
  gatherRows,
  int32,
  l2Normalize,
  type Specs,
  type Tensors,
} from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { UserError } from '../../../errors.ts';
import {
  bindMasks,
  bindTree,
  catalogueCrossEntropy,
  dropoutMask,
  embedding,
  type Initialiser,
  lastIndices,
  layerNorm,
  linearSpecs,
  namedLeaves,
  normSpecs,
  type ParameterSpecs,
  parameter,
  project,
  type RandomInputs,
  type TensorTree,
} from '../../../layers/index.ts';
import { rowsAt } from '../../../math/rows.ts';
import { field, widthsOf } from '../../../training/config.ts';
import type { Constants } from '../../../training/constants.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { Catalogue, TokenLevels } from '../code-tokens.ts';
import { requireTenBeams } from '../generative-config.ts';
import {
  type GraphPlan,
  generativeModel,
  type ItemFacts,
  type Lister,
  type ListerOptions,
  type ListGraphs,
} from '../generative-model.ts';
import { BeamLister } from '../search/beam-lister.ts';
import { DenseRanking } from '../search/dense-ranking.ts';
import { Tiger, tigerSchema } from './tiger.ts';

const UNIT_EPSILON = 1e-12;
const CONTENT = 'content-mask';
const SOURCE = 'source-mask';

// Sources hold items alone. Hidden items need no share of the list, because all of them are candidates.
const {
  userTokens: _users,
  separator: _separator,
  coldShare: _share,
  sideFeatures: _side,
  ...tigerFields
} = tigerSchema.shape;

export const ligerSchema = z
  .object({
    ...tigerFields,
    beams: field.positiveInt('Sequences kept, whose items are ranked by similarity').default(20),
    projection: field
      .widths(
        "Widths of the hidden layers between an item's content vector and the width of tokens, as in 768,512,256",
      )
      .default('256'),
    contentDropout: field.fraction('Rate on content vectors and inside their layers').default(0.2),
    sourceDropout: field.fraction("Rate on the source's vectors before the first block").default(0.5),
    temperature: field.positive('Cosines are divided by it in the softmax over items').default(0.07),
    denseWeight: field.positive('Weight of the loss of similarity beside that of generation').default(1),
  })
  .refine(...requireTenBeams);

export type LigerConfig = z.output<typeof ligerSchema>;

/** As PyTorch begins, where the released code leaves it to. */
const table: Initialiser = { kind: 'normal', std: 1 };
const uniform = (inner: number): Initialiser => ({ kind: 'uniform', limit: 1 / Math.sqrt(inner) });
const linearOf = (inner: number, outer: number) => linearSpecs(inner, outer, uniform(inner), uniform(inner));

/** Layers of content: y = ReLU(LN(x W + b)) + x R, then a linear one to the width of tokens. */
function parameterTree({ dim, maxLength, projection }: LigerConfig, levels: number, contentDim: number) {
  const widths = [contentDim, ...widthsOf(projection)];
  const hidden = widths.slice(1).map((outer, i) => ({
    ...linearOf(widths[i], outer),
    norm: normSpecs(outer),
    residual: { weight: parameter([widths[i], outer], uniform(widths[i])) },
  }));
  return {
    content: { hidden, out: linearOf(widths[widths.length - 1], dim) },
    itemPosition: embedding([maxLength, dim], table),
    levelPosition: embedding([levels, dim], table),
    sourceNorm: normSpecs(dim),
  };
}

function contentMasks({ contentDropout: rate, projection }: LigerConfig, rows: number, contentDim: number) {
  const hidden = widthsOf(projection).map((width) => dropoutMask(rate, rows, width));
  return { input: dropoutMask(rate, rows, contentDim), hidden };
}

type Projection = TensorTree<ReturnType<typeof parameterTree>>['content'];
type ProjectionMasks = TensorTree<ReturnType<typeof contentMasks>> | null;

/** What the model knows of the items. */
function constantsOf({ items, hidden, vectors }: ItemFacts): { dim: number; constants: Constants } {
  const content = vectors();
  if (!content) {
    throw new UserError(
      'config "tokeniser": its IDs come without content vectors, which liger reads; name one that was trained on them',
    );
  }
  const { dim, data } = content;
  const all = Int32Array.from({ length: items }, (_, item) => item);
  const seen = hidden ? all.filter((item) => hidden[item] === 0) : all;
  const seenPlaces = new Int32Array(items);
  seen.forEach((item, place) => {
    seenPlaces[item] = place;
  });
  return {
    dim,
    constants: {
      specs: { content: float32(items, dim), seen: int32(seen.length), seenPlaces: int32(items) },
      values: { content: data.slice(0, items * dim), seen, seenPlaces },
    },
  };
}

/**
 * LIGER (Yang et al. 2024): TIGER whose source also has the items' content vectors, and whose encoder learns to point at the
 * content of the next item. Lists are the generated items and all hidden ones, ranked by that similarity. Batches are
 * TIGER's, and `items` int32 [rows, length], for training `targets` int32 [rows * targets]. Its constants are `content`
 * float32 [items, contentDim], `seen` int32 [seen items], `seenPlaces` int32 [items] (the place in `seen`).
 */
export class Liger extends Tiger {
  override readonly constants: Constants;
  readonly liger: LigerConfig;
  readonly #contentDim: number;
  readonly #hidden: Uint8Array | null;
  readonly #tree: ReturnType<typeof parameterTree>;

  constructor(config: LigerConfig, tokens: TokenLevels, facts: ItemFacts) {
    super({ ...config, userTokens: 0, separator: false, coldShare: 0, sideFeatures: '' }, tokens);
    const { dim, constants } = constantsOf(facts);
    this.liger = config;
    this.constants = constants;
    this.#hidden = facts.hidden;
    this.#contentDim = dim;
    this.#tree = parameterTree(config, this.levels, dim);
  }

  override get parameters(): ParameterSpecs {
    return { ...super.parameters, ...namedLeaves(this.#tree) };
  }

  /** Every batch maps the content of all items, each at about the price of a token. */
  override get overheadTokens(): number {
    return this.constants.values.seen.length;
  }

  override get generation(): string {
    return `${super.generation}, ranked with all hidden items by similarity`;
  }

  override lister(options: ListerOptions): Lister {
    const ranking = new DenseRanking(this, options.device, this.#hidden);
    return new BeamLister(this, this.config, options, ranking);
  }

  override sourceInputs(shape: BatchShape): Specs {
    return { ...super.sourceInputs(shape), items: int32(shape.rows, shape.length) };
  }

  protected override inputs(shape: BatchShape): Specs {
    const targets = int32(shape.rows * this.targets(shape));
    return { ...super.inputs(shape), targets };
  }

  override randomInputs(shape: BatchShape): RandomInputs {
    const { contentDropout, sourceDropout, dim } = this.liger;
    const masks = (rows: number, at: string): RandomInputs =>
      contentDropout === 0 ? {} : namedLeaves(contentMasks(this.liger, rows, this.#contentDim), at);
    return {
      ...super.randomInputs(shape),
      ...masks(shape.rows * shape.length, `${CONTENT}/source`),
      ...masks(this.constants.values.seen.length, `${CONTENT}/items`),
      ...(sourceDropout === 0
        ? {}
        : { [SOURCE]: dropoutMask(sourceDropout, shape.rows, this.sourceLength(shape.length), dim) }),
    };
  }

  /** Content vectors [n, contentDim] at the width of tokens: [n, dim]. `masks` names those of a training step. */
  #projected(parameters: Tensors, inputs: Tensors, content: Tensor, masks: string): Tensor {
    const p = bindTree(this.#tree, parameters).content;
    const drop: ProjectionMasks = bindMasks(contentMasks(this.liger, 1, 1), inputs, `${CONTENT}/${masks}`);
    return projected(content, p, drop, this.liger);
  }

  override sourceVectors(parameters: Tensors, inputs: Tensors): Tensor {
    const { dim, normEpsilon, sourceDropout } = this.liger;
    const { levels } = this;
    const [rows, length] = inputs.items.shape as [number, number];
    const { itemPosition, levelPosition, sourceNorm } = bindTree(this.#tree, parameters);
    const content = gatherRows(inputs.content, tf.reshape(inputs.items, [-1]));
    const ofItems = tf.reshape(this.#projected(parameters, inputs, content, 'source'), [
      rows,
      length,
      1,
      dim,
    ]);
    const places = tf.reshape(tf.slice(itemPosition, [0, 0], [length, dim]), [1, length, 1, dim]);
    const tokens = tf.reshape(super.sourceVectors(parameters, inputs), [rows, length, levels, dim]);
    const ofLevels = tf.reshape(levelPosition, [1, 1, levels, dim]);
    const sum = tf.add(tf.add(tokens, tf.add(ofItems, places)), ofLevels);
    const normal = layerNorm(sum, normEpsilon, sourceNorm.scale, sourceNorm.shift);
    return dropout(tf.reshape(normal, [rows, length * levels, dim]), inputs[SOURCE], sourceDropout);
  }

  override loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    const encoded = this.encoded(parameters, inputs, shape);
    const generation = this.lossOf(encoded, parameters, inputs, shape);
    const dense = this.#denseLoss(encoded, parameters, inputs, shape);
    return tf.add(generation, tf.mul(dense, this.liger.denseWeight));
  }

  /** Softmax cross-entropy of the next item among all that are not hidden, by cosine over the temperature. */
  #denseLoss(encoded: Tensor, parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    const content = gatherRows(inputs.content, inputs.seen);
    const items = unit(this.#projected(parameters, inputs, content, 'items'));
    const states = this.causal ? this.#everyItem(encoded, shape) : this.#lastItem(encoded, inputs);
    const places = tf.gather(inputs.seenPlaces, inputs.targets as tf.Tensor1D);
    return catalogueCrossEntropy(tf.div(unit(states), this.liger.temperature), items, places, inputs.weights);
  }

  /** The state at each item's last token: [rows * length, dim] */
  #everyItem(encoded: Tensor, { rows, length }: BatchShape): Tensor {
    const { levels } = this;
    const { dim } = this.liger;
    const byItem = tf.reshape(encoded, [rows * length, levels, dim]);
    return tf.reshape(tf.slice(byItem, [0, levels - 1, 0], [rows * length, 1, dim]), [rows * length, dim]);
  }

  /** The state at each row's last token: [rows, dim] */
  #lastItem(encoded: Tensor, { present }: Tensors): Tensor {
    const [rows, source] = present.shape as [number, number];
    // A user without a readable history is read at the first position.
    const lengths = tf.maximum(tf.cast(tf.sum(present, 1), 'int32'), tf.scalar(1, 'int32'));
    const flat = tf.reshape(encoded, [rows * source, this.liger.dim]);
    return gatherRows(flat, lastIndices(lengths, source));
  }

  override queries(states: Tensor, inputs: Tensors): Tensor {
    return unit(this.#lastItem(states, inputs));
  }

  /** All items, hidden ones included, at length 1: [items, dim]; from `content`. */
  itemVectors(parameters: Tensors, inputs: Tensors): Tensor {
    return unit(this.#projected(parameters, {}, inputs.content, 'items'));
  }

  override exported(catalogue: Catalogue): ListGraphs | { needed: string } {
    const constrained = this.config.decoding === 'constrained';
    return constrained ? this.searchGraphs(catalogue) : { needed: 'decoding=constrained' };
  }

  /** With the content of the items that have an ID as a constant, and of what lists are ordered by. */
  protected override encoderGraph(named: Int32Array): GraphPlan {
    const encoder = super.encoderGraph(named);
    const width = this.#contentDim;
    return {
      ...encoder,
      constants: { content: rowsAt(this.constants.values.content as Float32Array, width, named) },
      programOf: (rows) => {
        const { inputs, state, run, name } = encoder.programOf(rows);
        return {
          name,
          state: { ...state, content: float32(named.length, width) },
          inputs,
          run: (values, tensors) => {
            const all = { ...tensors, content: values.content };
            const { outputs } = run(values, all);
            const queries = this.queries(outputs.states, tensors);
            const similarities = tf.matMul(queries, this.itemVectors(values, all), false, true);
            return { outputs: { ...outputs, similarities } };
          },
        };
      },
      meanings: {
        items: 'rows of vocabulary.csv of the history, oldest first, 0 after them',
        similarities:
          'of the items, in the order of vocabulary.csv, to the history; lists are ordered by them',
      },
    };
  }
}

function unit(x: Tensor): Tensor {
  return l2Normalize(x, UNIT_EPSILON);
}

function projected(
  content: Tensor,
  { hidden, out }: Projection,
  masks: ProjectionMasks,
  { contentDropout: rate, normEpsilon }: LigerConfig,
): Tensor {
  let x = dropout(content, masks?.input, rate);
  for (const [i, layer] of hidden.entries()) {
    const { scale, shift } = layer.norm;
    const y = tf.relu(layerNorm(project(x, layer), normEpsilon, scale, shift));
    x = tf.add(dropout(y, masks?.hidden[i], rate), project(x, layer.residual));
  }
  return project(x, out);
}

export const liger = generativeModel({
  id: 'liger',
  title: 'LIGER',
  summary: 'TIGER with dense retrieval, for new items.',
  group: 'generative',
  paper: {
    title: 'Unifying Generative and Dense Retrieval for Sequential Recommendation',
    authors: 'Liu Yang, Fabian Paischer, Kaveh Hassani, and others',
    year: 2024,
    where: 'arXiv:2411.18814',
  },
  sources: { tokeniser: 'required' },
  essentials: ['tokeniser', 'encoderBlocks', 'decoderBlocks', 'dropout', 'epochs'],
  configSchema: ligerSchema,
  build: (config, tokens, facts) => new Liger(config, tokens, facts),
});
