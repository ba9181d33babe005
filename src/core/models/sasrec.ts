import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import {
  bool,
  dropout,
  gatherRows,
  int32,
  l2Normalize,
  type Tensors,
  takeAlongRows,
} from '../engine/index.ts';
import {
  attentionMasks,
  catalogueCrossEntropy,
  causalAttention,
  firstClassCrossEntropy,
  layerNorm,
  linear,
  negativeLogSigmoid,
  ones,
  type ParameterSpec,
  parameter,
  type RandomInput,
  type RandomInputs,
  sharedNegativesCrossEntropy,
  xavierNormal,
  xavierUniform,
  zeros,
} from '../layers/index.ts';
import { field, protocolFields, trainingFields } from './config.ts';
import type { BatchShape, DataSizes, ModelDefinition, TrainableModel } from './types.ts';

const LAYER_NORM_EPSILON = 1e-8;
const L2_EPSILON = 1e-6;

export const sasrecSchema = z
  .object({
    dim: field.whole('Width of item vectors and blocks').default(64),
    blocks: field.whole('Transformer blocks').default(2),
    heads: field.whole('Attention heads; must divide dim').default(2),
    ffnDim: field.natural('Width of the feed-forward layer; 0 takes dim').default(0),
    maxLength: field.whole('Most recent interactions the model sees').default(50),
    positions: z
      .enum(['from-start', 'from-end'])
      .describe('Position 0 is the oldest interaction, or the most recent one')
      .default('from-start'),
    dropout: field
      .fraction('Rate after the embedding, on attention weights and in the feed-forward layer')
      .default(0.2),
    affineNorms: z.boolean().describe('Layer norms have scale and shift').default(false),
    finalNorm: z.boolean().describe('Layer norm after the last block').default(false),
    outputProjection: z.boolean().describe('Linear layer after the heads').default(true),
    l2Normalize: z.boolean().describe('Scores are cosines').default(true),
    temperature: field.positive('Scores are divided by it in the softmax losses').default(0.05),
    loss: z
      .enum(['sampled-softmax', 'full-softmax', 'bce'])
      .describe(
        'Softmax over sampled items or over all, or binary cross-entropy with one negative a position',
      )
      .default('sampled-softmax'),
    negatives: field.whole('Negatives of the sampled softmax').default(128),
    negativeSharing: z
      .enum(['position', 'batch'])
      .describe('Fresh negatives for every position, or one set for all positions computed together')
      .default('position'),
    ...trainingFields,
    ...protocolFields,
  })
  .refine(({ dim, heads }) => dim % heads === 0, {
    path: ['heads'],
    message: 'heads must divide dim',
  });

export type SasRecConfig = z.output<typeof sasrecSchema>;

const original = {
  dim: 50,
  heads: 1,
  maxLength: 200,
  positions: 'from-end',
  dropout: 0.2,
  affineNorms: true,
  finalNorm: true,
  outputProjection: false,
  l2Normalize: false,
  temperature: 1,
  loss: 'bce',
  optimiser: 'adam',
  epochs: 201,
};

const generative = { optimiser: 'adamw', epochs: 101, maxLength: 200, patience: 0 };

/** Self-Attentive Sequential Recommendation. Both the original and the variant of the published tables. */
export class SasRec implements TrainableModel {
  readonly batches: { kind: 'sequences'; maxLength: number };
  readonly parameters: Record<string, ParameterSpec>;
  readonly #config: SasRecConfig;
  readonly #items: number;
  readonly #ffnDim: number;

  constructor(config: SasRecConfig, { items }: DataSizes) {
    this.#config = config;
    this.#items = items;
    this.#ffnDim = config.ffnDim || config.dim;
    this.batches = { kind: 'sequences' as const, maxLength: config.maxLength };
    this.parameters = this.#describeParameters();
  }

