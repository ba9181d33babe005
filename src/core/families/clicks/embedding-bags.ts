/** How the codes of a categorical feature become one vector: whole, hashed, quotient-remainder and mixed-dimension tables. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { UserError } from '../../errors.ts';
import {
  bindTree,
  type HostTableSpecs,
  type Initialiser,
  namedLeaves,
  ones,
  type ParameterSpec,
  type ParameterSpecs,
  parameter,
  xavierUniform,
} from '../../layers/index.ts';
import { type ClickBag, type ClickVectors, type CodeRows, pooledInput, vectorInput } from './click-model.ts';

/** What an embedding may use instead of one row of full width for every code. */
export type Compression =
  | { kind: 'none' }
  /**
   * Tables of more than `threshold` rows become two, of floor(r / collisions) and r mod collisions, whose pooled vectors
   * are combined (Shi et al. 2020).
   */
  | {
      kind: 'quotient-remainder';
      threshold: number;
      collisions: number;
      operation: 'mult' | 'add' | 'concat';
    }
  /** Narrower vectors, projected to the full width, for the tables that have a smaller width here (Ginart et al. 2021). */
  | { kind: 'mixed-dimension'; widths: Readonly<Record<string, number>> };

/** A feature's vector: the bags it pools and how they are combined. */
export interface FeatureVector {
  bags: readonly ClickBag[];
  combine: 'first' | 'mult' | 'add' | 'concat' | 'project';
  /** Fixed vectors that are projected instead of bags. */
  content?: ClickVectors;
  /** To the full width; features with one table share it. */
  projection?: Projection;
}

/** A matrix that belongs to a table. */
export interface Projection {
  table: string;
  tree: { projection: ParameterSpec };
}

export interface FeatureTables {
  vector: FeatureVector;
  hostTables: HostTableSpecs;
}

/** The projection of a table's vectors to another width. */
export function projectionOf(table: string, width: number, dim: number): Projection {
  return { table, tree: { projection: parameter([width, dim], xavierUniform) } };
}

/** The parameters of features' vectors. */
export function vectorParameters(vectors: readonly FeatureVector[]): ParameterSpecs {
  const named = vectors.map(({ projection }) => projection && namedLeaves(projection.tree, projection.table));
  return Object.assign({}, ...named);
}

/** A feature's lookups, before its table is compressed. */
export interface Lookup {
  /** Table's name and rows. */
  table: string;
  rows: number;
  codes: CodeRows;
  bag: Pick<ClickBag, 'name' | 'feature' | 'where' | 'pooling' | 'width'>;
}

/** U(-1/sqrt(rows), 1/sqrt(rows)), as the released code of DLRM. */
function uniformBy(rows: number): Initialiser {
  return { kind: 'uniform', limit: Math.sqrt(1 / rows) };
}

/** Another map of the rows that codes stand for. */
export function mapRows(codes: CodeRows, how: { kind: 'quotient' | 'remainder'; by: number }): CodeRows {
  const { kind, by } = how;
  if (codes.kind === 'same') return how;
  if (codes.kind !== 'list') throw new Error('only whole or listed rows can be divided');
  const map = kind === 'quotient' ? (row: number) => Math.floor(row / by) : (row: number) => row % by;
  return { ...codes, rows: codes.rows.map(map) };
}

/** The tables of a lookup and the vector of width `dim` that it becomes. Throws UserError where `dim` cannot be halved. */
export function featureTables(lookup: Lookup, dim: number, compression: Compression): FeatureTables {
  const { table, rows } = lookup;
  if (compression.kind === 'quotient-remainder' && rows > compression.threshold) {
    return quotientRemainder(lookup, dim, compression);
  }
  const width =
    compression.kind === 'mixed-dimension' ? Math.min(dim, compression.widths[table] ?? dim) : dim;
  const bags = [{ ...lookup.bag, codes: lookup.codes, table }];
  const hostTables = { [table]: { rows, dim: width, init: uniformBy(rows) } };
  if (width === dim) return { vector: { bags, combine: 'first' }, hostTables };
  return { vector: { bags, combine: 'project', projection: projectionOf(table, width, dim) }, hostTables };
}

