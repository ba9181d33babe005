/** Generative models as ONNX: the encoder of TIGER and LIGER and the decoder of an ID's next token, and the scores of RPG. */

import { openInteractions, readItemIds, readUserIds } from '../../data/read.ts';
import { float32, type HostArrays, int32, type Program, type Tensors } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { UserError } from '../../errors.ts';
import { csvText } from '../../files/csv.ts';
import { trainingPart } from '../../training/ranking/context.ts';
import {
  type ExportedGraph,
  type ExportedModel,
  exportedGraph,
  exportedParameters,
  type ModelExportRequest,
} from '../exported-model.ts';
import { SCORING_EXAMPLE } from '../scoring-example.ts';
import { type Catalogue, userToken } from './code-tokens.ts';
import { GENERATIVE_EXAMPLE } from './example.ts';
import type { GenerativeDefinition } from './generative-model.ts';
import { Liger } from './models/liger.ts';
import { Rpg } from './models/rpg.ts';
import { Tiger } from './models/tiger.ts';
import { openGenerative } from './run-generative.ts';

const MEANINGS = {
  tokens: 'tokens of the source: as example.py joins those of the user and of the items, 0 after them',
  present: '1 at the tokens of the source, 0 after them',
  items: 'rows of vocabulary.csv of the history, oldest first, 0 after them',
  states: 'of the source',
  similarities: 'of the items, in the order of vocabulary.csv, to the history; lists are ordered by them',
  decoderTokens: '0, then the tokens of an ID that are known, then 0',
  history:
    'rows of vocabulary.csv of the most recent interactions, oldest first, then -1 up to the length; items that it marks as hidden from training are left out before, but for the last interaction',
  scores: 'of the items, in the order of vocabulary.csv: log-probabilities of their IDs; higher is better',
};

/** What is exported: the parameters of the checkpoint, and the items with an ID, which are the rows of the vocabulary. */
interface Exported {
  parameters: HostArrays;
  catalogue: Catalogue;
  itemIds: readonly string[];
  userIds: readonly string[];
}

/** Throws UserError where lists are made otherwise than by these graphs, and where the checkpoint or tokeniser cannot be used. */
export async function exportGenerative(
  definition: GenerativeDefinition,
  { config, checkpoint, datasetDir, sources }: ModelExportRequest,
): Promise<ExportedModel> {
  const { data, hidden } = trainingPart(await openInteractions(datasetDir), config);
  const { model, catalogue } = openGenerative(definition, config, { data, hidden, sources });
  const exported = {
    parameters: exportedParameters(checkpoint, model.parameters),
    catalogue,
    itemIds: await readItemIds(datasetDir),
    userIds: catalogue.tokens.levels.userTokens > 0 ? await readUserIds(datasetDir) : [],
  };
  if (model instanceof Rpg && model.config.retrieval === 'exact') return exportScores(model, exported);
  if (
    model instanceof Tiger &&
    model.config.decoding === 'constrained' &&
    (!hidden || model instanceof Liger)
  )
    return exportSearch(model, exported);
  const needed = { tiger: 'coldItems=0 and decoding=constrained', liger: 'decoding=constrained' }[
    definition.id
  ];
  throw new UserError(
    `${definition.title} with these settings makes its lists by more than its graphs: it cannot be written as ONNX; export one with ${needed ?? 'retrieval=exact'}`,
  );
}

/** A history in, the scores of all items out. */
function exportScores(model: Rpg, { parameters, catalogue, itemIds }: Exported): ExportedModel {
  const { named } = catalogue;
  const { levels, config } = model;
  const length = config.maxLength;
  const table = idsOf(catalogue);
  const programOf = (rows: number): Program => ({
    name: 'scores',
    state: model.parameters,
    inputs: { history: int32(rows, length) },
    run: (state, { history }) => {
      const real = tf.greaterEqual(history, tf.scalar(0, 'int32'));
      const places = tf.reshape(tf.maximum(history, tf.scalar(0, 'int32')), [rows * length]);
      const spread = tf.tile(tf.expandDims(tf.cast(real, 'float32'), 2), [1, 1, levels]);
      const present = tf.reshape(spread, [rows, length * levels]);
      const ids = tf.gather(tf.tensor2d(table, [named.length, levels], 'int32'), places as tf.Tensor1D);
      const given = {
        tokens: tf.mul(tf.reshape(ids, [rows, length * levels]), tf.cast(present, 'int32')),
        present,
      };
      const ofTokens = model.logProbabilities(state, given);
      const ofLevels = Array.from({ length: levels }, (_, level) => {
        const places = Int32Array.from(named, (_, at) => table[at * levels + level] - 1);
        return tf.gather(ofTokens, tf.tensor1d(places, 'int32'), 1);
      });
      return { outputs: { scores: tf.addN(ofLevels) } };
    },
  });
  return {
    graphs: [exportedGraph('model.onnx', programOf, parameters, MEANINGS)],
    facts: {
      history: { length, padding: -1 },
      times: null,
      candidates: `the ${named.length} items of vocabulary.csv, without those of the history`,
    },
    files: {
      'vocabulary.csv': csvText(
        ['row', 'item', 'hidden'],
        Array.from(named, (item, at) => [at, itemIds[item], catalogue.hidden?.[item] ?? 0]),
      ),
      'example.py': SCORING_EXAMPLE,
    },
  };
}

