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
    keys: readonly SourceKeys[],
    present: tf.Tensor,
  ): tf.Tensor;
  codeLogits(parameters: Tensors, states: tf.Tensor, level: number): tf.Tensor;
}

/** Decodes with the parameters that are on the device. An ID is short: its codes are read again at every level. */
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
    /** The codes of every beam so far. */
    let prefixes: Int32Array = new Int32Array(0);
    return findIds({ ...options, rows, width, levels }, async (level, token, parents) => {
      const range = { first: codes.starts[level], count: codes.sizes[level] };
      if (level === 0) return { logits: first as Float32Array, ...range };
      prefixes = extended(prefixes, token, parents, level);
      const executable = await this.#compiled.get(`level ${level}`, () => this.#level(level));
      // Places without a beam have no code yet.
      const given = prefixes.map((code) => Math.max(1, code));
      const { logits } = await executable.run({ ...source, present, codes: given });
      return { logits, ...range } as LevelLogits;
    });
  }

  get #keys() {
    const { blocks, kvHeads, headDim } = this.#model.language.config;
    const { rows, length } = this.#shape;
    const spec = float32(rows, kvHeads, this.#model.sourceLength(length), headDim);
    return { keys: Array.from({ length: blocks }, () => ({ key: spec, value: spec })) };
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

  #level(level: number): Program {
    const model = this.#model;
    const { rows, width } = this.#shape;
    const sequences = rows * width;
    const { dim } = model.language.config;
    const tree = this.#keys;
    return {
      name: `codes ${sequences}, level ${level}`,
      state: model.whole,
      inputs: {
        present: model.sourceInputs(this.#shape).present,
        codes: int32(sequences, level),
        ...namedLeaves<TensorSpec>(tree),
      },
      run: (state, inputs) => {
        const { keys } = bindTree(tree, inputs);
        const states = model.readCodes(state, inputs.codes, keys, inputs.present);
        const last = tf.reshape(tf.slice(states, [0, level - 1, 0], [-1, 1, dim]), [sequences, dim]);
        return { outputs: { logits: model.codeLogits(state, last, level) } };
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#compiled.release();
  }
}

/** The codes of the beams that these continue, [beams, level - 1], and the last one of each: [beams, level] */
function extended(before: Int32Array, last: Int32Array, parents: Int32Array, level: number): Int32Array {
  return Int32Array.from({ length: last.length * level }, (_, at) => {
    const [beam, place] = [Math.floor(at / level), at % level];
    return place + 1 === level ? last[beam] : before[parents[beam] * (level - 1) + place];
  });
}
