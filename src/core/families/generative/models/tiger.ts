import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { SideShape } from '../../../data/side/types.ts';
import { bool, type DeviceContext, float32, int32, type Specs, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  type AttentionMasks,
  maskWhere,
  type ParameterSpecs,
  paddingMask,
  type RandomInputs,
} from '../../../layers/index.ts';
import { dataFields, field, protocolFields, trainingFields } from '../../../training/config.ts';
import { type Constants, stateOf, withConstants } from '../../../training/constants.ts';
import { sideFields, sideSpecs, sideTables, sideVectors } from '../../../training/side-features.ts';
import type { BatchShape, CustomBatchKind } from '../../../training/step-model.ts';
import { startFields } from '../../../training/warm-start.ts';
import type { Catalogue, TokenLevels } from '../code-tokens.ts';
import { generationFields, requireTenBeams, sourceFields } from '../generative-config.ts';
import {
  allowedInput,
  type DecoderShape,
  type GraphPlan,
  generativeModel,
  type Lister,
  type ListerOptions,
  type ListGraphs,
  type SequentialModel,
} from '../generative-model.ts';
import { BeamLister } from '../search/beam-lister.ts';
import { T5, t5Work } from './t5.ts';
import { CodeDecoder } from './t5-decoder.ts';

export const tigerSchema = z
  .object({
    ...sourceFields,
    ...sideFields,
    ...startFields,
    dim: field.positiveInt('Width of tokens and blocks').default(128),
    heads: field.positiveInt('Attention heads').default(4),
    headDim: field.positiveInt('Width of each head').default(32),
    ffnDim: field.positiveInt('Width of the feed-forward layers').default(256),
    encoderBlocks: field.positiveInt('Blocks of the encoder').default(2),
    decoderBlocks: field.positiveInt('Blocks of the decoder').default(2),
    buckets: field.positiveInt('Buckets of relative positions').default(32),
    maxDistance: field.positiveInt('Distance from which on positions share the last bucket').default(128),
    normEpsilon: field.positive('Added under the root of the RMS norms').default(1e-6),
    embeddingStd: field.positive('Standard deviation of the initial token vectors; 1 in T5').default(1),
    dropout: field.fraction('Rate on embeddings, attention weights and layers').default(0.1),
    head: z
      .enum(['tied', 'separate'])
      .describe('Logits from the token table, scaled by dim^-0.5, or from a table of their own')
      .default('tied'),
    ...generationFields,
    ...dataFields,
    ...trainingFields,
    batchSize: field.positiveInt('Samples (prefixes) or users (causal) in one optimiser step').default(256),
    ...protocolFields,
  })
  .refine(...requireTenBeams);

export type TigerConfig = z.output<typeof tigerSchema>;

/**
 * TIGER (Rajput et al. 2023): the next item's Semantic ID is generated token by token from the tokens of the user and of
 * the most recent items. Batches of shape (rows, length) hold histories of at most `length` items:
 * `tokens` int32 and `present` float32 [rows, source], source = sourceLength(length), padded on the right;
 * `decoderTokens` and `labels` int32 [rows * targets, levels] and `weights` float32 [rows * targets], with
 * targets = length where the encoding is causal (target i follows item i), else 1; and its `allowedInputs`.
 */
export class Tiger implements SequentialModel {
  readonly config: TigerConfig;
  readonly t5: T5;
  readonly batches: CustomBatchKind;
  readonly side: readonly SideShape[];
  readonly constants?: Constants;

  constructor(config: TigerConfig, tokens: TokenLevels, side: readonly SideShape[] = []) {
    this.config = config;
    this.side = side;
    this.t5 = new T5(config, tokens);
    this.batches = { kind: 'custom', inputs: (shape) => this.inputs(shape) };
  }

  get parameters(): ParameterSpecs {
    return { ...this.t5.parameters, ...sideTables(this.side, this.config.dim) };
  }

  get levels(): number {
    return this.t5.levels;
  }

  get causal(): boolean {
    return this.config.encoding === 'causal';
  }

  /** A causal batch has about as many tokens in the decoder as in the encoder. */
  get tokensPerItem(): number {
    return this.levels * (this.causal ? 2 : 1);
  }

  get overheadTokens(): number {
    return 64;
  }

  get generation(): string {
    const { beams, decoding, samplingTemperature } = this.config;
    return `${beams} beams, ${decoding}${decoding === 'sample' ? ` at temperature ${samplingTemperature}` : ''}`;
  }

  lister(options: ListerOptions): Lister {
    return new BeamLister(this, this.config, options);
  }

  decoder(device: DeviceContext, shape: DecoderShape): CodeDecoder {
    return new CodeDecoder(this.t5, device, shape, {
      state: stateOf(this),
      inputs: this.sourceInputs(shape),
      masks: (inputs) => this.attentionMasks(inputs),
      encode: (state, inputs) =>
        this.encode(state, withConstants(this, state, inputs), this.attentionMasks(inputs)),
      queries: this.queries?.bind(this),
    });
  }

