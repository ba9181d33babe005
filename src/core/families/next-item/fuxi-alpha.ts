import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, rmsNormalize, silu } from '../../engine/index.ts';
import {
  biasMaps,
  causalMix,
  dropoutMask,
  type Layer,
  layer,
  linearSpecs,
  mergeHeads,
  normal02,
  parameter,
  pointwiseAttention,
  positionBiasTable,
  project,
  type RelativeMaps,
  splitHeads,
  timeBiasTable,
  xavierUniform,
} from '../../layers/index.ts';
import { field } from '../../training/config.ts';
import { beautyTraining, CausalEncoder, publishedTraining } from './causal-encoder.ts';
import { type DataSizes, trained } from './next-item-model.ts';
import { mapsOf, normaliserOf, relativeFields, relativePositions, spanOf } from './relative-bias.ts';

const RMS_EPSILON = 1e-6;
/** Positional, temporal, semantic. */
const CHANNELS = 3;

export const fuxiSchema = z.object({
  ...relativeFields,
  ffnMultiplier: field.whole('Width of the gated feed-forward layer, as a multiple of dim').default(1),
});

export type FuxiConfig = z.output<typeof fuxiSchema>;

/** One block: z = x + W_0 (u * RMS(channels)) + b_0, x' = z + W_2 (SiLU(W_1 m) * W_3 m), m = RMS(z). */
function fuxiBlock(config: FuxiConfig): Layer<RelativeMaps> {
  const { dim, heads, dqk, dv, ffnMultiplier, dropout: rate } = config;
  const [mixed, hidden] = [CHANNELS * heads * dv, ffnMultiplier * dim];
  const matrix = (inner: number, outer: number) => ({ weight: parameter([inner, outer], xavierUniform) });
  return layer({
    parameters: {
      uvqk: { weight: parameter([dim, mixed + heads * (dv + 2 * dqk)], normal02) },
      timeBias: timeBiasTable(),
      positionBias: positionBiasTable(spanOf(config)),
      out: linearSpecs(mixed, dim, xavierUniform, { kind: 'uniform', limit: 1 / Math.sqrt(mixed) }),
      ffn: { gate: matrix(dim, hidden), up: matrix(dim, hidden), down: matrix(hidden, dim) },
    },
    masks: ({ rows, length }) => ({
      mixed: dropoutMask(rate, rows, length, mixed),
      ffn: dropoutMask(rate, rows, length, dim),
    }),
    forward: (x, p, m, { distances, buckets }) => {
      const product = silu(project(rmsNormalize(x, RMS_EPSILON), p.uvqk));
      const widths = [CHANNELS * dv, dv, dqk, dqk].map((width) => heads * width);
      const [u, v, q, k] = tf.split(product, widths, -1);
      const channels = mixChannels(q, k, v, {
        heads,
        normaliser: normaliserOf(config),
        positions: biasMaps(p.positionBias, distances),
        times: biasMaps(p.timeBias, buckets ?? []),
      });
      const gated = dropout(tf.mul(u, rmsNormalize(channels, RMS_EPSILON)), m?.mixed, rate);
      const z = tf.add(x, project(gated, p.out));
      const normal = dropout(rmsNormalize(z, RMS_EPSILON), m?.ffn, rate);
      const gate = tf.mul(silu(project(normal, p.ffn.gate)), project(normal, p.ffn.up));
      return tf.add(z, project(gate, p.ffn.down));
    },
  });
}

/**
 * Values mixed by position, by time and by content: for each head the three side by side.
 * q, k [rows, length, heads * dqk], v [rows, length, heads * dv] -> [rows, length, heads * 3 * dv]
 */
function mixChannels(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  maps: { heads: number; normaliser: number; positions: Tensor[]; times: Tensor[] },
): Tensor {
  const { heads, normaliser, positions, times } = maps;
  const [rows, length, width] = v.shape as [number, number, number];
  // One map for all rows: their values stand side by side in one product.
  const sideBySide = tf.reshape(tf.transpose(v, [1, 0, 2]), [1, length, rows * width]);
  const byPosition = causalMix(
    positions.map((map) => tf.expandDims(map, 0)),
    sideBySide,
  );
  const [queries, keys, values] = [q, k, v].map((part) => splitHeads(part, heads));
  const byContent = pointwiseAttention(queries, keys, values, [], normaliser);
  const channels = [
    tf.transpose(tf.reshape(byPosition, [length, rows, width]), [1, 0, 2]),
    causalMix(times, v),
    mergeHeads(byContent),
  ].map((channel) => tf.reshape(channel, [rows, length, heads, 1, width / heads]));
  return tf.reshape(tf.concat(channels, 3), [rows, length, CHANNELS * width]);
}

/** FuXi-alpha (Ye et al. 2025): adaptive attention in three channels, then a feed-forward network in two stages. */
export function fuxiModel(config: FuxiConfig, sizes: DataSizes): CausalEncoder<RelativeMaps> {
  return new CausalEncoder(config, sizes, {
    blocks: Array.from({ length: config.blocks }, () => fuxiBlock(config)),
    context: (inputs, shape) => mapsOf(config, inputs, shape),
    positions: relativePositions(config),
    columns: { times: config.targetTime },
  });
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
  build: fuxiModel,
});
