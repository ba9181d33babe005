/** What a definition of a language model states. */

import type { Decoder, DecoderConfig, DecoderOptions } from '../../decoders/decoder.ts';
import type { ModelDescription } from '../model.ts';
import type { languageSchema } from './language-config.ts';

export interface LanguageDefinition extends ModelDescription {
  /** Has the fields of `languageFields`. */
  configSchema: typeof languageSchema;
  /** Sizes and vocabulary may come with another run or a folder of weights; the family finds them. */
  build(sizes: DecoderConfig, options?: DecoderOptions): Decoder;
}

export function languageModel(definition: LanguageDefinition): LanguageDefinition {
  return definition;
}
