/** Reads the source once, and the codes of an ID a level at a time. */

import type { Decoder } from '../../../decoders/decoder.ts';
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
import { bindTree, namedLeaves } from '../../../layers/index.ts';
import type { BatchShape } from '../../../training/step-model.ts';
import type { TokenLevels } from '../code-tokens.ts';
import type { Decoded, DecoderShape, IdDecoder } from '../generative-model.ts';
import type { BeamOptions, LevelLogits } from '../search/beam-search.ts';
import { findIds } from '../search/independent-draws.ts';

/** Rotated keys, and values, of a source in every block: [rows, key heads, source, head width] each. */
export interface SourceKeys {
  key: tf.Tensor;
  value: tf.Tensor;
}

/** What a source leaves behind: that of every block, and the state at its last token, [rows, dim]. */
export interface ReadSource {
  keys: SourceKeys[];
  last: tf.Tensor;
}

/** States of tokens of IDs, [sequences, depth, dim], and the keys and values of the IDs so far in every block, the tokens before among them. */
export interface ReadCodes {
  states: tf.Tensor;
  own: SourceKeys[];
}

/** What decoding asks of a model. */
interface CodeReader {
  /** Every parameter, whether it is trained or not. */
  whole: Specs;
  levels: number;
  tokens: TokenLevels;
  language: Pick<Decoder, 'config'>;
  sourceLength(items: number): number;
  sourceInputs(shape: BatchShape): Specs;
  readSource(parameters: Tensors, inputs: Tensors): ReadSource;
  readCodes(
    parameters: Tensors,
    codes: tf.Tensor,
    given: { keys: readonly SourceKeys[]; present: tf.Tensor; past?: readonly SourceKeys[] },
  ): ReadCodes;
  codeLogits(parameters: Tensors, states: tf.Tensor, level: number): tf.Tensor;
}

/** Decodes with the parameters that are on the device. */
export class WordIdDecoder implements IdDecoder {
  readonly #model: CodeReader;
  readonly #shape: DecoderShape;
  readonly #compiled: ProgramCache;

  constructor(model: CodeReader, device: DeviceContext, shape: DecoderShape) {
    this.#model = model;
    this.#shape = shape;
    this.#compiled = new ProgramCache(device);
  }

  async search(
    { tokens, present }: HostArrays,
    options: Omit<BeamOptions, 'rows' | 'levels' | 'width'>,
  ): Promise<Decoded> {
    const { rows, width } = this.#shape;
    const { levels, tokens: codes } = this.#model;
    const encoder = await this.#compiled.get('source', () => this.#source());
    const { logits: first, ...source } = await encoder.run({ tokens, present });
    let past: HostArrays = {};
    return findIds({ ...options, rows, width, levels }, async (level, token, parents) => {
      const range = { first: codes.starts[level], count: codes.sizes[level] };
      if (level === 0) return { logits: first as Float32Array, ...range };
      const executable = await this.#compiled.get(`level ${level}`, () => this.#level(level));
      // Places without a beam have no code yet.
      const given = { codes: token.map((code) => Math.max(1, code)), ...(level > 1 && { parents }) };
      const { logits, ...next } = await executable.run({ ...source, ...past, ...given, present });
      past = next;
      return { logits, ...range } as LevelLogits;
    });
  }

  /** Of so many rows and places in every block. */
  #keys(rows: number, places: number) {
    const { blocks, kvHeads, headDim } = this.#model.language.config;
    const spec = float32(rows, kvHeads, places, headDim);
    return Array.from({ length: blocks }, () => ({ key: spec, value: spec }));
  }

  #source(): Program {
    const model = this.#model;
    return {
      name: `source ${this.#shape.rows} x ${model.sourceLength(this.#shape.length)}`,
      state: model.whole,
      inputs: model.sourceInputs(this.#shape),
      run: (state, inputs) => {
        const { keys, last } = model.readSource(state, inputs);
        return { outputs: { ...namedLeaves<tf.Tensor>({ keys }), logits: model.codeLogits(state, last, 0) } };
      },
    };
  }

  /** Reads the last code of each beam; keys and values of those before it are its parent's. */
  #level(level: number): Program {
    const model = this.#model;
    const { rows, width, length } = this.#shape;
    const sequences = rows * width;
    const { dim } = model.language.config;
    const tree = {
      keys: this.#keys(rows, model.sourceLength(length)),
      past: level > 1 ? this.#keys(sequences, level - 1) : [],
    };
    return {
      name: `codes ${sequences}, level ${level}`,
      state: model.whole,
      inputs: {
        present: model.sourceInputs(this.#shape).present,
        codes: int32(sequences),
        ...(level > 1 && { parents: int32(sequences) }),
        ...namedLeaves<TensorSpec>(tree),
      },
      run: (state, inputs) => {
        const { keys, past } = bindTree(tree, inputs);
        const ofParents = (x: tf.Tensor) => tf.gather(x, inputs.parents as tf.Tensor1D);
        const before = past.map(({ key, value }) => ({ key: ofParents(key), value: ofParents(value) }));
        const codes = tf.reshape(inputs.codes, [sequences, 1]);
        const given = { keys, present: inputs.present, ...(level > 1 && { past: before }) };
        const { states, own } = model.readCodes(state, codes, given);
        const logits = model.codeLogits(state, tf.reshape(states, [sequences, dim]), level);
        // Nothing follows the last one.
        const next = level + 1 < model.levels ? namedLeaves<tf.Tensor>({ past: own }) : {};
        return { outputs: { logits, ...next } };
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#compiled.release();
  }
}
