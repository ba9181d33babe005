/** The contract of models that generate the Semantic ID of the next item. */
import type { Tensor } from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { SideShape } from '../../data/side/types.ts';
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext, HostArrays, Program, Specs, Tensors } from '../../engine/index.ts';
import type { ItemMatrix } from '../../semantic-ids/types.ts';
import type { Config } from '../../training/config.ts';
import type { TrainSpec } from '../../training/events.ts';
import type { ChunkUse } from '../../training/ranking/chunks.ts';
import type { TrainingPlan } from '../../training/ranking/train-ranking.ts';
import type { BatchShape, CustomBatchKind, StepModel } from '../../training/step-model.ts';
import type { ModelBehaviour, ModelDescription } from '../model.ts';
import type { BeamResult } from '../traced-decoding.ts';
import type { Catalogue, TokenLevels } from './code-tokens.ts';
import type { GenerativeConfig } from './generative-config.ts';
import type { BeamOptions } from './search/beam-search.ts';
import type { ItemList } from './search/lists.ts';

/** Name of the input that says which codes of a level continue each prefix to an item. */
export const allowedInput = (level: number) => `open/${level}`;

/** A user for whom a list is made. */
export interface ListRequest {
  user: number;
  /** Items that are no candidates. */
  filtered: ReadonlySet<number>;
  /** The items whose ranks are requested. */
  targets: readonly number[];
}

export interface GeneratedList {
  list: ItemList;
  /** Of the targets; null where one is not among what was generated. */
  ranks: (number | null)[];
}

/** Makes lists of items with the parameters that are on the device. */
export interface Lister extends AsyncDisposable {
  /**
   * To be called before the first list, and again once the parameters have changed; says how far what takes long is, and of
   * what. Throws CancelledError by the signal.
   */
  prepare(use?: ChunkUse): Promise<void>;
  /**
   * The lists of the first rows of a batch, as many as there are requests. `sources`: the arrays of `CodeSources`.
   * Throws UserError where a score is not a number.
   */
  lists(shape: BatchShape, sources: HostArrays, requests: readonly ListRequest[]): Promise<GeneratedList[]>;
  /** What was found besides the lists since `prepare`, by metric name without the split. */
  measures(): Record<string, number>;
}

export interface ListerOptions {
  device: DeviceContext;
  catalogue: Catalogue;
  /** For everything that is drawn at random. */
  seed: number;
  /** Minimum number of items in a list, as far as the search finds so many. */
  length: number;
  /** Minimum number of sequences that a search keeps for a user; the config may ask for more. */
  minBeams: number;
  /** selection: to choose the epoch, where a search may be replaced by what is quicker. */
  purpose: 'selection' | 'result';
  /** Whether to measure how well the levels are predicted, too. */
  levelAccuracy: boolean;
}

/** A graph for other programs, of any number of rows. */
export interface GraphPlan {
  /** Name of its file. */
  file: string;
  programOf(rows: number): Program;
  /** Values of its state besides the parameters. */
  constants?: HostArrays;
  /** Of inputs and outputs that only this model has, by name. */
  meanings?: Readonly<Record<string, string>>;
}

/** What another program needs of a model to make its lists. */
export interface ListGraphs {
  /** scores: one graph orders all items that have an ID. search: an encoder, and a decoder that a search for IDs asks. */
  listsBy: 'scores' | 'search';
  graphs: GraphPlan[];
  /** Whether they are of the same parameters, which then stand in a file beside them. */
  sharesWeights?: boolean;
  /** What else there is to know, for `inputs.json`. */
  facts: Record<string, unknown>;
}

/** Its batches are those of `CodeBatches`. */
export interface GenerativeModel extends StepModel {
  readonly batches: CustomBatchKind;
  readonly config: GenerativeConfig;
  /** Whether every item of a history predicts the next one; else the last one alone does. */
  readonly causal: boolean;
  /** Tokens of `microBatchTokens` that one item of a batch takes. */
  readonly tokensPerItem: number;
  /** What a further batch takes by itself, in tokens: what decides into how many lengths a step is parted. */
  readonly overheadTokens: number;
  /** Tokens of an ID. */
  readonly levels: number;
  /** Tokens of the source of that many items. */
  sourceLength(items: number): number;
  /** Position of an item's first token in the source. */
  positionOf(item: number): number;
  /** By level, which codes continue a prefix to an item, bool [sequences, codes]; empty where the model does not read them. */
  allowedInputs(sequences: number): Specs;
  /** The side features that it reads of each interaction. */
  readonly side?: readonly SideShape[];
  lister(options: ListerOptions): Lister;
  /** The graphs that make its lists elsewhere, or the settings without which graphs alone do not. */
  exported(catalogue: Catalogue): ListGraphs | { needed: string };
  /** The protocol's words for how lists are generated. */
  readonly generation: string;
  /** Batches and steps of its own. Default: those of `CodeBatches`. */
  training?(given: TrainingGiven): Pick<TrainingPlan, 'batches' | 'trainer'>;
}

