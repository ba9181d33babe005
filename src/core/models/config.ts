/** Parts of a model's config that trained models share. Descriptions become help and form labels. */
import { z } from 'zod';

const positive = (description: string) => z.number().positive().describe(description);
const whole = (description: string) => z.number().int().positive().describe(description);
const natural = (description: string) => z.number().int().nonnegative().describe(description);
const fraction = (description: string) => z.number().min(0).lt(1).describe(description);

export const field = { positive, whole, natural, fraction };

/** Optimisation, model selection and evaluation. */
export const trainingFields = {
  epochs: natural('Most passes over the training data').default(100),
  batchSize: whole('Users (sequence models) or interactions (pair models) in one optimiser step').default(
    128,
  ),
  optimiser: z.enum(['adam', 'adamw', 'adagrad', 'sgd']).describe('Update rule').default('adamw'),
  learningRate: positive('Step size after warm-up').default(1e-3),
  beta1: fraction('Decay of the first moment (Adam)').default(0.9),
  beta2: fraction('Decay of the second moment (Adam)').default(0.98),
  epsilon: positive('Added to the root in Adam and Adagrad').default(1e-8),
  weightDecay: z.number().nonnegative().describe('L2 penalty; decoupled for adamw').default(0),
  clipNorm: z.number().nonnegative().describe('Largest global gradient norm; 0 is off').default(0),
  warmupSteps: natural('Steps of linear growth of the learning rate from 0').default(0),
  schedule: z
    .enum(['constant', 'linear', 'cosine', 'inverse-sqrt'])
    .describe('Learning rate after warm-up; linear and cosine end at 0 with the last epoch')
    .default('constant'),
  microBatchTokens: whole(
    'Most padded tokens (or pairs) computed at once; gradients add up over a step',
  ).default(8192),
  evaluateEvery: whole('Epochs between two validations').default(1),
  patience: natural('Validations without a better one before training stops; 0 never stops early').default(
    10,
  ),
  selection: z
    .enum(['valid/ndcg@10', 'valid/hr@10', 'valid/mrr', 'final-epoch'])
    .describe('Which checkpoint is tested')
    .default('valid/ndcg@10'),
} as const;

/** What every model asks of the ranking protocol. */
export const protocolFields = {
  historyFilter: z
    .enum(['all', 'none'])
    .describe("all: items of the user's history are no candidates; none: every item is")
    .default('all'),
} as const;

export type TrainingConfig = z.output<z.ZodObject<typeof trainingFields>>;
export type ProtocolConfig = z.output<z.ZodObject<typeof protocolFields>>;
