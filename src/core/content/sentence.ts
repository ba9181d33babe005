/** Item vectors by a sentence encoder in a local folder, through transformers.js; nothing is fetched. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { FeatureExtractionPipeline, Tensor } from '@huggingface/transformers';
import { z } from 'zod';
import { messageOf, throwIfCancelled, UserError } from '../errors.ts';
import { parseJson } from '../files/json.ts';
import type { ItemMatrix } from '../math/rows.ts';
import type { ItemColumns } from './columns.ts';

/** Items encoded at once. */
const BATCH = 32;

/** How texts end that are longer than the encoder reads; see the config key sentenceTruncation. */
export type Truncation = 'encoder' | 'tokenizer';

export interface SentenceOptions {
  /** Default: "encoder". */
  truncation?: Truncation;
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
  { truncation = 'encoder', signal, onProgress }: SentenceOptions,
): Promise<ItemMatrix> {
  if (folder === '')
    throw new UserError('content=sentence needs a model: name its folder with sentenceModel');
  const path = resolve(folder);
  const missing = ['config.json', 'tokenizer.json'].find((name) => !existsSync(join(path, name)));
  if (missing !== undefined)
    throw new UserError(`${folder}: no ${missing} in it; name the folder of a sentence encoder`);
  const encode = await openEncoder(path, folder, truncation);
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

/** A JSON file of the encoder's folder by its schema; null where it is missing or of another form. */
function readSettings<T>(file: string, schema: z.ZodType<T>): T | null {
  return existsSync(file) ? (schema.safeParse(parseJson(readFileSync(file, 'utf8'))).data ?? null) : null;
}

/** Throws UserError where the folder asks for another pooling than a mean or the first token. */
function poolingOf(path: string): 'mean' | 'cls' {
  const file = join(path, '1_Pooling', 'config.json');
  if (!existsSync(file)) return 'mean';
  const config = readSettings(file, poolingSchema);
  if (config?.pooling_mode === 'mean' || config?.pooling_mode_mean_tokens) return 'mean';
  if (config?.pooling_mode === 'cls' || config?.pooling_mode_cls_token) return 'cls';
  throw new UserError(
    `${file}: neither the mean of the tokens nor the first one (cls); no other pooling is known`,
  );
}

const limitSchema = z.looseObject({
  max_seq_length: z.int().positive().nullish(),
  max_position_embeddings: z.int().positive().nullish(),
  do_lower_case: z.boolean().nullish(),
});

const modulesSchema = z.array(z.looseObject({ type: z.string() }));

/** Throws UserError where the encoder has layers behind its pooling, which would be left out. */
function refuseOtherModules(path: string): void {
  const file = join(path, 'modules.json');
  const known = /\.(Transformer|Pooling|Normalize)$/;
  const other = readSettings(file, modulesSchema)?.find(({ type }) => !known.test(type));
  if (other)
    throw new UserError(
      `${file}: ${other.type} is not computed here; take an encoder that ends with its pooling`,
    );
}

type Encode = (texts: string[]) => Promise<{ data: Float32Array; dim: number }>;

async function openEncoder(path: string, folder: string, truncation: Truncation): Promise<Encode> {
  const { env, pipeline, Tensor: TensorClass } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = dirname(path);
  const pooling = poolingOf(path);
  if (truncation === 'encoder') refuseOtherModules(path);
  try {
    const extract = await pipeline('feature-extraction', basename(path), {
      dtype: 'fp32',
      local_files_only: true,
    });
    if (truncation === 'encoder') {
      return encodeClosed(extract, path, pooling, (values, dims) => new TensorClass('int64', values, dims));
    }
    return async (texts) => {
      const { data, dims } = await extract(texts, { pooling, normalize: false });
      return { data: data as Float32Array, dim: dims[dims.length - 1] };
    };
  } catch (error) {
    const [reason] = messageOf(error).split('\n', 1);
    throw new UserError(`${folder}: no sentence encoder in ONNX form (${reason}); it needs onnx/model.onnx`);
  }
}

/** As sentence-transformers encodes: the text is cut, and not the tokens that open and close it. */
function encodeClosed(
  { tokenizer, model }: FeatureExtractionPipeline,
  path: string,
  pooling: 'mean' | 'cls',
  tensorOf: (values: BigInt64Array, dims: number[]) => Tensor,
): Encode {
  const limitsIn = (name: string) => readSettings(join(path, name), limitSchema) ?? {};
  const { max_seq_length, do_lower_case } = limitsIn('sentence_bert_config.json');
  const { max_position_embeddings } = limitsIn('config.json');
  const limits = [tokenizer.model_max_length, max_position_embeddings ?? Number.POSITIVE_INFINITY];
  const limit = max_seq_length ?? Math.min(...limits);
  const idsOf = (text: string, special: boolean): number[] =>
    tokenizer(text, { add_special_tokens: special, return_tensor: false }).input_ids;
  const [word, whole] = [idsOf('a', false), idsOf('a', true)];
  const start = whole.findIndex((_, at) => word.every((id, i) => whole[at + i] === id));
  const [opening, closing] = [whole.slice(0, start), whole.slice(start + word.length)];
  const room = limit - opening.length - closing.length;
  return async (texts) => {
    const rows = texts.map((text) => {
      const ids = idsOf(do_lower_case ? text.trim().toLowerCase() : text.trim(), false);
      return [...opening, ...ids.slice(0, room), ...closing];
    });
    const width = Math.max(...rows.map((row) => row.length));
    const ids = new BigInt64Array(rows.length * width).fill(BigInt(tokenizer.pad_token_id ?? 0));
    const mask = new BigInt64Array(rows.length * width);
    for (const [at, row] of rows.entries()) {
      ids.set(row.map(BigInt), at * width);
      mask.fill(1n, at * width, at * width + row.length);
    }
    const dims = [rows.length, width];
    const outputs = await model({ input_ids: tensorOf(ids, dims), attention_mask: tensorOf(mask, dims) });
    const counts = rows.map((row) => (pooling === 'cls' ? 1 : row.length));
    return meanOfFirst(outputs.last_hidden_state ?? outputs.token_embeddings, counts);
  };
}

/** The mean of each row's first `counts[row]` states: states [rows, width, dim] -> [rows, dim]. */
function meanOfFirst(states: Tensor, counts: readonly number[]): { data: Float32Array; dim: number } {
  const [rows, width, dim] = states.dims;
  const data = new Float32Array(rows * dim);
  for (const [row, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      const at = (row * width + i) * dim;
      for (let d = 0; d < dim; d++) data[row * dim + d] += Number(states.data[at + d]) / count;
    }
  }
  return { data, dim };
}
