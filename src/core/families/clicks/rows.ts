/** The rows of a data set as a click model takes them: codes of its features, transformed numbers, labels. */
import {
  type ClickData,
  HISTORY_FEATURES,
  openClickData,
  rowsOfPart,
  TRAIN,
} from '../../data/clicks/index.ts';
import type { ClickTable, DenseColumn, FeatureColumn } from '../../data/clicks/types.ts';
import type { IdBags } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { readSnapshot, readSpace } from '../../semantic-ids/artefact.ts';
import type { RunContext } from '../../training/run-context.ts';
import type { ClickDataConfig } from './click-config.ts';
import type { ClickCounts, ClickDefinition, ClickFeature, ClickSizes } from './click-model.ts';
import type { ClickRows } from './click-step.ts';

type Transform = ClickDataConfig['denseTransform'];

/** What rows the training part has of each code, int32 [vocabulary]. */
function countCodes({ vocabulary, width, read }: FeatureColumn, rows: Int32Array): Int32Array {
  const counts = new Int32Array(vocabulary);
  const codes = new Int32Array(width);
  for (const row of rows) {
    const values = read(row, codes, 0);
    for (let at = 0; at < values; at++) counts[codes[at]]++;
  }
  return counts;
}

/** The features with their counts over the training rows. */
export function clickFeatures(table: ClickTable, train: Int32Array): ClickFeature[] {
  return table.features.map(({ read, ...feature }) => ({
    ...feature,
    counts: countCodes({ ...feature, read }, train),
  }));
}

/** The rows that a model reads: one of sequences has no use for features that repeat them. */
export async function openRows(
  { readsSequences }: ClickDefinition,
  directory: string,
  config: ClickDataConfig,
): Promise<ClickData> {
  const data = await openClickData(directory, config);
  if (!readsSequences) return data;
  const features = data.table.features.filter(({ name }) => !HISTORY_FEATURES.includes(name));
  return { ...data, table: { ...data.table, features } };
}

/** Throws UserError where the tokeniser's IDs are of other items. */
export function sizesOf(
  { table, parts }: ClickData,
  {
    spec,
    summary,
  }: { spec: Pick<RunContext['spec'], 'sources'>; summary: Pick<RunContext['summary'], 'name'> },
): ClickSizes {
  const sizes: ClickSizes = {
    dense: table.dense.map(({ name }) => name),
    features: clickFeatures(table, rowsOfPart(parts, TRAIN)),
    tasks: table.tasks,
    ...(table.users && table.items
      ? { sequences: { times: table.times !== null, candidates: table.groupSize > 1 } }
      : {}),
  };
  const tokeniser = spec.sources?.tokeniser;
  if (!tokeniser) return sizes;
  const { ids } = readSnapshot(tokeniser.dir);
  if (ids.items !== table.itemCount) {
    throw new UserError(
      `the tokeniser ${tokeniser.name} has IDs of ${ids.items} items, but "${summary.name}" has ${table.itemCount}: ` +
        'choose one that was trained on this data set',
    );
  }
  return { ...sizes, semanticIds: { ids, vectors: readSpace(tokeniser.dir)?.vectors ?? null } };
}

/** How often the training rows have each label. */
export function countClicks({ features, labels }: ClickTable, train: Int32Array): ClickCounts {
  const ofFeature = ({ vocabulary, width, read }: FeatureColumn) => {
    const positives = labels.map(() => new Int32Array(vocabulary));
    const codes = new Int32Array(width);
    for (const row of train) {
      const values = read(row, codes, 0);
      for (let at = 0; at < values; at++)
        labels.forEach((column, task) => {
          positives[task][codes[at]] += column[row];
        });
    }
    return positives;
  };
  return {
    shares: labels.map((column) => train.reduce((sum, row) => sum + column[row], 0) / train.length),
    positives: Object.fromEntries(features.map((feature) => [feature.name, ofFeature(feature)])),
  };
}

/** A number as the model sees it; 0 for a missing one. Published for "log": Naumov et al. 2019, released code. */
function transformOf(
  { value }: DenseColumn,
  transform: Transform,
  train: Int32Array,
): (row: number) => number {
  if (transform === 'none') return (row) => missingAsZero(value(row));
  if (transform === 'log') return (row) => Math.log1p(Math.max(0, missingAsZero(value(row))));
  const { mean, deviation } = momentsOf({ value }, train);
  return (row) => missingAsZero((value(row) - mean) / deviation);
}

/** Mean and deviation over the training rows, those without a value left out; 1 for a deviation of 0. */
export function momentsOf(
  { value }: Pick<DenseColumn, 'value'>,
  train: Int32Array,
): { mean: number; deviation: number } {
  let [count, mean, squares] = [0, 0, 0];
  for (const row of train) {
    const x = value(row);
    if (Number.isNaN(x)) continue;
    count++;
    const distance = x - mean;
    mean += distance / count;
    squares += distance * (x - mean);
  }
  return { mean, deviation: Math.sqrt(squares / Math.max(1, count)) || 1 };
}

const missingAsZero = (x: number) => (Number.isNaN(x) ? 0 : x);

/** Reads rows out of a table, batch by batch. */
export class RowReader {
  readonly #table: ClickTable;
  readonly #dense: ((row: number) => number)[];

  constructor(table: ClickTable, transform: Transform, train: Int32Array) {
    this.#table = table;
    this.#dense = table.dense.map((column) => transformOf(column, transform, train));
  }

  /** The rows of these numbers with their weights; -1 is a row of zeros without any value. */
  read(rows: Int32Array, weights: Float32Array): ClickRows {
    const { features, tasks, labels, users } = this.#table;
    const truth = new Float32Array(rows.length * tasks.length);
    const dense = new Float32Array(rows.length * this.#dense.length);
    rows.forEach((row, at) => {
      if (row < 0) return;
      tasks.forEach((_, task) => {
        truth[at * tasks.length + task] = labels[task][row];
      });
      this.#dense.forEach((value, column) => {
        dense[at * this.#dense.length + column] = value(row);
      });
    });
    return {
      count: rows.length,
      dense,
      labels: truth,
      weights,
      features: features.map((feature) => bagsOf(feature, rows)),
      users: Int32Array.from(rows, (row) => users?.[row] ?? -1),
    };
  }
}

function bagsOf({ width, read }: FeatureColumn, rows: Int32Array): IdBags {
  const ids = new Int32Array(rows.length * width);
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, at) => {
    offsets[at + 1] = offsets[at] + (row < 0 ? 0 : read(row, ids, offsets[at]));
  });
  return { ids: ids.subarray(0, offsets[rows.length]), offsets };
}
