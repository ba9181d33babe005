import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { SideShape } from '../../../data/side/types.ts';
import {
  dropout,
  float32,
  gatherRows,
  int32,
  l2Normalize,
  realRows,
  type Specs,
  silu,
  type Tensors,
} from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  bindTree,
  catalogueCrossEntropy,
  concatRows,
  dropoutMask,
  embedding,
  embeddingTable,
  gpt2Block,
  type Initialiser,
  LayerStack,
  lastIndices,
  layerNorm,
  linearSpecs,
  namedLeaves,
  normSpecs,
  type ParameterSpecs,
  project,
  type RandomInputs,
  splitRows,
  zeros,
} from '../../../layers/index.ts';
import { dataFields, field, protocolFields, trainingFields } from '../../../training/config.ts';
import { sideFields, sideSpecs, sideTables, sideVectors } from '../../../training/side-features.ts';
import type { BatchShape, CustomBatchKind, StepInputs } from '../../../training/step-model.ts';
import { startFields } from '../../../training/warm-start.ts';
import { type Catalogue, namedTokens, type TokenLevels } from '../code-tokens.ts';
import { generationFields, sourceFields } from '../generative-config.ts';
import {
  type GenerativeModel,
  type Lister,
  type ListerOptions,
  type ListGraphs,
  parallelModel,
} from '../generative-model.ts';
import { DigitLister, type DigitModel } from '../search/digit-lister.ts';

const UNIT_EPSILON = 1e-12;
const EMBEDDING_MASK = 'mask/embedding';

export const rpgSchema = z
  .object({
    tokeniser: sourceFields.tokeniser,
    collisionToken: sourceFields.collisionToken,
    shuffleIds: sourceFields.shuffleIds,
    maxLength: field.positiveInt('Most recent items the model reads').default(50),
    ...sideFields,
    ...startFields,
    dim: field.positiveInt('Width of tokens and blocks').default(448),
    blocks: field.positiveInt('Blocks of the encoder').default(2),
    heads: field.positiveInt('Attention heads; must divide dim').default(4),
    ffnDim: field.positiveInt('Width of the feed-forward layers').default(1024),
    normEpsilon: field.positive('Added under the root of the layer norms').default(1e-12),
    residualInit: z
      .enum(['plain', 'scaled'])
      .describe(
        "Spread of the layers that add to the blocks' stream at the start: that of all, or divided by the root of their number",
      )
      .default('plain'),
    dropout: field.fraction('Rate on embeddings and attention weights').default(0.5),
    temperature: field
      .positive("The cosines of states and codes are divided by it before a level's softmax")
      .default(0.07),
    retrieval: z
      .enum(['exact', 'graph'])
      .describe(
        'exact: the score of every candidate; graph: of those that a search over a graph of similar items comes upon, ' +
          'whose time does not grow with the catalogue. Epochs are always chosen by exact scores',
      )
      .default('exact'),
    beams: field.positiveInt('Items kept at each step of the search (retrieval=graph)').default(50),
    graphEdges: field
      .positiveInt('Most similar items that each item leads to, itself included (retrieval=graph)')
      .default(50),
    graphSteps: field.positiveInt('Steps of the search (retrieval=graph)').default(3),
    validationUsers: generationFields.validationUsers,
    ...dataFields,
    ...trainingFields,
    batchSize: field.positiveInt('Users in one optimiser step').default(256),
    ...protocolFields,
  })
  .refine(({ dim, heads }) => dim % heads === 0, { path: ['heads'], message: 'heads must divide dim' });

export type RpgConfig = z.output<typeof rpgSchema>;

const normal: Initialiser = { kind: 'normal', std: 0.02 };

/** How many levels' heads an item of a batch may take for one of `microBatchTokens`. */
const LEVELS_PER_TOKEN = 4;

