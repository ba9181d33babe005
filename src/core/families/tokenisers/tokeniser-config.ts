/** Config that tokenisers trained by gradient steps share. Descriptions become help and form labels. */
import { z } from 'zod';
import { field, trainingFields } from '../../training/config.ts';

const {
  // A rounding would decide which of two near codes is nearest.
  precision: _precision,
  microBatchTokens: _microBatchTokens,
  epochSteps: _epochSteps,
  minEpochSteps: _minEpochSteps,
  minSteps: _minSteps,
  minEvaluationSteps: _minEvaluationSteps,
  minPatienceSteps: _minPatienceSteps,
  ...shared
} = trainingFields;

/** The metric that chooses among the IDs of the evaluations. */
export const COLLISION_RATE = 'ids/collision-rate';

export const tokeniserTrainingFields = {
  ...shared,
  epochs: field.nonNegativeInt('Passes over the items').default(1000),
  batchSize: field.positiveInt('Items in one optimiser step').default(1024),
  beta2: field.fraction('Decay of the second moment (Adam)').default(0.999),
  evaluateEvery: field
    .positiveInt('Epochs between two evaluations over all items, each of which keeps the IDs of that time')
    .default(20),
  patience: field
    .nonNegativeInt('Evaluations without a lower collision rate before training stops; 0 never stops early')
    .default(0),
  selection: z
    .enum([COLLISION_RATE, 'final-epoch'])
    .describe(
      'Whose IDs the items get: of the evaluation with the fewest collisions, the last of several, or of the last epoch',
    )
    .default(COLLISION_RATE),
} as const;

/** Of tokenisers with codebooks. */
export const codebookFields = {
  kmeansInit: z
    .boolean()
    .describe('Codebooks start at the centroids of k-means, level by level, on the latents of items')
    .default(true),
  initRows: field.nonNegativeInt('Items that k-means starts from, drawn at random; 0 takes all').default(0),
  initIterations: field.positiveInt('Most iterations of k-means').default(25),
  resetEvery: field
    .nonNegativeInt(
      "Steps after which codes that no item had become residuals of random items, which keep the optimiser's moments; 0 never",
    )
    .default(100),
  resetBelow: field
    .fraction(
      'Share of the mean use up to which a code counts as unused; 0 resets only those without any item',
    )
    .default(0.25),
  resetUntil: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the steps after which no code is reset, so that the codebooks settle')
    .default(0.8),
} as const;

export const tokeniserTrainingSchema = z.object({ ...tokeniserTrainingFields, ...codebookFields });
export type TokeniserTrainingConfig = z.output<typeof tokeniserTrainingSchema>;
