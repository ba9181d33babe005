/** A model of labelled rows as ONNX: codes and numbers of a row in, probabilities out, the tables inside. */
import type { Tensor } from '@tensorflow/tfjs';
import { openClickData, rowsOfPart, TRAIN } from '../../data/clicks/index.ts';
import { readVocabulary } from '../../data/clicks/vocabulary.ts';
import { readSummary } from '../../data/read.ts';
import { float32, gatherRows, int32, type Program, type Specs, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { UserError } from '../../errors.ts';
import { csvText } from '../../files/csv.ts';
import {
  type ExportedModel,
  exportedGraph,
  exportedParameters,
  type ModelExportRequest,
} from '../exported-model.ts';
import { clickSchema } from './click-config.ts';
import {
  type ClickBag,
  type ClickDefinition,
  type ClickModel,
  type ClickSizes,
  pooledInput,
} from './click-model.ts';
import { pooledGroups, rowsOfCodes } from './click-step.ts';
import { CLICK_EXAMPLE } from './example.ts';
import { momentsOf, sizesOf } from './rows.ts';

const featureInput = (name: string) => `feature/${name}`;

/** How a number is transformed: (x - mean) / deviation, or ln(1 + max(0, x)). `missing` is the number that a missing one counts as. */
type Numbers = { log: boolean; columns: { name: string; missing: number; deviation: number }[] };

/** Throws UserError where the model reads sequences or content vectors, or its checkpoint cannot be used. */
export async function exportClicks(
  definition: ClickDefinition,
  { config, checkpoint, datasetDir, sources }: ModelExportRequest,
): Promise<ExportedModel> {
  const { denseTransform, ...options } = clickSchema.parse(config);
  const data = await openClickData(datasetDir, options);
  const sizes = sizesOf(data, { spec: { sources }, summary: readSummary(datasetDir) });
  const model = definition.build(config, sizes);
  if (model.sequences || model.vectors.length > 0 || model.bags.some(severalRows))
    throw new UserError(
      `${definition.title} with these settings reads more than the values of a row: it cannot be written as ONNX; export a DLRM without Semantic IDs`,
    );
  const train = rowsOfPart(data.parts, TRAIN);
  const numbers: Numbers = {
    log: denseTransform === 'log',
    columns: data.table.dense.map((column) => {
      const { mean, deviation } =
        denseTransform === 'standard' ? momentsOf(column, train) : { mean: 0, deviation: 1 };
      return { name: column.name, missing: mean, deviation };
    }),
  };
  const tables = Object.entries(model.hostTables).map(([name, { rows, dim }]) => [name, float32(rows, dim)]);
  const state: Specs = { ...model.parameters, ...Object.fromEntries(tables) };
  const read = new Set(
    model.bags.flatMap(({ feature, where }) => (where ? [feature, where.feature] : [feature])),
  );
  const features = sizes.features.filter(({ name }) => read.has(name));
  const programOf = (rows: number): Program => ({
    name: 'probabilities',
    state,
    inputs: {
      ...Object.fromEntries(features.map(({ name, width }) => [featureInput(name), int32(rows, width)])),
      ...(sizes.dense.length > 0 && { dense: float32(rows, sizes.dense.length) }),
    },
    run: (parameters, inputs) => {
      const given = {
        ...pooled(model, sizes, parameters, inputs),
        dense: transformed(inputs.dense, numbers),
      };
      const logits = model.logits(parameters, given, { rows, length: 1 });
      return { outputs: { probabilities: tf.sigmoid(tf.reshape(logits, [rows, sizes.tasks.length])) } };
    },
  });
  const meanings = Object.fromEntries(
    features.map(({ name, width }) => [
      featureInput(name),
      `codes of ${name} in vocabulary.csv, 0 for ${width > 1 ? 'unknown values, -1 after the last one' : 'a missing or unknown one'}`,
    ]),
  );
  const graph = exportedGraph('model.onnx', programOf, exportedParameters(checkpoint, state), {
    ...meanings,
    dense: `the numbers ${sizes.dense.join(', ')} as they were imported; of a missing one what "numbers" says`,
    probabilities: `of ${sizes.tasks.join(', ')}`,
  });
  return {
    graphs: [graph],
    facts: {
      columns: features.map(({ name, width, of }) => ({
        ...{ name, input: featureInput(name), width },
        codes: of === 'item' ? 'item' : name,
      })),
      numbers: numbers.columns.map(({ name, missing }) => ({ name, missing })),
      tasks: sizes.tasks,
    },
    files: {
      'vocabulary.csv': csvText(['column', 'code', 'value'], await readVocabulary(datasetDir, data.table)),
      'example.py': CLICK_EXAMPLE,
    },
  };
}

/** Whether some code has several rows of a table, or the model looks them up by itself. */
function severalRows({ table, codes }: ClickBag): boolean {
  return (
    table === undefined || (codes.kind === 'list' && codes.offsets.some((offset, code) => offset !== code))
  );
}

function transformed(dense: Tensor | undefined, { log, columns }: Numbers): Tensor {
  if (!dense) return tf.scalar(0);
  if (log) return tf.log(tf.add(tf.relu(dense), 1));
  const row = (of: (column: Numbers['columns'][number]) => number) => tf.tensor([columns.map(of)]);
  return tf.div(
    tf.sub(
      dense,
      row(({ missing }) => missing),
    ),
    row(({ deviation }) => deviation),
  );
}

/** The pooled rows of the bags' tables, as the host gives them in training. */
function pooled(model: ClickModel, sizes: ClickSizes, parameters: Tensors, inputs: Tensors): Tensors {
  const vectors = (bag: ClickBag) => bagVectors(bag, sizes, parameters[bag.table as string], inputs);
  return Object.fromEntries(
    [...pooledGroups(model)].map(([dim, bags]) => {
      const all = bags.map((bag) => tf.expandDims(vectors(bag), 1));
      return [pooledInput(dim), all.length === 1 ? all[0] : tf.concat(all, 1)];
    }),
  );
}

/** The sum or mean over a row's values: [rows, dim] */
function bagVectors(
  { feature, where, codes: kind, pooling }: ClickBag,
  { features }: ClickSizes,
  table: Tensor,
  inputs: Tensors,
): Tensor {
  const codes = inputs[featureInput(feature)];
  const zero = tf.scalar(0, 'int32');
  const given = tf.greaterEqual(codes, zero);
  const kept = where ? tf.equal(inputs[featureInput(where.feature)], tf.scalar(where.code, 'int32')) : given;
  const weights = tf.mul(tf.cast(given, 'float32'), tf.cast(kept, 'float32'));
  const vocabulary = features.find(({ name }) => name === feature)?.vocabulary ?? 0;
  const ids = Int32Array.from({ length: vocabulary }, (_, code) => code);
  const places = rowsOfCodes(kind, { ids, offsets: Int32Array.of(0, vocabulary) }).ids;
  const known = tf.maximum(codes, zero);
  const rows = kind.kind === 'same' ? known : tf.gather(tf.tensor1d(places, 'int32'), known);
  const sum = tf.sum(tf.mul(gatherRows(table, rows), tf.expandDims(weights, -1)), 1);
  return pooling === 'mean' ? tf.div(sum, tf.maximum(tf.sum(weights, 1, true), 1)) : sum;
}
