/** The embedded item encoder: TF-IDF of text and categories reduced by truncated SVD, numbers beside it. */

import { type ItemMatrix, unitRows } from '../math/rows.ts';
import { truncatedSvd } from '../math/svd.ts';
import type { ItemColumns, NumberColumn } from './columns.ts';
import type { ContentConfig } from './config.ts';
import { tfidf } from './tfidf.ts';

export interface EncodeOptions {
  seed: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Vectors of width `contentDim`, or fewer where there are fewer items or terms. The part from terms has length 1; that
 * of the numbers, two columns a number column, follows it with length up to `numberWeight`.
 * @returns [catalogueItems, dim], and how many items have nothing to be encoded
 */
export async function encodeText(
  columns: ItemColumns,
  config: ContentConfig,
  options: EncodeOptions,
): Promise<{ vectors: ItemMatrix; empty: number }> {
  const { items } = columns;
  const numbers = config.numberWeight > 0 ? columns.numbers.map(numberFeatures) : [];
  const { matrix, empty } = tfidf(columns.text, columns.categories, config);
  const wanted = Math.max(config.contentDim - 2 * numbers.length, 1);
  const termDim = Math.min(wanted, matrix.rows, matrix.width);
  const dim = termDim + 2 * numbers.length;
  const data = new Float32Array(items * dim);
  if (termDim > 0) {
    const { vectors } = await truncatedSvd(matrix, { dim: termDim, ...options });
    // An item of terms that no other has may be left with nothing.
    const unit = unitRows(vectors, termDim);
    for (let item = 0; item < items; item++) {
      data.set(unit.subarray(item * termDim, (item + 1) * termDim), item * dim);
    }
  }
  const weight = config.numberWeight / Math.sqrt(Math.max(numbers.length, 1));
  for (const [index, features] of numbers.entries()) {
    for (let item = 0; item < items; item++) {
      data[item * dim + termDim + 2 * index] = weight * features[2 * item];
      data[item * dim + termDim + 2 * index + 1] = weight * features[2 * item + 1];
    }
  }
  return { vectors: { items, dim, data }, empty: numbers.length > 0 ? 0 : empty };
}

/** Standard deviations beyond which a number counts as this far. */
const MAX_DEVIATIONS = 3;

/**
 * A number as two features: sign(x)·ln(1 + |x|) less its mean in thrice its standard deviation, cut to [-1, 1], 0 where
 * missing; and 1 where it is missing. [items, 2]
 */
export function numberFeatures({ values }: NumberColumn): Float32Array {
  const logs = values.map((value) => Math.sign(value) * Math.log1p(Math.abs(value)));
  const known = logs.filter(Number.isFinite);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(known.length, 1);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(known.length, 1);
  const spread = MAX_DEVIATIONS * Math.sqrt(variance);
  const features = new Float32Array(2 * values.length);
  for (const [item, value] of logs.entries()) {
    const missing = !Number.isFinite(value);
    features[2 * item] = missing || spread === 0 ? 0 : Math.max(-1, Math.min(1, (value - mean) / spread));
    features[2 * item + 1] = missing ? 1 : 0;
  }
  return features;
}
