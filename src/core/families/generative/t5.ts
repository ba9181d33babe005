/** The encoder-decoder of T5 (Raffel et al. 2020, section 2.1) over the codes of Semantic IDs. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { bool, dropout, gatherRows, rmsNormalize, type Tensors, takeAlongRows } from '../../engine/index.ts';
import {
  type AttentionMasks,
  biasedAttention,
  catalogueCrossEntropy,
  causalMask,
  linear,
  MASKED,
  mergeHeads,
  ones,
  type ParameterSpec,
  parameter,
  type RandomInput,
  type RandomInputs,
  relativeBias,
  splitHeads,
} from '../../layers/index.ts';
import type { TokenLevels } from './code-tokens.ts';

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

/** Keys and values of the source for every block of the decoder: each [rows, heads, source, headDim]. */
export type SourceKeys = { key: Tensor; value: Tensor }[];

/**
 * An item is `levels` tokens. Shapes: source tokens int32 [rows, source]; `targets` items are predicted from each row, so
 * that the decoder computes rows * targets sequences of `levels` tokens, those of a row side by side.
 */
export class T5 {
  readonly config: T5Config;
  readonly tokens: TokenLevels;
  readonly parameters: Record<string, ParameterSpec>;

  constructor(config: T5Config, tokens: TokenLevels) {
    this.config = config;
    this.tokens = tokens;
    this.parameters = this.#parameters();
  }

  get levels(): number {
    return this.tokens.sizes.length;
  }

  /** Initial values as in the released code, but for the tokens: their scale stands in for that of the scores. */
  #parameters(): Record<string, ParameterSpec> {
    const { dim, heads, buckets, encoderBlocks, decoderBlocks, head, embeddingStd } = this.config;
    const normal = (std: number) => ({ kind: 'normal' as const, std });
    const specs: Record<string, ParameterSpec> = {
      'token-embedding': parameter([this.tokens.inputs, dim], normal(embeddingStd)),
    };
    for (const [stack, blocks] of [
      ['encoder', encoderBlocks],
      ['decoder', decoderBlocks],
    ] as const) {
      specs[`${stack}/relative-bias`] = parameter([buckets, heads], normal(dim ** -0.5));
      for (let block = 0; block < blocks; block++) {
        const at = `${stack}/blocks/${block}`;
        Object.assign(specs, this.#attentionTables(`${at}/self`));
        if (stack === 'decoder') Object.assign(specs, this.#attentionTables(`${at}/cross`));
        Object.assign(specs, this.#feedForwardTables(`${at}/ffn`));
      }
      specs[`${stack}/final-norm/scale`] = parameter([dim], ones);
    }
    if (head === 'separate') {
      specs['head/weight'] = parameter([this.tokens.outputs, dim], normal(dim ** -0.5));
    }
    return specs;
  }

  #attentionTables(at: string): Record<string, ParameterSpec> {
    const { dim, heads, headDim } = this.config;
    const inner = heads * headDim;
    const table = (shape: [number, number], std: number) => parameter(shape, { kind: 'normal', std });
    return {
      [`${at}/norm/scale`]: parameter([dim], ones),
      [`${at}/query/weight`]: table([dim, inner], (dim * headDim) ** -0.5),
      [`${at}/key/weight`]: table([dim, inner], dim ** -0.5),
      [`${at}/value/weight`]: table([dim, inner], dim ** -0.5),
      [`${at}/out/weight`]: table([inner, dim], inner ** -0.5),
    };
  }

  #feedForwardTables(at: string): Record<string, ParameterSpec> {
    const { dim, ffnDim } = this.config;
    return {
      [`${at}/norm/scale`]: parameter([dim], ones),
      [`${at}/in/weight`]: parameter([dim, ffnDim], { kind: 'normal', std: dim ** -0.5 }),
      [`${at}/out/weight`]: parameter([ffnDim, dim], { kind: 'normal', std: ffnDim ** -0.5 }),
    };
  }

