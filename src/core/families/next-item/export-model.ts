/** A model that scores every item for a history, as ONNX. */
import * as tf from '@tensorflow/tfjs';
import { openInteractions, readItemIds, readUserIds } from '../../data/read.ts';
import { int32, type Program, type Specs, type Tensors } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { csvText } from '../../files/csv.ts';
import { scoringSpecs } from '../../training/programs.ts';
import { trainingPart } from '../../training/ranking/context.ts';
import {
  type ExportedModel,
  exportedGraph,
  exportedParameters,
  type ModelExportRequest,
} from '../exported-model.ts';
import { NEXT_ITEM_EXAMPLE } from './example.ts';
import type { NextItemDefinition, TrainedModel } from './next-item-model.ts';

const MEANINGS = {
  history:
    'rows of vocabulary.csv of the most recent interactions, oldest first, then -1 up to the length; items that it marks as hidden from training are left out before, but for the last interaction',
  times: 'seconds since the first interaction of the history, of each one; 0 in padding',
  queryTimes:
    'seconds since the first interaction of the history, of the one after each; the last has its own. 0 in padding',
  ratings: 'twice the rating of each interaction, rounded, 1 to 20; 0 in padding',
  actions: 'what the user did in each interaction, as bits of the imported data set; 0 in padding',
  users: 'row of users.csv',
  scores: 'of the items, in the order of vocabulary.csv; higher is better',
};

/** Throws UserError where the model is no graph, or its checkpoint cannot be used. */
export async function exportNextItem(
  definition: NextItemDefinition,
  { config, checkpoint, datasetDir }: ModelExportRequest,
): Promise<ExportedModel> {
  if (definition.kind === 'fitted')
    throw new UserError(
      `${definition.title} is computed from the interactions and is no graph: it cannot be written as ONNX; export a trained model`,
    );
  const { data, hidden } = trainingPart(await openInteractions(datasetDir), config);
  // A table that was trained on the host has the same values in the graph.
  const model = definition.build({ ...config, ...('itemTable' in config && { itemTable: 'device' }) }, data);
  const parameters = exportedParameters(checkpoint, model.parameters);
  const graph = exportedGraph('model.onnx', (rows) => scoringProgram(model, rows), parameters, MEANINGS);
  const ids = (await readItemIds(datasetDir)).slice(0, data.items);
  const readsUsers = graph.inputs.some(({ name }) => name === 'users');
  return {
    graphs: [graph],
    facts: {
      history: model.batches.kind === 'sequences' ? { length: model.batches.maxLength, padding: -1 } : null,
      times: model.batches.kind === 'sequences' ? (model.batches.columns.times ?? null) : null,
      candidates: `the ${data.items} items of vocabulary.csv, without those of the history`,
    },
    files: {
      'vocabulary.csv': csvText(
        ['row', 'item', 'hidden'],
        ids.map((id, item) => [item, id, hidden?.[item] ?? 0]),
      ),
      ...(readsUsers && {
        'users.csv': csvText(
          ['row', 'user'],
          (await readUserIds(datasetDir)).map((id, user) => [user, id]),
        ),
      }),
      'example.py': NEXT_ITEM_EXAMPLE,
    },
  };
}

function scoringProgram(model: TrainedModel, rows: number): Program {
  const { batches } = model;
  if (batches.kind === 'pairs')
    return scoring(model, { rows, length: 1 }, { users: int32(rows) }, (inputs) => inputs);
  const shape = { rows, length: batches.maxLength };
  const { ids, lengths: _, queryTimes, ...others } = scoringSpecs({ batches }, shape);
  const seen = batches.columns.times === 'seen';
  return scoring(
    model,
    shape,
    { history: ids, ...others, ...(seen && { queryTimes }) },
    ({ history, ...given }) => {
      const real = tf.cast(tf.greaterEqual(history, tf.scalar(0, 'int32')), 'int32');
      return {
        ...given,
        ids: tf.add(history, tf.scalar(1, 'int32')),
        lengths: tf.maximum(tf.sum(real, 1), tf.scalar(1, 'int32')),
        ...(given.times && !seen && { queryTimes: given.times }),
      };
    },
  );
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
