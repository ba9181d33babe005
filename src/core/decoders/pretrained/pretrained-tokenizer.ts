/** The tokenizer of a checkpoint: of a folder of Hugging Face's layout, or of a GGUF file. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readGguf } from '../../files/gguf.ts';
import { readJson } from '../../files/json.ts';
import type { ChatTemplate } from '../text/chat.ts';
import { readTokenizerFile, type SpecialTokens } from '../text/tokenizer.ts';
import { isGgufPath } from './checkpoint.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';

export interface PretrainedTokenizer {
  /** As a tokenizer.json. */
  file: unknown;
  /** Undefined where the file's own names tell. */
  special?: SpecialTokens;
  /** Null where the model was taught none. */
  chat: ChatTemplate | null;
}

const token = z.union([
  z.string(),
  z.looseObject({ content: z.string() }).transform(({ content }) => content),
]);

const configSchema = z.looseObject({
  bos_token: token.nullish(),
  eos_token: token.nullish(),
  unk_token: token.nullish(),
  pad_token: token.nullish(),
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
});

/** Of a tokenizer.json: what is put in front of every text. */
const processorSchema = z.looseObject({
  type: z.string(),
  processors: z.array(z.unknown()).optional(),
  single: z.array(z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }).optional() })).optional(),
});

/** @throws UserError where there is none, or one that cannot be used */
export function pretrainedTokenizer(path: string): PretrainedTokenizer {
  if (isGgufPath(path)) {
    const gguf = readGguf(path);
    const source = gguf.metadata['tokenizer.chat_template'];
    const { file, special, tokens } = ggufTokenizer(path, gguf);
    return { file, special, chat: typeof source === 'string' && source !== '' ? { source, tokens } : null };
  }
  const filePath = join(path, 'tokenizer.json');
  if (!existsSync(filePath))
    throw new UserError(`${path}: no tokenizer.json beside the weights; name one with tokenizer`);
  const file = readTokenizerFile(filePath);
  const configPath = join(path, 'tokenizer_config.json');
  const parsed = configSchema.safeParse(existsSync(configPath) ? readJson(configPath) : {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`${configPath}: ${issue.path.join('.')}: ${issue.message}`);
  }
  const source = chatSource(path, parsed.data.chat_template);
  const named = (['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const).flatMap((key) => {
    const value = parsed.data[key];
    return value ? [[key, value] as const] : [];
  });
  return {
    file,
    special: { begin: beginOf(file), end: parsed.data.eos_token ?? null },
    chat: source === null ? null : { source, tokens: Object.fromEntries(named) },
  };
}

/** Newer folders have it in a file of its own, older ones in the config, alone or as one of several. */
function chatSource(folder: string, stated: z.output<typeof configSchema>['chat_template']): string | null {
  const path = join(folder, 'chat_template.jinja');
  if (existsSync(path)) return readFileSync(path, 'utf8') || null;
  if (!stated || typeof stated === 'string') return stated || null;
  return (stated.find(({ name }) => name === 'default') ?? stated[0])?.template ?? null;
}

function beginOf(file: unknown): string | null {
  const read = z.looseObject({ post_processor: processorSchema.nullish() }).safeParse(file);
  const processor = read.data?.post_processor;
  if (!processor) return null;
  const all = [processor, ...(processor.processors ?? [])].flatMap(
    (one) => processorSchema.safeParse(one).data ?? [],
  );
  const template = all.find(({ type }) => type === 'TemplateProcessing');
  return template?.single?.[0]?.SpecialToken?.id ?? null;
}