  /** Dropout masks of a training step, where released T5 drops: embeddings, attention weights, sublayers, final states. */
  masks(rows: number, source: number, targets: number): RandomInputs {
    const { dropout: rate, dim, heads, ffnDim, encoderBlocks, decoderBlocks } = this.config;
    if (rate === 0) return {};
    const { levels } = this;
    const inputs: Record<string, RandomInput> = {};
    const add = (name: string, ...shape: number[]) => {
      inputs[`mask/${name}`] = { kind: 'mask', spec: bool(...shape), rate };
    };
    const sequences = rows * targets;
    for (const [stack, blocks, width] of [
      ['encoder', encoderBlocks, [rows, source]],
      ['decoder', decoderBlocks, [sequences, levels]],
    ] as const) {
      add(`${stack}/embedding`, ...width, dim);
      for (let block = 0; block < blocks; block++) {
        const at = `${stack}/blocks/${block}`;
        add(`${at}/self/weights`, width[0], heads, width[1], width[1]);
        add(`${at}/self/out`, ...width, dim);
        if (stack === 'decoder') {
          add(`${at}/cross/weights`, rows, heads, targets * levels, source);
          add(`${at}/cross/out`, ...width, dim);
        }
        add(`${at}/ffn/hidden`, ...width, ffnDim);
        add(`${at}/ffn/out`, ...width, dim);
      }
      add(`${stack}/final`, ...width, dim);
    }
    return inputs;
  }

