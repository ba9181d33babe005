/** What a language run keeps in its folder besides checkpoints, so that other runs and tests can read it. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { decoderSchema } from '../../decoders/decoder-schema.ts';
import { chatTemplateSchema } from '../../decoders/text/chat.ts';
import { TextTokenizer } from '../../decoders/text/tokenizer.ts';
import { UserError } from '../../errors.ts';
import { writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/json.ts';
import { STAGES } from './text/examples.ts';
import { TASKS, templateSchema } from './text/template.ts';

const languageRunSchema = z.object({
  stage: z.enum(STAGES),
  decoder: decoderSchema,
  template: templateSchema,
  shots: z.number().int().nonnegative(),
  likeFrom: z.number(),
  /** Of the pretrained model that the first of its runs began with. */
  special: z.object({ begin: z.string().nullable(), end: z.string().nullable() }).optional(),
  chat: chatTemplateSchema.nullish(),
  /** Every task that the run or one before it was trained on. */
  trainedTasks: z.array(z.enum(TASKS)),
});

export type LanguageRun = z.output<typeof languageRunSchema>;

/** A language run as another run reads it. */
export interface ReadLanguageRun extends LanguageRun {
  tokenizer: TextTokenizer;
  /** The parsed tokenizer.json. */
  tokenizerFile: unknown;
}

const folderOf = (runDir: string) => join(runDir, 'language');
const write = (path: string, value: unknown) =>
  writeDurably(path, [Buffer.from(`${JSON.stringify(value)}\n`)]);

export function writeLanguageRun(runDir: string, run: LanguageRun, tokenizerFile: unknown): void {
  mkdirSync(folderOf(runDir), { recursive: true });
  write(join(folderOf(runDir), 'tokenizer.json'), tokenizerFile);
  write(join(folderOf(runDir), 'model.json'), run);
}

const baseSchema = z.object({ fingerprint: z.string() });
const basePath = (runDir: string) => join(folderOf(runDir), 'base.json');

/** Keeps which weights the adapters of a run change. */
export function writeBase(runDir: string, fingerprint: string): void {
  write(basePath(runDir), { fingerprint });
}

/** Null of a run of an earlier version. Throws UserError where it is damaged. */
export function readBase(runDir: string): string | null {
  const path = basePath(runDir);
  if (!existsSync(path)) return null;
  const parsed = baseSchema.safeParse(readJson(path));
  if (!parsed.success) throw new UserError(`${path}: damaged; train the run again`);
  return parsed.data.fingerprint;
}

const DAMAGED = 'not of a language run, or damaged';

/** @throws UserError where the folder is not that of a language run, or damaged */
export function readLanguageModel(runDir: string): LanguageRun {
  const path = join(folderOf(runDir), 'model.json');
  const parsed = languageRunSchema.safeParse(readJson(path, DAMAGED));
  if (!parsed.success) throw new UserError(`${path}: damaged; train the run again`);
  return parsed.data;
}

/** The same with its tokenizer. */
export function readLanguageRun(runDir: string): ReadLanguageRun {
  const model = readLanguageModel(runDir);
  const tokenizerPath = join(folderOf(runDir), 'tokenizer.json');
  const tokenizerFile = readJson(tokenizerPath, DAMAGED);
  return {
    ...model,
    tokenizerFile,
    tokenizer: new TextTokenizer(tokenizerFile, tokenizerPath, model.special),
  };
}
