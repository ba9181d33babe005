/** What a loss function of next-item models states. Each is a file in this folder, and a line of the list in index.ts. */
import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { SharedNegatives } from '../../../data/batches/session-batches.ts';
import { float32, int32, type TensorSpec, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import type { RandomInput, RandomInputs } from '../../../layers/index.ts';
import { type Config, field, trainingFields } from '../../../training/config.ts';
import { type NegativeSource, negativeSettings, sourceOf } from '../../../training/negatives.ts';
import type { TableIds } from '../../../training/step-model.ts';

/** The positions of one micro-batch, padding (of weight 0) included. */
export interface Predicted {
  /** [tokens, width]; divided by the temperature where the loss is a softmax. */
  states: Tensor;
  /** int32 [tokens]: the item that follows. */
  targets: Tensor;
  /** [tokens]; those of a whole step add up to 1. */
  weights: Tensor;
  /** What the loss has drawn for the micro-batch, or session-parallel batches have for it. */
  inputs: Tensors;
}

/** What states are compared with. */
export interface ItemRows {
  /** [leading + items, width] */
  readonly table: Tensor;
  /** First rows of the table that are no items. */
  readonly leading: number;
  /** [items, width] */
  readonly vectors: Tensor;
}

/** Where negatives are drawn. */
export interface DrawShape {
  rows: number;
  /** Predictions of a row. */
  length: number;
  items: number;
  /** Width of states and item vectors. */
  width: number;
  /** Rows are single predictions, and share one stream of random numbers; else every user has one. */
  isPrefix: boolean;
}

/** A loss with the settings of a run. */
export interface BoundLoss {
  readonly isSoftmax: boolean;
  /** Where its negatives come from. */
  readonly source: NegativeSource;
  /** Whether it asks which items users have interacted with. */
  readonly asksKnown: boolean;
  /** Its inputs that name rows of an item table on the host, or why that table cannot be there. */
  readonly hostInputs: TableIds['ids'] | string;
  /** What session-parallel batches draw for it. */
  readonly sessions: SharedNegatives | undefined;
  /** How many items a position is compared with. */
  candidates(items: number): number;
  draws(shape: DrawShape): RandomInputs;
  /** sum_t w_t * loss_t over the positions of all micro-batches: a scalar. */
  value(batches: readonly Predicted[], items: ItemRows): Tensor;
}

type Problem = { field: string; problem: string };

export interface NextItemLoss {
  /** In a line of settings, such as "softmax over all items". */
  phrase: string;
  /** In the help of `loss`. */
  summary: string;
  /** Whether it trains on session-parallel batches alone. */
  needsSessions: boolean;
  of(config: Config): BoundLoss;
  /** Why its settings do not go together, and the key to change; null where they do. */
  conflict(config: Config): Problem | null;
}

interface Definition<S extends z.ZodRawShape, V = z.output<z.ZodObject<S>>> {
  phrase: string;
  summary: string;
  /** The config keys that it reads. */
  settings: S;
  /** Whether scores, divided by the temperature, are the logits of a softmax over all items: scaling laws are fitted to those. */
  isSoftmax: boolean;
  candidates(settings: V, items: number): number;
  draws(settings: V, shape: DrawShape, source: NegativeSource): RandomInputs;
  hostInputs(settings: V): BoundLoss['hostInputs'];
  value(batches: readonly Predicted[], items: ItemRows, settings: V, source: NegativeSource): Tensor;
  /** Default: as the key `negativeItems` says. */
  source?: NegativeSource;
  asksKnown?: boolean;
  conflict?(settings: V, source: NegativeSource): Problem | null;
  /** Given where it trains on session-parallel batches alone. */
  sessions?(settings: V): SharedNegatives;
}

/** A loss whose functions are given its settings as their schema types them. */
export function lossFunction<S extends z.ZodRawShape>(
  definition: Definition<S>,
): NextItemLoss & { settings: S } {
  const { phrase, summary, settings, isSoftmax, asksKnown = false } = definition;
  const schema = z.object(settings);
  const sourceIn = (config: Config) => definition.source ?? sourceOf(config);
  return {
    ...{ phrase, summary, settings, needsSessions: definition.sessions !== undefined },
    of: (config) => {
      const own = schema.parse(config);
      const source = sourceIn(config);
      return {
        ...{ isSoftmax, source, asksKnown },
        hostInputs: definition.hostInputs(own),
        sessions: definition.sessions?.(own),
        candidates: (items) => definition.candidates(own, items),
        draws: (shape) => definition.draws(own, shape, source),
        value: (batches, items) => definition.value(batches, items, own, source),
      };
    },
    conflict: (config) => definition.conflict?.(schema.parse(config), sourceIn(config)) ?? null,
  };
}

/** Settings that several losses read. */
export const shared = {
  negatives: field
    .positiveInt('Items that a target is compared with, in losses with sampled negatives')
    .default(128),
  targetAmongNegatives: z
    .enum(['masked', 'kept'])
    .describe('Negatives of the sampled softmax that equal the target: left out (masked) or kept')
    .default('masked'),
  logQ: z
    .number()
    .nonnegative()
    .describe(
      'Share of the ln of the sampling odds that softmaxes over sampled items subtract from the scores',
    )
    .default(1),
} as const;

/** Negatives for every position, or row of a single prediction: int32 [rows, length, count] or [rows, count]. */
export function ownNegatives(
  { rows, length, items, isPrefix }: DrawShape,
  count: number,
  { isUnseen, odds }: NegativeSource,
): RandomInput {
  const range = { low: 0, high: items, unseen: isUnseen, byOdds: odds !== null };
  return isPrefix
    ? { kind: 'integers', spec: int32(rows, count), ...range }
    : { kind: 'user-integers', spec: int32(rows, length, count), ...range };
}

/** ln of how likely targets and negatives (of this shape) are, for the logQ correction (Yi et al. 2019). */
export function logOdds({ rows, length }: DrawShape, { shape }: TensorSpec): RandomInputs {
  return {
    targetLogQ: { kind: 'log-odds', of: 'targets', spec: float32(rows, length) },
    negativeLogQ: { kind: 'log-odds', of: 'negatives', spec: float32(...shape) },
  };
}

/** What losses of session-parallel training read. */
export const SESSION_NEGATIVES = {
  negatives: field.positiveInt('Shared negatives of a step in sampled-softmax and bpr-max').default(2048),
  negativeAlpha: negativeSettings.negativeAlpha,
  batchSize: trainingFields.batchSize,
} as const;

/** Negatives for every position, as a loss whose item table may be on the host names them: one has a weight of its own. */
export const ONE_NEGATIVE = { negatives: { first: 1, weights: 'weights' } } as const;

/** Why the item table of a loss with negatives for every position stays on the device. */
export const OWN_ON_HOST = 'negatives of every position by itself would name much of the table in every step';

/** The positions of all micro-batches one behind the other, with those of the inputs that have a row for each: [tokens, n]. */
export function joined(batches: readonly Predicted[], names: readonly string[] = []): Predicted {
  const rowsOf = (x: Tensor, { targets }: Predicted) => tf.reshape(x, [targets.size, -1]);
  const join = (parts: readonly Tensor[]) => (parts.length === 1 ? parts[0] : tf.concat([...parts], 0));
  return {
    states: join(batches.map(({ states }) => states)),
    targets: join(batches.map(({ targets }) => targets)),
    weights: join(batches.map(({ weights }) => weights)),
    inputs: Object.fromEntries(
      names.map((name) => [name, join(batches.map((batch) => rowsOf(batch.inputs[name], batch)))]),
    ),
  };
}

/** The sum of what each micro-batch comes to by itself. */
export function summed(batches: readonly Predicted[], value: (batch: Predicted) => Tensor): Tensor {
  return batches.map(value).reduce((sum, part) => tf.add(sum, part));
}
