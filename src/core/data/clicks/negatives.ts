import { UserError } from '../../errors.ts';
import { Random } from '../../math/random.ts';
import { singleFeature } from './read.ts';
import { TEST, UNUSED } from './split.ts';
import type { ClickTable, DenseColumn, FeatureColumn } from './types.ts';

/** Which part of the data each row belongs to, and what training must not see. */
export interface NegativeSampling {
  /** Of each positive, as of splitRows; its negatives belong to the same part. */
  parts: Uint8Array;
  /** [items] 1 for items that neither training nor validation may see. */
  hidden: Uint8Array;
  /** Negatives behind each positive. */
  count: number;
  seed: number;
}

/**
 * Every row as a positive, followed by `count` negatives: the same row with another item. It is drawn uniformly from the
 * items that its user has in no row of its own part or of one that comes before it (training, validation, test): a training
 * that never drew a user's test item would learn from its absence. Features that follow the item, those with one value an
 * item throughout, are the drawn item's. A draw depends on (seed, row) and the split.
 * @throws UserError without users or items, or where one user has interacted with every item that could be drawn
 */
export function withNegatives(table: ClickTable, sampling: NegativeSampling): ClickTable {
  const { users, items, itemCount } = table;
  if (!users || !items) {
    throw new UserError('sampled negatives need user and item columns; name them at the import');
  }
  const { count } = sampling;
  const size = count + 1;
  const rows = table.rows * size;
  if (rows >= 2 ** 31) throw new UserError(`${table.rows} rows with ${count} negatives each are too many`);
  const drawn = drawItems(users, items, itemCount, sampling);
  const firstRow = firstRows(items, itemCount);
  const source = (row: number) => Math.floor(row / size);
  /** Where a feature that follows the item is read. */
  const itemRow = (row: number) => (row % size === 0 ? source(row) : firstRow[drawn[row]]);
  return {
    rows,
    tasks: ['positive'],
    labels: [Uint8Array.from({ length: rows }, (_, row) => (row % size === 0 ? 1 : 0))],
    times: table.times && spread(table.times, size),
    users: spread(users, size),
    items: drawn,
    itemCount,
    dense: table.dense.map((column): DenseColumn => {
      const from = denseFollowsItem(column, items, firstRow) ? itemRow : source;
      return { ...column, value: (row) => column.value(from(row)) };
    }),
    features: table.features.map((column): FeatureColumn => {
      if (column.of === 'item' && column.width === 1) return singleFeature(column, (row) => drawn[row] + 1);
      const from = followsItem(column, items, firstRow) ? itemRow : source;
      return { ...column, read: (row, target, at) => column.read(from(row), target, at) };
    }),
    groupSize: size,
  };
}

/** Every value `size` times. */
function spread<T extends Int32Array | Float64Array>(values: T, size: number): T {
  const spreadOut = new (values.constructor as new (length: number) => T)(values.length * size);
  values.forEach((value, row) => {
    spreadOut.fill(value, row * size, (row + 1) * size);
  });
  return spreadOut;
}

/** The item of each row of the new table; only items with rows are drawn. */
function drawItems(
  users: Int32Array,
  items: Int32Array,
  itemCount: number,
  { parts, hidden, count, seed }: NegativeSampling,
): Int32Array {
  const known = earliestParts(users, items, parts);
  const present = new Uint8Array(itemCount);
  for (const item of items) if (item >= 0) present[item] = 1;
  const all = Int32Array.from({ length: itemCount }, (_, item) => item).filter((item) => present[item] === 1);
  const visible = all.filter((item) => hidden[item] === 0);
  const drawn = new Int32Array(users.length * (count + 1));
  users.forEach((user, row) => {
    const part = partOf(parts, row);
    const pool = part === TEST ? all : visible;
    const knownItems = known.get(user) ?? new Map<number, number>();
    const has = (item: number) => (knownItems.get(item) ?? UNUSED) <= part;
    // Only a user with that many items can have all of them.
    if (knownItems.size >= pool.length && pool.every(has)) {
      throw new UserError(
        'one user has interacted with every item, so no negatives can be sampled; give the data set a label column',
      );
    }
    const random = new Random(seed, row, 'negatives');
    drawn[row * (count + 1)] = items[row];
    for (let negative = 1; negative <= count; negative++) {
      let item = pool[random.below(pool.length)];
      while (has(item)) item = pool[random.below(pool.length)];
      drawn[row * (count + 1) + negative] = item;
    }
  });
  return drawn;
}

/** Rows of no part are kept from training and validation as those of the test are. */
function partOf(parts: Uint8Array, row: number): number {
  return Math.min(parts[row], TEST);
}

/** By user the first part in which each of its items occurs. */
function earliestParts(
  users: Int32Array,
  items: Int32Array,
  parts: Uint8Array,
): Map<number, Map<number, number>> {
  const known = new Map<number, Map<number, number>>();
  users.forEach((user, row) => {
    let knownItems = known.get(user);
    if (!knownItems) {
      knownItems = new Map();
      known.set(user, knownItems);
    }
    knownItems.set(items[row], Math.min(knownItems.get(items[row]) ?? UNUSED, partOf(parts, row)));
  });
  return known;
}

/** A row of each item, -1 for items without one. */
function firstRows(items: Int32Array, itemCount: number): Int32Array {
  const first = new Int32Array(itemCount).fill(-1);
  for (let row = items.length - 1; row >= 0; row--) if (items[row] >= 0) first[items[row]] = row;
  return first;
}

function followsItem(column: FeatureColumn, items: Int32Array, firstRow: Int32Array): boolean {
  if (column.follows) return column.follows === 'item';
  const values = new Int32Array(column.width);
  const first = new Int32Array(column.width);
  return items.every((item, row) => {
    if (item < 0) return true;
    const count = column.read(row, values, 0);
    if (column.read(firstRow[item], first, 0) !== count) return false;
    for (let at = 0; at < count; at++) if (values[at] !== first[at]) return false;
    return true;
  });
}

function denseFollowsItem(column: DenseColumn, items: Int32Array, firstRow: Int32Array): boolean {
  if (column.follows) return column.follows === 'item';
  return items.every((item, row) => item < 0 || Object.is(column.value(row), column.value(firstRow[item])));
}