  /** The query vectors that items are scored against after the history, at length 1: [rows, dim], from the source's states. */
  queries?(states: Tensor, inputs: Tensors): Tensor;

  /** Positions of the source before its first item. */
  get #before(): number {
    return this.config.userTokens > 0 ? 1 : 0;
  }

  /** Positions from one item's first token to the next one's. */
  get #stride(): number {
    return this.t5.levels + (this.config.separator ? 1 : 0);
  }

  /** Tokens of the source of that many items. */
  sourceLength(items: number): number {
    const separators = this.config.separator ? Math.max(0, items - 1) : 0;
    return this.#before + items * this.t5.levels + separators;
  }

  /** Position of an item's first token in the source. */
  positionOf(item: number): number {
    return this.#before + item * this.#stride;
  }

  targets({ length }: BatchShape): number {
    return this.causal ? length : 1;
  }

  protected inputs(shape: BatchShape): Specs {
    const sequences = shape.rows * this.targets(shape);
    const { levels } = this.t5;
    return {
      ...this.sourceInputs(shape),
      decoderTokens: int32(sequences, levels),
      labels: int32(sequences, levels),
      weights: float32(sequences),
      ...this.allowedInputs(sequences),
    };
  }

  sourceInputs({ rows, length }: BatchShape): Specs {
    const source = this.sourceLength(length);
    const side = sideSpecs(this.side, { rows, length });
    return { tokens: int32(rows, source), present: float32(rows, source), ...side };
  }

  /** Further inputs where probabilities are over continuations: one a level, bool [sequences, codes]. */
  allowedInputs(sequences: number): Specs {
    if (this.config.softmax !== 'continuations') return {};
    const { sizes } = this.t5.tokens;
    return Object.fromEntries(sizes.map((size, level) => [allowedInput(level), bool(sequences, size)]));
  }

  randomInputs(shape: BatchShape): RandomInputs {
    return this.t5.masks(shape.rows, this.sourceLength(shape.length), this.targets(shape));
  }

  /** Number of the item that a position belongs to, from 1; 0 before the first item. A separator belongs to the next item. */
  #itemOf(position: number): number {
    const at = position - this.#before;
    return at < 0 ? 0 : Math.floor((at + this.#stride - this.t5.levels) / this.#stride) + 1;
  }

  /** Masks of the encoder, and of the decoder that predicts the item after the source. */
  attentionMasks({ present }: Tensors): AttentionMasks {
    const padding = paddingMask(present);
    return { encoder: this.#encoderMask(present) ?? padding, cross: padding };
  }

  /** Masks of a causal encoding: no item sees a later one, so none sees padding. */
  #encoderMask({ shape }: Tensor): Tensor | null {
    const source = shape[1] as number;
    if (!this.causal) return null;
    return maskWhere(source, source, (query, key) => this.#itemOf(key) > this.#itemOf(query));
  }

  /** The same for a training batch, where target i sees the items up to i. */
  #trainingMasks({ present }: Tensors, targets: number): AttentionMasks {
    if (!this.causal) return this.attentionMasks({ present });
    const { levels } = this.t5;
    const source = present.shape[1] as number;
    return {
      encoder: this.#encoderMask(present) as Tensor,
      cross: maskWhere(
        targets * levels,
        source,
        (query, key) => this.#itemOf(key) > Math.floor(query / levels) + 1,
      ),
    };
  }

  /** Vectors of the source before the first block: [rows, source, dim] */
  sourceVectors(parameters: Tensors, inputs: Tensors): Tensor {
    const tokens = this.t5.embed(parameters, inputs.tokens);
    const side = sideVectors(this.side, parameters, inputs);
    return side ? tf.add(tokens, this.#ofTokens(side)) : tokens;
  }

  /** What is of an item at each of its tokens, zeros elsewhere: [rows, length, dim] -> [rows, source, dim] */
  #ofTokens(ofItems: Tensor): Tensor {
    const [rows, length, dim] = ofItems.shape as [number, number, number];
    const { levels } = this.t5;
    const between = this.#stride - levels;
    const spread = tf.mul(tf.expandDims(ofItems, 2), tf.ones([1, 1, levels, 1]));
    const strides = tf.pad(spread, [
      [0, 0],
      [0, 0],
      [0, between],
      [0, 0],
    ]);
    const items = tf.reshape(strides, [rows, length * this.#stride, dim]);
    const inner = tf.slice(items, [0, 0, 0], [rows, length * this.#stride - between, dim]);
    return tf.pad(inner, [
      [0, 0],
      [this.#before, 0],
      [0, 0],
    ]);
  }

  /** States of the source, after the final norm: [rows, source, dim] */
  encode(parameters: Tensors, inputs: Tensors, masks: AttentionMasks): Tensor {
    return this.t5.encode(parameters, inputs, this.sourceVectors(parameters, inputs), masks);
  }

  loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    return this.lossOf(this.encoded(parameters, inputs, shape), parameters, inputs, shape);
  }

  /** The source's states in training. */
  protected encoded(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    return this.encode(parameters, inputs, this.#trainingMasks(inputs, this.targets(shape)));
  }

  /** The loss of the target's tokens, given the encoder's states. */
  protected lossOf(encoded: Tensor, parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor {
    const masks = this.#trainingMasks(inputs, this.targets(shape));
    const keys = this.t5.sourceKeys(parameters, encoded);
    const states = this.t5.decode(parameters, inputs, inputs.decoderTokens, keys, masks);
    const open = Object.keys(this.allowedInputs(0)).map((name) => inputs[name]);
    return this.t5.crossEntropy(parameters, states, inputs.labels, inputs.weights, open);
  }

  /**
   * The most probable token of each level given the true ones before it, int32 [rows, levels]: from `tokens`, `present`,
   * `decoderTokens` int32 [rows, levels], and its `allowedInputs`.
   */
  predictedTokens(parameters: Tensors, inputs: Tensors): Tensor {
    const best = this.levelLogits(parameters, inputs).map((logits, level) => {
      const { first } = this.t5.outputTokens(level);
      return tf.reshape(tf.add(tf.argMax(logits, 1), tf.scalar(first, 'int32')), [-1, 1]);
    });
    return tf.concat(best, 1);
  }

  levelLogits(parameters: Tensors, inputs: Tensors): Tensor[] {
    const masks = this.attentionMasks(inputs);
    const keys = this.t5.sourceKeys(parameters, this.encode(parameters, inputs, masks));
    const states = this.t5.decode(parameters, {}, inputs.decoderTokens, keys, masks);
    return Array.from({ length: this.levels }, (_, level) =>
      this.t5.logits(parameters, ofLevel(states, level), level, inputs[allowedInput(level)]),
    );
  }

  exported(catalogue: Catalogue): ListGraphs | { needed: string } {
    const constrained = this.config.decoding === 'constrained';
    return constrained && !catalogue.hidden
      ? this.searchGraphs(catalogue)
      : { needed: 'coldItems=0 and decoding=constrained' };
  }

  protected searchGraphs({ named, tokens: { levels } }: Catalogue): ListGraphs {
    const { maxLength, beams, separator } = this.config;
    return {
      listsBy: 'search',
      graphs: [this.encoderGraph(named), this.#decoderGraph()],
      facts: {
        history: { length: maxLength },
        source: { length: this.sourceLength(maxLength), separator: separator ? levels.separator : null },
        levels: levels.starts.map((_, level) => this.t5.outputTokens(level).first),
        search: { beams },
      },
    };
  }

  protected encoderGraph(_named: Int32Array): GraphPlan {
    return {
      file: 'encoder.onnx',
      programOf: (rows) => ({
        name: 'encoder',
        state: this.parameters,
        inputs: this.sourceInputs({ rows, length: this.config.maxLength }),
        run: (state, given) => ({
          outputs: { states: this.encode(state, given, this.attentionMasks(given)) },
        }),
      }),
    };
  }

  #decoderGraph(): GraphPlan {
    const { t5, levels } = this;
    const { maxLength, dim } = this.config;
    const outputs = Array.from({ length: levels }, (_, level) => `logits/${level}`);
    return {
      file: 'decoder.onnx',
      programOf: (rows) => ({
        name: 'decoder',
        state: this.parameters,
        inputs: {
          states: float32(rows, this.sourceLength(maxLength), dim),
          present: this.sourceInputs({ rows, length: maxLength }).present,
          decoderTokens: int32(rows, levels),
        },
        run: (state, given) => {
          const keys = t5.sourceKeys(state, given.states);
          const decoded = t5.decode(state, {}, given.decoderTokens, keys, this.attentionMasks(given));
          const logits = outputs.map((name, level) => [
            name,
            t5.logits(state, ofLevel(decoded, level), level),
          ]);
          return { outputs: Object.fromEntries(logits) };
        },
      }),
      meanings: Object.fromEntries(
        outputs.map((name, level) => [
          name,
          `of token ${level + 1} of an ID, from the ${level} before it; the first is that of token ${t5.outputTokens(level).first}`,
        ]),
      ),
    };
  }
}

/** The states of one level: [rows, levels, dim] -> [rows, dim] */
function ofLevel(states: Tensor, level: number): Tensor {
  const [rows, , dim] = states.shape as [number, number, number];
  return tf.reshape(tf.slice(states, [0, level, 0], [rows, 1, dim]), [rows, dim]);
}

export const tiger = generativeModel({
  id: 'tiger',
  title: 'TIGER',
  summary: 'Encoder and decoder over codes.',
  group: 'generative',
  paper: {
    title: 'Recommender Systems with Generative Retrieval',
    authors: 'Shashank Rajput, Nikhil Mehta, Anima Singh, and others',
    year: 2023,
    where: 'NeurIPS 2023, arXiv:2305.05065',
  },
  sources: { tokeniser: 'required' },
  essentials: ['tokeniser', 'encoderBlocks', 'decoderBlocks', 'dropout', 'epochs'],
  configSchema: tigerSchema,
  positionWork: (config) => t5Work(tigerSchema.parse(config)),
  build: (config, tokens, { side }) => new Tiger(config, tokens, side),
});
