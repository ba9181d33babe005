/** The encoder-decoder of T5 (Raffel et al. 2020, section 2.1) over the codes of Semantic IDs. */
import type { Tensor } from '@tensorflow/tfjs';
import { dropout, gatherRows, maskedRelu, type Tensors, takeAlongRows } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  type AttentionMasks,
  biasedAttention,
  bindMasks,
  bindTree,
  catalogueCrossEntropy,
  causalMask,
  dropoutMask,
  MASKED,
  mergeHeads,
  namedLeaves,
  ones,
  type ParameterSpecs,
  parameter,
  project,
  type RandomInputs,
  relativeBias,
  rmsNorm,
  splitHeads,
  type TensorTree,
} from '../../../layers/index.ts';
import type { TokenLevels } from '../code-tokens.ts';

export interface T5Config {
  /** Width of tokens and blocks. */
  dim: number;
  heads: number;
  headDim: number;
  ffnDim: number;
  encoderBlocks: number;
  decoderBlocks: number;
  /** Buckets of relative positions, and the distance from which on the last one is shared. */
  buckets: number;
  maxDistance: number;
  normEpsilon: number;
  /** Standard deviation of the initial token vectors. */
  embeddingStd: number;
  dropout: number;
  /** tied: the token table, the states scaled by dim^-0.5; separate: a table of its own. */
  head: 'tied' | 'separate';
  /** Probabilities are over all item tokens, over those of the level, or over those that continue the prefix in the catalogue. */
  softmax: 'vocabulary' | 'level' | 'continuations';
}

/** Keys and values of one attention: [rows, heads, source, headDim] for the source; `decodeNext` states its own shape. */
export interface Keys {
  key: Tensor;
  value: Tensor;
}

const normal = (std: number) => ({ kind: 'normal', std }) as const;

function attentionSpecs({ dim, heads, headDim }: T5Config) {
  const inner = heads * headDim;
  const matrix = (shape: [number, number], std: number) => ({ weight: parameter(shape, normal(std)) });
  return {
    norm: { scale: parameter([dim], ones) },
    query: matrix([dim, inner], (dim * headDim) ** -0.5),
    key: matrix([dim, inner], dim ** -0.5),
    value: matrix([dim, inner], dim ** -0.5),
    out: matrix([inner, dim], inner ** -0.5),
  };
}

/** Products at a token: of attention to itself in every block, to the source in those of the decoder, and of the feed-forward layers. */
export function t5Work({ dim, heads, headDim, ffnDim, encoderBlocks, decoderBlocks }: T5Config): number {
  const [attention, feedForward] = [4 * dim * heads * headDim, 2 * dim * ffnDim];
  return encoderBlocks * (attention + feedForward) + decoderBlocks * (2 * attention + feedForward);
}

function feedForwardSpecs({ dim, ffnDim }: T5Config) {
  return {
    norm: { scale: parameter([dim], ones) },
    in: { weight: parameter([dim, ffnDim], normal(dim ** -0.5)) },
    out: { weight: parameter([ffnDim, dim], normal(ffnDim ** -0.5)) },
  };
}

/** Initial values of the released code, except for the tokens: their scale replaces the scale of the scores. */
function parameterTree(config: T5Config, tokens: TokenLevels) {
  const { dim, heads, buckets, encoderBlocks, decoderBlocks, head, embeddingStd } = config;
  const table = (shape: [number, number], std: number) => ({
    ...parameter(shape, normal(std)),
    table: true as const,
  });
  const stack = <B>(length: number, block: B) => ({
    relativeBias: table([buckets, heads], dim ** -0.5),
    blocks: Array<B>(length).fill(block),
    finalNorm: { scale: parameter([dim], ones) },
  });
  const attention = attentionSpecs(config);
  const ffn = feedForwardSpecs(config);
  return {
    tokenEmbedding: table([tokens.inputs, dim], embeddingStd),
    encoder: stack(encoderBlocks, { self: attention, ffn }),
    decoder: stack(decoderBlocks, { self: attention, cross: attention, ffn }),
    head: head === 'separate' ? { weight: parameter([tokens.outputs, dim], normal(dim ** -0.5)) } : undefined,
  };
}