/** What a model makes its own batches and steps of. */
export interface TrainingGiven {
  /** The training part, without interactions with items that have no ID. */
  data: Interactions;
  trainEnd: Int32Array;
  catalogue: Catalogue;
  device: DeviceContext;
  spec: Pick<TrainSpec, 'seed' | 'sources'>;
}

/** Sizes of one decoding. */
export interface DecoderShape extends BatchShape {
  /** Beams of each row. */
  width: number;
}

export interface Decoded extends BeamResult {
  /** [rows, dim] what items are compared with after each history; only of models that compare. */
  queries?: Float32Array;
}

/** Searches for the best IDs with the parameters that are on the device. */
export interface IdDecoder extends AsyncDisposable {
  /** inputs: the arrays of `CodeSources`; those that the model does not read are ignored. */
  search(inputs: HostArrays, options: Omit<BeamOptions, 'rows' | 'levels' | 'width'>): Promise<Decoded>;
}

/** A model whose tokens follow from those before them, so that IDs are found by a search over the levels. */
export interface SequentialModel extends GenerativeModel {
  /** What a source is read from, by input: of `CodeSources`. */
  sourceInputs(shape: BatchShape): Specs;
  /**
   * The most probable token of each level given the true ones before it, int32 [rows, levels]: from the source,
   * `decoderTokens` int32 [rows, levels], and its `allowedInputs`.
   */
  predictedTokens(parameters: Tensors, inputs: Tensors): Tensor;
  /**
   * By level the logits of each ID's token given those before it, [rows * IDs, tokens], those that its `allowedInputs` leave out
   * far below: from the source and `decoderTokens` int32 [rows * IDs, levels], as many IDs a row as are given, without dropout.
   */
  levelLogits(parameters: Tensors, inputs: Tensors): Tensor[];
  /** Parameters that those do not read; none unless said. */
  readonly unread?: readonly string[];
  decoder(device: DeviceContext, shape: DecoderShape): IdDecoder;
}

/** What a model may know of the items besides their tokens. */
export interface ItemFacts {
  /** Candidates: the first items of the catalogue. */
  items: number;
  /** [items] 1 for items that are hidden from training, or null where none are. */
  hidden: Uint8Array | null;
  /** The vectors that the tokeniser made IDs of, one an item of the catalogue; null where it keeps none. */
  vectors(): ItemMatrix | null;
  /** The side features that were asked for. */
  side?: readonly SideShape[];
  /** Of the run whose model it is: what that keeps besides checkpoints. */
  folder: string;
  /** Whether it is to be trained, not only used. */
  trains: boolean;
}

export interface SequentialDefinition extends ModelDescription {
  generation: 'sequential';
  /** Products at a token, good for ratios; of a model that is another run's, those of that run. */
  positionWork?(config: Config): number;
  build(config: Config, tokens: TokenLevels, facts: ItemFacts): SequentialModel;
  /** Writes what the model is made of besides its config into the folder of a new run. Throws UserError where the config names what cannot be used. */
  prepare?(config: Config, spec: TrainSpec, tokens: TokenLevels): Promise<void>;
  /** As `ModelBehaviour` has it. */
  requireFiles?(config: Config): void;
  /** Sizes that come with what its config starts from. */
  givenSizes?: NonNullable<ModelBehaviour['givenSizes']>;
  /** Of a model that is another run's, trained on by reward or preference. */
  rewarded?: {
    /** The keys that come with that run, as it has them. Throws UserError where it is of a model that cannot be rewarded. */
    given(run: { model: string; config: Config }): Config;
    /** The config of that run's model, with the keys of this one in place of its own. */
    whole(config: Config, policy: { model: string; config: Config }): Config;
  };
}

/** Of a model that predicts all tokens of an ID at once. */
export interface ParallelDefinition extends ModelDescription {
  generation: 'parallel';
  build(config: Config, tokens: TokenLevels, facts: ItemFacts): GenerativeModel;
}

export type GenerativeDefinition = SequentialDefinition | ParallelDefinition;

type Described<S extends z.ZodObject, M> = ModelDescription & {
  configSchema: S;
  build(config: z.output<S>, tokens: TokenLevels, facts: ItemFacts): M;
};

/** A definition whose `build` is given the config as its own schema types it. */
export function generativeModel<S extends z.ZodObject>(
  definition: Described<S, SequentialModel> &
    Pick<SequentialDefinition, 'prepare' | 'givenSizes' | 'requireFiles' | 'positionWork'>,
): SequentialDefinition {
  return { ...definition, ...parsing(definition), generation: 'sequential' };
}

/** The same of a model that predicts all tokens of an ID at once. */
export function parallelModel<S extends z.ZodObject>(
  definition: Described<S, GenerativeModel>,
): ParallelDefinition {
  return { ...definition, ...parsing(definition), generation: 'parallel' };
}

function parsing<S extends z.ZodObject, M>({ configSchema: schema, build, sources }: Described<S, M>) {
  return {
    sources: { ...sources, startFrom: 'optional' } as const,
    build: (config: Config, tokens: TokenLevels, facts: ItemFacts): M =>
      build(schema.parse(config), tokens, facts),
  };
}
