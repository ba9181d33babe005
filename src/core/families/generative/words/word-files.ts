/** What a model with codes as words keeps in its run's folder besides checkpoints: sizes, tokenizer, and the texts of its items as tokens. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { decoderSchema } from '../../../decoders/decoder-schema.ts';
import { UserError } from '../../../errors.ts';
import { writeDurably } from '../../../files/durable.ts';
import { readJson } from '../../../files/json.ts';

const tokens = z.array(z.number().int().nonnegative());

const schema = z.object({
  decoder: decoderSchema,
  /** Words before a history, before a title whose ID is asked, and before an ID whose title is asked. */
  prompts: z.object({ history: tokens.min(1), title: tokens.min(1), id: tokens.min(1) }),
  /** Word that ends a title. */
  end: z.number().int().nonnegative(),
  /** What begins and ends a text, where the model whose words they are says so. */
  special: z.object({ begin: z.string().nullable(), end: z.string().nullable() }).optional(),
  /** By dense item of the catalogue the words of its title. */
  titles: z.array(tokens),
});

export type WordFiles = z.output<typeof schema>;

/** Folder of these files in a run's. */
export const WORDS = 'words';

const folderOf = (runDir: string) => join(runDir, WORDS);

export function writeWordFiles(runDir: string, files: WordFiles, tokenizer: unknown): void {
  const folder = folderOf(runDir);
  mkdirSync(folder, { recursive: true });
  for (const [name, value] of Object.entries({ 'tokenizer.json': tokenizer, 'model.json': files }))
    writeDurably(join(folder, name), [Buffer.from(`${JSON.stringify(value)}\n`)]);
}

/** @throws UserError where the folder is of another run, or damaged */
export function readWordFiles(runDir: string): WordFiles {
  const path = join(folderOf(runDir), 'model.json');
  const parsed = schema.safeParse(readJson(path, 'not of a run with codes as words, or damaged'));
  if (!parsed.success) throw new UserError(`${path}: damaged; train the run again`);
  return parsed.data;
}

/** The parsed tokenizer.json. Throws UserError as `readWordFiles`. */
export function readWordTokenizer(runDir: string): unknown {
  return readJson(join(folderOf(runDir), 'tokenizer.json'), 'not of a run with codes as words, or damaged');
}
