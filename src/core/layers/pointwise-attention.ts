/** Causal attention without softmax (HSTU, FuXi-alpha). Maps come in the query blocks of `queryBlocks(length)`. */
import type { Tensor } from '@tensorflow/tfjs';
import { customGradient } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import {
  causalTable,
  queryBlocks,
  sliceRows,
  sumPrefixes,
  transposedProduct,
  transposeLast,
} from './causal-blocks.ts';

/** 1 / normaliser where the key does not come after the query, else 0. [end - start, end] */
function causalShare(start: number, end: number, normaliser: number): Tensor {
  return causalTable([start, end], { upTo: 1 / normaliser, later: 0 });
}

/** Sum over the axes along which `shape` is 1. */
function sumTo(x: Tensor, shape: number[]): Tensor {
  const axes = [...shape.keys()].filter((axis) => shape[axis] === 1 && x.shape[axis] !== 1);
  return axes.length === 0 ? x : tf.sum(x, axes, true);
}

/**
 * Pointwise attention (Zhai et al. 2024, section 3.1): sum over j <= i of SiLU(q_i . k_j + bias_ij) / normaliser * v_j.
 * q, k [batch, heads, length, dqk], v [batch, heads, length, dv] -> [batch, heads, length, dv]. `biases`: none, or
 * one a query block, [batch or 1, heads or 1, end - start, end].
 */
export function pointwiseAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  biases: Tensor[],
  normaliser: number,
): Tensor {
  const parts = queryBlocks(q.shape[2] as number);
  return customGradient(
    [q, k, v, ...biases],
    ([query, key, value, ...bias]) => {
      const saved: Tensor[] = [];
      const outputs = parts.map(([start, end], i) => {
        const products = tf.matMul(sliceRows(query, start, end), sliceRows(key, 0, end), false, true);
        const scores = bias.length > 0 ? tf.add(products, bias[i]) : products;
        const gate = tf.sigmoid(scores);
        const weights = tf.mul(tf.mul(scores, gate), causalShare(start, end, normaliser));
        saved.push(gate, weights);
        return tf.matMul(weights, sliceRows(value, 0, end));
      });
      return { value: tf.concat(outputs, 2), saved: [query, key, value, ...saved] };
    },
    (dy, [query, key, value, ...saved]) => {
      const gradients = parts.map(([start, end], i) => {
        const [gate, weights] = saved.slice(2 * i, 2 * i + 2);
        const dyRows = sliceRows(dy, start, end);
        const dWeights = tf.matMul(dyRows, sliceRows(value, 0, end), false, true);
        // With s scores, g = sigmoid(s), c the share and w = c s g: dw/ds = c g (1 + s (1 - g)) = w + g (c - w).
        const derivative = tf.add(
          weights,
          tf.mul(gate, tf.sub(causalShare(start, end, normaliser), weights)),
        );
        const dScores = tf.mul(dWeights, derivative);
        return {
          query: tf.matMul(dScores, sliceRows(key, 0, end)),
          key: transposedProduct(sliceRows(query, start, end), dScores),
          value: transposedProduct(dyRows, weights),
          bias: biases.length > 0 ? [sumTo(dScores, biases[i].shape)] : [],
        };
      });
      const queries = gradients.map((g) => g.query);
      return [
        tf.concat(queries, 2),
        sumPrefixes(gradients.map((g) => g.key)),
        sumPrefixes(gradients.map((g) => g.value)),
        ...gradients.flatMap((g) => g.bias),
      ];
    },
  );
}

/**
 * Sums of values weighted by given maps: sum over j <= i of map_ij v_j. `maps`: one a query block,
 * [batch, end - start, end], 0 where the key comes after the query. values [batch, length, width] -> the same shape.
 */
export function causalMix(maps: Tensor[], values: Tensor): Tensor {
  const parts = queryBlocks(values.shape[1] as number);
  return customGradient(
    [values, ...maps],
    ([value, ...map]) => {
      const outputs = parts.map(([, end], i) => tf.matMul(map[i], sliceRows(value, 0, end)));
      return { value: tf.concat(outputs, 1), saved: [value, ...map] };
    },
    (dy, [value, ...map]) => {
      const gradients = parts.map(([start, end], i) => {
        const dyRows = sliceRows(dy, start, end);
        return {
          value: transposedProduct(dyRows, map[i]),
          map: mapGradient(dyRows, sliceRows(value, 0, end)),
        };
      });
      return [sumPrefixes(gradients.map((g) => g.value)), ...gradients.map((g) => g.map)];
    },
  );
}

/**
 * dy values^T. One map for all rows sums over very many columns, in an order that ONNX Runtime makes depend on the
 * number of threads, unless the product has no more columns than rows: keys are at least as many as a block's queries.
 */
function mapGradient(dy: Tensor, values: Tensor): Tensor {
  return dy.shape[0] === 1
    ? transposeLast(tf.matMul(values, dy, false, true))
    : tf.matMul(dy, values, false, true);
}
