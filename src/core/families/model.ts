import type { Tensor } from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Samples } from '../data/sequence-batches.ts';
import type { SequenceColumns } from '../data/sequence-inputs.ts';
import type { SharedNegatives } from '../data/session-batches.ts';
import type { Interactions } from '../data/types.ts';
import type { DeviceContext, HostArrays, Specs, Tensors } from '../engine/index.ts';
import type { HostTableSpecs, ParameterSpecs, RandomInputs } from '../layers/index.ts';
import type { ItemMatrix } from '../semantic-ids/types.ts';
import type { SourceKey } from '../training/sources.ts';
import type { RankingModel, RankingSizes } from './clicks/click-model.ts';
import type { TokenLevels } from './generative/code-tokens.ts';
import type { Tiger } from './generative/tiger.ts';
import type { Tokeniser, TokeniserSizes } from './tokenisers/tokeniser.ts';

export interface PaperReference {
  title: string;
  authors: string;
  year: number;
  /** Venue and arXiv number or DOI. */
  where: string;
}

/** What a model does, which says what its runs are measured by. */
export type ModelTask = 'next-item' | 'tokeniser' | 'ranking' | 'language';

/** Which models a list names together. */
export type ModelFamily =
  | 'baseline'
  | 'recurrent'
  | 'attention'
  | 'generative'
  | 'tokeniser'
  | 'ranking'
  | 'language';

/** What every entry of the registry says of its model. */
export interface ModelDescription {
  /** As on the command line, for example "sasrec". */
  id: string;
  title: string;
  /** One sentence for a list. */
  summary: string;
  task: ModelTask;
  family: ModelFamily;
  paper: PaperReference;
  /** Defaults included: parsing {} gives the default config. Descriptions become help and form labels. */
  configSchema: z.ZodObject;
  /** Named changes to the defaults, with the source of the values. */
  presets: Record<string, { description: string; config: Record<string, unknown> }>;
  /** Config keys that name another run, and whether they must. */
  sources?: Partial<Record<SourceKey, 'required' | 'optional'>>;
}

/** The fixed sizes of one compiled batch. For pair models length is 1. */
export interface BatchShape {
  rows: number;
  length: number;
  /** Rows of a host table that the step gets (`RowInputs`). */
  tableRows?: number;
}

/**
 * Which inputs of a batch name rows of a host table. A step gets the distinct rows of its batch in the table's place among
 * the parameters, [tableRows, dim]: row 0 stands for padding and is zeros, the others come in the order in which the
 * inputs name them first. The ids become places in it.
 */
export interface RowInputs {
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
  /** What it trains on; "users" unless given. */
  samples?: Samples;
  /** Given where it trains session-parallel instead (`SessionBatches`, which see for the further inputs). */
  sessions?: SharedNegatives;
}

/** Batches that a family of models makes itself: the host inputs of one. */
export interface OwnBatchKind {
  kind: 'own';
  inputs(shape: BatchShape): Specs;
  /** Float inputs that lookups in the model's host tables fill (`StepBatch.lookups`). */
  pooled?(shape: BatchShape): Specs;
}

/** What an optimiser step needs of a model. */
export interface StepModel {
  readonly batches: SequenceBatchKind | { kind: 'pairs' } | OwnBatchKind;
  readonly parameters: ParameterSpecs;
  /** Embedding tables that stay on the host: pooled into inputs, or read by row. */
  readonly hostTables?: HostTableSpecs;
  /** The host table that batches of sequences read by row. */
  readonly rowInputs?: RowInputs;
  randomInputs(shape: BatchShape): RandomInputs;
  /** Scalar: the weighted sum of the batch's losses. */
  loss(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
  /**
   * Scores times it are the logits of a softmax over all items, as the model is trained; the cross-entropy of held-out
   * items is measured with it. Left out where the loss is none of a softmax.
   */
  readonly logitScale?: number;
  /**
   * State that one training step hands to the next, or that it only reads; it joins the inputs of `loss`. A step is then
   * one micro-batch.
   */
  readonly carried?: Specs;
  /** The carried state after a batch, and parameters that are to be other ones than the update (`next`) made them. */
  carry?(parameters: Tensors, inputs: Tensors, shape: BatchShape, next: Tensors): Tensors;
  /** What a step of one micro-batch says besides its loss. */
  reports?(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensors;
  /** What a model of own batches says of one. */
  predict?(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
}

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
export interface TrainableModel extends StepModel {
  readonly batches: SequenceBatchKind | { kind: 'pairs' };
  /** Scores of every item: [rows, items]. Not to be asked of a model with `rowInputs`. */
  scores(parameters: Tensors, inputs: Tensors, shape: BatchShape): Tensor;
  /** How a model with `rowInputs` scores. */
  readonly matching?: ItemMatching;
}

/** Scores in two parts, so that the items may come in parts, too. */
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
  fit(context: FitContext): Promise<HostArrays>;
  scorer(state: HostArrays, interactions: Interactions): HostScorer;
  /** Shapes of the state, for the checkpoint. */
  stateSpecs(state: HostArrays): Specs;
}

/** Sizes a model is built for. */
export interface DataSizes {
  users: number;
  items: number;
}

/** Every kind is trained by a family of its own (training/families.ts). */
export type ModelDefinition = ModelDescription &
  (
    | { kind: 'trained'; build(config: Record<string, unknown>, sizes: DataSizes): TrainableModel }
    | { kind: 'fitted'; build(config: Record<string, unknown>, sizes: DataSizes): FittedModel }
    | {
        kind: 'tokeniser';
        /** Whether it reads content vectors. */
        readsContent(config: Record<string, unknown>): boolean;
        build(config: Record<string, unknown>, sizes: TokeniserSizes): Tokeniser;
      }
    | {
        kind: 'ranking';
        /** Whether it reads the rows of a user as a sequence, and so needs no features of histories. */
        readsSequences?: boolean;
        /** Its config has the fields of ranking-config.ts. */
        build(config: Record<string, unknown>, sizes: RankingSizes): RankingModel;
      }
    // Sizes and vocabulary may come with another run or a folder of weights, so its family builds it.
    | {
        kind: 'language';
        /** Trained parameters, or null where another run or a folder decides. */
        parameterCount(config: Record<string, unknown>): number | null;
      }
    | { kind: 'generative'; build(config: Record<string, unknown>, tokens: TokenLevels): Tiger }
  );

export type ModelKind = ModelDefinition['kind'];
export type DefinitionOf<Kind extends ModelKind> = Extract<ModelDefinition, { kind: Kind }>;
/** Models that score every item for a user. */
export type NextItemDefinition = DefinitionOf<'trained' | 'fitted'>;
