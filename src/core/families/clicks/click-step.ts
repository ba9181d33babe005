/** A click model as the step runner sees it, and batches of rows as its inputs. */
import type { Tensor } from '@tensorflow/tfjs';
import type { HostLookup, IdBags, Placement, Specs, Tensors } from '../../engine/index.ts';
import { float32, int32 } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { logisticLoss } from '../../layers/index.ts';
import type { BatchShape, StepModel } from '../../training/step-model.ts';
import type { StepBatch } from '../../training/step-runner.ts';
import {
  bagInput,
  type ClickBag,
  type ClickModel,
  type ClickSizes,
  type ClickVectors,
  type CodeRows,
  countInput,
  pooledInput,
  singleRows,
  vectorInput,
} from './click-model.ts';

/** Rows of data on the host. */
export interface ClickRows {
  count: number;
  /** [count, dense], transformed. */
  dense: Float32Array;
  /** Codes of every feature, in the order of the sizes; bag r are those of row r. */
  features: readonly IdBags[];
  /** 0 or 1, [count, tasks] */
  labels: Float32Array;
  /** [count]; those of a step add up to 1. */
  weights: Float32Array;
  /** Dense users, [count]; -1 where a row has none. */
  users: Int32Array;
}

/** Widths of pooled inputs and the bags in each. */
export function pooledGroups({ bags, hostTables }: ClickModel): Map<number, ClickBag[]> {
  const pooled = bags.filter((bag) => bag.table !== undefined);
  return Map.groupBy(pooled, ({ table }) => hostTables[table as string].dim);
}

/** Inputs that describe rows of data, each by itself. */
export function rowSpecs(model: ClickModel, sizes: ClickSizes, rows: number): Specs {
  const specs: Record<string, ReturnType<typeof float32>> = {};
  if (sizes.dense.length > 0) specs.dense = float32(rows, sizes.dense.length);
  for (const vectors of model.vectors) specs[vectorInput(vectors)] = float32(rows, vectors.dim);
  for (const bag of model.bags) {
    if (bag.table !== undefined) continue;
    specs[bagInput(bag)] = int32(rows, bag.width);
    if (!singleRows(bag)) specs[countInput(bag)] = int32(rows);
  }
  return specs;
}

/** Inputs that lookups fill. */
export function pooledSpecs(model: ClickModel, rows: number): Specs {
  const groups = [...pooledGroups(model)];
  return Object.fromEntries(groups.map(([dim, bags]) => [pooledInput(dim), float32(rows, bags.length, dim)]));
}

function inputSpecs(model: ClickModel, sizes: ClickSizes, shape: BatchShape): Specs {
  const rows = shape.rows * shape.length;
  const own = { labels: float32(rows, sizes.tasks.length), weights: float32(rows) };
  return { ...own, ...rowSpecs(model, sizes, rows), ...sequenceSpecs(model, sizes, shape) };
}

/** Inputs that say how rows lie in sequences. */
export function sequenceSpecs({ sequences }: ClickModel, sizes: ClickSizes, shape: BatchShape): Specs {
  if (!sequences) return {};
  const cells = int32(shape.rows, shape.length);
  const actions = float32(shape.rows * shape.length, sizes.tasks.length);
  return { places: cells, positions: cells, actions, ...(sequences.times ? { times: cells } : {}) };
}

/** Trains on the mean over the tasks of the binary cross-entropy of rows, weighted by row. */
export function clickStep(model: ClickModel, sizes: ClickSizes): StepModel {
  const tasks = sizes.tasks.length;
  const logits = (
    parameters: Tensors,
    inputs: Tensors,
    { rows, length }: BatchShape,
    candidates?: boolean,
  ): Tensor =>
    tf.reshape(model.logits(parameters, inputs, { rows, length }, candidates), [rows * length, tasks]);
  return {
    batches: {
      kind: 'custom',
      inputs: (shape) => inputSpecs(model, sizes, shape),
      pooled: ({ rows, length }) => pooledSpecs(model, rows * length),
    },
    parameters: model.parameters,
    hostTables: model.hostTables,
    randomInputs: ({ rows, length }) => model.randomInputs({ rows, length }),
    loss: (parameters, inputs, shape) => {
      const share = tf.div(tf.reshape(inputs.weights, [shape.rows * shape.length, 1]), tasks);
      const weights = tasks === 1 ? share : tf.tile(share, [1, tasks]);
      const predicted = logits(parameters, inputs, shape, sizes.sequences?.candidates ?? false);
      return logisticLoss(predicted, inputs.labels, weights);
    },
    predict: (parameters, inputs, shape) => logits(parameters, inputs, shape),
  };
}

/** Codes of a feature, or of those of its values that `where` leaves. */
function codesOf(
  { feature, where }: Pick<ClickBag, 'feature' | 'where'>,
  sizes: ClickSizes,
  { features }: ClickRows,
): IdBags {
  const named = (name: string) => features[sizes.features.findIndex((one) => one.name === name)];
  return where ? valuesWhere(named(feature), named(where.feature), where.code) : named(feature);
}

