/** What a model must offer to be trained by gradient steps, whatever its family. */
import type { Tensor } from '@tensorflow/tfjs';
import type { NegativeNeeds } from '../data/batches/item-sampler.ts';
import type { RowTask } from '../data/batches/row-task.ts';
import type { Samples, SequenceColumns } from '../data/batches/sequence-batches.ts';
import type { SharedNegatives } from '../data/batches/session-batches.ts';
import type { Specs, Tensors } from '../engine/index.ts';
import type { HostTableSpecs, ParameterSpecs, RandomInputs } from '../layers/index.ts';
import type { Constants } from './constants.ts';

/** The fixed sizes of one compiled batch. For pair models length is 1. */
export interface BatchShape {
  rows: number;
  length: number;
  /** Rows of a host table that the step gets (`TableIds`). */
  tableRows?: number;
}

/**
 * Which inputs of a batch name rows of a host table. A step gets the distinct rows of its batch in the table's place among
 * the parameters, [tableRows, dim]: row 0 stands for padding and is zeros, the others come in the order in which the
 * inputs name them first. The ids become places in it.
 */
export interface TableIds {
  table: string;
  /** int32 inputs by name; `first` is the row of the table that id 0 names. Ids whose weight is 0 are not read. */
  ids: Readonly<Record<string, { first: 0 | 1; weights?: string }>>;
}

export interface SequenceBatchKind {
  kind: 'sequences';
  /** Most recent interactions the model sees. */
  maxLength: number;
  /** What it reads besides the items. */
  columns: SequenceColumns;
  /** What it trains on. Default: "users". */
  samples?: Samples;
  /** What its training rows are asked. Default: the item that follows, at every position. */
  task?: RowTask;
  /** The α by which training shortens long histories at random (`StochasticLength`). Default: it does not. */
  stochasticLength?: number;
  /** What its negatives ask of the training part. Default: nothing. */
  negativeNeeds?: NegativeNeeds;
  /** Given where it trains session-parallel instead (`SessionBatches`, which see for the further inputs). */
  sessions?: SharedNegatives;
}

/** Batches that a family makes itself. */
export interface CustomBatchKind {
  kind: 'custom';
  /** Host inputs of one batch. */
  inputs(shape: BatchShape): Specs;
  /** Float inputs that lookups in the model's host tables fill (`StepBatch.lookups`). */
  pooled?(shape: BatchShape): Specs;
}

export type BatchKind = SequenceBatchKind | { kind: 'pairs' } | CustomBatchKind;

/**
 * State that one training step passes to the next besides parameters and optimiser slots. A step is then one micro-batch, unless the state
 * is only read.
 */
export interface PersistentState {
  /** Its tensors; they join the inputs of `loss`. */
  specs: Specs;
  /**
   * Its values after a batch, and those parameters that shall differ from what the optimiser made of them (`updated`).
   * Without it the state is only read.
   */
  next?(parameters: Tensors, inputs: Tensors, shape: BatchShape, updated: Tensors): Tensors;
}

/** A micro-batch inside a graph. */
export interface StepInputs {
  inputs: Tensors;
  shape: BatchShape;
}

/** What the step runner needs of a model. The optional members are capabilities, each whole in itself. */
export interface StepModel {
  readonly batches: BatchKind;
  readonly parameters: ParameterSpecs;
  randomInputs(shape: BatchShape): RandomInputs;
  /** Scalar: the weighted sum of the batch's losses. */
  loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
  /**
   * The sum of the losses of several micro-batches in one graph, which computes once what is not theirs alone. For models
   * without host tables and persistent state.
   */
  jointLoss?(parameters: Tensors, batches: readonly StepInputs[]): Tensor;
  /** Embedding tables that stay on the host: pooled into inputs, or read by row. */
  readonly hostTables?: HostTableSpecs;
  /** The host table that batches of sequences read by row. */
  readonly tableIds?: TableIds;
  readonly persistent?: PersistentState;
  /** They join the inputs of `loss`. */
  readonly constants?: Constants;
  /** Predictions for a batch of a family's own. */
  predict?(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
  /** Outputs of a step of one micro-batch besides its loss. */
  reports?(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensors;
}
