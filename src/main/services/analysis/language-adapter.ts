import { type Adapters, adapterParameters } from '../../../core/decoders/decoder.ts';
import { adaptersOf } from '../../../core/decoders/lora-config.ts';
import { baseMetadata } from '../../../core/decoders/pretrained/adapter-base.ts';
import { writePeftAdapter } from '../../../core/decoders/pretrained/peft-adapter.ts';
import { UserError } from '../../../core/errors.ts';
import { languageSchema } from '../../../core/families/language/language-config.ts';
import { valuesOf } from '../../../core/families/language/prepare-language.ts';
import { readBase, readLanguageModel } from '../../../core/families/language/run-files.ts';
import { modelTask } from '../../../core/model-facts.ts';
import type { Store } from '../../../core/store/store.ts';
import { testedAsItStarted } from './language-pipeline.ts';
import { testedCheckpoint } from './tested-model.ts';

/** Writes the LoRA adapter of a run into a folder. Throws UserError where it has none. */
export function exportAdapter(store: Store, reference: string, folder: string): Adapters {
  const run = store.runs.findOwn(reference);
  const named = `run ${run.name} (${run.id})`;
  if (modelTask(run.model) !== 'language')
    throw new UserError(`${named} is of ${run.model}, no language model`);
  const config = languageSchema.parse(run.config);
  const adapters = adaptersOf(config);
  if (!adapters) throw new UserError(`${named} has no adapter: it trained every parameter (loraRank=0)`);
  if (config.startFrom !== '')
    throw new UserError(
      `${named} changes run ${config.startFrom}, which PEFT does not have: train it from weights`,
    );
  if (testedAsItStarted(run))
    throw new UserError(`${named} has no adapter: no epoch was better than what it started from`);
  if (config.adapter !== '')
    throw new UserError(
      `${named} changes ${config.weights} with ${config.adapter} worked in, which PEFT does not have: train it from weights alone`,
    );
  const its = store.runs.folder(run.id);
  const { decoder } = readLanguageModel(its);
  const values = valuesOf(testedCheckpoint(store, run), adapterParameters(decoder, adapters));
  writePeftAdapter(folder, { adapters, values }, decoder, config.weights, baseMetadata(readBase(its)));
  return adapters;
}