/** Table rows of a feature's values, row by row of the data. */
function tableRows(bag: ClickBag, sizes: ClickSizes, data: ClickRows): IdBags {
  const kept = codesOf(bag, sizes, data);
  const rows = rowsOfCodes(bag.codes, kept);
  if (bag.pooling !== 'mean') return rows;
  const { offsets } = kept;
  const scales = Float32Array.from({ length: offsets.length - 1 }, (_, row) => {
    return 1 / Math.max(1, offsets[row + 1] - offsets[row]);
  });
  return { ...rows, scales };
}

/** The values whose aligned partner has the code. */
function valuesWhere({ ids, offsets }: IdBags, partner: IdBags, code: number): IdBags {
  const kept = new Int32Array(ids.length);
  const ends = new Int32Array(offsets.length);
  let count = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let k = offsets[row]; k < offsets[row + 1]; k++) if (partner.ids[k] === code) kept[count++] = ids[k];
    ends[row + 1] = count;
  }
  return { ids: kept.subarray(0, count), offsets: ends };
}

/** Table rows of codes. */
export function rowsOfCodes(codes: CodeRows, bags: IdBags): IdBags {
  switch (codes.kind) {
    case 'same':
      return bags;
    case 'remainder':
      return { ids: bags.ids.map((code) => code % codes.by), offsets: bags.offsets };
    case 'quotient':
      return { ids: bags.ids.map((code) => Math.floor(code / codes.by)), offsets: bags.offsets };
    case 'list':
      return listedRows(codes, bags);
  }
}

function listedRows({ offsets, rows }: { offsets: Int32Array; rows: Int32Array }, bags: IdBags): IdBags {
  const ends = new Int32Array(bags.offsets.length);
  let count = 0;
  for (const code of bags.ids) count += offsets[code + 1] - offsets[code];
  const ids = new Int32Array(count);
  let at = 0;
  for (let row = 0; row + 1 < bags.offsets.length; row++) {
    for (let k = bags.offsets[row]; k < bags.offsets[row + 1]; k++) {
      const code = bags.ids[k];
      for (let place = offsets[code]; place < offsets[code + 1]; place++) ids[at++] = rows[place];
    }
    ends[row + 1] = at;
  }
  return { ids, offsets: ends };
}

/** The mean of the vectors of each row's codes, [rows, dim]; zeros where it has none. */
function meanVectors({ dim, values }: ClickVectors, { ids, offsets }: IdBags, rows: number): Float32Array {
  const means = new Float32Array(rows * dim);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const share = 1 / (offsets[row + 1] - offsets[row]);
    for (let k = offsets[row]; k < offsets[row + 1]; k++) {
      const from = ids[k] * dim;
      for (let j = 0; j < dim; j++) means[row * dim + j] += share * values[from + j];
    }
  }
  return means;
}

/** Rows for the model to look up itself: the last `width` of each bag, zeros beyond. */
function paddedRows(
  { ids, offsets }: IdBags,
  { width, align }: Pick<ClickBag, 'width' | 'align'>,
  rows: number,
): { rows: Int32Array; counts: Int32Array } {
  const padded = new Int32Array(rows * width);
  const counts = new Int32Array(rows);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const last = offsets[row + 1];
    const first = Math.max(offsets[row], last - width);
    const start = row * width + (align === 'end' ? width - (last - first) : 0);
    padded.set(ids.subarray(first, last), start);
    counts[row] = last - first;
  }
  return { rows: padded, counts };
}

/** Values with zeros up to `length`. */
function padded(values: Float32Array, length: number): Float32Array {
  if (values.length === length) return values;
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}

/** A batch of at most `rows` rows of data, each by itself, as the model's inputs and lookups. */
export function encodeRows(model: ClickModel, sizes: ClickSizes, data: ClickRows, rows: number): StepBatch {
  const inputs: StepBatch['inputs'] = {
    labels: padded(data.labels, rows * sizes.tasks.length),
    weights: padded(data.weights, rows),
  };
  if (sizes.dense.length > 0) inputs.dense = padded(data.dense, rows * sizes.dense.length);
  for (const vectors of model.vectors) {
    inputs[vectorInput(vectors)] = meanVectors(vectors, codesOf(vectors, sizes, data), rows);
  }
  for (const bag of model.bags) {
    if (bag.table !== undefined) continue;
    const bagRows = paddedRows(tableRows(bag, sizes, data), bag, rows);
    inputs[bagInput(bag)] = bagRows.rows;
    if (!singleRows(bag)) inputs[countInput(bag)] = bagRows.counts;
  }
  const users = new Int32Array(rows).fill(-1);
  users.set(data.users);
  const shape: BatchShape = { rows, length: 1 };
  return { shape, users, inputs, lookups: lookupsOf(model, sizes, data), tokens: data.count };
}

function lookupsOf(model: ClickModel, sizes: ClickSizes, data: ClickRows): HostLookup[] {
  return [...pooledGroups(model)].flatMap(([dim, bags]) =>
    bags.map((bag, place) => {
      const placement: Placement = { offset: place * dim, stride: bags.length * dim };
      return {
        table: bag.table as string,
        input: pooledInput(dim),
        bags: tableRows(bag, sizes, data),
        placement,
      };
    }),
  );
}
