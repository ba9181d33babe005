/** Runs the encoder once and the decoder a level at a time, keeping keys and values between levels. */

import {
  type DeviceContext,
  float32,
  type HostArrays,
  int32,
  type Program,
  ProgramCache,
  type Specs,
  type TensorSpec,
  type Tensors,
} from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import { type AttentionMasks, bindTree, namedLeaves } from '../../../layers/index.ts';
import { rankingMemory } from '../../../training/fitting-rows.ts';
import type { Decoded, DecoderShape, IdDecoder } from '../generative-model.ts';
import type { BeamOptions, LevelLogits } from '../search/beam-search.ts';
import { findIds } from '../search/independent-draws.ts';
import type { Keys, T5 } from './t5.ts';

type KeySpecs = { [K in keyof Keys]: TensorSpec };

/** How a source becomes states. */
export interface SourceReading {
  state: Specs;
  /** `present` float32 [rows, source] (1 at real positions), and what else the states are made of. */
  inputs: Specs;
  /** States of the source: [rows, source, dim] */
  encode(state: Tensors, inputs: Tensors): tf.Tensor;
  /** What items are compared with, of models that compare: from the states, [rows, dim]. */
  queries?(states: tf.Tensor, inputs: Tensors): tf.Tensor;
  /** From `present` alone. */
  masks(inputs: Tensors): AttentionMasks;
}

/** Decodes with the parameters that are on the device. */
export class CodeDecoder implements IdDecoder {
  readonly #t5: T5;
  readonly #shape: Omit<DecoderShape, 'length'>;
  readonly #source: SourceReading;
  readonly #compiled: ProgramCache;

  constructor(t5: T5, device: DeviceContext, shape: Omit<DecoderShape, 'length'>, source: SourceReading) {
    this.#t5 = t5;
    this.#compiled = new ProgramCache(device);
    this.#shape = shape;
    this.#source = source;
  }

  /** The best sequences for sources with the inputs that are read of them; others of the arrays are ignored. */
  async search(
    inputs: HostArrays,
    options: Omit<BeamOptions, 'rows' | 'levels' | 'width'>,
  ): Promise<Decoded> {
    const { present } = inputs;
    const { rows, width } = this.#shape;
    const encoder = await this.#compiled.get('encode', () => this.#encode());
    const source = await encoder.run(inputs);
    let past: HostArrays = {};
    const result = await findIds(
      { ...options, rows, width, levels: this.#t5.levels },
      async (level, token, parents) => {
        const executable = await this.#compiled.get(`level ${level}`, () => this.#level(level));
        const { logits, ...next } = await executable.run({ ...source, ...past, present, token, parents });
        past = next;
        return { logits, ...this.#t5.outputTokens(level) } as LevelLogits;
      },
    );
    return { ...result, queries: source.queries as Float32Array | undefined };
  }

  #encode(): Program {
    const { rows } = this.#shape;
    const [, length] = this.#source.inputs.present.shape;
    return {
      name: `encode ${rows} x ${length}`,
      // One user alone may be asked for.
      ...(rows > 1 && { memory: rankingMemory({ rows, length }) }),
      state: this.#source.state,
      inputs: this.#source.inputs,
      run: (state, inputs) => {
        const states = this.#source.encode(state, inputs);
        const queries = this.#source.queries?.(states, inputs);
        const source = namedLeaves<tf.Tensor>({ source: this.#t5.sourceKeys(state, states) });
        return { outputs: queries ? { ...source, queries } : source };
      },
    };
  }

  #level(level: number): Program {
    const { rows, width } = this.#shape;
    const { present } = this.#source.inputs;
    const source = present.shape[1];
    const { heads, headDim, decoderBlocks } = this.#t5.config;
    const sequences = level === 0 ? rows : rows * width;
    const before = level <= 1 ? rows : rows * width;
    const keys = (spec: TensorSpec) => Array(decoderBlocks).fill({ key: spec, value: spec });
    const tree: { source: KeySpecs[]; past: KeySpecs[] } = {
      source: keys(float32(rows, heads, source, headDim)),
      past: level > 0 ? keys(float32(before, level, heads * headDim)) : [],
    };
    return {
      name: `decode ${sequences}, level ${level}`,
      state: this.#t5.parameters,
      inputs: {
        present,
        token: int32(sequences),
        parents: int32(sequences),
        ...namedLeaves<TensorSpec>(tree),
      },
      run: (state, inputs) => {
        const { source: sourceKeys, past } = bindTree(tree, inputs);
        const ofParents = (x: tf.Tensor) => tf.gather(x, inputs.parents as tf.Tensor1D);
        const before = past.map(({ key, value }) => ({ key: ofParents(key), value: ofParents(value) }));
        const next = this.#t5.decodeNext(state, inputs.token, before, sourceKeys, this.#source.masks(inputs));
        const logits = this.#t5.logits(state, next.states, level);
        return { outputs: { logits, ...namedLeaves<tf.Tensor>({ past: next.past }) } };
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#compiled.release();
  }
}
