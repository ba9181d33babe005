import type { Tensor } from '@tensorflow/tfjs';
import { bool, customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { MASKED } from './attention-mask.ts';
import { causalTable, queryBlocks, sliceRows, sumPrefixes, transposedProduct } from './causal-blocks.ts';
import type { RandomInput } from './random-inputs.ts';

/** Dropout masks of `causalAttention`, one a query block. */
export function attentionMasks(rows: number, heads: number, length: number, rate: number): RandomInput[] {
  return queryBlocks(length).map(([start, end]) => ({
    kind: 'mask',
    spec: bool(rows, heads, end - start, end),
    rate,
  }));
}

/** Added to scores, masks the keys after each of the queries start .. end - 1: [end - start, end] */
function causalBias(start: number, end: number): Tensor {
  return causalTable([start, end], { upTo: 0, later: MASKED });
}

/** The same, and masked where query and key are of different segments: [batch, 1, end - start, end] */
function segmentBias(segments: Tensor, start: number, end: number): Tensor {
  const [batch] = segments.shape;
  const part = (from: number) => tf.slice(segments, [0, from], [batch, end - from]);
  const queries = tf.reshape(part(start), [batch, 1, end - start, 1]);
  const keys = tf.reshape(part(0), [batch, 1, 1, end]);
  const apart = tf.mul(tf.cast(tf.notEqual(queries, keys), 'float32'), MASKED);
  return tf.add(causalBias(start, end), apart);
}

/**
 * Causal softmax attention with dropout on the weights (Vaswani et al. 2017, section 3.2.1).
 * q, k, v [batch, heads, length, dim] -> the same shape. Scores are q k^T / sqrt(dim). `masks` come from
 * attentionMasks, in order; none means no dropout. With `segments`, int32 [batch, length], a query sees the keys of its
 * own segment alone: several sequences can stand in one row. The backward pass keeps the weights P, drops again, and uses
 * sum_j dP_ij P_ij = dO_i . O_i (Dao et al. 2022, appendix B.2), which spares two passes over P.
 */
export function causalAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  masks: readonly Tensor[] = [],
  dropoutRate = 0,
  segments?: Tensor,
): Tensor {
  const [, , length, dim] = q.shape as [number, number, number, number];
  const scale = 1 / Math.sqrt(dim);
  const keep = masks.length > 0 ? 1 - dropoutRate : 1;
  const parts = queryBlocks(length);
  return customGradient(
    [q, k, v],
    ([query, key, value]) => {
      const scaledQuery = tf.mul(query, scale);
      const scaledValue = keep === 1 ? value : tf.mul(value, 1 / keep);
      const saved: Tensor[] = [];
      const outputs = parts.map(([start, end], i) => {
        const scores = tf.matMul(sliceRows(scaledQuery, start, end), sliceRows(key, 0, end), false, true);
        const bias = segments ? segmentBias(segments, start, end) : causalBias(start, end);
        const weights = tf.softmax(tf.add(scores, bias));
        const dropped = masks[i] ? tf.mul(weights, tf.cast(masks[i], 'float32')) : weights;
        saved.push(weights);
        return tf.matMul(dropped, sliceRows(scaledValue, 0, end));
      });
      const output = tf.concat(outputs, 2);
      return { value: output, saved: [scaledQuery, key, scaledValue, output, ...saved, ...masks] };
    },
    (dy, [scaledQuery, key, scaledValue, output, ...saved]) => {
      const rowSums = tf.sum(tf.mul(dy, output), -1, true);
      const gradients = parts.map(([start, end], i) => {
        const [weights, mask] = [saved[i], saved[parts.length + i] as Tensor | undefined];
        // As an operator that the forward pass has not, so that no runtime keeps what it made there.
        const open = (x: Tensor) => (mask ? tf.where(mask, x, tf.zerosLike(x)) : x);
        const dyRows = sliceRows(dy, start, end);
        const dDropped = tf.matMul(dyRows, sliceRows(scaledValue, 0, end), false, true);
        const dScores = tf.mul(weights, tf.sub(open(dDropped), sliceRows(rowSums, start, end)));
        return {
          query: tf.matMul(dScores, sliceRows(key, 0, end)),
          key: transposedProduct(sliceRows(scaledQuery, start, end), dScores),
          value: transposedProduct(dyRows, open(weights)),
        };
      });
      const dQueries = gradients.map((g) => g.query);
      const dQuery = tf.mul(tf.concat(dQueries, 2), scale);
      const dValue = sumPrefixes(gradients.map((g) => g.value));
      return [
        dQuery,
        sumPrefixes(gradients.map((g) => g.key)),
        keep === 1 ? dValue : tf.mul(dValue, 1 / keep),
      ];
    },
  );
}
