/** Config that sequence encoders share, and which of its keys go together. */
import { z } from 'zod';
import { checkTableOptimiser } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import {
  type Config,
  dataFields,
  field,
  protocolFields,
  tableOptimisers,
  trainingFields,
  trainingSchema,
} from '../../training/config.ts';
import { negativeItems, negativeSettings } from '../../training/negatives.ts';
import { sideFields } from '../../training/side-features.ts';
import { startFields } from '../../training/warm-start.ts';
import { losses, lossesOf, lossSettings } from './losses/index.ts';

export const nextItemFields = {
  dim: field.positiveInt('Width of item vectors and blocks').default(64),
  blocks: field.positiveInt('Blocks of the encoder').default(2),
  heads: field.positiveInt('Attention heads').default(2),
  maxLength: field.positiveInt('Most recent interactions the model sees').default(50),
  stochasticLength: z
    .number()
    .min(0)
    .max(2)
    .describe(
      'α of Stochastic Length, above 1: training keeps N^(α/2) random interactions of most longer histories, where N is the ' +
        'longest one, and costs less; tests see all; 0 is off',
    )
    .default(0),
  positions: z
    .enum(['from-start', 'from-end', 'none'])
    .describe('Position 0 is the oldest interaction, or the most recent one; or no position vectors')
    .default('from-start'),
  dropout: field.fraction('Rate after the embedding and inside the blocks').default(0.2),
  l2Normalize: z
    .boolean()
    .describe('Scores are cosines: for a softmax, which divides them by the temperature')
    .default(true),
  temperature: field.positive('Scores are divided by it in the softmax losses').default(0.05),
  ...lossSettings(losses, 'sampled-softmax'),
  negativeItems,
  ...negativeSettings,
  itemTable: z
    .enum(['device', 'host'])
    .describe(
      'Where the item vectors are: a step on the device may touch all of them; from the host it gets those of its batch, ' +
        'for catalogues of millions of items',
    )
    .default('device'),
  recomputeBlocks: z
    .boolean()
    .describe(
      'Training keeps the input of each block alone and computes the block again for its gradients: about a quarter slower, ' +
        'in the memory of one block at any depth',
    )
    .default(false),
  ...sideFields,
  ...startFields,
  ...trainingFields,
  optimiser: tableOptimisers.default('adamw'),
  ...dataFields,
  ...protocolFields,
} as const;

const { itemTable: _, stochasticLength: _causal, sideFeatures: _side, ...others } = nextItemFields;

/** The same of models that are not causal, and whose item vectors stay on the device. */
export const deviceFields = { ...others, optimiser: trainingFields.optimiser } as const;

/** Of the models with these fields. */
export const encoderEssentials: readonly (keyof typeof nextItemFields)[] = [
  'dim',
  'blocks',
  'dropout',
  'maxLength',
  'learningRate',
  'loss',
];

type Fields = z.output<z.ZodObject<typeof nextItemFields>>;

/** A model without the key `itemTable` has its item vectors on the device, one without `stochasticLength` all of its histories. */
export type NextItemConfig = Omit<Fields, 'itemTable' | 'stochasticLength' | 'sideFeatures'> &
  Partial<Pick<Fields, 'itemTable' | 'stochasticLength' | 'sideFeatures'>>;

/** Throws UserError where keys of a config do not go together. */
export function checkEncoderConfig(schema: z.ZodObject, config: Config): void {
  const { itemTable, optimiser, stochasticLength } = config;
  const refuse = (key: string, problem: string) => new UserError({ code: 'bad-config', field: key, problem });
  const loss = lossesOf(schema)[String(config.loss)];
  const conflict = loss?.conflict(config) ?? null;
  if (conflict) throw refuse(conflict.field, conflict.problem);
  if (typeof stochasticLength === 'number' && stochasticLength > 0 && stochasticLength <= 1)
    throw refuse('stochasticLength', 'it is 0 (off), or above 1 and at most 2');
  if (itemTable !== 'host' && optimiser === 'lazy-adam')
    throw refuse('optimiser', 'lazy-adam is for item vectors on the host: set itemTable=host as well');
  if (itemTable !== 'host') return;
  const { hostInputs } = loss.of(config);
  if (typeof hostInputs === 'string') {
    const fix = 'with itemTable=host take loss=sampled-softmax with negativeSharing=batch, or loss=bce';
    throw refuse('itemTable', `${hostInputs}, so its item vectors stay on the device; ${fix}`);
  }
  checkTableOptimiser(trainingSchema.parse(config));
}
