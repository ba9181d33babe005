/** The contract of models that score every item for a user, and what a definition of one states. */
import type { Tensor } from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { SideShape } from '../../data/side/types.ts';
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext, HostArrays, Specs, Tensors } from '../../engine/index.ts';
import type { ItemMatrix } from '../../semantic-ids/types.ts';
import type { Config } from '../../training/config.ts';
import type { BatchShape, SequenceBatchKind, StepModel } from '../../training/step-model.ts';
import type { ModelBehaviour, ModelDescription, PositionCost } from '../model.ts';
import { withAddedLosses } from './losses/index.ts';

/** Sizes a model is built for, and the side features that it reads; counted without, it is counted without their tables. */
export type DataSizes = Pick<Interactions, 'users' | 'items'> & { side?: readonly SideShape[] };

/**
 * A model trained by gradient steps that scores every item.
 *
 * Sequence models get the arrays of `SequenceInputs`, and for training also `targets` int32 [rows, length]
 * (dense item; 0 where the weight is 0) and `weights` float32 [rows, length] (1 / tokens of the step at real
 * positions, else 0).
 *
 * Pair models get `users`, `positives`, `negatives` int32 [rows] and `weights` float32 [rows]; for
 * scoring `users` int32 [rows].
 */
export interface TrainedModel extends StepModel {
  readonly batches: SequenceBatchKind | { kind: 'pairs' };
  readonly cost: PositionCost;
  /** Scores of every item: [rows, items]. Not to be called where `tableIds` is set. */
  scores(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
  /** How the items are scored in chunks where `tableIds` is set. */
  readonly matching?: ItemMatching;
  /**
   * Scores times this are the logits of a softmax over all items, as the model is trained; the cross-entropy of held-out
   * items is measured with it. Undefined where the loss is not a softmax.
   */
  readonly logitScale?: number;
}

/** Scores in two parts, so that the items may come in chunks. */
export interface ItemMatching {
  /** What items are compared with: [rows, width]. */
  queries(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
  /** queries [rows, width], rows of the item table [n, dim] -> scores [rows, n] */
  match(queries: Tensor, rows: Tensor): Tensor;
}

/** Scores computed on the host, for models without gradient steps. */
export interface HostScorer {
  /** Writes the scores of all items for a user with this history (dense items, oldest first). */
  score(user: number, history: Int32Array, scores: Float32Array): void;
}

/** What fitting needs. `trainEnd[u]` is the end (exclusive) of the training part of user u. */
export interface FitContext {
  interactions: Interactions;
  trainEnd: Int32Array;
  device: DeviceContext;
  /** One vector an item of the catalogue, by the content keys of the config, for models that have these. */
  content(): Promise<ItemMatrix>;
  signal?: AbortSignal;
  onProgress(done: number, total: number, unit: string): void;
}

/** A model fitted in one go; its state is what a checkpoint keeps. */
export interface FittedModel {
  /** Numbers that the fit solves for, as a training by steps would train them. Default: none. */
  parameters?(items: number): number;
  fit(context: FitContext): Promise<HostArrays>;
  scorer(state: HostArrays, interactions: Interactions): HostScorer;
  /** Shapes of the state, for the checkpoint. */
  stateSpecs(state: HostArrays): Specs;
}

export interface TrainedDefinition extends ModelDescription {
  kind: 'trained';
  build(config: Config, sizes: DataSizes): TrainedModel;
}

export interface FittedDefinition extends ModelDescription {
  kind: 'fitted';
  /** The part [items, items] of its state whose rows, added up over the items of a history, are the scores, where there is one. */
  itemWeights?: string;
  /** As in `ModelBehaviour`. */
  fitSeconds?: NonNullable<ModelBehaviour['fitSeconds']>;
  build(config: Config): FittedModel;
}

export type NextItemDefinition = TrainedDefinition | FittedDefinition;

type Described<S extends z.ZodObject> = ModelDescription & { configSchema: S };

/** A definition whose `build` is given the config as its own schema types it. */
export function trained<S extends z.ZodObject>(
  definition: Described<S> & { build(config: z.output<S>, sizes: DataSizes): TrainedModel },
): TrainedDefinition {
  const { configSchema: schema, build } = definition;
  const parsed = (config: Config) => withAddedLosses(schema).parse(config) as z.output<S>;
  const sources = { ...definition.sources, startFrom: 'optional' } as const;
  return { ...definition, sources, kind: 'trained', build: (config, sizes) => build(parsed(config), sizes) };
}

/** The same of a model that is fitted in one go. */
export function fitted<S extends z.ZodObject>(
  definition: Described<S> &
    Pick<FittedDefinition, 'fitSeconds' | 'itemWeights'> & { build(config: z.output<S>): FittedModel },
): FittedDefinition {
  const { configSchema: schema, build } = definition;
  return { ...definition, kind: 'fitted', build: (config) => build(schema.parse(config)) };
}
