import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  additiveEnergies,
  causalEnergies,
  causalWeights,
  dropoutMask,
  linear,
  MASKED,
  parameter,
  project,
  range,
  xavierNormal,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { lossSettings, recurrentLosses } from '../losses/index.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import {
  lastPositions,
  RecurrentEncoder,
  recurrentEssentials,
  recurrentFields,
  trainingPositions,
} from '../recurrent.ts';

export const narmSchema = z.object({
  ...recurrentFields,
  dropout: field.fraction('Rate after the embedding').default(0.25),
  contextDropout: field.fraction('Rate on the attended and the last state').default(0.5),
  attention: z
    .enum(['sigmoid', 'softmax'])
    .describe(
      'Energies of a logistic function as they are, as in RecBole; or of a hard sigmoid, then softmax',
    )
    .default('sigmoid'),
  training: trainingPositions.default('all-positions'),
  ...lossSettings(recurrentLosses, 'cross-entropy'),
});

export type NarmConfig = z.output<typeof narmSchema>;

/** Additive attention [hidden, hidden] each, its energy [hidden, 1], and the map to the item vectors. */
function attentionTree({ dim, hidden }: NarmConfig) {
  return {
    attention: {
      key: parameter([hidden, hidden], xavierNormal),
      query: parameter([hidden, hidden], xavierNormal),
      energy: parameter([hidden, 1], xavierNormal),
    },
    output: { weight: parameter([2 * hidden, dim], xavierNormal) },
  };
}

/**
 * A GRU whose states up to a position are summed by additive attention of the position's own state (section 3.3):
 * c = [sum_j alpha_j h_j ; h_i], score = e . (B c).
 */
export function narmModel(config: NarmConfig, sizes: DataSizes) {
  const { hidden: width, contextDropout: rate, attention } = config;
  const activation = attention === 'sigmoid' ? 'sigmoid' : 'hard-sigmoid';
  /** energies [rows, queries, length]; mask, 1 where the key counts, broadcasts to them. */
  const weighted = (energies: Tensor, mask: Tensor) =>
    attention === 'sigmoid'
      ? tf.mul(energies, mask)
      : tf.softmax(tf.add(energies, tf.mul(tf.sub(1, mask), MASKED)));
  return new RecurrentEncoder(config, sizes, {
    parameters: attentionTree(config),
    masks: ({ rows, length }, samples) => {
      const shape = samples === 'prefixes' ? [rows] : [rows, length];
      return { context: rate > 0 ? dropoutMask(rate, ...shape, 2 * width) : undefined };
    },
    outputs: (hidden, p, m) => {
      const { query, key, energy } = p.attention;
      const energies = causalEnergies(linear(hidden, query), linear(hidden, key), energy, activation);
      const local = tf.matMul(weighted(energies, causalWeights(hidden.shape[1] as number)), hidden);
      return project(dropout(tf.concat([local, hidden], -1), m?.context, rate), p.output);
    },
    lastOutputs: (hidden, p, m, inputs) => {
      const [rows, length] = hidden.shape as [number, number];
      const { query, key, energy } = p.attention;
      const last = lastPositions(hidden, inputs);
      const queries = tf.expandDims(linear(last, query), 1);
      const energies = additiveEnergies(queries, linear(hidden, key), energy, activation);
      const weights = weighted(energies, realPositions(inputs, rows, length));
      const local = tf.reshape(tf.matMul(weights, hidden), [rows, width]);
      return project(dropout(tf.concat([local, last], -1), m?.context, rate), p.output);
    },
  });
}

/** 1 where a position holds an interaction: [rows, 1, length]. lengths int32 [rows] */
function realPositions({ lengths }: Tensors, rows: number, length: number): Tensor {
  const real = tf.cast(tf.less(range(length), tf.reshape(lengths, [rows, 1])), 'float32');
  return tf.reshape(real, [rows, 1, length]);
}

export const narm = trained({
  id: 'narm',
  title: 'NARM',
  summary: 'A recurrent network with attention.',
  group: 'sequential',
  paper: {
    title: 'Neural Attentive Session-based Recommendation',
    authors: 'Jing Li, Pengjie Ren, Zhumin Chen, Zhaochun Ren, Tao Lian, Jun Ma',
    year: 2017,
    where: 'CIKM 2017, arXiv:1711.04725',
  },
  essentials: recurrentEssentials,
  configSchema: narmSchema,
  build: narmModel,
});