/** Dropout masks of a training step, where released T5 drops: embeddings, attention weights, sublayers, final states. */
function maskTree(config: T5Config, { rows, source, targets, levels }: MaskShape) {
  const { dropout: rate, dim, heads, ffnDim, encoderBlocks, decoderBlocks } = config;
  const stack = <B extends object>(length: number, [n, positions]: [number, number], cross: B) => {
    const mask = (width: number) => dropoutMask(rate, n, positions, width);
    const self = { weights: dropoutMask(rate, n, heads, positions, positions), out: mask(dim) };
    const block = { self, ...cross, ffn: { hidden: mask(ffnDim), out: mask(dim) } };
    return { embedding: mask(dim), blocks: Array<typeof block>(length).fill(block), final: mask(dim) };
  };
  const sequences = rows * targets;
  const cross = {
    weights: dropoutMask(rate, rows, heads, targets * levels, source),
    out: dropoutMask(rate, sequences, levels, dim),
  };
  return {
    encoder: stack(encoderBlocks, [rows, source], {}),
    decoder: stack(decoderBlocks, [sequences, levels], { cross }),
  };
}

interface MaskShape {
  rows: number;
  source: number;
  targets: number;
  levels: number;
}

type Attention = TensorTree<ReturnType<typeof attentionSpecs>>;
type FeedForward = TensorTree<ReturnType<typeof feedForwardSpecs>>;
type Masks = TensorTree<ReturnType<typeof maskTree>>;
type AttentionDropout = { weights: Tensor; out: Tensor };

/**
 * An item is `levels` tokens. Shapes: source tokens int32 [rows, source]; `targets` items are predicted from each row, so
 * that the decoder computes rows * targets sequences of `levels` tokens, those of a row side by side.
 */
export class T5 {
  readonly config: T5Config;
  readonly tokens: TokenLevels;
  readonly parameters: ParameterSpecs;
  readonly #tree: ReturnType<typeof parameterTree>;

  constructor(config: T5Config, tokens: TokenLevels) {
    this.config = config;
    this.tokens = tokens;
    this.#tree = parameterTree(config, tokens);
    this.parameters = namedLeaves(this.#tree);
  }

  get levels(): number {
    return this.tokens.sizes.length;
  }

  masks(rows: number, source: number, targets: number): RandomInputs {
    const { levels, config } = this;
    return config.dropout === 0
      ? {}
      : namedLeaves(maskTree(config, { rows, source, targets, levels }), 'mask');
  }

  /** The masks among the inputs, which bring their shapes. */
  #masks(inputs: Tensors): Masks | null {
    return bindMasks(maskTree(this.config, { rows: 1, source: 1, targets: 1, levels: 1 }), inputs, 'mask');
  }

  #bind(parameters: Tensors): TensorTree<ReturnType<typeof parameterTree>> {
    return bindTree(this.#tree, parameters);
  }

