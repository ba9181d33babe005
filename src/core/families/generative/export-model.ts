/** TIGER as ONNX: the encoder, and the decoder of an ID's next token. */
import * as tf from '@tensorflow/tfjs';
import { openInteractions, readItemIds, readUserIds } from '../../data/read.ts';
import { float32, int32 } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { csvText } from '../../files/csv.ts';
import { trainingPart } from '../../training/ranking/context.ts';
import {
  type ExportedModel,
  exportedGraph,
  exportedParameters,
  type ModelExportRequest,
} from '../exported-model.ts';
import { hasId, userToken } from './code-tokens.ts';
import { GENERATIVE_EXAMPLE } from './example.ts';
import type { GenerativeDefinition } from './generative-model.ts';
import { Tiger } from './models/tiger.ts';
import { openGenerative } from './run-generative.ts';

const MEANINGS = {
  tokens: 'tokens of the source: as example.py joins those of the user and of the items, 0 after them',
  present: '1 at the tokens of the source, 0 after them',
  states: 'of the source',
  decoderTokens: '0, then the tokens of an ID that are known, then 0',
};

/** Throws UserError for another model than TIGER, and where its checkpoint or tokeniser cannot be used. */
export async function exportGenerative(
  definition: GenerativeDefinition,
  { config, checkpoint, datasetDir, sources }: ModelExportRequest,
): Promise<ExportedModel> {
  const { data, hidden } = trainingPart(await openInteractions(datasetDir), config);
  const { model, catalogue } = openGenerative(definition, config, { data, hidden, sources });
  if (
    definition.id !== 'tiger' ||
    !(model instanceof Tiger) ||
    hidden ||
    model.config.decoding !== 'constrained'
  )
    throw new UserError(
      `${definition.title} with these settings makes its lists of more than an encoder and a decoder: it cannot be written as ONNX; export a TIGER with coldItems=0 and decoding=constrained`,
    );
  const { t5, levels } = model;
  const { maxLength, beams, separator } = model.config;
  const source = model.sourceLength(maxLength);
  const parameters = exportedParameters(checkpoint, model.parameters);
  const inputs = (rows: number) => model.sourceInputs({ rows, length: maxLength });
  const encoder = exportedGraph(
    'encoder.onnx',
    (rows) => ({
      name: 'encoder',
      state: model.parameters,
      inputs: inputs(rows),
      run: (state, given) => ({
        outputs: { states: model.encode(state, given, model.attentionMasks(given)) },
      }),
    }),
    parameters,
    MEANINGS,
  );
  const logits = Array.from({ length: levels }, (_, level) => `logits/${level}`);
  const decoder = exportedGraph(
    'decoder.onnx',
    (rows) => ({
      name: 'decoder',
      state: model.parameters,
      inputs: {
        states: float32(rows, source, model.config.dim),
        present: inputs(rows).present,
        decoderTokens: int32(rows, levels),
      },
      run: (state, given) => {
        const keys = t5.sourceKeys(state, given.states);
        const decoded = t5.decode(state, {}, given.decoderTokens, keys, model.attentionMasks(given));
        const ofLevel = (level: number) =>
          tf.reshape(tf.slice(decoded, [0, level, 0], [rows, 1, model.config.dim]), [rows, model.config.dim]);
        return {
          outputs: Object.fromEntries(
            logits.map((name, level) => [name, t5.logits(state, ofLevel(level), level)]),
          ),
        };
      },
    }),
    parameters,
    {
      ...MEANINGS,
      ...Object.fromEntries(
        logits.map((name, level) => [
          name,
          `of token ${level + 1} of an ID, from the ${level} before it; the first is that of token ${t5.outputTokens(level).first}`,
        ]),
      ),
    },
  );
  const { tokens } = catalogue;
  const ids = await readItemIds(datasetDir);
  const named = Array.from({ length: data.items }, (_, item) => item).filter((item) => hasId(tokens, item));
  const users = tokens.levels.userTokens > 0 ? await readUserIds(datasetDir) : [];
  return {
    graphs: [encoder, decoder],
    facts: {
      history: { length: maxLength },
      source: { length: source, separator: separator ? tokens.levels.separator : null },
      levels: logits.map((_, level) => t5.outputTokens(level).first),
      search: { beams },
    },
    files: {
      'vocabulary.csv': csvText(
        ['item', ...logits.map((_, level) => `token${level}`)],
        named.map((item) => [ids[item], ...tokens.tokens.subarray(item * levels, (item + 1) * levels)]),
      ),
      ...(users.length > 0 && {
        'users.csv': csvText(
          ['user', 'token'],
          users.map((user, at) => [user, userToken(at, tokens.levels)]),
        ),
      }),
      'example.py': GENERATIVE_EXAMPLE,
    },
  };
}
