import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, layerNormalize, silu, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  dropoutMask,
  embedding,
  type Fading,
  type Layer,
  layer,
  linearAttention,
  mergeHeads,
  multiStage,
  normal02,
  ones,
  parameter,
  periodicPairs,
  project,
  range,
  splitHeads,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { encoderEssentials } from '../encoder-config.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { relativeFields, relativeInput } from '../relative-bias.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';

/** Semantic, temporal, positional. */
const CHANNELS = 3;
const EPSILON = 1e-6;
/** Times are 32-bit differences of seconds. */
const LONGEST_PERIOD = 2 ** 31 - 1;
const TIME_DECAY = 'time-decay';

type Periods = Record<'periods' | 'periodBase' | 'firstPeriod' | 'periodStride', number>;

/** Seconds, shortest first. */
function periodsOf({ periods, periodBase, firstPeriod, periodStride }: Periods): number[] {
  return Array.from({ length: periods }, (_, m) => periodBase ** (firstPeriod + periodStride * m));
}

export const fuxiLinearSchema = z
  .object({
    ...relativeFields,
    ffnMultiplier: field
      .positiveInt('Width of the gated feed-forward layer, as a multiple of dim')
      .default(1),
    periods: field
      .positiveInt(
        'Periods of time, each with a head of sines and one of cosines, between which heads · dv is split',
      )
      .default(8),
    periodBase: z
      .number()
      .int()
      .min(2)
      .describe('Period m (from 0) has periodBase^(firstPeriod + periodStride · m) seconds')
      .default(2),
    firstPeriod: field.nonNegativeInt('Power of the shortest period').default(0),
    periodStride: field.positiveInt('Step from power to power of the periods').default(3),
    timeDecay: z
      .enum(['fixed', 'learnt'])
      .describe('Past interactions fade by half in a 2π-th of a period, or as fast as training finds')
      .default('learnt'),
    timeResidual: z
      .boolean()
      .describe(
        'The value of a position itself joins what its heads of time gather, both with a learnt factor',
      )
      .default(true),
    positionDim: field.positiveInt('Width of the vectors by which positions are compared; even').default(32),
  })
  .omit({ normaliser: true })
  .refine(({ heads, dv, periods }) => (heads * dv) % (2 * periods) === 0, {
    path: ['periods'],
    error: 'two heads a period share heads · dv: set periods to a divisor of half of it',
  })
  .refine(({ positionDim }) => positionDim % 2 === 0, { path: ['positionDim'], error: 'set an even width' })
  .refine((config) => (periodsOf(config).at(-1) as number) <= LONGEST_PERIOD, {
    path: ['periods'],
    error: 'the longest period is above 2^31 seconds: set fewer periods, or a lower periodStride',
  });

export type FuxiLinearConfig = z.output<typeof fuxiLinearSchema>;

/** What all blocks read of the times: queries and keys of the periods, and how interactions fade. */
interface Context {
  queries: Tensor;
  keys: Tensor;
  fading: Fading;
}

/**
 * Three channels of a width heads · dv, each a sum over the past that costs no more than the length:
 * - semantic (retention): exp(-γ_h (i - j + 1)) (q_i . k_j) v_j, γ_h = exp(-sum over h' <= h of softplus(g_h')),
 * - temporal: g_m^(2π (s_i - t_j) / T_m) times the sine or the cosine of 2π (s_i - t_j) / T_m, of values n W_t, where t_j is the time
 *   of interaction j, s_i what position i knows, in seconds, and g_m a sigmoid that all blocks share,
 * - positional: 2 / positionDim (e_i . e_j), of values n W_p, with e learnt from sinusoids on.
 * x' is the multi-stage layer of u * LN(channels), each channel normalised by itself, u, q, k, v = SiLU(n W), n = LN(x). The paper
 * leaves open what the released code has: the biases that lin0 lacks, and the factors of `timeResidual`.
 */
