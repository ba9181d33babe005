/** Parts of a model's config that trained models share. Descriptions become help and form labels. */
import { z } from 'zod';
import { splitFields, splitIds, splitOf, splits } from '../data/splits/index.ts';
import { metricsUsed } from '../evaluation/metrics-table.ts';

const positive = (description: string) => z.number().positive().describe(description);
const positiveInt = (description: string) => z.number().int().positive().describe(description);
const nonNegativeInt = (description: string) => z.number().int().nonnegative().describe(description);
const fraction = (description: string) => z.number().min(0).lt(1).describe(description);
/** Widths of layers as "512,256,128"; nothing for no layer. */
const widths = (description: string) =>
  z.coerce
    .string()
    .regex(/^(\s*[1-9]\d*\s*(,\s*[1-9]\d*\s*)*)?$/, 'must be widths such as 512,256,128, or nothing')
    .describe(description);

export const field = { positive, positiveInt, nonNegativeInt, fraction, widths };

/** "512,256,128" → [512, 256, 128] */
export function widthsOf(text: string): number[] {
  return text.trim() === '' ? [] : text.split(',').map(Number);
}

const selections = ['valid', 'test'].flatMap((split) =>
  metricsUsed('selects').map((name) => `${split}/${name}`),
);

/** Config keys that had other names, which commands still take: the present name by the former one. */
const RENAMED_KEYS: Readonly<Record<string, string>> = { leastEpochSteps: 'minEpochSteps' };

/** The present name of a config key. */
export const presentKey = (key: string): string => RENAMED_KEYS[key] ?? key;

/** Optimisation, model selection and evaluation. */
export const trainingFields = {
  epochs: nonNegativeInt('Maximum passes over the training data').default(100),
  epochSteps: nonNegativeInt(
    'Optimiser steps per epoch, for lengths, schedules and patience that are the same on data of any size; ' +
      '0: one pass over the data',
  ).default(0),
  minEpochSteps: nonNegativeInt(
    'Optimiser steps that an epoch of one pass has at least: data of few users are passed several times in it',
  ).default(0),
  minSteps: nonNegativeInt('Optimiser steps of a training at least, where epochs gives fewer').default(0),
  minEvaluationSteps: nonNegativeInt('Optimiser steps between two validations at least').default(0),
  minPatienceSteps: nonNegativeInt(
    'Optimiser steps without a better validation at least before training stops',
  ).default(0),
  batchSize: positiveInt(
    'Users (sequence models) or interactions (pair models) in one optimiser step',
  ).default(128),
  optimiser: z
    .enum(['adam', 'adamw', 'adagrad', 'rowwise-adagrad', 'sgd'])
    .describe(
      'Update rule; rowwise-adagrad keeps one number a row of an embedding table, and is adagrad elsewhere',
    )
    .default('adamw'),
  learningRate: positive('Step size after warm-up').default(1e-3),
  beta1: fraction('Decay of the first moment (Adam)').default(0.9),
  beta2: fraction('Decay of the second moment (Adam)').default(0.98),
  epsilon: positive('Added to the root in Adam and Adagrad').default(1e-8),
  weightDecay: z.number().nonnegative().describe('L2 penalty; decoupled for adamw').default(0),
  decayed: z
    .enum(['all', 'tables-and-matrices', 'matrices'])
    .describe(
      'What weightDecay shrinks: everything, all but norms and biases, or all but these and tables of embeddings',
    )
    .default('all'),
  clipNorm: z.number().nonnegative().describe('Largest global gradient norm; 0 is off').default(0),
  warmupSteps: nonNegativeInt('Steps of linear growth of the learning rate from 0').default(0),
  schedule: z
    .enum(['constant', 'linear', 'cosine', 'inverse-sqrt'])
    .describe(
      'Learning rate after warm-up; linear and cosine end at 0, so that the last step changes nothing',
    )
    .default('constant'),
  precision: z
    .enum(['float32', 'float16'])
    .describe(
      'Numbers of the products of matrices in training: float16 takes half the memory traffic on a GPU that has it; sums, ' +
        'norms, softmax, parameters and tests stay float32, and the loss is scaled so that small gradients are kept',
    )
    .default('float32'),
  microBatchTokens: positiveInt(
    'Most padded tokens (or pairs) computed at once; gradients add up over a step',
  ).default(8192),
  evaluateEvery: positiveInt('Epochs between two validations').default(1),
  patience: nonNegativeInt('Stop after this many validations without improvement; 0: never').default(10),
  selection: z
    .enum([...selections, 'final-epoch'])
    .describe('Which checkpoint is tested; test/… belongs to protocol=paper')
    .default('valid/ndcg@10'),
} as const;

