/** Config that causal encoders share, and which of its keys go together. */
import { z } from 'zod';
import { checkTableOptimiser } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import {
  dataFields,
  field,
  protocolFields,
  tableOptimisers,
  trainingFields,
  trainingSchema,
} from '../../training/config.ts';
import { negativeItems } from './next-item-model.ts';

export const nextItemFields = {
  dim: field.positiveInt('Width of item vectors and blocks').default(64),
  blocks: field.positiveInt('Blocks of the encoder').default(2),
  heads: field.positiveInt('Attention heads').default(2),
  maxLength: field.positiveInt('Most recent interactions the model sees').default(50),
  positions: z
    .enum(['from-start', 'from-end', 'none'])
    .describe('Position 0 is the oldest interaction, or the most recent one; or no position vectors')
    .default('from-start'),
  dropout: field.fraction('Rate after the embedding and inside the blocks').default(0.2),
  l2Normalize: z.boolean().describe('Scores are cosines').default(true),
  temperature: field.positive('Scores are divided by it in the softmax losses').default(0.05),
  loss: z
    .enum(['sampled-softmax', 'full-softmax', 'bce'])
    .describe('Softmax over sampled items or over all, or binary cross-entropy with one negative a position')
    .default('sampled-softmax'),
  negatives: field.positiveInt('Negatives of the sampled softmax').default(128),
  negativeSharing: z
    .enum(['position', 'batch'])
    .describe('Fresh negatives for every position, or one set for all positions computed together')
    .default('position'),
  negativeItems,
  targetAmongNegatives: z
    .enum(['masked', 'kept'])
    .describe('Negatives of the sampled softmax that equal the target: left out (masked) or kept')
    .default('masked'),
  itemTable: z
    .enum(['device', 'host'])
    .describe(
      'Where the item vectors are: a step on the device may touch all of them; from the host it gets those of its batch, ' +
        'for catalogues of millions of items',
    )
    .default('device'),
  ...trainingFields,
  optimiser: tableOptimisers.default('adamw'),
  ...dataFields,
  ...protocolFields,
} as const;

/** Of the models with these fields. */
export const encoderEssentials: readonly (keyof typeof nextItemFields)[] = [
  'dim',
  'blocks',
  'dropout',
  'maxLength',
  'learningRate',
  'loss',
];

export type NextItemConfig = z.output<z.ZodObject<typeof nextItemFields>>;

/** Throws UserError where keys of a config do not go together. */
export function checkEncoderConfig(config: Record<string, unknown>): void {
  const { itemTable, optimiser, loss, negativeSharing, negativeItems: from } = config;
  if (from === 'unseen' && loss === 'sampled-softmax' && negativeSharing === 'batch') {
    throw new UserError({
      code: 'bad-config',
      field: 'negativeItems',
      problem:
        'negatives that a whole batch shares cannot be unseen by each of its users: set negativeSharing=position',
    });
  }
  if (itemTable === 'device' && optimiser === 'lazy-adam') {
    throw new UserError({
      code: 'bad-config',
      field: 'optimiser',
      problem: 'lazy-adam is for item vectors on the host: set itemTable=host as well',
    });
  }
  if (itemTable !== 'host') return;
  const refuse = (problem: string) => new UserError({ code: 'bad-config', field: 'itemTable', problem });
  if (loss === 'full-softmax') {
    throw refuse(
      `the full softmax reads every item in every step, so its item vectors stay on the device; ${SHARED}`,
    );
  }
  if (loss === 'sampled-softmax' && negativeSharing === 'position') {
    throw refuse(
      `negatives of every position by itself would name much of the table in every step; ${SHARED}`,
    );
  }
  checkTableOptimiser(trainingSchema.parse(config));
}

const SHARED = 'with itemTable=host take loss=sampled-softmax with negativeSharing=batch, or loss=bce';
