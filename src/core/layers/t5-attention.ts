/** Attention with learned biases by relative position, as in T5 (Raffel et al. 2020, section 2.1). */
import type { Tensor } from '@tensorflow/tfjs';
import { customGradient, gatherRows, maskOf } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

export interface BucketOptions {
  /** Whether keys after the query have buckets of their own; else they share that of distance 0. */
  bidirectional: boolean;
  buckets: number;
  /** Distances from here on share the last bucket. */
  maxDistance: number;
}

/**
 * Bucket of the distance key - query: half of a direction's buckets are exact, the others grow with the logarithm.
 * The logarithm is of single precision, as in the released code, which decides distances on a border.
 */
export function relativeBucket(
  distance: number,
  { bidirectional, buckets, maxDistance }: BucketOptions,
): number {
  const perDirection = bidirectional ? Math.floor(buckets / 2) : buckets;
  const first = bidirectional && distance > 0 ? perDirection : 0;
  const away = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(perDirection / 2);
  if (away < exact) return first + away;
  const { fround } = Math;
  const logarithm = fround(Math.log(fround(away / exact)));
  const share = fround(logarithm / fround(Math.log(maxDistance / exact)));
  const grown = exact + Math.trunc(fround(share * (perDirection - exact)));
  return first + Math.min(grown, perDirection - 1);
}

/**
 * Biases of every query and key: table [buckets, heads] -> [heads, queries, keys]. The queries are the last ones of
 * `keys` positions.
 */
export function relativeBias(table: Tensor, queries: number, keys: number, options: BucketOptions): Tensor {
  const indices = new Int32Array(queries * keys);
  for (let query = 0; query < queries; query++) {
    for (let key = 0; key < keys; key++) {
      const distance = key - (query + keys - queries);
      indices[query * keys + key] = relativeBucket(distance, options);
    }
  }
  return tf.transpose(gatherRows(table, tf.tensor(indices, [queries, keys], 'int32')), [2, 0, 1]);
}

export interface AttentionOptions {
  /** [heads, queries, keys], added to the scores. */
  bias?: Tensor;
  /** Constant that broadcasts to the scores: 0, or MASKED where a query must not see a key. */
  attentionMask?: Tensor;
  /** Of the weights, [batch, heads, queries, keys], as `maskOf` takes it. */
  dropoutMask?: Tensor;
  dropoutRate?: number;
}

/**
 * softmax(q k^T + bias) v without a scale (Raffel et al. 2020). q [batch, heads, queries, dim], k and v
 * [batch, heads, keys, dim] -> q's shape. The backward pass keeps the weights, as in `causalAttention`.
 */
export function biasedAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const { bias, attentionMask, dropoutMask, dropoutRate = 0 } = options;
  const dropped = dropoutMask !== undefined && dropoutRate > 0;
  const scale = dropped ? 1 / (1 - dropoutRate) : 1;
  return customGradient(
    bias ? [q, k, v, bias] : [q, k, v],
    ([query, key, value, added]) => {
      const products = tf.matMul(query, key, false, true);
      const biased = added ? tf.add(products, added) : products;
      const weights = tf.softmax(attentionMask ? tf.add(biased, attentionMask) : biased);
      const scaled = dropped ? tf.mul(value, scale) : value;
      if (!dropped) {
        const output = tf.matMul(weights, scaled);
        return { value: output, saved: [query, key, scaled, output, weights] };
      }
      const kept = tf.cast(maskOf(dropoutMask, weights.shape, dropoutRate), 'float32');
      const left = tf.mul(weights, kept);
      const output = tf.matMul(left, scaled);
      return { value: output, saved: [query, key, scaled, output, weights, left, kept] };
    },
    (dy, [query, key, scaled, output, weights, left, kept]) => {
      const dLeft = tf.matMul(dy, scaled, false, true);
      const dWeights = kept ? tf.mul(dLeft, kept) : dLeft;
      const dScores = tf.mul(weights, tf.sub(dWeights, tf.sum(tf.mul(dy, output), -1, true)));
      const dValue = tf.matMul(left ?? weights, dy, true);
      const gradients = [
        tf.matMul(dScores, key),
        tf.matMul(dScores, query, true),
        dropped ? tf.mul(dValue, scale) : dValue,
      ];
      return bias ? [...gradients, tf.sum(dScores, 0)] : gradients;
    },
  );
}