/** Config of the ranking protocol, the same for every model. */
export const protocolFields = {
  protocol: z
    .enum(['validated', 'paper'])
    .describe(
      'validated: the second last item of a user selects the epoch, the last tests it; paper: as in the HSTU and ' +
        'FuXi-α tables, the epoch is selected on the test items, which is optimistic',
    )
    .default('validated'),
  ...splitFields,
  targets: z
    .enum(['first', 'all', 'successive'])
    .describe(
      "Which of a user's held-out interactions are to be found: the first one; all of their items, in one list from the " +
        'history before them; or each one after the other, with all that came before it',
    )
    .default('first')
    .meta({ readWith: { split: splitIds.filter((id) => splits[id].several) } }),
  testUsers: nonNegativeInt(
    'Users who are tested, the same ones whatever the seed; 0 takes all with a held-out interaction',
  ).default(0),
  historyFilter: z
    .enum(['all', 'window', 'none'])
    .describe(
      "No candidates are: all items of the user's history, those of its last historyWindow interactions, or none; " +
        'default "window" under the paper protocol',
    )
    .default('all'),
  historyWindow: positiveInt('Most recent interactions whose items historyFilter=window removes').default(
    200,
  ),
  rankLimit: nonNegativeInt(
    'Largest rank recorded (0: all); anything beyond, and targets that the filter removes, count as one more; default ' +
      '2500 under the paper protocol',
  ).default(0),
  candidates: z
    .enum(['interacted', 'catalogue'])
    .describe(
      'Ranked (and sampled) items: those with interactions, or also those that only the items file lists; ' +
        'default "catalogue" under the paper protocol',
    )
    .default('interacted'),
  coldItems: fraction(
    'Share of test items hidden from training, to test how a model handles new items',
  ).default(0),
  coldSeed: nonNegativeInt('Draws the hidden items').default(1),
} as const;

/** What part of a data set a model that scores every item is trained on. */
export const dataFields = {
  trainUsers: z
    .number()
    .gt(0)
    .max(1)
    .describe(
      'Share of the users whose interactions are trained on; all are tested. The users of a smaller share are among ' +
        'those of a larger one',
    )
    .default(1),
} as const;

/** Keys that say how a model is measured, not how it is trained: those that an evaluation can change. */
export const evaluationKeys = [
  'targets',
  'testUsers',
  'historyFilter',
  'historyWindow',
  'rankLimit',
  'targetTime',
  'beams',
  'decoding',
  'samplingTemperature',
  'coldShare',
  'retrieval',
  'graphEdges',
  'graphSteps',
] as const;

/** Keys that the validation metrics of models that rank items depend on. */
export const rankedBy = ['selection', ...Object.keys(protocolFields), ...evaluationKeys];

/** Ranks that the published evaluation of HSTU keeps (released code of Zhai et al. 2024). */
const PAPER_RANK_LIMIT = 2500;

/** What `protocol: 'paper'` changes in the defaults of the other keys, as far as a model has them. */
const paperDefaults: Record<string, unknown> = {
  historyFilter: 'window',
  rankLimit: PAPER_RANK_LIMIT,
  candidates: 'catalogue',
  selection: 'test/ndcg@10',
  patience: 0,
  targetTime: 'seen',
};

/** Values under which a preset and a user's own are laid; `keys` are those of the model's schema. */
export function protocolDefaults(protocol: unknown, keys: readonly string[]): Record<string, unknown> {
  if (protocol !== 'paper') return {};
  return Object.fromEntries(Object.entries(paperDefaults).filter(([key]) => keys.includes(key)));
}

/** A key that does not go together with the others of a config's protocol, and why; or null. */
export function protocolConflict(config: Config): { field: string; problem: string } | null {
  // Models of labelled rows have splits of their own.
  const conflict = config.targets === undefined ? null : splitConflict(config);
  if (conflict !== null) return conflict;
  const problem = selectionConflict(config);
  return problem === null ? null : { field: 'selection', problem };
}

function splitConflict(config: Config): { field: string; problem: string } | null {
  const { id, several, newItems, conflict } = splitOf(config);
  const { coldItems, targets } = config;
  if (targets !== 'first' && !several) {
    const problem = `targets=${targets} is of users with several held-out interactions; set split=time, or targets=first`;
    return { field: 'targets', problem };
  }
  if (newItems === 'unseen' && Number(coldItems) > 0) {
    const problem = `coldItems hides the items of last interactions; split=${id} has new items without it, set coldItems=0`;
    return { field: 'coldItems', problem };
  }
  return conflict();
}

function selectionConflict({ protocol, selection }: Config): string | null {
  if (typeof selection !== 'string') return null;
  if (protocol === 'paper' && selection.startsWith('valid/')) {
    return `${selection} needs validation items, which protocol=paper does not hold out; choose test/ndcg@10 or final-epoch`;
  }
  if (protocol !== 'paper' && selection.startsWith('test/')) {
    return `${selection} selects on the test items; set protocol=paper as well, or choose valid/ndcg@10`;
  }
  return null;
}

/** A model's full config; its schema says what is in it. */
export type Config = Record<string, unknown>;

/** The optimisers of models whose tables may be on the host. */
export const tableOptimisers = z
  .enum([...trainingFields.optimiser.unwrap().options, 'lazy-adam'])
  .describe(
    'Update rule; rowwise-adagrad keeps one number a row of an embedding table, and is adagrad elsewhere; lazy-adam is ' +
      'adam, but leaves the rows of tables on the host as they are in steps that do not see them',
  );

/** The training part of a config of any model that is trained by steps. */
export const trainingSchema = z.object({
  ...trainingFields,
  optimiser: tableOptimisers.default('adamw'),
  momentum: z.number().optional(),
});
export const protocolSchema = z.object(protocolFields);

/** What training and evaluation read of the config of any model that ranks items, beside its own keys. */
export const rankedSchema = z.looseObject({ ...trainingSchema.shape, ...protocolFields, ...dataFields });

export type TrainingConfig = z.output<typeof trainingSchema>;
export type ProtocolConfig = z.output<typeof protocolSchema>;
export type RankedConfig = z.output<typeof rankedSchema>;
