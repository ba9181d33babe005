/** A model that scores every item for a history, as ONNX. */

import type { Tensor } from '@tensorflow/tfjs';
import { readItemIds, readUserIds } from '../../data/read.ts';
import { type SideColumn, sideInput } from '../../data/side/types.ts';
import type { Interactions } from '../../data/types.ts';
import { float32, int32, type Program, type Specs, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { csvText } from '../../files/csv.ts';
import type { Config } from '../../training/config.ts';
import { scoringSpecs } from '../../training/programs.ts';
import { openTrainingPart } from '../../training/ranking/context.ts';
import type { SequenceBatchKind } from '../../training/step-model.ts';
import {
  type ExportedModel,
  exportedGraph,
  exportedParameters,
  type ModelExportRequest,
} from '../exported-model.ts';
import { HISTORY_MEANING, SCORING_EXAMPLE } from '../scoring-example.ts';
import type {
  FittedDefinition,
  NextItemDefinition,
  TrainedDefinition,
  TrainedModel,
} from './next-item-model.ts';

const MEANINGS = {
  history: HISTORY_MEANING,
  times: 'seconds since the first interaction of the history, of each one; 0 in padding',
  queryTimes:
    'seconds since the first interaction of the history, of the one after each; the last has its own. 0 in padding',
  ratings: 'twice the rating of each interaction, rounded, 1 to 20; 0 in padding',
  actions: 'what the user did in each interaction, as bits of the imported data set; 0 in padding',
  users: 'row of users.csv',
  seen: '1 for each item of the history, in the order of vocabulary.csv, else 0; items that it marks as hidden from training are left out, but for the last interaction',
  scores: 'of the items, in the order of vocabulary.csv; higher is better',
};

type GraphDefinition = TrainedDefinition | (FittedDefinition & { itemWeights: string });

/** Whether its scores are a graph of a history. */
export const isGraph = (definition: NextItemDefinition): definition is GraphDefinition =>
  definition.kind === 'trained' || definition.itemWeights !== undefined;

/** Throws UserError where its checkpoint cannot be used, or is too large for a file of ONNX. */
export async function exportNextItem(
  definition: GraphDefinition,
  { config, checkpoint, datasetDir }: ModelExportRequest,
): Promise<ExportedModel> {
  const { data, hidden } = await openTrainingPart(datasetDir, config);
  const [programOf, batches] =
    definition.kind === 'fitted'
      ? [weighted(definition.itemWeights, data.items), null]
      : scored(definition, config, data);
  const parameters = exportedParameters(checkpoint, programOf(1).state);
  const events = (data.side ?? []).filter(({ of }) => of === 'event');
  const graph = exportedGraph('model.onnx', programOf, parameters, { ...MEANINGS, ...sideMeanings(events) });
  const ids = (await readItemIds(datasetDir)).slice(0, data.items);
  const readsUsers = graph.inputs.some(({ name }) => name === 'users');
  return {
    graphs: [graph],
    facts: {
      history: batches && { length: batches.maxLength, padding: -1 },
      times: batches?.columns.times ?? null,
      candidates: `the ${data.items} items of vocabulary.csv, without those of the history`,
    },
    files: {
      'vocabulary.csv': csvText(
        ['row', 'item', 'hidden'],
        ids.map((id, item) => [item, id, hidden?.[item] ?? 0]),
      ),
      ...(events.length > 0 && { 'side-features.csv': sideVocabulary(events) }),
      ...(readsUsers && {
        'users.csv': csvText(
          ['row', 'user'],
          (await readUserIds(datasetDir)).map((id, user) => [user, id]),
        ),
      }),
      'example.py': SCORING_EXAMPLE,
    },
  };
}

const sideMeanings = (events: readonly SideColumn[]) =>
  Object.fromEntries(
    events.map(({ name }) => [
      sideInput(name),
      `codes of side-features.csv of each interaction's ${name}, 0 for none and in padding`,
    ]),
  );

/** The code of every value; one that is not listed has code 1, of a column of numbers the last code that begins below it. */
function sideVocabulary(events: readonly SideColumn[]): string {
  const rows = events.flatMap(({ name, values, numbers }) =>
    values.map((value, at) => [name, at + 1, numbers ? `from ${value}` : value]),
  );
  return csvText(['feature', 'code', 'value'], rows);
}

type Programs = (rows: number) => Program;

/** One product: the rows of the weights of what a history holds, added up. */
function weighted(name: string, items: number): Programs {
  return (rows) => ({
    name: 'scores',
    state: { [name]: float32(items, items) },
    inputs: { seen: float32(rows, items) },
    run: (state, { seen }) => ({
      outputs: { scores: tf.matMul(seen as tf.Tensor2D, state[name] as tf.Tensor2D) },
    }),
  });
}

/** What a trained model scores, and how it reads sequences, where it does. */
function scored(
  definition: TrainedDefinition,
  config: Config,
  data: Interactions,
): [Programs, SequenceBatchKind | null] {
  // A table that was trained on the host has the same values in the graph.
  const model = definition.build({ ...config, ...('itemTable' in config && { itemTable: 'device' }) }, data);
  const { batches } = model;
  return [(rows) => scoringProgram(model, rows, data.side), batches.kind === 'sequences' ? batches : null];
}

function scoringProgram(model: TrainedModel, rows: number, side: readonly SideColumn[] = []): Program {
  const { batches } = model;
  if (batches.kind === 'pairs')
    return scoring(model, { rows, length: 1 }, { users: int32(rows) }, (inputs) => inputs);
  const shape = { rows, length: batches.maxLength };
  const { ids, lengths: _, queryTimes, ...others } = scoringSpecs({ batches }, shape);
  const seen = batches.columns.times === 'seen';
  // What describes an item follows from the history.
  const ofItems = side.filter(({ of }) => of === 'item');
  const derived = ofItems.map(({ name }) => sideInput(name));
  const given = Object.entries(others).filter(([name]) => !derived.includes(name));
  return scoring(
    model,
    shape,
    { history: ids, ...Object.fromEntries(given), ...(seen && { queryTimes }) },
    ({ history, ...given }) => {
      const real = tf.cast(tf.greaterEqual(history, tf.scalar(0, 'int32')), 'int32');
      return {
        ...given,
        ...Object.fromEntries(
          ofItems.map((column) => [sideInput(column.name), codesOfItems(column, history)]),
        ),
        ids: tf.add(history, tf.scalar(1, 'int32')),
        lengths: tf.maximum(tf.sum(real, 1), tf.scalar(1, 'int32')),
        ...(given.times && !seen && { queryTimes: given.times }),
      };
    },
  );
}

/** history int32 [rows, length] of items, -1 for padding -> codes int32 [rows, length, width] */
function codesOfItems({ codes, width }: SideColumn, history: Tensor): Tensor {
  const [rows, length] = history.shape as [number, number];
  const padded = new Int32Array(width + codes.length);
  padded.set(codes, width);
  const table = tf.tensor(padded, [padded.length / width, width], 'int32');
  const places = tf.add(tf.reshape(history, [rows * length]), tf.scalar(1, 'int32'));
  return tf.reshape(tf.gather(table, places), [rows, length, width]);
}

function scoring(
  model: TrainedModel,
  shape: { rows: number; length: number },
  inputs: Specs,
  given: (inputs: Tensors) => Tensors,
): Program {
  return {
    name: 'scores',
    state: model.parameters,
    inputs,
    run: (state, tensors) => ({ outputs: { scores: model.scores(state, given(tensors), shape) } }),
  };
}