/** By row of the vocabulary the tokens of its ID: int32 [named, levels] */
function idsOf({ named, tokens: { tokens, levels } }: Catalogue): Int32Array {
  const width = levels.sizes.length;
  return Int32Array.from(
    { length: named.length * width },
    (_, at) => tokens[named[Math.floor(at / width)] * width + (at % width)],
  );
}

/** What a search for IDs asks; of LIGER also what orders the items that it finds. */
function exportSearch(model: Tiger, { parameters, catalogue, itemIds, userIds }: Exported): ExportedModel {
  const { t5, levels } = model;
  const { maxLength, beams, separator } = model.config;
  const { named, tokens } = catalogue;
  const ids = idsOf(catalogue);
  const range = [...Array(levels).keys()];
  return {
    graphs: [encoderGraph(model, parameters, named), decoderGraph(model, parameters)],
    facts: {
      history: { length: maxLength },
      source: {
        length: model.sourceLength(maxLength),
        separator: separator ? tokens.levels.separator : null,
      },
      levels: range.map((level) => t5.outputTokens(level).first),
      search: { beams },
    },
    files: {
      'vocabulary.csv': csvText(
        ['item', ...range.map((level) => `token${level}`), 'hidden'],
        Array.from(named, (item, at) => [
          itemIds[item],
          ...ids.subarray(at * levels, (at + 1) * levels),
          catalogue.hidden?.[item] ?? 0,
        ]),
      ),
      ...(userIds.length > 0 && {
        'users.csv': csvText(
          ['user', 'token'],
          userIds.map((user, at) => [user, userToken(at, tokens.levels)]),
        ),
      }),
      'example.py': GENERATIVE_EXAMPLE,
    },
  };
}

function encoderGraph(model: Tiger, parameters: HostArrays, named: Int32Array): ExportedGraph {
  const length = model.config.maxLength;
  const liger = model instanceof Liger ? model : null;
  const contentDim = liger?.contentInputs.content.shape[1] ?? 0;
  const programOf = (rows: number): Program => {
    const { content: _, ...inputs } = model.sourceInputs({ rows, length });
    const content = liger && { content: float32(named.length, contentDim) };
    return {
      name: 'encoder',
      state: { ...model.parameters, ...content },
      inputs,
      run: (state, given): { outputs: Tensors } => {
        const all = liger ? { ...given, content: state.content } : given;
        const states = model.encode(state, all, model.attentionMasks(given));
        if (!liger) return { outputs: { states } };
        const [queries, items] = [liger.queries(states, given), liger.itemVectors(state, all)];
        return { outputs: { states, similarities: tf.matMul(queries, items, false, true) } };
      },
    };
  };
  const rows: HostArrays = liger ? { content: rowsOf(liger.constants.content, named, contentDim) } : {};
  return exportedGraph('encoder.onnx', programOf, { ...parameters, ...rows }, MEANINGS);
}

/** Of [n, width] these rows, in this order. */
function rowsOf(values: HostArrays[string], rows: Int32Array, width: number): Float32Array {
  const taken = new Float32Array(rows.length * width);
  rows.forEach((row, at) => {
    taken.set(values.subarray(row * width, (row + 1) * width), at * width);
  });
  return taken;
}

function decoderGraph(model: Tiger, parameters: HostArrays): ExportedGraph {
  const { t5, levels } = model;
  const { maxLength, dim } = model.config;
  const logits = Array.from({ length: levels }, (_, level) => `logits/${level}`);
  const programOf = (rows: number): Program => ({
    name: 'decoder',
    state: model.parameters,
    inputs: {
      states: float32(rows, model.sourceLength(maxLength), dim),
      present: model.sourceInputs({ rows, length: maxLength }).present,
      decoderTokens: int32(rows, levels),
    },
    run: (state, given) => {
      const keys = t5.sourceKeys(state, given.states);
      const decoded = t5.decode(state, {}, given.decoderTokens, keys, model.attentionMasks(given));
      const ofLevel = (level: number) =>
        tf.reshape(tf.slice(decoded, [0, level, 0], [rows, 1, dim]), [rows, dim]);
      return {
        outputs: Object.fromEntries(
          logits.map((name, level) => [name, t5.logits(state, ofLevel(level), level)]),
        ),
      };
    },
  });
  const meanings = logits.map((name, level) => [
    name,
    `of token ${level + 1} of an ID, from the ${level} before it; the first is that of token ${t5.outputTokens(level).first}`,
  ]);
  return exportedGraph('decoder.onnx', programOf, parameters, {
    ...MEANINGS,
    ...Object.fromEntries(meanings),
  });
}
