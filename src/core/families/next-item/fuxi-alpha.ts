import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { bool, dropout, rmsNormalize, silu, type Tensors } from '../../engine/index.ts';
import {
  causalMix,
  linear,
  mergeHeads,
  type ParameterSpec,
  parameter,
  pointwiseAttention,
  type RandomInputs,
  splitHeads,
  xavierUniform,
} from '../../layers/index.ts';
import { field } from '../../training/config.ts';
import type { BatchShape } from '../../training/step-model.ts';
import { beautyTraining, publishedTraining } from './causal-encoder.ts';
import type { DataSizes } from './next-item-model.ts';
import { trained } from './next-item-model.ts';
import { normal02, RelativeBiasModel, relativeFields } from './relative-bias.ts';

const RMS_EPSILON = 1e-6;
/** Positional, temporal, semantic. */
const CHANNELS = 3;

export const fuxiSchema = z.object({
  ...relativeFields,
  ffnMultiplier: field.whole('Width of the gated feed-forward layer, as a multiple of dim').default(1),
});

export type FuxiConfig = z.output<typeof fuxiSchema>;

/** FuXi-alpha (Ye et al. 2025): adaptive attention in three channels, then a feed-forward network in two stages. */
export class FuxiAlpha extends RelativeBiasModel<FuxiConfig> {
  constructor(config: FuxiConfig, sizes: DataSizes) {
    super(config, sizes, { times: config.targetTime });
  }

  protected blockTables(): Record<string, ParameterSpec> {
    const { dim, blocks, heads, dqk, dv, ffnMultiplier } = this.config;
    const [mixed, hidden] = [CHANNELS * heads * dv, ffnMultiplier * dim];
    const specs: Record<string, ParameterSpec> = {};
    for (let block = 0; block < blocks; block++) {
      const at = `blocks/${block}`;
      specs[`${at}/uvqk/weight`] = parameter([dim, mixed + heads * (dv + 2 * dqk)], normal02);
      specs[`${at}/time-bias`] = this.timeBiasTable();
      specs[`${at}/position-bias`] = this.positionBiasTable();
      specs[`${at}/out/weight`] = parameter([mixed, dim], xavierUniform);
      specs[`${at}/out/bias`] = parameter([dim], { kind: 'uniform', limit: 1 / Math.sqrt(mixed) });
      specs[`${at}/ffn/gate/weight`] = parameter([dim, hidden], xavierUniform);
      specs[`${at}/ffn/up/weight`] = parameter([dim, hidden], xavierUniform);
      specs[`${at}/ffn/down/weight`] = parameter([hidden, dim], xavierUniform);
    }
    return specs;
  }

  protected blockMasks(shape: BatchShape): RandomInputs {
    const { dim, blocks, heads, dv, dropout: rate } = this.config;
    const mask = (width: number) => ({
      kind: 'mask' as const,
      spec: bool(shape.rows, shape.length, width),
      rate,
    });
    return Object.fromEntries(
      Array.from({ length: blocks }, (_, block) => [
        [`mask/${block}/mixed`, mask(CHANNELS * heads * dv)],
        [`mask/${block}/ffn`, mask(dim)],
      ]).flat(),
    );
  }

