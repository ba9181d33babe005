/** Config that models which generate Semantic IDs share. Descriptions become help and form labels. */
import { z } from 'zod';
import { dataFields, field, protocolFields, trainingFields } from '../../training/config.ts';
import { SOURCES } from '../../training/sources.ts';

/** Which IDs the items have, and how a history becomes tokens. */
export const sourceFields = {
  tokeniser: z.string().describe(SOURCES.tokeniser.description).default(''),
  collisionToken: z
    .boolean()
    .describe('One more token where items have equal codes; without it nothing distinguishes them')
    .default(true),
  shuffleIds: field
    .nonNegativeInt('Seed of a permutation of the IDs among the items, as a control; 0 leaves them')
    .default(0),
  maxLength: field.positiveInt('Most recent items the model reads').default(20),
  encoding: z
    .enum(['prefixes', 'causal'])
    .describe(
      'prefixes: every prefix of a history is a sample of its own, read in both directions, as in TIGER; causal: an ' +
        'item sees those before it alone, so that one pass over a history, in pieces of maxLength, trains on all its items',
    )
    .default('prefixes'),
  userTokens: field.nonNegativeInt('Tokens that users are hashed to, read first; 0 for none').default(2000),
  separator: z.boolean().describe('A token between two items').default(false),
} as const;

/** How probabilities are formed and lists are made. */
export const generationFields = {
  softmax: z
    .enum(['level', 'vocabulary', 'continuations'])
    .describe(
      "Probabilities over all codes of a token's level, over all codes, as in TIGER, or over those that continue a " +
        'prefix to an item, as constrained decoding has them',
    )
    .default('level'),
  beams: field
    .positiveInt('Sequences kept when the lists are made; a rank beyond them is the last one')
    .default(50),
  decoding: z
    .enum(['constrained', 'free', 'sample'])
    .describe(
      'constrained: the most probable IDs of candidates; free: any, of which those of no candidate are dropped; ' +
        'sample: IDs of candidates, drawn without repeats and listed by probability',
    )
    .default('constrained'),
  samplingTemperature: field
    .positive(
      'Divides the logits before IDs are drawn (decoding=sample): a higher one makes the lists more diverse',
    )
    .default(1),
  validationUsers: field
    .nonNegativeInt('Users whose validation items select the epoch, drawn by the seed; 0 for all')
    .default(2000),
  validationBeams: field.positiveInt('Sequences kept at a validation in training').default(20),
  coldShare: field
    .fraction('Largest share of a list that items hidden from training (coldItems) may have')
    .default(0.1),
} as const;

/** Arguments of `refine`: the epoch is chosen by metrics at 10. */
export const requireTenBeams = [
  ({ validationBeams }: { validationBeams: number }) => validationBeams >= 10,
  {
    path: ['validationBeams'],
    message: 'the epoch is chosen by metrics at 10: keep 10 sequences or more',
  },
] satisfies [unknown, unknown];

const generationSchema = z.object(generationFields);

/** What a search over levels reads of a config. */
export type GenerationConfig = z.output<typeof generationSchema>;

/** Which tokens the items have; models without users or separators in their sources lack these keys. */
export const idSchema = z.object({
  collisionToken: sourceFields.collisionToken,
  shuffleIds: sourceFields.shuffleIds,
  userTokens: z.number().default(0),
  separator: z.boolean().default(false),
});

/** What the family reads of every model's config. */
const generativeSchema = z.object({
  maxLength: sourceFields.maxLength,
  validationUsers: generationFields.validationUsers,
  ...dataFields,
  ...trainingFields,
  ...protocolFields,
});

export type GenerativeConfig = z.output<typeof generativeSchema>;
