/** Attention without softmax over keys and values that an earlier pass has left (M-FALCON, Zhai et al. 2024, section 3.4). */
import type { Tensor } from '@tensorflow/tfjs';
import { silu } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { pointwiseAttention } from './pointwise-attention.ts';

/** Of one block: keys [batch, heads, length, dqk], values [batch, heads, length, dv]. */
export interface KeptKeys {
  keys: Tensor;
  values: Tensor;
}

/** `pointwiseAttention`, whose keys and values are added to a list. */
export function keeping(kept: KeptKeys[]): typeof pointwiseAttention {
  return (q, k, v, bias, normaliser) => {
    kept.push({ keys: k, values: v });
    return pointwiseAttention(q, k, v, bias, normaliser);
  };
}

/**
 * The same of queries that see the kept keys of their block and themselves, and not each other: sum over kept j of
 * SiLU(q . k_j + bias_j) / normaliser * v_j, and the like of their own key and value. The blocks come in their order. q, k
 * [batch, heads, n, dqk], v [batch, heads, n, dv] -> [batch, heads, n, dv]. The only bias is [batch or 1, heads or 1, n or 1,
 * length + 1], that of a query's own key last; none where nothing biases.
 */
export function readingKept(kept: readonly KeptKeys[]): typeof pointwiseAttention {
  let block = 0;
  return (q, k, v, maps, normaliser) => {
    const queries = q.shape[2] as number;
    const bias = maps?.of([0, queries], maps.tables, maps.constants(0));
    const { keys, values } = kept[block++];
    const length = keys.shape[2] as number;
    const biased = (scores: Tensor, from: number, width: number) => {
      if (!bias) return scores;
      const sizes = [...bias.shape.slice(0, 3), width];
      return tf.add(scores, tf.slice(bias, [0, 0, 0, from], sizes));
    };
    const seen = silu(biased(tf.matMul(q, keys, false, true), 0, length));
    const own = silu(biased(tf.sum(tf.mul(q, k), -1, true), length, 1));
    return tf.mul(tf.add(tf.matMul(seen, values), tf.mul(own, v)), 1 / normaliser);
  };
}
