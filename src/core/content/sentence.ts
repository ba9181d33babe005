/** Item vectors by a sentence encoder in a local folder, through transformers.js; nothing is fetched. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, throwIfCancelled, UserError } from '../errors.ts';
import { parseJson } from '../files/json.ts';
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
 * The encoder's outputs, pooled over the tokens as its 1_Pooling/config.json says, else their mean: [items, its width].
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
  // A batch is as wide as its longest sentence.
  const order = [...sentences.keys()].sort((a, b) => sentences[a].length - sentences[b].length);
  let result: ItemMatrix | null = null;
  for (let start = 0; start < sentences.length; start += BATCH) {
    throwIfCancelled(signal);
    const batch = order.slice(start, start + BATCH);
    const { data, dim } = await encode(batch.map((item) => sentences[item]));
    result ??= { items: sentences.length, dim, data: new Float32Array(sentences.length * dim) };
    for (const [row, item] of batch.entries()) {
      result.data.set(data.subarray(row * dim, (row + 1) * dim), item * dim);
    }
    onProgress?.(start + batch.length, sentences.length);
  }
  return result ?? { items: 0, dim: 1, data: new Float32Array() };
}

const poolingSchema = z.looseObject({
  pooling_mode_mean_tokens: z.boolean().default(false),
  pooling_mode_cls_token: z.boolean().default(false),
  pooling_mode: z.string().optional(),
});

/** Throws UserError where the folder asks for another pooling than a mean or the first token. */
function poolingOf(path: string): 'mean' | 'cls' {
  const file = join(path, '1_Pooling', 'config.json');
  if (!existsSync(file)) return 'mean';
  const { data: config } = poolingSchema.safeParse(parseJson(readFileSync(file, 'utf8')));
  if (config?.pooling_mode === 'mean' || config?.pooling_mode_mean_tokens) return 'mean';
  if (config?.pooling_mode === 'cls' || config?.pooling_mode_cls_token) return 'cls';
  throw new UserError(
    `${file}: neither the mean of the tokens nor the first one (cls); no other pooling is known`,
  );
}

async function openEncoder(
  path: string,
  folder: string,
): Promise<(texts: string[]) => Promise<{ data: Float32Array; dim: number }>> {
  const { env, pipeline } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = dirname(path);
  const pooling = poolingOf(path);
  try {
    const extract = await pipeline('feature-extraction', basename(path), {
      dtype: 'fp32',
      local_files_only: true,
    });
    return async (texts) => {
      const { data, dims } = await extract(texts, { pooling, normalize: false });
      return { data: data as Float32Array, dim: dims[dims.length - 1] };
    };
  } catch (error) {
    const [reason] = messageOf(error).split('\n', 1);
    throw new UserError(`${folder}: no sentence encoder in ONNX form (${reason}); it needs onnx/model.onnx`);
  }
}