  #describeParameters(): Record<string, ParameterSpec> {
    const { dim, blocks, maxLength, affineNorms, finalNorm, outputProjection } = this.#config;
    const width = this.#ffnDim;
    const specs: Record<string, ParameterSpec> = {
      'item-embedding': parameter([this.#items + 1, dim], { kind: 'truncated-normal', std: 0.02 }),
      'position-embedding': parameter([maxLength, dim], {
        kind: 'truncated-normal',
        std: 1 / Math.sqrt(dim),
      }),
    };
    const norm = (name: string) => {
      specs[`${name}/scale`] = parameter([dim], ones);
      specs[`${name}/shift`] = parameter([dim], zeros);
    };
    for (let block = 0; block < blocks; block++) {
      const at = `blocks/${block}`;
      specs[`${at}/qkv/weight`] = parameter([dim, 3 * dim], xavierNormal);
      specs[`${at}/qkv/bias`] = parameter([3 * dim], zeros);
      if (outputProjection) {
        specs[`${at}/out/weight`] = parameter([dim, dim], xavierNormal);
        specs[`${at}/out/bias`] = parameter([dim], zeros);
      }
      specs[`${at}/ffn/0/weight`] = parameter([dim, width], xavierUniform);
      specs[`${at}/ffn/0/bias`] = parameter([width], zeros);
      specs[`${at}/ffn/1/weight`] = parameter([width, dim], xavierUniform);
      specs[`${at}/ffn/1/bias`] = parameter([dim], zeros);
      if (affineNorms) for (const name of ['norm/0', 'norm/1']) norm(`${at}/${name}`);
    }
    if (finalNorm) norm('final-norm');
    return specs;
  }

  randomInputs(shape: BatchShape): RandomInputs {
    return { ...this.#masks(shape), ...this.#negatives(shape) };
  }

  #masks({ rows, length }: BatchShape): RandomInputs {
    const { dim, blocks, heads, dropout: rate } = this.#config;
    if (rate === 0) return {};
    const mask = (width: number): RandomInput => ({ kind: 'mask', spec: bool(rows, length, width), rate });
    const inputs: Record<string, RandomInput> = { 'mask/embedding': mask(dim) };
    for (let block = 0; block < blocks; block++) {
      Object.assign(inputs, attentionMasks(`mask/${block}/attention`, rows, heads, length, rate));
      inputs[`mask/${block}/ffn/0`] = mask(this.#ffnDim);
      inputs[`mask/${block}/ffn/1`] = mask(dim);
    }
    return inputs;
  }

  #negatives({ rows, length }: BatchShape): RandomInputs {
    const { loss, negatives, negativeSharing } = this.#config;
    const range = { low: 0, high: this.#items };
    if (loss === 'full-softmax') return {};
    if (loss === 'bce')
      return { negatives: { kind: 'user-integers', spec: int32(rows, length, 1), ...range } };
    return negativeSharing === 'batch'
      ? { negatives: { kind: 'integers', spec: int32(negatives), ...range } }
      : { negatives: { kind: 'user-integers', spec: int32(rows, length, negatives), ...range } };
  }

  /** x_0 = sqrt(dim) E[id] + P[position], then dropout. ids int32 [rows, length] -> [rows, length, dim] */
  embed(parameters: Tensors, inputs: Tensors): Tensor {
    const { dim, dropout: rate } = this.#config;
    const [rows, length] = inputs.ids.shape as [number, number];
    const items = tf.mul(gatherRows(parameters['item-embedding'], inputs.ids), Math.sqrt(dim));
    const positions = this.#positions(parameters['position-embedding'], inputs.lengths, length);
    const real = tf.cast(tf.notEqual(inputs.ids, tf.scalar(0, 'int32')), 'float32');
    const x = dropout(tf.add(items, positions), inputs['mask/embedding'], rate);
    return tf.mul(x, tf.reshape(real, [rows, length, 1]));
  }

  /** Position vectors, [length, dim] or [rows, length, dim]. lengths int32 [rows] */
  #positions(table: Tensor, lengths: Tensor, length: number): Tensor {
    const { dim, maxLength, positions } = this.#config;
    if (positions === 'from-start') return tf.slice(table, [0, 0], [length, dim]);
    const columns = tf.tensor(
      Int32Array.from({ length }, (_, i) => i + maxLength),
      [1, length],
      'int32',
    );
    const fromEnd = tf.sub(columns, tf.reshape(lengths, [-1, 1]));
    // Padding comes after the most recent item; it is masked, so any valid row will do.
    return gatherRows(table, tf.minimum(fromEnd, tf.scalar(maxLength - 1, 'int32')));
  }

  /** One block: Q = LN(x), K = V = x; h = Q + attention; x' = LN(h) + FFN(LN(h)). x [rows, length, dim] */
  block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { dropout: rate } = this.#config;
    const at = `blocks/${index}`;
    const p = (name: string): Tensor | undefined => parameters[`${at}/${name}`];
    const normed = layerNorm(x, LAYER_NORM_EPSILON, p('norm/0/scale'), p('norm/0/shift'));
    const attended = this.#attend(parameters, inputs, normed, x, index);
    const h = layerNorm(tf.add(normed, attended), LAYER_NORM_EPSILON, p('norm/1/scale'), p('norm/1/shift'));
    const hidden = tf.relu(linear(h, parameters[`${at}/ffn/0/weight`], parameters[`${at}/ffn/0/bias`]));
    const dropped = dropout(hidden, inputs[`mask/${index}/ffn/0`], rate);
    const out = linear(dropped, parameters[`${at}/ffn/1/weight`], parameters[`${at}/ffn/1/bias`]);
    const sum = tf.add(h, dropout(out, inputs[`mask/${index}/ffn/1`], rate));
    const real = tf.cast(tf.notEqual(inputs.ids, tf.scalar(0, 'int32')), 'float32');
    return tf.mul(sum, tf.expandDims(real, -1));
  }

