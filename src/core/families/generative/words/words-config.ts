/** Config of models whose codes are words of a language model. Descriptions become help and form labels. */
import { z } from 'zod';
import { loraFields } from '../../../decoders/lora-config.ts';
import { pathField } from '../../../files/path-fields.ts';
import { field } from '../../../training/config.ts';
import { SOURCES } from '../../../training/sources.ts';

const share = (description: string) => z.number().nonnegative().describe(description);

export const wordFields = {
  weights: pathField(
    'Pretrained language model whose words and weights are taken: a GGUF file, or a folder with config.json, tokenizer.json and safetensors',
  ),
  tokenizer: pathField(
    'Path of a tokenizer.json, of the pretrained model where its own cannot be used; without one and without that model a byte-level BPE is trained on the titles',
  ),
  languageFrom: z
    .string()
    .describe(
      `${SOURCES.languageFrom.description}; without it and without weights the model begins from scratch`,
    )
    .default(''),
  newRows: z
    .enum(['mean', 'random'])
    .describe(
      'Vectors of the codes at first: mean of the words in the titles that a code stands for, or random ones as wide as those of words',
    )
    .default('mean'),
  historyShare: share(
    'Share of histories among the examples: each item follows from those before it',
  ).default(0.8),
  itemToIdShare: share('Share of titles whose ID is asked').default(0.1),
  idToTitleShare: share('Share of IDs whose title is asked').default(0.1),
  vocabulary: field
    .positiveInt('Words of a tokenizer trained here, where the model begins from scratch')
    .default(2048),
  dim: field.positiveInt('Width of the model, where it begins from scratch').default(128),
  blocks: field.positiveInt('Blocks, where it begins from scratch').default(4),
  heads: field.positiveInt('Attention heads, where it begins from scratch').default(4),
  ffnDim: field
    .nonNegativeInt('Width of the gated feed-forward layer; 0 takes 8/3 of dim, rounded')
    .default(0),
  dropout: field.fraction('Rate on what every layer adds').default(0),
  ...loraFields,
  loraRank: field
    .nonNegativeInt(
      'Rank of trained changes to frozen matrices, beside the vectors of codes; 0 trains every parameter',
    )
    .default(0),
} as const;

const schema = z.object(wordFields);

export type WordConfig = z.output<typeof schema>;

export const wordConfig = (config: Readonly<Record<string, unknown>>): WordConfig => schema.parse(config);

/** Width of the gated feed-forward layer of a model that begins from scratch. */
export const ffnWidth = ({ ffnDim, dim }: Pick<WordConfig, 'ffnDim' | 'dim'>): number =>
  ffnDim || Math.round((8 * dim) / 3);

/** Products at a token: of every block, and with the table of words. */
export const wordWork = ({ vocabulary, dim, blocks, ...config }: WordConfig): number =>
  blocks * (4 * dim ** 2 + 3 * dim * ffnWidth({ dim, ...config })) + vocabulary * dim;