  #dropped(x: Tensor, inputs: Tensors, name: string): Tensor {
    return dropout(x, inputs[`mask/${name}`], this.config.dropout);
  }

  #norm(x: Tensor, scale: Tensor): Tensor {
    return tf.mul(rmsNormalize(x, this.config.normEpsilon), scale);
  }

  #heads(x: Tensor, weight: Tensor): Tensor {
    return splitHeads(linear(x, weight), this.config.heads);
  }

  /** The token vectors before the first block: tokens int32 [rows, length] -> [rows, length, dim] */
  embed(parameters: Tensors, tokens: Tensor): Tensor {
    return gatherRows(parameters['token-embedding'], tokens);
  }

  /** States of the source, after the final norm: [rows, source, dim] */
  encode(parameters: Tensors, inputs: Tensors, tokens: Tensor, sight: AttentionMasks): Tensor {
    const { encoderBlocks, buckets, maxDistance } = this.config;
    const length = tokens.shape[1] as number;
    const bias = relativeBias(parameters['encoder/relative-bias'], length, length, {
      bidirectional: true,
      buckets,
      maxDistance,
    });
    let x = this.#dropped(this.embed(parameters, tokens), inputs, 'encoder/embedding');
    for (let block = 0; block < encoderBlocks; block++) {
      const at = `encoder/blocks/${block}`;
      const normal = this.#norm(x, parameters[`${at}/self/norm/scale`]);
      const [q, k, v] = ['query', 'key', 'value'].map((name) =>
        this.#heads(normal, parameters[`${at}/self/${name}/weight`]),
      );
      const attended = this.#attend(inputs, `${at}/self`, q, k, v, { bias, closed: sight.encoder });
      x = this.#added(parameters, inputs, `${at}/self`, x, mergeHeads(attended));
      x = this.#feedForward(parameters, inputs, at, x);
    }
    const states = this.#norm(x, parameters['encoder/final-norm/scale']);
    return this.#dropped(states, inputs, 'encoder/final');
  }

  #attend(
    inputs: Tensors,
    at: string,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    options: { bias?: Tensor; closed?: Tensor },
  ): Tensor {
    const mask = inputs[`mask/${at}/weights`];
    return biasedAttention(q, k, v, { ...options, mask, dropoutRate: this.config.dropout });
  }

  /** x + dropout(attended W_o): attended [..., heads * headDim], in x's rows. */
  #added(parameters: Tensors, inputs: Tensors, at: string, x: Tensor, attended: Tensor): Tensor {
    const out = tf.reshape(linear(attended, parameters[`${at}/out/weight`]), x.shape);
    return tf.add(x, this.#dropped(out, inputs, `${at}/out`));
  }

  #feedForward(parameters: Tensors, inputs: Tensors, at: string, x: Tensor): Tensor {
    const normal = this.#norm(x, parameters[`${at}/ffn/norm/scale`]);
    const hidden = tf.relu(linear(normal, parameters[`${at}/ffn/in/weight`]));
    const dropped = this.#dropped(hidden, inputs, `${at}/ffn/hidden`);
    return this.#added(parameters, inputs, `${at}/ffn`, x, dropped);
  }

  /** What the decoder reads of the source, computed once. states [rows, source, dim] */
  sourceKeys(parameters: Tensors, states: Tensor): SourceKeys {
    return Array.from({ length: this.config.decoderBlocks }, (_, block) => {
      const at = `decoder/blocks/${block}/cross`;
      return {
        key: this.#heads(states, parameters[`${at}/key/weight`]),
        value: this.#heads(states, parameters[`${at}/value/weight`]),
      };
    });
  }

  /**
   * States that predict each token from those before it, ready for the head. tokens int32 [rows * targets, levels]: the
   * start token and all codes of the target but the last. Returns [rows * targets, levels, dim].
   */
  decode(
    parameters: Tensors,
    inputs: Tensors,
    tokens: Tensor,
    source: SourceKeys,
    sight: AttentionMasks,
  ): Tensor {
    const { levels } = this;
    const bias = this.#decoderBias(parameters, levels, levels);
    const closed = causalMask(levels);
    let x = this.#dropped(this.embed(parameters, tokens), inputs, 'decoder/embedding');
    for (let block = 0; block < this.config.decoderBlocks; block++) {
      const at = `decoder/blocks/${block}`;
      const normal = this.#norm(x, parameters[`${at}/self/norm/scale`]);
      const [q, k, v] = ['query', 'key', 'value'].map((name) =>
        this.#heads(normal, parameters[`${at}/self/${name}/weight`]),
      );
      const attended = this.#attend(inputs, `${at}/self`, q, k, v, { bias, closed });
      x = this.#added(parameters, inputs, `${at}/self`, x, mergeHeads(attended));
      x = this.#crossAttention(parameters, inputs, block, x, source[block], sight);
      x = this.#feedForward(parameters, inputs, at, x);
    }
    return this.#finished(parameters, inputs, x);
  }

  /** x [rows * targets, length, dim] reads the source of its row. */
  #crossAttention(
    parameters: Tensors,
    inputs: Tensors,
    block: number,
    x: Tensor,
    { key, value }: SourceKeys[number],
    sight: AttentionMasks,
  ): Tensor {
    const at = `decoder/blocks/${block}/cross`;
    const normal = this.#norm(x, parameters[`${at}/norm/scale`]);
    const byRow = tf.reshape(normal, [key.shape[0], -1, this.config.dim]);
    const query = this.#heads(byRow, parameters[`${at}/query/weight`]);
    const attended = this.#attend(inputs, at, query, key, value, { closed: sight.cross });
    return this.#added(parameters, inputs, at, x, mergeHeads(attended));
  }

  #decoderBias(parameters: Tensors, queries: number, keys: number): Tensor {
    const { buckets, maxDistance } = this.config;
    const options = { bidirectional: false, buckets, maxDistance };
    return relativeBias(parameters['decoder/relative-bias'], queries, keys, options);
  }

  #finished(parameters: Tensors, inputs: Tensors, x: Tensor): Tensor {
    const normal = this.#norm(x, parameters['decoder/final-norm/scale']);
    const states = this.#dropped(normal, inputs, 'decoder/final');
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
    past: SourceKeys,
    source: SourceKeys,
    sight: AttentionMasks,
  ): { states: Tensor; past: SourceKeys } {
    const { heads, dim } = this.config;
    const sequences = token.shape[0];
    const level = past.length > 0 ? (past[0].key.shape[1] as number) : 0;
    const bias = this.#decoderBias(parameters, 1, level + 1);
    let x = this.embed(parameters, tf.reshape(token, [sequences, 1]));
    const next: SourceKeys = [];
    for (let block = 0; block < this.config.decoderBlocks; block++) {
      const at = `decoder/blocks/${block}`;
      const normal = this.#norm(x, parameters[`${at}/self/norm/scale`]);
      const [query, newKey, newValue] = ['query', 'key', 'value'].map((name) =>
        linear(normal, parameters[`${at}/self/${name}/weight`]),
      );
      const key = level === 0 ? newKey : tf.concat([past[block].key, newKey], 1);
      const value = level === 0 ? newValue : tf.concat([past[block].value, newValue], 1);
      next.push({ key, value });
      const [q, k, v] = [query, key, value].map((part) => splitHeads(part, heads));
      const attended = biasedAttention(q, k, v, { bias });
      x = this.#added(parameters, {}, `${at}/self`, x, mergeHeads(attended));
      x = this.#crossAttention(parameters, {}, block, x, source[block], sight);
      x = this.#feedForward(parameters, {}, at, x);
    }
    return { states: tf.reshape(this.#finished(parameters, {}, x), [sequences, dim]), past: next };
  }

  /** The rows of the head that a level's probabilities are over: the first token and how many. */
  outputTokens(level: number): { first: number; count: number } {
    const { starts, sizes, outputs } = this.tokens;
    return this.config.softmax === 'vocabulary'
      ? { first: 0, count: outputs }
      : { first: starts[level], count: sizes[level] };
  }

  #headRows(parameters: Tensors, first: number, count: number): Tensor {
    const table = this.config.head === 'tied' ? parameters['token-embedding'] : parameters['head/weight'];
    return tf.slice(table, [first, 0], [count, this.config.dim]);
  }

  /** Logits of a level's tokens (`outputTokens`), closed but where `open` bool [n, count]: states [n, dim] -> [n, count] */
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
