/** Generative models as ONNX: the graphs that each says its lists are made by, and the program that makes them. */
import { readItemIds, readUserIds } from '../../data/read.ts';
import { WeightsFile } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { csvText } from '../../files/csv.ts';
import { openTrainingPart } from '../../training/ranking/context.ts';
import {
  type ExportedModel,
  exportedGraph,
  exportedParameters,
  type ModelExportRequest,
} from '../exported-model.ts';
import { HISTORY_MEANING, SCORING_EXAMPLE } from '../scoring-example.ts';
import { type Catalogue, namedTokens, userToken } from './code-tokens.ts';
import { GENERATIVE_EXAMPLE } from './example.ts';
import type { GenerativeDefinition } from './generative-model.ts';
import { folderOfCheckpoint, openGenerative } from './run-generative.ts';

const MEANINGS = {
  tokens: 'tokens of the source: as example.py joins those of the user and of the items, 0 after them',
  present: '1 at the tokens of the source, 0 after them',
  states: 'of the source',
  decoderTokens: '0, then the tokens of an ID that are known, then 0',
  history: HISTORY_MEANING,
  scores: 'of the items, in the order of vocabulary.csv: log-probabilities of their IDs; higher is better',
};

/** Throws UserError where lists are made by more than graphs, and where the checkpoint or tokeniser cannot be used. */
export async function exportGenerative(
  definition: GenerativeDefinition,
  { config, checkpoint, datasetDir, sources }: ModelExportRequest,
): Promise<ExportedModel> {
  const { data, hidden } = await openTrainingPart(datasetDir, config);
  const { model, catalogue } = openGenerative(definition, config, {
    ...{ data, hidden, sources },
    folder: folderOfCheckpoint(checkpoint),
  });
  if (model.side && model.side.length > 0) {
    throw new UserError(
      `${definition.title} with side features cannot be written as ONNX: its example makes sources of ids alone; export one with sideFeatures=""`,
    );
  }
  const parameters = exportedParameters(checkpoint, model.parameters);
  const exported = model.exported(catalogue);
  if ('needed' in exported) {
    throw new UserError(
      `${definition.title} with these settings makes its lists by more than its graphs: it cannot be written as ONNX; export one with ${exported.needed}`,
    );
  }
  const weights = exported.sharesWeights ? new WeightsFile('weights.bin') : undefined;
  const files = exported.listsBy === 'scores' ? scoringFiles : searchFiles;
  return {
    graphs: exported.graphs.map(({ file, programOf, constants, meanings }) =>
      exportedGraph(file, programOf, { ...parameters, ...constants }, { ...MEANINGS, ...meanings }, weights),
    ),
    weights,
    facts: exported.facts,
    files: await files(catalogue, datasetDir),
  };
}

async function scoringFiles({ named, hidden }: Catalogue, datasetDir: string) {
  const itemIds = await readItemIds(datasetDir);
  return {
    'vocabulary.csv': csvText(
      ['row', 'item', 'hidden'],
      Array.from(named, (item, at) => [at, itemIds[item], hidden?.[item] ?? 0]),
    ),
    'example.py': SCORING_EXAMPLE,
  };
}

async function searchFiles(catalogue: Catalogue, datasetDir: string) {
  const { named, hidden, tokens } = catalogue;
  const { levels } = tokens;
  const width = levels.sizes.length;
  const ids = namedTokens(catalogue);
  const itemIds = await readItemIds(datasetDir);
  const userIds = levels.userTokens > 0 ? await readUserIds(datasetDir) : [];
  return {
    'vocabulary.csv': csvText(
      ['item', ...levels.sizes.map((_, level) => `token${level}`), 'hidden'],
      Array.from(named, (item, at) => [
        itemIds[item],
        ...ids.subarray(at * width, (at + 1) * width),
        hidden?.[item] ?? 0,
      ]),
    ),
    ...(userIds.length > 0 && {
      'users.csv': csvText(
        ['user', 'token'],
        userIds.map((user, at) => [user, userToken(at, levels)]),
      ),
    }),
    'example.py': GENERATIVE_EXAMPLE,
  };
}
