/** The run that is rewarded: its model and config are kept with the training that begins with it, which needs it no more then. */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../errors.ts';
import { writeDurably } from '../../../files/durable.ts';
import { readJson } from '../../../files/json.ts';
import type { SourceRun, TrainSpec } from '../../../training/events.ts';
import { WORDS } from '../words/word-files.ts';

const keptSchema = z.object({ model: z.string(), config: z.record(z.string(), z.unknown()) });

/** What lists are made with, besides a checkpoint. */
export interface Policy extends z.output<typeof keptSchema> {
  /** Folder with everything that its model keeps, except checkpoints. */
  dir: string;
}

const fileIn = (runDir: string) => join(runDir, 'policy', 'run.json');

/** The run whose IDs are rewarded. Throws UserError without one that has a checkpoint. */
export function policyRun(sources: TrainSpec['sources']): SourceRun & { checkpoint: string } {
  const source = sources?.policy;
  if (!source) throw new UserError('config "policy": name the run whose lists are rewarded');
  const { checkpoint } = source;
  if (checkpoint === null)
    throw new UserError(`run ${source.name} (${source.run}) has no checkpoint to start from`);
  return { ...source, checkpoint };
}

/** Copies what lists are made with, besides a checkpoint, into the folder of a new run. */
export function keepPolicy(runDir: string, { model, config, dir }: Policy): void {
  const words = join(dir, WORDS);
  if (existsSync(words)) cpSync(words, join(runDir, WORDS), { recursive: true });
  mkdirSync(join(runDir, 'policy'), { recursive: true });
  writeDurably(fileIn(runDir), [Buffer.from(`${JSON.stringify({ model, config })}\n`)]);
}

/** What a run's folder keeps; runs of earlier versions kept nothing, and take it of the run itself. */
export function policyOf(runDir: string, sources: TrainSpec['sources']): Policy {
  const path = fileIn(runDir);
  if (!existsSync(path)) return policyRun(sources);
  const parsed = keptSchema.safeParse(readJson(path));
  if (!parsed.success) throw new UserError(`${path}: damaged; train the run again`);
  return { ...parsed.data, dir: runDir };
}
