/** What a model with codes as words begins with. */
import { decoderParameters } from '../../../decoders/decoder.ts';
import { mergeAdapters } from '../../../decoders/merge-adapters.ts';
import { openCheckpoint, readCheckpoint } from '../../../decoders/pretrained/checkpoint.ts';
import type { HostArrays } from '../../../engine/index.ts';
import { UserError } from '../../../errors.ts';
import { initialise } from '../../../layers/index.ts';
import type { TrainSpec } from '../../../training/events.ts';
import { valuesOf } from '../../../training/step-loop.ts';
import { storedTensors } from '../../../training/stored-model.ts';
import type { Catalogue } from '../code-tokens.ts';
import type { WordFiles } from './word-files.ts';
import type { WordIds } from './word-ids.ts';
import type { WordConfig } from './words-config.ts';

type Start = Pick<TrainSpec, 'seed' | 'sources'>;

/** Every parameter of the model by name, those of adapters included. Throws UserError where what the config names cannot be read. */
export function startingValues(
  model: WordIds,
  { weights, languageFrom, newRows }: WordConfig,
  { seed, sources }: Start,
  catalogue: Catalogue,
  files: WordFiles,
): HostArrays {
  const values = initialise(model.whole, seed);
  const sizes = files.decoder;
  if (weights !== '') Object.assign(values, readCheckpoint(openCheckpoint(weights, sizes.context)));
  else if (languageFrom !== '') Object.assign(values, ofRun(sizes, sources?.languageFrom));
  if (newRows === 'random') return values;
  const rowsOf = (table: string) =>
    meanRows(values[table] as Float32Array, sizes.dim, catalogue, files.titles);
  return {
    ...values,
    ...model.codeRows(rowsOf('embedding'), sizes.tiedHead ? null : rowsOf('head')),
  };
}

function ofRun(
  sizes: WordFiles['decoder'],
  source: NonNullable<Start['sources']>['languageFrom'],
): HostArrays {
  if (!source || source.checkpoint === null)
    throw new UserError('config "languageFrom": the run has no checkpoint to start from');
  return valuesOf(storedTensors({ parameters: decoderParameters(sizes) }, source.checkpoint));
}

/**
 * A row for every code: the mean over the items that have it, and that training knows, of the mean of the words in their titles; of a
 * code of none, the mean of all of these. [codes, dim]
 */
export function meanRows(
  table: Float32Array,
  dim: number,
  { named, hidden, tokens: { tokens, levels } }: Pick<Catalogue, 'named' | 'hidden' | 'tokens'>,
  titles: readonly (readonly number[])[],
): Float32Array {
  const width = levels.sizes.length;
  const codes = levels.outputs - 1;
  const [rows, counts, overall] = [
    new Float32Array(codes * dim),
    new Int32Array(codes),
    new Float32Array(dim),
  ];
  let titled = 0;
  for (const item of named) {
    const words = titles[item] ?? [];
    if (hidden?.[item] === 1 || words.length === 0) continue;
    const mean = new Float32Array(dim);
    for (const word of words)
      for (let at = 0; at < dim; at++) mean[at] += table[word * dim + at] / words.length;
    titled++;
    for (let at = 0; at < dim; at++) overall[at] += mean[at];
    for (let level = 0; level < width; level++) {
      const code = tokens[item * width + level] - 1;
      counts[code]++;
      for (let at = 0; at < dim; at++) rows[code * dim + at] += mean[at];
    }
  }
  for (let code = 0; code < codes; code++) {
    const count = counts[code];
    for (let at = 0; at < dim; at++)
      rows[code * dim + at] = count > 0 ? rows[code * dim + at] / count : overall[at] / Math.max(1, titled);
  }
  return rows;
}

/** The whole model without adapters, their changes worked into the matrices. */
export function mergedValues(
  model: WordIds,
  { loraRank, loraAlpha }: Pick<WordConfig, 'loraRank' | 'loraAlpha'>,
  values: HostArrays,
): HostArrays {
  const rows = Object.fromEntries(Object.entries(values).filter(([name]) => name.startsWith('ids/')));
  const adapters = { rank: loraRank, alpha: loraAlpha };
  return {
    ...mergeAdapters(model.language.config, adapters, values as Record<string, Float32Array>),
    ...rows,
  };
}