function fuxiLinearLayer(config: FuxiLinearConfig): Layer<Context> {
  const { dim, heads, dqk, dv, periods, timeResidual, positionDim, dropout: rate } = config;
  const width = heads * dv;
  const ffnDim = config.ffnMultiplier * dim;
  const matrix = (inner: number, outer: number) => ({ weight: parameter([inner, outer], normal02) });
  const values = { weight: parameter([dim, width], { kind: 'uniform', limit: 1 / Math.sqrt(dim) }) };
  const factors = (n: number) => ({ gathered: parameter([n], normal02), own: parameter([n], ones) });
  return layer({
    parameters: {
      uqkv: matrix(dim, CHANNELS * width + 2 * heads * dqk + width),
      retention: parameter([heads], normal02),
      temporal: { ...values, factors: timeResidual ? factors(2 * periods) : undefined },
      positional: { ...values, factors: factors(1) },
      positions: embedding([config.maxLength, positionDim], { kind: 'sinusoids' }),
      out: matrix(CHANNELS * width, dim),
      ffn: { gate: matrix(dim, ffnDim), up: matrix(dim, ffnDim), down: matrix(ffnDim, dim) },
    },
    masks: ({ rows, length }) => ({
      mixed: dropoutMask(rate, rows, length, CHANNELS * width),
      ffn: dropoutMask(rate, rows, length, dim),
    }),
    forward: (x, p, m, context) => {
      const length = x.shape[1] as number;
      const n = layerNormalize(x, EPSILON);
      const widths = [CHANNELS * width, heads * dqk, heads * dqk, width];
      const [u, q, k, v] = tf.split(silu(project(n, p.uqkv)), widths, -1);
      const [queries, keys, own] = [q, k, v].map((part) => splitHeads(part, heads));
      const byContent = mergeHeads(linearAttention(queries, keys, own, retained(p.retention, length)));
      const inTime = splitHeads(project(n, p.temporal), 2 * periods);
      const gathered = linearAttention(context.queries, context.keys, inTime, context.fading);
      const byTime = mergeHeads(withOwn(gathered, inTime, p.temporal.factors, [1, 2 * periods, 1, 1]));
      const placed = project(n, p.positional);
      const vectors = tf.slice(p.positions, [0, 0], [length, positionDim]);
      const byPosition = withOwn(mixedByPlace(vectors, placed), placed, p.positional.factors, [1, 1, 1]);
      const channels = [byContent, byTime, byPosition].map((channel) => layerNormalize(channel, EPSILON));
      const drop = (value: Tensor, index: 0 | 1) => dropout(value, index === 0 ? m?.mixed : m?.ffn, rate);
      return multiStage(x, tf.mul(u, tf.concat(channels, -1)), p, drop);
    },
  });
}

/** The fading by distance in positions: g [heads] */
function retained(g: Tensor, length: number): Fading {
  const heads = g.shape[0];
  const sums = Array.from({ length: heads * heads }, (_, at) =>
    at % heads <= Math.floor(at / heads) ? 1 : 0,
  );
  const steps = tf.matMul(tf.tensor(sums, [heads, heads], 'float32'), tf.reshape(tf.softplus(g), [heads, 1]));
  const keys = tf.reshape(range(length), [1, length]);
  const queries = tf.add(keys, tf.scalar(1, 'int32'));
  return { queries, keys, rates: tf.reshape(tf.exp(tf.neg(steps)), [heads]) };
}

/** gathered a + own b with factors of their own for each of `shape`. */
function withOwn(
  gathered: Tensor,
  own: Tensor,
  factors: { gathered: Tensor; own: Tensor } | undefined,
  shape: number[],
): Tensor {
  if (!factors) return gathered;
  const [a, b] = [factors.gathered, factors.own].map((one) => tf.reshape(one, shape));
  return tf.add(tf.mul(gathered, a), tf.mul(own, b));
}

/** Values [rows, length, width] mixed by 2 / d (e_i . e_j), e [length, d], for all rows in one product. */
function mixedByPlace(e: Tensor, values: Tensor): Tensor {
  const [rows, length, width] = values.shape as [number, number, number];
  const d = e.shape[1] as number;
  const vectors = tf.reshape(e, [1, 1, length, d]);
  const sideBySide = tf.reshape(tf.transpose(values, [1, 0, 2]), [1, 1, length, rows * width]);
  const mixed = linearAttention(vectors, tf.mul(vectors, 2 / d), sideBySide);
  return tf.transpose(tf.reshape(mixed, [length, rows, width]), [1, 0, 2]);
}

/** Twice the rate of every period, for its sine and its cosine: softplus(-g) is -ln sigmoid(g). */
function fadingRates(config: FuxiLinearConfig, tables: Tensors): Tensor {
  const turns = tf.tensor1d(periodsOf(config).map((period) => (2 * Math.PI) / period));
  const learnt = config.timeDecay === 'learnt' ? tf.softplus(tf.neg(tables[TIME_DECAY])) : Math.LN2;
  const rates = tf.mul(turns, learnt);
  return tf.concat([rates, rates], 0);
}

/** FuXi-Linear (Ye et al. 2026): content, time and place in channels of their own, each of linear cost. */
export function fuxiLinearModel(config: FuxiLinearConfig, sizes: DataSizes): SequenceEncoder<Context> {
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: config.blocks }, () => fuxiLinearLayer(config)),
    context: ({ times, queryTimes }, _shape, tables) => ({
      ...periodicPairs(queryTimes, times, periodsOf(config)),
      fading: { queries: queryTimes, keys: times, rates: fadingRates(config, tables) },
    }),
    input: relativeInput(config),
    comparesPairs: false,
    columns: { times: config.targetTime },
    tables: config.timeDecay === 'learnt' ? { [TIME_DECAY]: parameter([config.periods], normal02) } : {},
  });
}

export const fuxiLinear = trained({
  id: 'fuxi-linear',
  title: 'FuXi-Linear',
  summary: 'FuXi whose cost grows with the length alone.',
  group: 'sequential',
  paper: {
    title:
      'FuXi-Linear: Unleashing the Power of Linear Attention in Long-term Time-aware Sequential Recommendation',
    authors: 'Yufei Ye, Wei Guo, Hao Wang, Luankang Zhang, Heng Chang, and others',
    year: 2026,
    where: 'arXiv:2602.23671',
  },
  essentials: encoderEssentials,
  configSchema: fuxiLinearSchema,
  build: fuxiLinearModel,
});