  /** One block: z = x + W_0 (u * RMS(channels)) + b_0, x' = z + W_2 (SiLU(W_1 m) * W_3 m), m = RMS(z). */
  block(parameters: Tensors, inputs: Tensors, x: Tensor, index: number): Tensor {
    const { heads, dqk, dv, dropout: rate } = this.config;
    const p = (name: string) => parameters[`blocks/${index}/${name}`];
    const product = silu(linear(rmsNormalize(x, RMS_EPSILON), p('uvqk/weight')));
    const widths = [CHANNELS * dv, dv, dqk, dqk].map((width) => heads * width);
    const [u, v, q, k] = tf.split(product, widths, -1);
    const gated = tf.mul(u, rmsNormalize(this.#channels(parameters, inputs, q, k, v, index), RMS_EPSILON));
    const dropped = dropout(gated, inputs[`mask/${index}/mixed`], rate);
    const z = tf.add(x, linear(dropped, p('out/weight'), p('out/bias')));
    const m = dropout(rmsNormalize(z, RMS_EPSILON), inputs[`mask/${index}/ffn`], rate);
    const hidden = tf.mul(silu(linear(m, p('ffn/gate/weight'))), linear(m, p('ffn/up/weight')));
    return tf.add(z, linear(hidden, p('ffn/down/weight')));
  }

  /**
   * Values mixed by position, by time and by content: for each head the three side by side.
   * q, k [rows, length, heads * dqk], v [rows, length, heads * dv] -> [rows, length, heads * 3 * dv]
   */
  #channels(parameters: Tensors, inputs: Tensors, q: Tensor, k: Tensor, v: Tensor, index: number): Tensor {
    const { heads, dv } = this.config;
    const [rows, length, width] = v.shape as [number, number, number];
    const at = `blocks/${index}`;
    const times = this.timeMaps(parameters[`${at}/time-bias`], inputs, length);
    const positions = this.positionMaps(parameters[`${at}/position-bias`], inputs, length);
    // One map for all rows: their values stand side by side in one product.
    const sideBySide = tf.reshape(tf.transpose(v, [1, 0, 2]), [1, length, rows * width]);
    const byPosition = causalMix(
      positions.map((map) => tf.expandDims(map, 0)),
      sideBySide,
    );
    const byContent = pointwiseAttention(
      splitHeads(q, heads),
      splitHeads(k, heads),
      splitHeads(v, heads),
      [],
      this.normaliser,
    );
    const channels = [
      tf.transpose(tf.reshape(byPosition, [length, rows, width]), [1, 0, 2]),
      causalMix(times, v),
      mergeHeads(byContent),
    ].map((channel) => tf.reshape(channel, [rows, length, heads, 1, dv]));
    return tf.reshape(tf.concat(channels, 3), [rows, length, CHANNELS * width]);
  }
}

const ml1m = { ...publishedTraining, dim: 50, heads: 1, dqk: 50, dv: 50 };
const large1m = { ...ml1m, blocks: 8, heads: 2, dqk: 25, dv: 25 };
const ml20m = { ...publishedTraining, dim: 256, heads: 4, dqk: 64, dv: 64, ffnMultiplier: 4 };
const large20m = { ...ml20m, blocks: 8, heads: 8, dqk: 32, dv: 32 };

export const fuxiAlpha = trained({
  id: 'fuxi-alpha',
  title: 'FuXi-α',
  summary:
    'Attention in separate channels for content, position and time, with a gated feed-forward network.',
  group: 'attention',
  paper: {
    title: 'FuXi-α: Scaling Recommendation Model with Feature Interaction Enhanced Transformer',
    authors: 'Yufei Ye, Wei Guo, Jin Yao Chin, Hao Wang, Hong Zhu, and others',
    year: 2025,
    where: 'WWW 2025 Companion, arXiv:2502.03036',
  },
  configSchema: fuxiSchema,
  presets: {
    'ml-1m': { description: 'FuXi-α in its own table, MovieLens-1M', config: ml1m },
    'ml-1m-large': {
      description: 'FuXi-α-Large in its own table, MovieLens-1M: 8 blocks',
      config: large1m,
    },
    'ml-20m': { description: 'FuXi-α in its own table, MovieLens-20M', config: ml20m },
    'ml-20m-large': {
      description: 'FuXi-α-Large in its own table, MovieLens-20M: 8 blocks',
      config: large20m,
    },
    kuairand: { description: 'FuXi-α in its own table, KuaiRand', config: ml1m },
    'kuairand-large': {
      description: 'FuXi-α-Large in its own table, KuaiRand: 8 blocks; heads as on MovieLens-1M',
      config: large1m,
    },
    beauty: {
      description: 'Amazon Beauty, full softmax; the settings tuned here for SASRec',
      config: { ...beautyTraining, heads: 2, dqk: 32, dv: 32 },
    },
  },
  build: (config, sizes) => new FuxiAlpha(config, sizes),
});