/**
 * RPG (Hou et al. 2025): the tokens of the next item's ID, long and without an order, are predicted all at once, and an item
 * scores the sum of their log-probabilities. An item of the history is the mean of its tokens' vectors, plus its
 * side features. Batches of shape
 * (rows, length): `tokens` int32 [rows, length * levels], `present` float32 alike, and for training `labels` int32 [rows *
 * length, levels] and `weights` float32 [rows * length]; position i predicts the item after it.
 */
export class Rpg implements GenerativeModel, DigitModel {
  readonly config: RpgConfig;
  readonly parameters: ParameterSpecs;
  readonly batches: CustomBatchKind;
  readonly side: readonly SideShape[];
  readonly causal = true;
  /** Gradients of all heads and codes are added up once a batch. */
  readonly overheadTokens = 512;
  readonly codeVectors = 'token-embedding';
  readonly #tokens: TokenLevels;
  readonly #blocks: LayerStack;
  readonly #tree: ReturnType<typeof parameterTree>;

  constructor(config: RpgConfig, tokens: TokenLevels, side: readonly SideShape[] = []) {
    this.config = config;
    this.side = side;
    this.#tokens = tokens;
    this.#blocks = new LayerStack(Array.from({ length: config.blocks }, () => gpt2Block(config)));
    this.#tree = parameterTree(config, tokens);
    this.parameters = {
      ...namedLeaves(this.#tree),
      ...this.#blocks.parameters,
      ...sideTables(side, config.dim),
    };
    this.batches = { kind: 'custom', inputs: (shape) => this.#inputs(shape) };
  }

  get levels(): number {
    return this.#tokens.sizes.length;
  }

  get tokensPerItem(): number {
    return Math.ceil(this.levels / LEVELS_PER_TOKEN);
  }

  get generation(): string {
    const { retrieval, beams, graphEdges, graphSteps } = this.config;
    if (retrieval === 'exact') return 'scores of all IDs';
    return `a graph of ${graphEdges} edges, ${beams} beams, ${graphSteps} steps`;
  }

  sourceLength(items: number): number {
    return items * this.levels;
  }

  positionOf(item: number): number {
    return item * this.levels;
  }

  allowedInputs(): Specs {
    return {};
  }

  lister(options: ListerOptions): Lister {
    const { retrieval, beams, graphEdges: edges, graphSteps: steps } = this.config;
    const exact = retrieval === 'exact' || options.purpose === 'selection';
    return new DigitLister(this, options, exact ? null : { edges, beams, steps });
  }

  sourceInputs({ rows, length }: BatchShape): Specs {
    const source = this.sourceLength(length);
    const side = sideSpecs(this.side, { rows, length });
    return { tokens: int32(rows, source), present: float32(rows, source), ...side };
  }

  #inputs(shape: BatchShape): Specs {
    const positions = shape.rows * shape.length;
    return {
      ...this.sourceInputs(shape),
      labels: int32(positions, this.levels),
      weights: float32(positions),
    };
  }

  randomInputs({ rows, length }: BatchShape): RandomInputs {
    const { dropout: rate, dim } = this.config;
    if (rate === 0) return {};
    return {
      [EMBEDDING_MASK]: dropoutMask(rate, rows, length, dim),
      ...this.#blocks.masks({ rows, length }),
    };
  }

  /** By level the codes of `tokens` int32 [n, levels]: int32 [n]. Where there is no token, any code will do. */
  #codes(tokens: Tensor): Tensor[] {
    return tf.split(tokens, this.levels, 1).map((token, level) => {
      const code = tf.sub(tf.reshape(token, [-1]), tf.scalar(this.#tokens.starts[level], 'int32'));
      return tf.maximum(code, tf.scalar(0, 'int32'));
    });
  }

  /** By level the vectors of its codes: [codes, dim] */
  #codebooks(parameters: Tensors): Tensor[] {
    const { sizes } = this.#tokens;
    return tf.split(parameters[this.codeVectors], [...sizes], 0);
  }

  /** The same as predictions are compared with them: at length 1 over the temperature. */
  #targets(parameters: Tensors): Tensor[] {
    const { temperature } = this.config;
    return this.#codebooks(parameters).map((codes) => tf.div(l2Normalize(codes, UNIT_EPSILON), temperature));
  }

