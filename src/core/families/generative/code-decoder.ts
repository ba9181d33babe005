/** Runs the encoder once and the decoder a level at a time, keeping keys and values between levels. */
import * as tf from '@tensorflow/tfjs';
import {
  type DeviceContext,
  type Executable,
  float32,
  type HostArrays,
  int32,
  type Program,
  type Specs,
  type Tensors,
} from '../../engine/index.ts';
import type { AttentionMasks } from '../../layers/index.ts';
import type { BeamResult } from '../traced-decoding.ts';
import { type BeamOptions, beamSearch, type LevelLogits } from './beam-search.ts';
import type { DecoderShape, IdDecoder } from './generative-model.ts';
import type { SourceKeys, T5 } from './t5.ts';

/** Decodes with the parameters that are on the device. Graphs are compiled once a shape. */
export class CodeDecoder implements IdDecoder {
  readonly #t5: T5;
  readonly #device: DeviceContext;
  readonly #shape: DecoderShape;
  readonly #sight: (inputs: Tensors) => AttentionMasks;
  readonly #compiled = new Map<string, Promise<Executable>>();

  /** sight: from the inputs `tokens` int32 and `present` float32 (1 at real positions), both [rows, source]. */
  constructor(
    t5: T5,
    device: DeviceContext,
    shape: DecoderShape,
    sight: (inputs: Tensors) => AttentionMasks,
  ) {
    this.#t5 = t5;
    this.#device = device;
    this.#shape = shape;
    this.#sight = sight;
  }

  /** The best sequences for sources `tokens` and `present`, as the constructor says; others of the arrays are ignored. */
  async search(
    inputs: HostArrays,
    options: Omit<BeamOptions, 'rows' | 'levels' | 'width'>,
  ): Promise<BeamResult> {
    const { tokens, present } = inputs;
    const { rows, width } = this.#shape;
    const source = await (await this.#executable('encode', () => this.#encode())).run({ tokens, present });
    let past: HostArrays = {};
    return beamSearch({ ...options, rows, width, levels: this.#t5.levels }, async (level, token, parents) => {
      const executable = await this.#executable(`level ${level}`, () => this.#level(level));
      const { logits, ...next } = await executable.run({ ...source, ...past, present, token, parents });
      past = next;
      return { logits, ...this.#t5.outputTokens(level) } as LevelLogits;
    });
  }

  #executable(name: string, program: () => Program): Promise<Executable> {
    let compiled = this.#compiled.get(name);
    if (!compiled) {
      compiled = this.#device.compile(program());
      this.#compiled.set(name, compiled);
    }
    return compiled;
  }

  #sourceSpecs(): Specs {
    const { rows, source } = this.#shape;
    return { tokens: int32(rows, source), present: float32(rows, source) };
  }

  #encode(): Program {
    return {
      name: `encode ${this.#shape.rows} x ${this.#shape.source}`,
      state: this.#t5.parameters,
      inputs: this.#sourceSpecs(),
      run: (state, inputs) => {
        const states = this.#t5.encode(state, {}, inputs.tokens, this.#sight(inputs));
        return { state: {}, outputs: flat('source', this.#t5.sourceKeys(state, states)) };
      },
    };
  }

  #level(level: number): Program {
    const { rows, source, width } = this.#shape;
    const { heads, headDim, decoderBlocks } = this.#t5.config;
    const sequences = level === 0 ? rows : rows * width;
    const before = level <= 1 ? rows : rows * width;
    const pastSpec = float32(before, level, heads * headDim);
    const specs = (prefix: string, spec: Specs[string]) =>
      Object.fromEntries(names(prefix, decoderBlocks).map((name) => [name, spec]));
    return {
      name: `decode ${sequences}, level ${level}`,
      state: this.#t5.parameters,
      inputs: {
        present: float32(rows, source),
        token: int32(sequences),
        parents: int32(sequences),
        ...specs('source', float32(rows, heads, source, headDim)),
        ...(level > 0 ? specs('past', pastSpec) : {}),
      },
      run: (state, inputs) => {
        const sight = this.#sight(inputs);
        const keys = pairs('source', inputs, decoderBlocks);
        const reach = (x: tf.Tensor) => tf.gather(x, inputs.parents as tf.Tensor1D);
        const past =
          level === 0
            ? []
            : pairs('past', inputs, decoderBlocks).map(({ key, value }) => ({
                key: reach(key),
                value: reach(value),
              }));
        const next = this.#t5.decodeNext(state, inputs.token, past, keys, sight);
        const logits = this.#t5.logits(state, next.states, level);
        return { state: {}, outputs: { logits, ...flat('past', next.past) } };
      },
    };
  }

  async release(): Promise<void> {
    for (const executable of this.#compiled.values()) await (await executable).release();
    this.#compiled.clear();
  }
}

/** Names of the keys and values of every block. */
function names(prefix: string, blocks: number): string[] {
  return Array.from({ length: blocks }, (_, i) => [`${prefix}/key/${i}`, `${prefix}/value/${i}`]).flat();
}

function flat(prefix: string, blocks: SourceKeys): Tensors {
  return Object.fromEntries(
    blocks.flatMap(({ key, value }, i) => [
      [`${prefix}/key/${i}`, key],
      [`${prefix}/value/${i}`, value],
    ]),
  );
}

function pairs(prefix: string, inputs: Tensors, blocks: number): SourceKeys {
  return Array.from({ length: blocks }, (_, i) => ({
    key: inputs[`${prefix}/key/${i}`],
    value: inputs[`${prefix}/value/${i}`],
  }));
}
