/** Causal attention without softmax (HSTU, FuXi-alpha). */
import type { Tensor } from '@tensorflow/tfjs';
import { customGradient, gradientsAt } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import {
  apart,
  type Block,
  type BlockParts,
  causalTable,
  gradientsByBlock,
  outputsByBlock,
  queryBlocks,
  recomputesScores,
  transposedProduct,
  transposeLast,
} from './causal-blocks.ts';

/** 1 / normaliser where the key does not come after the query, else 0. [end - start, end] */
function causalShare(start: number, end: number, normaliser: number): Tensor {
  return causalTable([start, end], { upTo: 1 / normaliser, later: 0 });
}

/**
 * What biases or mixes the pairs of each block of queries, made of tables that have gradients and of constants. Scores
 * that are made again need their maps again, and keep none.
 */
export interface PairMaps {
  tables: Tensor[];
  /** Of the block of this number. */
  constants(at: number): Tensor[];
  /** [batch or 1, (heads or 1,) end - start, end] */
  of(block: Block, tables: Tensor[], constants: Tensor[]): Tensor;
}

/** The maps of a block, and the gradients of their tables. */
function mapAgain(maps: PairMaps, { block, later }: BlockParts, tables: Tensor[], constants: Tensor[]) {
  const [of, rest] = [tables.map(later), constants.map(later)];
  return {
    map: () => maps.of(block, of, rest),
    /** dy may have more rows or heads than the map, which they share. */
    gradients: (dy: Tensor) =>
      gradientsAt(of, dy, (again) => tf.broadcastTo(maps.of(block, again, rest), dy.shape)),
  };
}

/**
 * Pointwise attention (Zhai et al. 2024, section 3.1): sum over j <= i of SiLU(q_i . k_j + bias_ij) / normaliser * v_j.
 * q, k [batch, heads, length, dqk], v [batch, heads, length, dv] -> [batch, heads, length, dv].
 */
export function pointwiseAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  bias: PairMaps | null,
  normaliser: number,
): Tensor {
  const length = q.shape[2] as number;
  const again = recomputesScores(length);
  const tables = bias?.tables ?? [];
  const constants = queryBlocks(length).map((_, at) => bias?.constants(at) ?? []);
  const weighted = (queries: Tensor, keys: Tensor, block: Block, map: Tensor | undefined) => {
    const products = tf.matMul(queries, keys, false, true);
    const scores = map ? tf.add(products, map) : products;
    const gate = tf.sigmoid(scores);
    return [gate, tf.mul(tf.mul(scores, gate), causalShare(...block, normaliser))];
  };
  return customGradient(
    [q, k, v, ...tables],
    ([query, key, value, ...entries]) => {
      const saved: Tensor[] = [];
      const output = outputsByBlock({ rows: [query], prefixes: [key, value] }, (parts) => {
        const { block, at, rows, prefixes, later } = parts;
        const map = bias?.of(block, entries.map(later), constants[at].map(later));
        const [gate, weights] = weighted(rows[0], prefixes[0], block, map);
        if (!again) saved.push(gate, weights);
        return tf.matMul(weights, prefixes[1]);
      });
      const kept = [query, key, value, ...entries, ...constants.flat(), ...saved];
      return { value: output, saved: kept };
    },
    (dy, [query, key, value, ...kept]) => {
      const take = (count: number) => kept.splice(0, count);
      const entries = take(tables.length);
      const given = constants.map((some) => take(some.length));
      const whole = { rows: [query, dy], prefixes: [apart(key, dy), apart(value, dy)] };
      return gradientsByBlock(whole, (parts) => {
        const { block, at, rows, prefixes } = parts;
        const [[queries, dyRows], [keys, values]] = [rows, prefixes];
        const map = bias && mapAgain(bias, parts, entries, given[at]);
        const [gate, weights] = again
          ? weighted(queries, keys, block, map?.map())
          : kept.slice(2 * at, 2 * at + 2);
        const dWeights = tf.matMul(dyRows, values, false, true);
        // With s scores, g = sigmoid(s), c the share and w = c s g: dw/ds = c g (1 + s (1 - g)) = w + g (c - w).
        const open = causalShare(...block, normaliser);
        const dScores = tf.mul(dWeights, tf.add(weights, tf.mul(gate, tf.sub(open, weights))));
        return {
          rows: [tf.matMul(dScores, keys)],
          prefixes: [transposedProduct(queries, dScores), transposedProduct(dyRows, weights)],
          shared: map?.gradients(dScores) ?? [],
        };
      });
    },
  );
}

/**
 * Sums of values weighted by given maps: sum over j <= i of map_ij v_j. Maps [batch, end - start, end] are 0 where the key
 * comes after the query. values [batch, length, width] -> the same shape.
 */
export function causalMix(maps: PairMaps, values: Tensor): Tensor {
  const length = values.shape[1] as number;
  const again = recomputesScores(length);
  const constants = queryBlocks(length).map((_, at) => maps.constants(at));
  return customGradient(
    [values, ...maps.tables],
    ([value, ...entries]) => {
      const saved: Tensor[] = [];
      const output = outputsByBlock(
        { rows: [value], prefixes: [value] },
        ({ block, at, prefixes, later }) => {
          const map = maps.of(block, entries.map(later), constants[at].map(later));
          if (!again) saved.push(map);
          return tf.matMul(map, prefixes[0]);
        },
      );
      return { value: output, saved: [value, ...entries, ...constants.flat(), ...saved] };
    },
    (dy, [value, ...kept]) => {
      const take = (count: number) => kept.splice(0, count);
      const entries = take(maps.tables.length);
      const given = constants.map((some) => take(some.length));
      const whole = { rows: [dy], prefixes: [apart(value, dy)] };
      return gradientsByBlock(whole, (parts) => {
        const { at, rows, prefixes } = parts;
        const map = mapAgain(maps, parts, entries, given[at]);
        const weights = again ? map.map() : kept[at];
        return {
          rows: [],
          prefixes: [transposedProduct(rows[0], weights)],
          shared: map.gradients(mapGradient(rows[0], prefixes[0])),
        };
      });
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
