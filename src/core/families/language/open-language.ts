/** Opens a trained language run. */
import { openInteractions } from '../../data/read.ts';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Split } from '../../data/splits/split.ts';
import type { Decoder } from '../../decoders/decoder.ts';
import { chatFrame } from '../../decoders/text/chat.ts';
import { readRecords } from '../../decoders/text/records.ts';
import { type NamedTensor, namedTensors } from '../../files/safetensors.ts';
import { findLanguageModel } from './language-models.ts';
import { valuesOf } from './prepare-language.ts';
import { type ReadLanguageRun, readLanguageRun } from './run-files.ts';
import { Verbaliser } from './text/prompt.ts';

export interface OpenedLanguageRun {
  run: ReadLanguageRun;
  verbaliser: Verbaliser;
  split: Split;
  decoder: Decoder;
  parameters: Record<string, NamedTensor>;
}

/** Throws UserError where the run's files no longer exist, or do not fit the data set. */
export async function openLanguageRun(options: {
  /** Id of the run's model. */
  model: string;
  datasetDir: string;
  runDir: string;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
}): Promise<OpenedLanguageRun> {
  const run = readLanguageRun(options.runDir);
  const data = await openInteractions(options.datasetDir);
  const records = await readRecords(options.datasetDir);
  const { shots, likeFrom, decoder: sizes } = run;
  const chat = run.chat ? chatFrame(run.chat, options.runDir) : null;
  const prompts = { shots, likeFrom, context: sizes.context, chat };
  const decoder = findLanguageModel(options.model).build(sizes);
  const { parameters } = decoder;
  return {
    run,
    decoder,
    parameters: namedTensors(parameters, valuesOf(options.checkpoint, parameters)),
    verbaliser: new Verbaliser(run.template, run.tokenizer, data, records, prompts),
    split: leaveLastOut(data),
  };
}
