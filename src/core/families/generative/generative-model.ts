/** The contract of models that generate the Semantic ID of the next item, code by code. */
import type { Tensor } from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { DeviceContext, HostArrays, Specs, Tensors } from '../../engine/index.ts';
import type { Config } from '../../training/config.ts';
import type { CustomBatchKind, StepModel } from '../../training/step-model.ts';
import type { ModelDescription } from '../model.ts';
import type { BeamResult } from '../traced-decoding.ts';
import type { BeamOptions } from './beam-search.ts';
import type { TokenLevels } from './code-tokens.ts';
import type { GenerativeConfig } from './config.ts';

/** Name of the input that says which codes of a level continue each prefix to an item. */
export const openInput = (level: number) => `open/${level}`;

/** Sizes of one decoding. */
export interface DecoderShape {
  rows: number;
  /** Tokens of the source. */
  source: number;
  /** Beams of each row. */
  width: number;
}

/** Searches for the best IDs with the parameters that are on the device. */
export interface IdDecoder {
  /** `tokens` int32 and `present` float32 (1 at real positions), both [rows, source]; others of the arrays are ignored. */
  search(inputs: HostArrays, options: Omit<BeamOptions, 'rows' | 'levels' | 'width'>): Promise<BeamResult>;
  release(): Promise<void>;
}

/** Its batches are those of `CodeBatches`. */
export interface GenerativeModel extends StepModel {
  readonly batches: CustomBatchKind;
  readonly config: GenerativeConfig;
  /** Tokens of an ID. */
  readonly levels: number;
  /** Tokens of the source of that many items. */
  sourceLength(items: number): number;
  /** Position of an item's first token in the source. */
  positionOf(item: number): number;
  /** By level, which codes continue a prefix to an item, bool [sequences, codes]; empty where the model does not read them. */
  openInputs(sequences: number): Specs;
  /**
   * The most probable token of each level given the true ones before it, int32 [rows, levels]: from `tokens`, `present`,
   * `decoderTokens` int32 [rows, levels], and its `openInputs`.
   */
  predictedTokens(parameters: Tensors, inputs: Tensors): Tensor;
  decoder(device: DeviceContext, shape: DecoderShape): IdDecoder;
}

export interface GenerativeDefinition extends ModelDescription {
  build(config: Config, tokens: TokenLevels): GenerativeModel;
}

/** A definition whose `build` is given the config as its own schema types it. */
export function generativeModel<S extends z.ZodObject>(
  definition: ModelDescription & {
    configSchema: S;
    build(config: z.output<S>, tokens: TokenLevels): GenerativeModel;
  },
): GenerativeDefinition {
  const { configSchema: schema, build } = definition;
  return { ...definition, build: (config, tokens) => build(schema.parse(config), tokens) };
}