  /** The mean of each item's code vectors: tokens int32 [items, levels] -> [items, dim] */
  #itemVectors(parameters: Tensors, tokens: Tensor): Tensor {
    const codebooks = this.#codebooks(parameters);
    const vectors = this.#codes(tokens).map((codes, level) => gatherRows(codebooks[level], codes));
    return tf.div(tf.addN(vectors), this.levels);
  }

  /** Input, output of every block, and final states: each [rows, length, dim]. `vectors` are the items', where they are at hand. */
  stages(
    parameters: Tensors,
    inputs: Tensors,
    vectors?: Tensor,
  ): { input: Tensor; blocks: Tensor[]; states: Tensor } {
    const { levels, config } = this;
    const { dim, dropout: rate, normEpsilon } = config;
    const [rows, source] = inputs.tokens.shape as [number, number];
    const length = source / levels;
    const own = vectors ?? this.#itemVectors(parameters, tf.reshape(inputs.tokens, [rows * length, levels]));
    const means = tf.reshape(own, [rows, length, dim]);
    const side = sideVectors(this.side, parameters, inputs);
    const items = side ? tf.add(means, side) : means;
    const p = bindTree(this.#tree, parameters);
    const placed = tf.add(items, tf.slice(p.positionEmbedding, [0, 0], [length, dim]));
    const input = dropout(placed, inputs[EMBEDDING_MASK], rate);
    const blocks = this.#blocks.outputs(input, { parameters, inputs }, undefined);
    const last = blocks.at(-1) ?? input;
    return { input, blocks, states: layerNorm(last, normEpsilon, p.finalNorm.scale, p.finalNorm.shift) };
  }

  /** What a level's codes are compared with, at length 1: states [n, dim] -> by level [n, dim] */
  #predictions(parameters: Tensors, states: Tensor): Tensor[] {
    const { heads } = bindTree(this.#tree, parameters);
    return heads.map((head) => l2Normalize(tf.add(states, silu(project(states, head))), UNIT_EPSILON));
  }

  loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    return this.#lossOf(parameters, [{ inputs, shape }]);
  }

  jointLoss(parameters: Tensors, batches: readonly StepInputs[]): Tensor {
    return this.#lossOf(parameters, batches);
  }

  /**
   * Mean over levels of the cross-entropies of the next item's tokens. Positions of all micro-batches pass the heads
   * together: gradients of all heads and codes cost as much as hundreds of positions.
   */
  #lossOf(parameters: Tensors, batches: readonly StepInputs[]): Tensor {
    const joined = (name: string, width: number) =>
      concatRows(batches.map(({ inputs }) => tf.reshape(inputs[name], [-1, width])));
    const vectors = splitRows(
      this.#itemVectors(parameters, joined('tokens', this.levels)),
      batches.map(({ shape: { rows, length } }) => rows * length),
    );
    const states = concatRows(
      batches.map(({ inputs }, at) => {
        return tf.reshape(this.stages(parameters, inputs, vectors[at]).states, [-1, this.config.dim]);
      }),
    );
    const weights = tf.reshape(joined('weights', 1), [-1]);
    const real = realRows(weights);
    const shares = tf.div(real(weights), this.levels);
    const labels = this.#codes(real(joined('labels', this.levels)));
    const targets = this.#targets(parameters);
    const losses = this.#predictions(parameters, real(states)).map((predicted, level) =>
      catalogueCrossEntropy(predicted, targets[level], labels[level], shares, { allReal: true }),
    );
    return tf.addN(losses);
  }

  logProbabilities(parameters: Tensors, inputs: Tensors): Tensor {
    const { states } = this.stages(parameters, inputs);
    const [rows, length, dim] = states.shape as [number, number, number];
    const tokens = tf.cast(tf.sum(inputs.present, 1), 'int32');
    const lengths = tf.cast(tf.div(tf.cast(tokens, 'float32'), this.levels), 'int32');
    // A user without a readable history is predicted from the first position, whose tokens are all padding.
    const last = tf.gather(
      tf.reshape(states, [rows * length, dim]),
      lastIndices(tf.maximum(lengths, tf.scalar(1, 'int32')), length) as tf.Tensor1D,
    );
    const targets = this.#targets(parameters);
    const ofLevels = this.#predictions(parameters, last).map((predicted, level) =>
      tf.logSoftmax(tf.matMul(predicted, targets[level], false, true)),
    );
    return tf.concat(ofLevels, 1);
  }

  exported(catalogue: Catalogue): ListGraphs | { needed: string } {
    const { retrieval, maxLength: length } = this.config;
    if (retrieval !== 'exact') return { needed: 'retrieval=exact' };
    return {
      listsBy: 'scores',
      graphs: [
        {
          file: 'model.onnx',
          programOf: (rows) => ({
            name: 'scores',
            state: this.parameters,
            inputs: { history: int32(rows, length) },
            run: (state, { history }) => ({ outputs: { scores: this.#scores(state, history, catalogue) } }),
          }),
        },
      ],
      facts: {
        history: { length, padding: -1 },
        times: null,
        candidates: `the ${catalogue.named.length} items of vocabulary.csv, without those of the history`,
      },
    };
  }

  /** Scores of the items that have an ID: `history` int32 [rows, length] of places among them, -1 for padding. */
  #scores(state: Tensors, history: Tensor, catalogue: Catalogue): Tensor {
    const { levels } = this;
    const [rows, length] = history.shape as [number, number];
    const table = namedTokens(catalogue);
    const real = tf.greaterEqual(history, tf.scalar(0, 'int32'));
    const places = tf.reshape(tf.maximum(history, tf.scalar(0, 'int32')), [rows * length]);
    const spread = tf.tile(tf.expandDims(tf.cast(real, 'float32'), 2), [1, 1, levels]);
    const present = tf.reshape(spread, [rows, length * levels]);
    const ids = tf.gather(
      tf.tensor2d(table, [catalogue.named.length, levels], 'int32'),
      places as tf.Tensor1D,
    );
    const tokens = tf.mul(tf.reshape(ids, [rows, length * levels]), tf.cast(present, 'int32'));
    const ofTokens = this.logProbabilities(state, { tokens, present });
    const ofLevels = Array.from({ length: levels }, (_, level) => {
      const places = Int32Array.from(catalogue.named, (_, at) => table[at * levels + level] - 1);
      return tf.gather(ofTokens, tf.tensor1d(places, 'int32'), 1);
    });
    return tf.addN(ofLevels);
  }
}

/** Every head begins as the identity but for its bias (released code of Cai et al. 2024, "Medusa"). */
function parameterTree({ dim, maxLength }: RpgConfig, { sizes }: TokenLevels) {
  const codes = sizes.reduce((sum, size) => sum + size, 0);
  const bias: Initialiser = { kind: 'uniform', limit: 1 / Math.sqrt(dim) };
  const head = linearSpecs(dim, dim, zeros, bias);
  return {
    tokenEmbedding: embeddingTable([codes, dim], normal),
    positionEmbedding: embedding([maxLength, dim], normal),
    finalNorm: normSpecs(dim),
    heads: Array<typeof head>(sizes.length).fill(head),
  };
}

export const rpg = parallelModel({
  id: 'rpg',
  title: 'RPG',
  summary: 'Long IDs, all codes in parallel.',
  group: 'generative',
  paper: {
    title: 'Generating Long Semantic IDs in Parallel for Recommendation',
    authors: 'Yupeng Hou, Jiacheng Li, Ashley Shin, and others',
    year: 2025,
    where: 'KDD 2025, arXiv:2506.05781',
  },
  sources: { tokeniser: 'required' },
  essentials: ['tokeniser', 'blocks', 'dropout', 'epochs'],
  configSchema: rpgSchema,
  build: (config, tokens, { side }) => new Rpg(config, tokens, side),
});