  #attend(parameters: Tensors, inputs: Tensors, query: Tensor, x: Tensor, index: number): Tensor {
    const { dim, heads, dropout: rate } = this.#config;
    const at = `blocks/${index}`;
    const [rows, length] = x.shape as [number, number];
    const [queryWeight, pairWeight] = tf.split(parameters[`${at}/qkv/weight`], [dim, 2 * dim], 1);
    const [queryBias, pairBias] = tf.split(parameters[`${at}/qkv/bias`], [dim, 2 * dim]);
    const byHead = (t: Tensor, parts: number) =>
      tf.transpose(tf.reshape(t, [rows, length, parts, heads, dim / heads]), [2, 0, 3, 1, 4]);
    const shape = [rows, heads, length, dim / heads];
    const q = tf.reshape(byHead(linear(query, queryWeight, queryBias), 1), shape);
    const [k, v] = tf
      .split(byHead(linear(x, pairWeight, pairBias), 2), 2, 0)
      .map((part) => tf.reshape(part, shape));
    const masks = Object.keys(inputs)
      .filter((name) => name.startsWith(`mask/${index}/attention/`))
      .map((name) => inputs[name]);
    const output = causalAttention(q, k, v, masks, rate);
    const merged = tf.reshape(tf.transpose(output, [0, 2, 1, 3]), [rows, length, dim]);
    const weight = parameters[`${at}/out/weight`];
    return weight ? linear(merged, weight, parameters[`${at}/out/bias`]) : merged;
  }

  /** States of every position: [rows, length, dim]. */
  encode(parameters: Tensors, inputs: Tensors): Tensor {
    const { blocks, finalNorm, l2Normalize: cosine } = this.#config;
    let x = this.embed(parameters, inputs);
    for (let index = 0; index < blocks; index++) x = this.block(parameters, inputs, x, index);
    if (finalNorm) {
      const [scale, shift] = [parameters['final-norm/scale'], parameters['final-norm/shift']];
      x = layerNorm(x, LAYER_NORM_EPSILON, scale, shift);
    }
    return cosine ? l2Normalize(x, L2_EPSILON) : x;
  }

  /** What states are multiplied with: [items, dim]. */
  itemVectors(parameters: Tensors): Tensor {
    const table = tf.slice(parameters['item-embedding'], [1, 0], [this.#items, this.#config.dim]);
    return this.#config.l2Normalize ? l2Normalize(table, L2_EPSILON) : table;
  }

  loss(parameters: Tensors, inputs: Tensors, { rows, length }: BatchShape): Tensor {
    const { dim, temperature, loss, negativeSharing } = this.#config;
    const tokens = rows * length;
    const states = tf.reshape(this.encode(parameters, inputs), [tokens, dim]);
    const vectors = this.itemVectors(parameters);
    const targets = tf.reshape(inputs.targets, [tokens]);
    const weights = tf.reshape(inputs.weights, [tokens]);
    if (loss === 'bce') return this.#binaryLoss(states, vectors, targets, inputs.negatives, weights);
    const scaled = temperature === 1 ? states : tf.div(states, temperature);
    if (loss === 'full-softmax') return catalogueCrossEntropy(scaled, vectors, targets, weights);
    if (negativeSharing === 'batch') {
      return sharedNegativesCrossEntropy(scaled, vectors, targets, inputs.negatives, weights);
    }
    return firstClassCrossEntropy(this.sampledLogits(scaled, vectors, targets, inputs.negatives), weights);
  }

  /** [tokens, 1 + negatives], the positive first; a negative equal to its positive gets -5e4. */
  sampledLogits(states: Tensor, vectors: Tensor, targets: Tensor, negatives: Tensor): Tensor {
    const tokens = states.shape[0];
    const all = tf.matMul(states, vectors, false, true);
    const positives = tf.reshape(targets, [tokens, 1]);
    const drawn = tf.reshape(negatives, [tokens, -1]);
    const logits = takeAlongRows(all, tf.concat([positives, drawn], 1));
    const same = tf.cast(tf.equal(drawn, positives), 'float32');
    const masked = tf.concat([tf.zeros([tokens, 1]), same], 1);
    return tf.add(tf.mul(logits, tf.sub(tf.scalar(1), masked)), tf.mul(masked, -5e4));
  }

  #binaryLoss(states: Tensor, vectors: Tensor, targets: Tensor, negatives: Tensor, weights: Tensor): Tensor {
    const score = (ids: Tensor) => tf.sum(tf.mul(states, gatherRows(vectors, ids)), -1);
    const positive = negativeLogSigmoid(score(targets), weights);
    const negative = negativeLogSigmoid(tf.neg(score(tf.reshape(negatives, [-1]))), weights);
    return tf.add(positive, negative);
  }

  scores(parameters: Tensors, inputs: Tensors, { rows, length }: BatchShape): Tensor {
    const { dim } = this.#config;
    const states = tf.reshape(this.encode(parameters, inputs), [rows * length, dim]);
    const before = tf.tensor(
      Int32Array.from({ length: rows }, (_, row) => row * length - 1),
      [rows],
      'int32',
    );
    const query = tf.gather(states, tf.add(before, inputs.lengths));
    return tf.matMul(query, this.itemVectors(parameters), false, true);
  }
}

