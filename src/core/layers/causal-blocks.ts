/** Causal products in blocks of query rows, so that most of the triangle above the diagonal is never computed. */
import type { Tensor } from '@tensorflow/tfjs';
import { ordered } from '../engine/index.ts';
import * as tf from '../engine/tf.ts';

/** Query rows handled together; keys after the block's last query are left out of its product. */
const BLOCK = 64;

/** Every block is some 100 nodes a layer, of some 7 kB each once a runtime has read them: up to 4,096 positions more blocks would save less than that. */
const MOST_BLOCKS = 32;
/** Largest block, in query rows: 32 blocks of longer histories would be so large that scores grow with the square of the length. */
const MOST_ROWS = 128;

/** Length from which the backward pass makes the scores again: they would take more memory than all else. */
const RECOMPUTED_FROM = 1024;

/** Whether the backward pass of attention keeps nothing as large as the scores. */
export const recomputesScores = (length: number): boolean => length >= RECOMPUTED_FROM;

/** [start, end) of the queries of a block. */
export type Block = readonly [start: number, end: number];

/** `count` blocks from start to end (exclusive), the last one smaller where they do not come out even. */
function evenly(start: number, end: number, count: number): Block[] {
  const size = Math.ceil((end - start) / count);
  const all: Block[] = [];
  for (let at = start; at < end; at += size) all.push([at, Math.min(end, at + size)]);
  return all;
}

/** [start, end) of the query rows whose dropout mask is drawn as one: a resumed training draws as it began, however rows are computed. */
export function maskBlocks(length: number): Block[] {
  return evenly(0, length, Math.min(MOST_BLOCKS, Math.max(1, Math.round(length / BLOCK))));
}

/** [start, end) of each block of query rows: each lies within one of `maskBlocks`. */
export function queryBlocks(length: number): Block[] {
  return maskBlocks(length).flatMap(([start, end]) =>
    evenly(start, end, Math.ceil((end - start) / MOST_ROWS)),
  );
}

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

/** Adds to the gradient of a prefix of keys that of a longer one, along the last axis but one. */
export function addToPrefix(sum: Tensor, part: Tensor): Tensor {
  const missing = (part.shape.at(-2) as number) - (sum.shape.at(-2) as number);
  if (missing === 0) return tf.add(part, sum);
  const none: [number, number] = [0, 0];
  const lead = part.shape.slice(0, -2).map(() => none);
  return tf.add(part, tf.pad(sum, [...lead, [0, missing], none]));
}

/** x, apart from what the forward pass has made of it where scores are made again: a runtime would keep that. */
export function apart(x: Tensor, dy: Tensor): Tensor {
  return recomputesScores(x.shape.at(-2) as number) ? ordered(x, [dy]) : x;
}

/** What is cut for a block of queries. */
export interface BlockParts {
  block: Block;
  /** Number of the block. */
  at: number;
  /** The rows of its queries. */
  rows: Tensor[];
  /** The keys up to its last. */
  prefixes: Tensor[];
  /** x, to be read after all that the block before it gives. */
  later(x: Tensor): Tensor;
}

/** Tensors of all positions, along the last axis but one. */
interface Whole {
  rows: Tensor[];
  prefixes: Tensor[];
}

/**
 * Cuts what a block needs. Where scores are made again, the rows wait for what the block before it gives: left to the
 * runtime, it would begin all blocks and keep what is as large as all their scores. Prefixes are cut before, for what a node
 * reads is made in the order of its last node first.
 */
function cut({ rows, prefixes }: Whole, block: Block, at: number, before: readonly Tensor[]): BlockParts {
  const length = rows[0].shape.at(-2) as number;
  const later = (x: Tensor) => (recomputesScores(length) ? ordered(x, before) : x);
  return {
    block,
    at,
    prefixes: prefixes.map((x) => sliceRows(x, 0, block[1])),
    rows: rows.map((x) => later(sliceRows(x, ...block))),
    later,
  };
}

/** What every block of queries gives, [.., its queries, width], of all. */
export function outputsByBlock(whole: Whole, one: (parts: BlockParts) => Tensor): Tensor {
  const [first] = whole.rows;
  const outputs: Tensor[] = [];
  for (const [at, block] of queryBlocks(first.shape.at(-2) as number).entries())
    outputs.push(one(cut(whole, block, at, outputs.slice(-1))));
  return tf.concat(outputs, first.rank - 2);
}

/** Gradients that come of one block of queries. */
export interface BlockGradients {
  /** Of its own rows. */
  rows: Tensor[];
  /** Of the keys up to its last. */
  prefixes: Tensor[];
  /** Of what all blocks share. */
  shared: Tensor[];
}

/** The gradients of all blocks: rows, then prefixes, then what is shared. */
export function gradientsByBlock(whole: Whole, one: (parts: BlockParts) => BlockGradients): Tensor[] {
  const all: BlockGradients[] = [];
  for (const [at, block] of queryBlocks(whole.rows[0].shape.at(-2) as number).entries()) {
    const last = all.at(-1);
    const before = last ? [...last.rows, ...last.prefixes, ...last.shared] : [];
    all.push(
      tf.tidy(() => {
        const { rows, prefixes, shared } = one(cut(whole, block, at, before));
        const grown = prefixes.map((part, i) => (last ? addToPrefix(last.prefixes[i], part) : part));
        return { rows, prefixes: grown, shared };
      }) as unknown as BlockGradients,
    );
  }
  const [first] = all;
  const ofAll = (i: number, part: 'rows' | 'shared') => all.map((gradients) => gradients[part][i]);
  return [
    ...first.rows.map((x, i) => tf.concat(ofAll(i, 'rows'), x.rank - 2)),
    ...(all.at(-1) as BlockGradients).prefixes,
    // From the last to the first, as gradients of a graph are summed.
    ...first.shared.map((_, i) => ofAll(i, 'shared').reduceRight((sum, part) => tf.add(sum, part))),
  ];
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
