/** What a language run keeps in its folder besides checkpoints, so that other runs and tests can read it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/json.ts';
import { DECODER_MATRICES } from '../../layers/index.ts';
import { chatTemplateSchema } from './text/chat.ts';
import { STAGES } from './text/examples.ts';
import { TASKS, templateSchema } from './text/template.ts';
import { TextTokenizer } from './text/tokenizer.ts';

const whole = z.number().int().positive();

/** Sizes of a decoder, as models/decoder.ts wants them. */
const decoderSchema = z.object({
  vocabulary: whole,
  dim: whole,
  blocks: whole,
  heads: whole,
  kvHeads: whole,
  headDim: whole,
  ffnDim: whole,
  tiedHead: z.boolean(),
  ropeTheta: z.number().positive(),
  ropeAngles: z.array(z.number()).readonly().optional(),
  normEpsilon: z.number().positive(),
  context: whole,
  biases: z.array(z.enum(DECODER_MATRICES)).readonly().optional(),
  headNorms: z.boolean().optional(),
  windows: z.array(whole.nullable()).readonly().optional(),
  experts: z.object({ count: whole, used: whole, balance: z.number().nonnegative() }).optional(),
});

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