export const sasrec: ModelDefinition = {
  id: 'sasrec',
  title: 'SASRec',
  summary: 'Causal self-attention over the history of item ids.',
  task: 'next-item',
  kind: 'trained',
  paper: {
    title: 'Self-Attentive Sequential Recommendation',
    authors: 'Wang-Cheng Kang, Julian McAuley',
    year: 2018,
    where: 'ICDM 2018, arXiv:1808.09781',
  },
  configSchema: sasrecSchema,
  presets: {
    original: { description: 'As published, dense data such as MovieLens-1M', config: original },
    'original-sparse': {
      description: 'As published, sparse data such as Amazon',
      config: { ...original, maxLength: 50, dropout: 0.5 },
    },
    'ml-1m': {
      description: 'The variant of the HSTU and FuXi-alpha tables, MovieLens-1M',
      config: { ...generative, dim: 50, heads: 1 },
    },
    'ml-20m': {
      description: 'The variant of the HSTU and FuXi-alpha tables, MovieLens-20M',
      config: { ...generative, dim: 256, blocks: 4, heads: 4 },
    },
    books: {
      description: 'The variant of the HSTU table, Amazon Books',
      config: {
        ...generative,
        epochs: 201,
        maxLength: 50,
        blocks: 4,
        heads: 4,
        dropout: 0.5,
        negatives: 512,
      },
    },
    beauty: {
      description: 'Amazon Beauty, full softmax; tuned here on the validation items',
      config: { loss: 'full-softmax', dropout: 0.5, epochs: 60, patience: 8 },
    },
  },
  build: (config, sizes) => new SasRec(sasrecSchema.parse(config), sizes),
};