function quotientRemainder(
  { table, rows, codes, bag }: Lookup,
  dim: number,
  { collisions, operation }: Extract<Compression, { kind: 'quotient-remainder' }>,
): FeatureTables {
  const halves = operation === 'concat';
  if (halves && dim % 2 !== 0) {
    throw new UserError(`config "dim": ${dim} is odd; qrOperation=concat needs two halves`);
  }
  const width = halves ? dim / 2 : dim;
  const part = (name: 'quotient' | 'remainder') => ({
    ...bag,
    name: `${bag.name}/${name}`,
    codes: mapRows(codes, { kind: name, by: collisions }),
    table: `${table}/${name}`,
  });
  const quotients = Math.ceil(rows / collisions);
  return {
    vector: { bags: [part('quotient'), part('remainder')], combine: operation },
    hostTables: {
      [`${table}/quotient`]: { rows: quotients, dim: width, init: uniformBy(rows) },
      // Products begin as the quotients' vectors, whose size is that of a whole table's.
      [`${table}/remainder`]: {
        rows: collisions,
        dim: width,
        init: operation === 'mult' ? ones : uniformBy(rows),
      },
    },
  };
}

/**
 * Widths of tables of so many rows: the smallest gets `base`, others base (n / smallest)^-alpha, rounded, at least 1, and
 * to a power of two with `powerOfTwo` (Ginart et al. 2021, algorithm 2).
 */
export function mixedDimensions(
  rows: readonly number[],
  { alpha, base, powerOfTwo }: { alpha: number; base: number; powerOfTwo: boolean },
): number[] {
  const smallest = Math.min(...rows);
  return rows.map((n) => {
    const width = Math.max(1, Math.round(base * (n / smallest) ** -alpha));
    return powerOfTwo ? 2 ** Math.round(Math.log2(width)) : width;
  });
}

/**
 * The vectors of all features, in order: [rows, features, dim]. Neighbours that are rows of one pooled input are taken
 * from it together.
 */
export function stackVectors(
  vectors: readonly FeatureVector[],
  parameters: Tensors,
  inputs: Tensors,
  { dim, hostTables }: { dim: number; hostTables: HostTableSpecs },
): Tensor {
  const places = bagPlaces(vectors, hostTables);
  const parts: Tensor[] = [];
  for (let at = 0; at < vectors.length; ) {
    let end = at;
    while (vectors[end]?.combine === 'first') end++;
    if (end > at) {
      const { input, place } = places.get(vectors[at].bags[0]) as BagPlace;
      parts.push(placesOf(inputs[input], place, end - at));
      at = end;
    } else {
      parts.push(tf.expandDims(combined(vectors[at], parameters, inputs, places), 1));
      at++;
    }
  }
  const stacked = parts.length === 1 ? parts[0] : tf.concat(parts, 1);
  if (stacked.shape[2] !== dim) throw new Error(`vectors of width ${stacked.shape[2]}, not ${dim}`);
  return stacked;
}

interface BagPlace {
  input: string;
  place: number;
}

function bagPlaces(vectors: readonly FeatureVector[], hostTables: HostTableSpecs): Map<ClickBag, BagPlace> {
  const counts = new Map<string, number>();
  const places = new Map<ClickBag, BagPlace>();
  for (const bag of vectors.flatMap(({ bags }) => bags)) {
    const input = pooledInput(hostTables[bag.table as string].dim);
    const place = counts.get(input) ?? 0;
    counts.set(input, place + 1);
    places.set(bag, { input, place });
  }
  return places;
}

/** Vectors `place` to `place + count - 1` of a pooled input [rows, n, dim]. */
function placesOf(pooled: Tensor, place: number, count: number): Tensor {
  const [rows, n, dim] = pooled.shape as [number, number, number];
  return n === count ? pooled : tf.slice(pooled, [0, place, 0], [rows, count, dim]);
}

function combined(
  { bags, combine, content, projection }: FeatureVector,
  parameters: Tensors,
  inputs: Tensors,
  places: Map<ClickBag, BagPlace>,
): Tensor {
  const pooled = bags.map((bag) => {
    const { input, place } = places.get(bag) as BagPlace;
    return tf.squeeze(placesOf(inputs[input], place, 1), [1]);
  });
  const projected = (x: Tensor) => {
    const { table, tree } = projection as Projection;
    return tf.matMul(x as tf.Tensor2D, bindTree(tree, parameters, table).projection as tf.Tensor2D);
  };
  if (content) return projected(inputs[vectorInput(content)]);
  switch (combine) {
    case 'first':
      return pooled[0];
    case 'mult':
      return tf.mul(pooled[0], pooled[1]);
    case 'add':
      return tf.add(pooled[0], pooled[1]);
    case 'concat':
      return tf.concat(pooled, 1);
    case 'project':
      return projected(pooled[0]);
  }
}
