/** Imported vectors brought into the order of the catalogue; all of them, or none. */

import { UserError } from '../errors.ts';
import { type ItemMatrix, unitRows } from '../math/rows.ts';
import { countText, examplesText } from '../names.ts';
import type { RowTable } from './vector-files.ts';

/**
 * One vector an item of the catalogue.
 * @param rowIds ids of the rows, where the file has none of its own
 * @param itemIds original ids of the catalogue, in dense order
 * @throws UserError with the count of everything that is wrong: rows and ids that do not match, items twice, unknown or
 *   missing, values that are not finite
 */
export function alignVectors(
  path: string,
  { ids, data, dim }: RowTable,
  rowIds: readonly string[] | null,
  itemIds: readonly string[],
): ItemMatrix {
  const rowOwners = rowIds ?? ids;
  if (dim < 1) throw new UserError(`${path}: vectors without numbers`);
  const rows = data.length / dim;
  if (rowOwners === null) {
    throw new UserError(
      `${path}: ${countText(rows, 'vector')} without item ids; name a text file of ids, one per line in the order of the rows, with vectorIdsFile`,
    );
  }
  if (rowOwners.length !== rows) {
    throw new UserError(
      `${path}: ${countText(rows, 'vector')} for ${countText(rowOwners.length, 'item id')}; there must be one each`,
    );
  }
  const dense = new Map(itemIds.map((id, item) => [id, item]));
  const result = new Float32Array(itemIds.length * dim);
  const filled = new Uint8Array(itemIds.length);
  const [unknown, repeated, broken]: string[][] = [[], [], []];
  for (const [row, id] of rowOwners.entries()) {
    const item = dense.get(id);
    if (item === undefined) {
      unknown.push(id);
      continue;
    }
    if (filled[item] === 1) repeated.push(id);
    filled[item] = 1;
    const vector = data.subarray(row * dim, (row + 1) * dim);
    if (!vector.every(Number.isFinite)) broken.push(id);
    result.set(vector, item * dim);
  }
  const missing = itemIds.filter((_, item) => filled[item] === 0);
  const problems = [
    { noun: 'item', which: 'that the data set does not have', ids: unknown },
    { noun: 'item', which: 'with several vectors', ids: repeated },
    { noun: 'vector', which: 'with values that are not finite', ids: broken },
    { noun: 'item', which: 'of the data set without a vector', ids: missing },
  ].flatMap(({ noun, which, ids: found }) =>
    found.length === 0 ? [] : [`${countText(found.length, noun)} ${which} (${examplesText(found)})`],
  );
  if (problems.length > 0) {
    throw new UserError({
      code: 'invalid',
      problem: `${path}: ${problems.join('; ')}`,
      kept: 'nothing was imported',
      fix: 'correct the file',
    });
  }
  return { items: itemIds.length, dim, data: result };
}

/** Vectors of items, and how many of these have no content: their vectors are 0. */
export interface Encoded {
  vectors: ItemMatrix;
  empty: number;
}

/** Each item's two vectors one behind the other, at length 1 and `weight`. */
export function sideBySide(first: ItemMatrix, second: ItemMatrix, weight: number): Encoded {
  const { items, dim: left } = first;
  const dim = left + second.dim;
  const [a, b] = [first, second].map((part) => unitRows(part.data, part.dim));
  const data = new Float32Array(items * dim);
  let empty = 0;
  for (let item = 0; item < items; item++) {
    const row = data.subarray(item * dim, (item + 1) * dim);
    row.set(a.subarray(item * left, (item + 1) * left));
    row.set(
      b.subarray(item * second.dim, (item + 1) * second.dim).map((value) => weight * value),
      left,
    );
    if (row.every((value) => value === 0)) empty++;
  }
  return { vectors: { items, dim, data }, empty };
}
