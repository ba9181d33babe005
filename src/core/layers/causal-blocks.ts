/** Causal products in blocks of query rows, so that most of the triangle above the diagonal is never computed. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../engine/tf.ts';

/** Query rows handled together; keys after the block's last query are left out of its product. */
const BLOCK = 64;

/** [start, end) of each block of query rows. */
export function queryBlocks(length: number): [number, number][] {
  const count = Math.max(1, Math.round(length / BLOCK));
  const size = Math.ceil(length / count);
  const all: [number, number][] = [];
  for (let start = 0; start < length; start += size) all.push([start, Math.min(length, start + size)]);
  return all;
}

/** [start, end) of the queries of a block. */
type Block = readonly [start: number, end: number];

/**
 * `own(query, key)`, counted from the block's first, for the keys of its own queries, `before` for those in front of them:
 * [end - start, end]. Padded in the graph, so that one small constant serves all blocks of all layers.
 */
export function blockTable(
  [start, end]: Block,
  own: (query: number, key: number) => number,
  before: number,
  dtype: 'float32' | 'int32' = 'float32',
): Tensor {
  const rows = end - start;
  const cells = Array.from({ length: rows * rows }, (_, cell) => own(Math.floor(cell / rows), cell % rows));
  const table = tf.tensor(cells, [rows, rows], dtype);
  const none: [number, number] = [0, 0];
  return start === 0 ? table : tf.pad(table, [none, [start, 0]], before);
}

/** `upTo` where the key does not come after the query, else `later`: [end - start, end] */
export function causalTable(
  block: Block,
  { upTo, later }: { upTo: number; later: number },
  dtype: 'float32' | 'int32' = 'float32',
): Tensor {
  return blockTable(block, (query, key) => (key <= query ? upTo : later), upTo, dtype);
}

/** Rows start to end (exclusive) of the last axis but one. */
export function sliceRows(x: Tensor, start: number, end: number): Tensor {
  const lead = x.shape.slice(0, -2);
  const [length, dim] = x.shape.slice(-2);
  if (start === 0 && end === length) return x;
  return tf.slice(x, [...lead.map(() => 0), start, 0], [...lead, end - start, dim]);
}

/** Sum of gradients of key prefixes of growing length, along the last axis but one. */
export function sumPrefixes(parts: Tensor[]): Tensor {
  return parts.reduce((sum, part) => {
    const missing = (part.shape.at(-2) as number) - (sum.shape.at(-2) as number);
    if (missing === 0) return tf.add(part, sum);
    const none: [number, number] = [0, 0];
    const lead = part.shape.slice(0, -2).map(() => none);
    return tf.add(part, tf.pad(sum, [...lead, [0, missing], none]));
  });
}

/** a^T b for the last two axes, transposing only the narrow a: a [.., n, d], b [.., n, m] -> [.., m, d]. */
export function transposedProduct(a: Tensor, b: Tensor): Tensor {
  return transposeLast(tf.matMul(transposeLast(a), b));
}

/** With the last two axes exchanged. */
export function transposeLast(x: Tensor): Tensor {
  const { rank } = x;
  return tf.transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}