  #drop(x: Tensor, mask: Tensor | undefined): Tensor {
    return dropout(x, mask, this.config.dropout);
  }

  #norm(x: Tensor, { scale }: { scale: Tensor }): Tensor {
    return rmsNorm(x, scale, this.config.normEpsilon);
  }

  #heads(x: Tensor): Tensor {
    return splitHeads(x, this.config.heads);
  }

  /** The token vectors before the first block: tokens int32 [rows, length] -> [rows, length, dim] */
  embed(parameters: Tensors, tokens: Tensor): Tensor {
    return gatherRows(this.#bind(parameters).tokenEmbedding, tokens);
  }

  /** States of a source with these vectors, after the final norm: [rows, source, dim], as they are. */
  encode(parameters: Tensors, inputs: Tensors, vectors: Tensor, masks: AttentionMasks): Tensor {
    const p = this.#bind(parameters).encoder;
    const m = this.#masks(inputs)?.encoder;
    const length = vectors.shape[1] as number;
    const bias = this.#bias(p.relativeBias, length, length, true);
    let x = this.#drop(vectors, m?.embedding);
    for (const [index, block] of p.blocks.entries()) {
      const drop = m?.blocks[index];
      x = this.#self(x, block.self, drop?.self, { bias, attentionMask: masks.encoder }).x;
      x = this.#feedForward(x, block.ffn, drop?.ffn);
    }
    return this.#drop(this.#norm(x, p.finalNorm), m?.final);
  }

  #bias(table: Tensor, queries: number, keys: number, bidirectional: boolean): Tensor {
    const { buckets, maxDistance } = this.config;
    return relativeBias(table, queries, keys, { bidirectional, buckets, maxDistance });
  }

  /** x + dropout(attention of x to itself, and to `past` before it); its keys and values are [.., length, heads * headDim]. */
  #self(
    x: Tensor,
    p: Attention,
    m: AttentionDropout | undefined,
    options: { bias: Tensor; attentionMask?: Tensor },
    past?: Keys,
  ): { x: Tensor; keys: Keys } {
    const normed = this.#norm(x, p.norm);
    const [query, ownKey, ownValue] = [p.query, p.key, p.value].map((matrix) => project(normed, matrix));
    const key = past ? tf.concat([past.key, ownKey], 1) : ownKey;
    const value = past ? tf.concat([past.value, ownValue], 1) : ownValue;
    const attended = this.#attend(this.#heads(query), this.#heads(key), this.#heads(value), m, options);
    return { x: this.#added(x, attended, p, m), keys: { key, value } };
  }

  /** x [rows * targets, length, dim] reads the source of its row. */
  #cross(
    x: Tensor,
    p: Attention,
    m: AttentionDropout | undefined,
    keys: Keys,
    masks: AttentionMasks,
  ): Tensor {
    const byRow = tf.reshape(this.#norm(x, p.norm), [keys.key.shape[0], -1, this.config.dim]);
    const query = this.#heads(project(byRow, p.query));
    const attended = this.#attend(query, keys.key, keys.value, m, { attentionMask: masks.cross });
    return this.#added(x, attended, p, m);
  }

  #attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    m: AttentionDropout | undefined,
    { bias, attentionMask }: { bias?: Tensor; attentionMask?: Tensor },
  ): Tensor {
    const dropoutRate = this.config.dropout;
    return mergeHeads(
      biasedAttention(q, k, v, { bias, attentionMask, dropoutMask: m?.weights, dropoutRate }),
    );
  }

  /** x + dropout(gain * computed W_o), the end of every sublayer. computed [..., inner] has the rows of x. */
  #added(
    x: Tensor,
    computed: Tensor,
    p: { out: { weight: Tensor } },
    m: { out: Tensor } | undefined,
    gain = 1,
  ): Tensor {
    const out = tf.reshape(project(computed, p.out), x.shape);
    return tf.add(x, dropout(out, m?.out, this.config.dropout, gain));
  }

  #feedForward(x: Tensor, p: FeedForward, m: { hidden: Tensor; out: Tensor } | undefined): Tensor {
    const inner = project(this.#norm(x, p.norm), p.in);
    if (!m) return this.#added(x, tf.relu(inner), p, m);
    // One scale serves both dropouts: applied to the narrow output, it costs less than on the wide layer.
    const { dropout: rate } = this.config;
    return this.#added(x, maskedRelu(inner, m.hidden, rate), p, m, 1 / (1 - rate));
  }

  /** The source's keys and values for every block of the decoder, computed once. states [rows, source, dim] */
  sourceKeys(parameters: Tensors, states: Tensor): Keys[] {
    return this.#bind(parameters).decoder.blocks.map(({ cross }) => ({
      key: this.#heads(project(states, cross.key)),
      value: this.#heads(project(states, cross.value)),
    }));
  }

  /**
   * States that predict each token from those before it, ready for the head. tokens int32 [rows * targets, levels]: the
   * start token and all codes of the target but the last. Returns [rows * targets, levels, dim].
   */
  decode(
    parameters: Tensors,
    inputs: Tensors,
    tokens: Tensor,
    source: readonly Keys[],
    masks: AttentionMasks,
  ): Tensor {
    const { levels } = this;
    const p = this.#bind(parameters).decoder;
    const m = this.#masks(inputs)?.decoder;
    const bias = this.#bias(p.relativeBias, levels, levels, false);
    const attentionMask = causalMask(levels);
    let x = this.#drop(this.embed(parameters, tokens), m?.embedding);
    for (const [index, block] of p.blocks.entries()) {
      const drop = m?.blocks[index];
      x = this.#self(x, block.self, drop?.self, { bias, attentionMask }).x;
      x = this.#cross(x, block.cross, drop?.cross, source[index], masks);
      x = this.#feedForward(x, block.ffn, drop?.ffn);
    }
    return this.#finish(x, p, m?.final);
  }

  #finish(x: Tensor, p: { finalNorm: { scale: Tensor } }, mask?: Tensor): Tensor {
    const states = this.#drop(this.#norm(x, p.finalNorm), mask);
    return this.config.head === 'tied' ? tf.mul(states, this.config.dim ** -0.5) : states;
  }

  /**
   * One more token of every sequence: what `decode` gives at position `level`, from the keys and values of the positions
   * before it. token int32 [sequences]; past: by block, [sequences, level, heads * headDim] each, empty at level 0.
   * Returns the states [sequences, dim] and the keys and values with this position, [sequences, level + 1, ...].
   */
  decodeNext(
    parameters: Tensors,
    token: Tensor,
    past: readonly Keys[],
    source: readonly Keys[],
    masks: AttentionMasks,
  ): { states: Tensor; past: Keys[] } {
    const p = this.#bind(parameters).decoder;
    const sequences = token.shape[0];
    const level = past.length > 0 ? (past[0].key.shape[1] as number) : 0;
    const bias = this.#bias(p.relativeBias, 1, level + 1, false);
    let x = this.embed(parameters, tf.reshape(token, [sequences, 1]));
    const next: Keys[] = [];
    for (const [index, block] of p.blocks.entries()) {
      const attended = this.#self(x, block.self, undefined, { bias }, past[index]);
      next.push(attended.keys);
      x = this.#cross(attended.x, block.cross, undefined, source[index], masks);
      x = this.#feedForward(x, block.ffn, undefined);
    }
    return { states: tf.reshape(this.#finish(x, p), [sequences, this.config.dim]), past: next };
  }

  /** The rows of the head over which a level has probabilities: the first token and how many. */
  outputTokens(level: number): { first: number; count: number } {
    const { starts, sizes, outputs } = this.tokens;
    return this.config.softmax === 'vocabulary'
      ? { first: 0, count: outputs }
      : { first: starts[level], count: sizes[level] };
  }

  #headRows(parameters: Tensors, first: number, count: number): Tensor {
    const { head, tokenEmbedding } = this.#bind(parameters);
    return tf.slice(head?.weight ?? tokenEmbedding, [first, 0], [count, this.config.dim]);
  }

  /** Logits of a level's tokens (`outputTokens`): states [n, dim] -> [n, count]. Those that `open`, bool [n, count], leaves out are masked. */
  logits(parameters: Tensors, states: Tensor, level: number, open?: Tensor): Tensor {
    const { first, count } = this.outputTokens(level);
    const logits = tf.matMul(states, this.#headRows(parameters, first, count), false, true);
    return open ? tf.add(logits, tf.mul(tf.sub(1, tf.cast(open, 'float32')), MASKED)) : logits;
  }

  /**
   * Weighted mean cross-entropy of the targets' tokens: sum_n w_n mean_l -log p(token_nl). states [n, levels, dim], labels
   * int32 [n, levels], weights [n] -> scalar. `open`: by level bool [n, codes], the codes that continue each prefix, where
   * the probabilities are over these.
   */
  crossEntropy(
    parameters: Tensors,
    states: Tensor,
    labels: Tensor,
    weights: Tensor,
    open: readonly Tensor[] = [],
  ): Tensor {
    const { levels } = this;
    const { dim, softmax } = this.config;
    const n = states.shape[0];
    const shares = tf.div(weights, levels);
    if (softmax === 'vocabulary') {
      const ofTokens = tf.reshape(tf.tile(tf.reshape(shares, [n, 1]), [1, levels]), [n * levels]);
      const vectors = this.#headRows(parameters, 0, this.tokens.outputs);
      const flat = tf.reshape(states, [n * levels, dim]);
      return catalogueCrossEntropy(flat, vectors, tf.reshape(labels, [n * levels]), ofTokens);
    }
    const losses = Array.from({ length: levels }, (_, level) => {
      const { first, count } = this.outputTokens(level);
      const ofLevel = tf.reshape(tf.slice(states, [0, level, 0], [n, 1, dim]), [n, dim]);
      const tokens = tf.reshape(tf.slice(labels, [0, level], [n, 1]), [n]);
      // Rows without a target are labelled 0 and weigh nothing: any code will do.
      const codes = tf.maximum(tf.sub(tokens, tf.scalar(first, 'int32')), tf.scalar(0, 'int32'));
      if (softmax === 'continuations') {
        return crossEntropyOf(this.logits(parameters, ofLevel, level, open[level]), codes, shares);
      }
      return catalogueCrossEntropy(ofLevel, this.#headRows(parameters, first, count), codes, shares);
    });
    return losses.reduce((sum, loss) => tf.add(sum, loss));
  }
}

/** Weighted cross-entropy: logits [n, classes], classes int32 [n], weights [n] -> scalar. */
function crossEntropyOf(logits: Tensor, classes: Tensor, weights: Tensor): Tensor {
  const ofClass = takeAlongRows(tf.logSoftmax(logits), tf.reshape(classes, [-1, 1]));
  return tf.neg(tf.sum(tf.mul(tf.reshape(ofClass, [-1]), weights)));
}
