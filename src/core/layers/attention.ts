import type { Tensor } from '@tensorflow/tfjs';
import { bool, customGradient, maskOf, maskPart, ordered } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { MASKED, maskWhere } from './attention-mask.ts';
import {
  apart,
  type Block,
  causalTable,
  gradientsByBlock,
  maskBlocks,
  outputsByBlock,
  recomputesScores,
  transposedProduct,
} from './causal-blocks.ts';
import type { RandomInput } from './random-inputs.ts';

/** Dropout masks of `causalAttention`, one for each of `maskBlocks`. */
export function attentionMasks(rows: number, heads: number, length: number, rate: number): RandomInput[] {
  return maskBlocks(length).map(([start, end]) => ({
    kind: 'mask',
    spec: bool(rows, heads, end - start, end),
    rate,
  }));
}

/** Of the masks of all query rows, [batch, heads, length, ..], that of a block. */
function maskOfBlock(
  masks: readonly (Tensor | undefined)[],
  [batch, heads, length]: readonly number[],
  [start, end]: Block,
): Tensor | undefined {
  const drawn = maskBlocks(length);
  const at = drawn.findIndex(([, last]) => end <= last);
  const mask = masks[at];
  if (!mask) return undefined;
  const [first, last] = drawn[at];
  return maskPart(mask, [batch, heads, last - first, last], start - first, [batch, heads, end - start, end]);
}

/** Added to scores, masks the keys after each of the queries start .. end - 1: [end - start, end] */
function causalBias(start: number, end: number): Tensor {
  return causalTable([start, end], { upTo: 0, later: MASKED });
}

/** The same, and masked the keys that lie `window` or more places before the query. */
function windowBias(start: number, end: number, window: number): Tensor {
  const isMasked = (query: number, key: number) => key > start + query || start + query - key >= window;
  return maskWhere(end - start, end, isMasked);
}

/** `bias`, and masked where query and key are of different segments: [batch, 1, end - start, end] */
function segmentBias(segments: Tensor, start: number, end: number, bias: Tensor): Tensor {
  const [batch] = segments.shape;
  const part = (from: number) => tf.slice(segments, [0, from], [batch, end - from]);
  const queries = tf.reshape(part(start), [batch, 1, end - start, 1]);
  const keys = tf.reshape(part(0), [batch, 1, 1, end]);
  const apart = tf.mul(tf.cast(tf.notEqual(queries, keys), 'float32'), MASKED);
  return tf.add(bias, apart);
}

/**
 * Causal softmax attention with dropout on the weights (Vaswani et al. 2017, section 3.2.1).
 * q, k, v [batch, heads, length, dim] -> the same shape. Scores are q k^T / sqrt(dim). `masks` come from
 * attentionMasks, in order; none means no dropout. With `segments`, int32 [batch, length], a query sees the keys of its
 * own segment alone: several sequences can stand in one row. With `window` it sees that many places alone, its own the last. The backward pass keeps the weights P, or makes them again
 * (`recomputesScores`), drops again, and uses sum_j dP_ij P_ij = dO_i . O_i (Dao et al. 2022, appendix B.2), which spares
 * two passes over P.
 */
export function causalAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  masks: readonly Tensor[] = [],
  dropoutRate = 0,
  segments?: Tensor,
  window: number | null = null,
): Tensor {
  const [, , length, dim] = q.shape as [number, number, number, number];
  const scale = 1 / Math.sqrt(dim);
  const keep = masks.length > 0 ? 1 - dropoutRate : 1;
  const again = recomputesScores(length);
  const given = segments ? [...masks, segments] : [...masks];
  const opened = (x: Tensor, mask: Tensor | undefined) =>
    mask ? tf.where(maskOf(mask, x.shape, dropoutRate), x, tf.zerosLike(x)) : x;
  const dropped = (x: Tensor, mask: Tensor | undefined) =>
    again || !mask ? opened(x, mask) : tf.mul(x, tf.cast(maskOf(mask, x.shape, dropoutRate), 'float32'));
  // Made of words, a mask is as large as the scores: it waits as they do.
  const made = (mask: Tensor | undefined, later: (x: Tensor) => Tensor) =>
    mask?.dtype === 'int32' ? later(mask) : mask;
  return customGradient(
    [q, k, v],
    ([query, key, value]) => {
      const scaledQuery = tf.mul(query, scale);
      const scaledValue = keep === 1 ? value : tf.mul(value, 1 / keep);
      const saved: Tensor[] = [];
      const whole = { rows: [scaledQuery], prefixes: [key, scaledValue] };
      const output = outputsByBlock(whole, ({ block, rows, prefixes: [keys, values], later }) => {
        const weights = weightsOf(rows[0], keys, block, { segments: segments && later(segments), window });
        if (!again) saved.push(weights);
        return tf.matMul(dropped(weights, made(maskOfBlock(masks, query.shape, block), later)), values);
      });
      return { value: output, saved: [scaledQuery, key, scaledValue, output, ...given, ...saved] };
    },
    (dy, [scaledQuery, key, scaledValue, output, ...kept]) => {
      const rowSums = tf.sum(tf.mul(dy, output), -1, true);
      const after = (x: Tensor) => ordered(x, again ? [dy] : []);
      const words = kept.slice(0, masks.length).map((mask) => made(mask, after));
      const saved = kept.slice(given.length);
      const named = segments && after(kept[masks.length]);
      const whole = { rows: [scaledQuery, dy, rowSums], prefixes: [apart(key, dy), apart(scaledValue, dy)] };
      const [dQuery, dKey, dValue] = gradientsByBlock(
        whole,
        ({ block, at, rows, prefixes: [keys, values], later }) => {
          const [queries, dyRows, sums] = rows;
          const mask = made(maskOfBlock(words, q.shape, block), later);
          const weights =
            saved[at] ?? weightsOf(queries, keys, block, { segments: named && later(named), window });
          // As an operator that the forward pass has not, so that no runtime keeps what it made there.
          const dScores = tf.mul(weights, tf.sub(opened(tf.matMul(dyRows, values, false, true), mask), sums));
          return {
            rows: [tf.matMul(dScores, keys)],
            prefixes: [transposedProduct(queries, dScores), transposedProduct(dyRows, opened(weights, mask))],
            shared: [],
          };
        },
      );
      return [tf.mul(dQuery, scale), dKey, keep === 1 ? dValue : tf.mul(dValue, 1 / keep)];
    },
  );
}

/** Softmax of a block's scores: queries [batch, heads, end - start, dim], keys [batch, heads, end, dim] -> [.., end - start, end] */
function weightsOf(
  queries: Tensor,
  keys: Tensor,
  [start, end]: Block,
  { segments, window }: { segments?: Tensor; window: number | null },
): Tensor {
  const scores = tf.matMul(queries, keys, false, true);
  const seen = window === null || window >= end ? causalBias(start, end) : windowBias(start, end, window);
  return tf.softmax(tf.add(scores, segments ? segmentBias(segments, start, end, seen) : seen));
}
