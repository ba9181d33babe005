/** Item vectors by a sentence encoder in a local folder, through transformers.js; nothing is fetched. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, throwIfCancelled, UserError } from '../errors.ts';
import type { ItemMatrix } from '../math/rows.ts';
import type { ItemColumns } from './columns.ts';

/** Items encoded at once. */
const BATCH = 32;

export interface SentenceOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** What the encoder reads of an item: its columns of text, then categories and numbers by name. */
export function sentencesOf({ items, text, categories, numbers }: ItemColumns): string[] {
  return Array.from({ length: items }, (_, item) =>
    [
      ...text.map(({ values }) => values[item]),
      ...categories.map(
        ({ name, values }) => values[item] && `${name}: ${values[item].split('|').join(', ')}`,
      ),
      ...numbers.map(({ name, values }) => (Number.isFinite(values[item]) ? `${name}: ${values[item]}` : '')),
    ]
      .filter((part) => part !== '')
      .join('. '),
  );
}

/**
 * Mean of the encoder's outputs over the tokens, [items, its width].
 * @param folder with config.json, tokenizer.json and onnx/model.onnx, as sentence-transformers models are published
 * @throws UserError where the folder is no such model
 */
export async function encodeSentences(
  folder: string,
  sentences: readonly string[],
  { signal, onProgress }: SentenceOptions,
): Promise<ItemMatrix> {
  if (folder === '')
    throw new UserError('content=sentence needs a model: name its folder with sentenceModel');
  const path = resolve(folder);
  const missing = ['config.json', 'tokenizer.json'].find((name) => !existsSync(join(path, name)));
  if (missing !== undefined)
    throw new UserError(`${folder}: no ${missing} in it; name the folder of a sentence encoder`);
  const encode = await openEncoder(path, folder);
  let result: ItemMatrix | null = null;
  for (let start = 0; start < sentences.length; start += BATCH) {
    throwIfCancelled(signal);
    const batch = sentences.slice(start, start + BATCH);
    const { data, dim } = await encode(batch);
    result ??= { items: sentences.length, dim, data: new Float32Array(sentences.length * dim) };
    result.data.set(data, start * dim);
    onProgress?.(start + batch.length, sentences.length);
  }
  return result ?? { items: 0, dim: 1, data: new Float32Array() };
}

async function openEncoder(
  path: string,
  folder: string,
): Promise<(texts: string[]) => Promise<{ data: Float32Array; dim: number }>> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = dirname(path);
  try {
    const extract = await pipeline('feature-extraction', basename(path), {
      dtype: 'fp32',
      local_files_only: true,
    });
    return async (texts) => {
      const { data, dims } = await extract(texts, { pooling: 'mean', normalize: false });
      return { data: data as Float32Array, dim: dims[dims.length - 1] };
    };
  } catch (error) {
    const [reason] = messageOf(error).split('\n', 1);
    throw new UserError(`${folder}: no sentence encoder in ONNX form (${reason}); it needs onnx/model.onnx`);
  }
}
