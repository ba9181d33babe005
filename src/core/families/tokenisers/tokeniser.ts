/** The contract between the trainer and models that give every item its Semantic ID. */
import type { Tensor } from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { HostArrays, Specs, Tensors } from '../../engine/index.ts';
import type { ParameterSpecs, RandomInputs } from '../../layers/index.ts';
import type { ItemMatrix, ItemSpace, SemanticIds } from '../../semantic-ids/types.ts';
import type { Config } from '../../training/config.ts';
import type { ModelDescription } from '../model.ts';
import type { Codebooks, CodesInUse } from './codebooks.ts';

/** Sizes a tokeniser is built for. */
export interface TokeniserSizes {
  /** Items of the catalogue. */
  items: number;
  /** Width of the content vectors; 0 where the tokeniser reads none. */
  dim: number;
}

export type Tokeniser = TrainableTokeniser | FittedTokeniser;

/** What a tokeniser makes of one batch in training. */
export interface TokeniserView extends CodesInUse {
  /** Scalar that is minimised: a mean over the rows. */
  loss: Tensor;
  /** Scalars to report of every step, by name, such as the parts of the loss. */
  reports: Tensors;
}

/** A tokeniser trained by gradient steps over batches `content` [rows, dim]. */
export interface TrainableTokeniser {
  readonly training: 'steps';
  readonly parameters: ParameterSpecs;
  /** Number of codes by level. */
  readonly codebookSizes: readonly number[];
  /** Width of the latents, and of the codebooks' vectors. */
  readonly latentDim: number;
  /** Given where `view` says what was `quantised`. */
  readonly codebooks?: Codebooks;
  /** Host inputs of a training step besides `content` and the random ones. */
  readonly schedules: Specs;
  /** Their values; `progress` is the done share of all steps. */
  schedule(progress: number): HostArrays;
  randomInputs(rows: number): RandomInputs;
  view(parameters: Tensors, inputs: Tensors): TokeniserView;
  /** The IDs that items get, whatever training uses: nearest codes, say. content [rows, dim] -> int32 [rows, levels] and more. */
  tokenise(parameters: Tensors, content: Tensor): TokenisedRows;
}

export interface TokenisedRows {
  /** int32 [rows, levels] */
  codes: Tensor;
  /** [rows, latent] */
  latents: Tensor;
  /** [rows] squared distance between content and reconstruction. */
  errors: Tensor;
}

/** What fitting a tokeniser in one go needs. */
export interface TokeniserFit {
  /** [items, dim] content vectors of the catalogue in its dense order; null where the tokeniser reads none. */
  content: ItemMatrix | null;
  items: number;
  /** Folder of the data set. */
  datasetDir: string;
  seed: number;
  signal?: AbortSignal;
  onProgress(done: number, total: number, unit: string): void;
  log(level: 'info' | 'warn', message: string): void;
}

export interface FittedIds {
  codebookSizes: readonly number[];
  /** [items, levels], -1 on every level of an item without an ID. */
  codes: Int32Array;
  /** A level's vectors, row-major [codes, dim]; empty where there are none, as with imported IDs. */
  codebooks: Float32Array[];
}

/** A tokeniser that is fitted in one go, or whose IDs come from elsewhere. */
export interface FittedTokeniser {
  readonly training: 'fit';
  fit(context: TokeniserFit): Promise<FittedIds>;
}

/** What fitting or training by steps returns; the run's folder has the IDs by then. */
export interface TokeniserOutcome {
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  ids: SemanticIds;
  /** Null where the tokeniser reads no content. */
  space: ItemSpace | null;
}

export interface TokeniserDefinition extends ModelDescription {
  /** Whether it reads content vectors. */
  readsContent(config: Config): boolean;
  build(config: Config, sizes: TokeniserSizes): Tokeniser;
}

/** A definition whose `build` and `readsContent` are given the config as its own schema types it. */
export function tokeniser<S extends z.ZodObject>(
  definition: ModelDescription & {
    configSchema: S;
    readsContent(config: z.output<S>): boolean;
    build(config: z.output<S>, sizes: TokeniserSizes): Tokeniser;
  },
): TokeniserDefinition {
  const { configSchema: schema, build, readsContent } = definition;
  return {
    ...definition,
    readsContent: (config) => readsContent(schema.parse(config)),
    build: (config, sizes) => build(schema.parse(config), sizes),
  };
}
