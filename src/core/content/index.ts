/** What items are about as vectors, by the content keys of a tokeniser's config. */
import { openInteractions, readItemIds, readSummary } from '../data/read.ts';
import { hideItems } from '../data/splits/hidden-items.ts';
import { UserError } from '../errors.ts';
import type { ItemMatrix } from '../math/rows.ts';
import { unitRows } from '../math/rows.ts';
import type { SparseMatrix } from '../math/sparse.ts';
import { countText, examplesText } from '../names.ts';
import { describesItems, readItemColumns } from './columns.ts';
import { type ContentConfig, contentSchema } from './config.ts';
import { embeddingsOfRun, type VectorsRun } from './run.ts';
import { encodeSentences, sentencesOf } from './sentence.ts';
import { encodeText } from './text.ts';
import { tfidf } from './tfidf.ts';
import { readIdLines, readRowFile, VECTORS } from './vector-files.ts';
import { alignVectors, type Encoded, sideBySide } from './vectors.ts';

export { type ContentConfig, contentFields, contentSchema } from './config.ts';

export interface ContentContext {
  /** Folder of the data set. */
  datasetDir: string;
  /** The run that `vectorsFrom` names. */
  sources?: { vectorsFrom?: VectorsRun };
  seed: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number, unit: string) => void;
  /** Told what is odd but no error, in one sentence. */
  warn?: (message: string) => void;
}

/**
 * One vector an item of the catalogue, in dense order. Deterministic for a seed.
 * @throws UserError where the config names something that is not there or not usable; either all of the content is read or none
 */
export async function encodeContent(
  config: Record<string, unknown>,
  context: ContentContext,
): Promise<ItemMatrix> {
  const parsed = contentSchema.parse(config);
  const { vectors, empty } = await encode(parsed, context);
  if (empty > 0) {
    context.warn?.(
      `${empty} of ${vectors.items} items have no content (content=${parsed.content}): their vectors are 0, and nothing tells them apart`,
    );
  }
  if (!parsed.normaliseContent) return vectors;
  return { ...vectors, data: unitRows(vectors.data, vectors.dim) };
}

/**
 * TF-IDF vectors of the words and categories that describe the items, [catalogueItems, terms]; null if the data set has no
 * descriptions. They depend on the data set alone, so that metrics built on them can be compared between all models.
 */
export async function contentTerms(datasetDir: string): Promise<SparseMatrix | null> {
  if (!(await describesItems(datasetDir))) return null;
  const config = contentSchema.parse({});
  const { text, categories } = await readItemColumns(datasetDir, config);
  return text.length + categories.length > 0 ? tfidf(text, categories, config).matrix : null;
}

async function encode(config: ContentConfig, context: ContentContext): Promise<Encoded> {
  switch (config.content) {
    case 'text+run':
    case 'sentence+run': {
      const from = config.content === 'text+run' ? 'text' : 'sentence';
      const [said, learnt] = [
        await encodeOne(from, config, context),
        await encodeOne('run', config, context),
      ].map(({ vectors }) => vectors);
      return sideBySide(said, learnt, config.runWeight);
    }
    // A run that is to be started has this settled by what its data set is (`resolvedContent`).
    case 'auto':
      return encodeOne(config.sentenceModel === '' ? 'text' : 'sentence', config, context);
    default:
      return encodeOne(config.content, config, context);
  }
}

/** Dense items that a run was not to see. */
async function hiddenFrom({ config = {} }: VectorsRun, datasetDir: string): Promise<number[]> {
  const { coldItems, coldSeed, protocol } = config;
  if (typeof coldItems !== 'number' || coldItems === 0 || typeof coldSeed !== 'number') return [];
  const heldOut = protocol === 'paper' ? 1 : 2;
  const { hidden } = hideItems(await openInteractions(datasetDir), coldItems, coldSeed, heldOut);
  return [...hidden.keys()].filter((item) => hidden[item] === 1);
}

/** The vectors of a run. Those of items that were hidden from it nothing has moved: they are 0, as of items that it did not embed. */
async function learntVectors(
  run: VectorsRun,
  datasetDir: string,
  warn: ContentContext['warn'],
): Promise<Encoded> {
  const { vectors, empty } = embeddingsOfRun(run, readSummary(datasetDir).statistics);
  const hidden = await hiddenFrom(run, datasetDir);
  if (hidden.length > 0) {
    for (const item of hidden) vectors.data.fill(0, item * vectors.dim, (item + 1) * vectors.dim);
    const ids = await readItemIds(datasetDir);
    warn?.(
      `${countText(hidden.length, 'item')} ${hidden.length === 1 ? 'was' : 'were'} hidden from run ${run.name} (${examplesText(hidden.map((item) => ids[item]))}): it has learnt no vectors of them`,
    );
  }
  return { vectors, empty: empty + hidden.length };
}

async function encodeOne(
  content: 'text' | 'vectors' | 'sentence' | 'run',
  config: ContentConfig,
  { datasetDir, sources, onProgress, ...options }: ContentContext,
): Promise<Encoded> {
  switch (content) {
    case 'run': {
      const { vectorsFrom } = sources ?? {};
      if (!vectorsFrom)
        throw new UserError(`content=${config.content} takes the vectors of a run: name it with vectorsFrom`);
      return learntVectors(vectorsFrom, datasetDir, options.warn);
    }
    case 'vectors': {
      const { vectorsFile, vectorIdsFile } = config;
      if (vectorsFile === '') throw new UserError('content=vectors needs a file: name it with vectorsFile');
      const rowIds = vectorIdsFile === '' ? null : readIdLines(vectorIdsFile);
      const [table, itemIds] = [await readRowFile(vectorsFile, VECTORS), await readItemIds(datasetDir)];
      return { vectors: alignVectors(vectorsFile, table, rowIds, itemIds), empty: 0 };
    }
    case 'sentence': {
      const sentences = sentencesOf(await readItemColumns(datasetDir, config));
      const vectors = await encodeSentences(config.sentenceModel, sentences, {
        ...options,
        truncation: config.sentenceTruncation,
        onProgress: (done, total) => onProgress?.(done, total, 'items'),
      });
      return { vectors, empty: sentences.filter((sentence) => sentence === '').length };
    }
    case 'text':
      return encodeText(await readItemColumns(datasetDir, config), config, {
        ...options,
        onProgress: (done, total) => onProgress?.(done, total, 'passes over the items'),
      });
  }
}
