/** Parts of a click model's config that all of them share: where its rows come from, how they are parted, how it trains. */
import { z } from 'zod';
import { field, tableOptimisers, trainingFields } from '../../training/config.ts';
import { startFields } from '../../training/warm-start.ts';

const share = (description: string) => z.number().gt(0).max(0.5).describe(description);

/** The labelled rows and their parts. */
export const clickDataFields = {
  labels: z
    .enum(['auto', 'given', 'rating', 'actions', 'sampled'])
    .describe(
      'What a click is. given: the label columns of a click log; rating: interactions rated at least minRating; actions: ' +
        'what users did, as recorded; sampled: every row is a positive, with sampled negatives behind it; auto: given ' +
        'where there are labels, else rating where there are ratings, else sampled',
    )
    .default('auto'),
  minRating: z.number().describe('Lowest rating that counts as a click (labels=rating)').default(4),
  actions: z
    .string()
    .describe('Predicted actions, the main one first, separated by commas (labels=actions)')
    .default('click'),
  negatives: field
    .positiveInt(
      'Negatives of each positive, drawn uniformly from the items its user has not had so far (labels=sampled)',
    )
    .default(2),
  historyLength: field
    .nonNegativeInt(
      "Most recent of the user's earlier training rows that are a feature; 0 for none (interactions)",
    )
    .default(20),
  features: z
    .string()
    .describe('Columns that are features, separated by commas; all: every one')
    .default('all'),
  denseTransform: z
    .enum(['log', 'none', 'standard'])
    .describe(
      'Numbers: log is ln(x + 1) with negative ones as 0 (as DLRM), standard has mean 0 and variance 1 over the training ' +
        'rows; missing numbers are 0 afterwards',
    )
    .default('log'),
  split: z
    .enum(['auto', 'random', 'time', 'last', 'day-parts'])
    .describe(
      'How rows are parted. random: shuffled; time: the last ones test, those before them validate; last: the last row of ' +
        'each user tests, the one before it validates; day-parts: as Criteo, six of seven parts in file order train, the last is halved; auto: time where there are times, else random',
    )
    .default('auto'),
  validShare: share('Share of the rows for validation (random, time)').default(0.1),
  testShare: share('Share of the rows for the test (random, time)').default(0.1),
  hiddenItems: z
    .number()
    .min(0)
    .max(0.9)
    .describe(
      'Share of the items whose rows are taken out of training and validation, to test on unseen items',
    )
    .default(0),
  splitSeed: field
    .nonNegativeInt('Seed of the random split, the hidden items and the sampled negatives')
    .default(1),
} as const;

/** Keys that decide which rows are held out and what their labels are. */
export const measuredBy = [
  ...['selection', 'labels', 'minRating', 'actions', 'negatives', 'split', 'validShare', 'testShare'],
  ...['hiddenItems', 'splitSeed'],
];

/** Optimisation of rows; the rest is as of other models. */
export const clickTrainingFields = {
  ...trainingFields,
  ...startFields,
  epochs: field.nonNegativeInt('Maximum passes over the training rows').default(10),
  batchSize: field.positiveInt('Rows in one optimiser step').default(2048),
  optimiser: tableOptimisers.default('lazy-adam'),
  beta2: field.fraction('Decay of the second moment (Adam)').default(0.999),
  microBatchTokens: field
    .positiveInt('Most rows computed at once; gradients add up over a step')
    .default(16_384),
  patience: field.nonNegativeInt('Stop after this many validations without improvement; 0: never').default(2),
  selection: z
    .enum(['valid/logloss', 'valid/auc', 'final-epoch'])
    .describe('Which checkpoint is tested')
    .default('valid/logloss'),
} as const;

export const clickDataSchema = z.object(clickDataFields);
export const clickSchema = z.object({ ...clickDataFields, ...clickTrainingFields });

export type ClickDataConfig = z.output<typeof clickDataSchema>;
export type ClickConfig = z.output<typeof clickSchema>;
