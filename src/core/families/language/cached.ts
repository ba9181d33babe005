/** A decoder with the keys and values of one prompt kept on the device: candidates and next tokens cost only themselves. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Decoder } from '../../decoders/decoder.ts';
import type { DeviceContext, Program, Specs, Tensors } from '../../engine/index.ts';
import { float32, gatherRows, hostArray, int32, ProgramCache } from '../../engine/index.ts';
import * as tf from '../../engine/tf.ts';
import { UserError } from '../../errors.ts';
import { range } from '../../layers/index.ts';
import type { Random } from '../../math/random.ts';

/** Tokens of a prompt taken in at once. */
const CHUNK = 64;
/** Candidates computed at once, and the multiples their length is padded to. */
const CANDIDATES = 25;
const LENGTHS = 16;
const HIDDEN = -1e9;

const keyName = (block: number) => `cache/key/${block}`;
const valueName = (block: number) => `cache/value/${block}`;

export interface GenerationOptions {
  /** Most new tokens. */
  tokens: number;
  /** 0 takes the likeliest token every time. */
  temperature: number;
  random: Random;
}

/** The device must hold the decoder's parameters. Not re-entrant. */
export class CachedDecoder {
  readonly #decoder: Decoder;
  readonly #device: DeviceContext;
  readonly #caches: Specs;
  readonly #compiled: ProgramCache;
  /** Tokens taken in. */
  #length = 0;
  #logs: Float32Array | null = null;

  constructor(decoder: Decoder, device: DeviceContext) {
    const { blocks, kvHeads, context, headDim } = decoder.config;
    const cache = float32(kvHeads, context, headDim);
    this.#decoder = decoder;
    this.#device = device;
    this.#compiled = new ProgramCache(device);
    this.#caches = Object.fromEntries(
      Array.from({ length: blocks }, (_, block) => [
        [keyName(block), cache] as const,
        [valueName(block), cache] as const,
      ]).flat(),
    );
  }

  /** Forgets what came before and takes in a prompt. */
  async begin(ids: ArrayLike<number>): Promise<void> {
    if (this.#logs === null) {
      const empty = Object.entries(this.#caches).map(([name, spec]) => [
        name,
        { spec, data: hostArray(spec) },
      ]);
      await this.#device.load(Object.fromEntries(empty));
    }
    this.#length = 0;
    await this.extend(ids);
  }

  /** Takes in more tokens. Throws UserError where they exceed the context. */
  async extend(ids: ArrayLike<number>): Promise<void> {
    const { context } = this.#decoder.config;
    if (this.#length + ids.length > context) {
      throw new UserError(
        `${this.#length + ids.length} tokens exceed the context of ${context}; shorten the prompt`,
      );
    }
    const size = ids.length === 1 ? 1 : CHUNK;
    const executable = await this.#compiled.get(`extend ${size}`, () => this.#extendProgram(size));
    for (let from = 0; from < ids.length; from += size) {
      const count = Math.min(size, ids.length - from);
      const padded = Int32Array.from({ length: size }, (_, i) => (i < count ? ids[from + i] : 0));
      const inputs = { ids: padded, start: Int32Array.of(this.#length), count: Int32Array.of(count) };
      this.#logs = (await executable.run(inputs)).logs as Float32Array;
      this.#length += count;
    }
  }

  /** Log-probabilities of every token after what was taken in: [vocabulary] */
  get next(): Float32Array {
    if (this.#logs === null) throw new Error('no prompt was taken in');
    return this.#logs;
  }

  /**
   * Log-probabilities of tokens after each continuation of the prompt: [candidates][tokens]. The prompt stays as it is.
   */
  async candidates(
    continuations: readonly ArrayLike<number>[],
    tokens: readonly number[],
  ): Promise<Float64Array[]> {
    const longest = continuations.reduce((most, { length }) => Math.max(most, length), 1);
    const length = Math.ceil(longest / LENGTHS) * LENGTHS;
    if (this.#length + longest > this.#decoder.config.context) {
      throw new UserError(
        `a candidate of ${longest} tokens exceeds the context after a prompt of ${this.#length}`,
      );
    }
    const width = tokens.length;
    const executable = await this.#compiled.get(`score ${length} ${width}`, () =>
      this.#scoreProgram(length, width),
    );
    const results: Float64Array[] = [];
    for (let from = 0; from < continuations.length; from += CANDIDATES) {
      const part = continuations.slice(from, from + CANDIDATES);
      const ids = new Int32Array(CANDIDATES * length);
      const picks = new Int32Array(CANDIDATES);
      part.forEach((continuation, row) => {
        ids.set(Int32Array.from(continuation), row * length);
        picks[row] = row * length + continuation.length - 1;
      });
      const nextTokens = Int32Array.from({ length: CANDIDATES * width }, (_, i) => tokens[i % width]);
      const { logs } = await executable.run({
        ids,
        start: Int32Array.of(this.#length),
        picks,
        tokens: nextTokens,
      });
      part.forEach((_, row) => {
        results.push(Float64Array.from(logs.subarray(row * width, (row + 1) * width)));
      });
    }
    return results;
  }

  /** New tokens until the one that ends a text, or the maximum. */
  async generate({ tokens, temperature, random }: GenerationOptions, end: number): Promise<number[]> {
    const made: number[] = [];
    while (made.length < tokens && this.#length < this.#decoder.config.context) {
      const id = temperature === 0 ? largest(this.next) : sampled(this.next, temperature, random);
      if (id === end) break;
      made.push(id);
      await this.extend([id]);
    }
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#compiled.release();
  }

  /** Writes `size` tokens into the caches at `start`, of which `count` are real; outputs what follows the last one. */
  #extendProgram(size: number): Program {
    const decoder = this.#decoder;
    const { context, dim } = decoder.config;
    return {
      name: `extend by ${size}`,
      state: { ...decoder.parameters, ...this.#caches },
      inputs: { ids: int32(size), start: int32(1), count: int32(1) },
      run: (state, { ids, start, count }) => {
        const order = range(size);
        const positions = tf.minimum(tf.add(order, start), tf.scalar(context - 1, 'int32'));
        const real = tf.less(order, count);
        const cells = tf.reshape(range(context), [context, 1]);
        const here = tf.logicalAnd(tf.equal(cells, tf.add(order, start)), real);
        const placement = tf.cast(here, 'float32');
        const kept = tf.sub(tf.scalar(1), tf.sum(placement, 1, true));
        const [all, own] = [tf.reshape(cells, [1, context]), tf.reshape(tf.add(order, start), [size, 1])];
        const caches: Tensors = {};
        const write = (name: string, fresh: Tensor) => {
          const [, kv, , width] = fresh.shape as [number, number, number, number];
          const placed = tf.matMul(placement, tf.reshape(fresh, [kv, size, width]));
          caches[name] = tf.add(tf.mul(state[name], kept), placed);
          return tf.reshape(caches[name], [1, kv, context, width]);
        };
        const [row, places] = [ids, positions].map((x) => tf.reshape(x, [1, size]));
        const { states } = decoder.stages(state, { ids: row, positions: places }, (q, k, v, block) => {
          const keys = decoder.repeated(write(keyName(block), k));
          const values = decoder.repeated(write(valueName(block), v));
          const scores = tf.mul(tf.matMul(q, keys, false, true), 1 / Math.sqrt(q.shape[3] as number));
          return tf.matMul(tf.softmax(tf.add(scores, hidden(all, own, decoder.windowOf(block)))), values);
        });
        const last = gatherRows(tf.reshape(states, [size, dim]), tf.sub(count, tf.scalar(1, 'int32')));
        const logs = tf.logSoftmax(tf.matMul(last, decoder.head(state), false, true));
        return { state: caches, outputs: { logs: tf.reshape(logs, [-1]) } };
      },
    };
  }

  /** Continuations [candidates, length] after `start` tokens of the caches. */
  #scoreProgram(length: number, width: number): Program {
    const decoder = this.#decoder;
    const { context, heads } = decoder.config;
    const rows = CANDIDATES;
    return {
      name: `score ${rows} x ${length}`,
      state: { ...decoder.parameters, ...this.#caches },
      inputs: { ids: int32(rows, length), start: int32(1), picks: int32(rows), tokens: int32(rows, width) },
      run: (state, { ids, start, picks, tokens }) => {
        const order = range(length);
        const ofRow = tf.minimum(tf.add(order, start), tf.scalar(context - 1, 'int32'));
        const positions = tf.tile(tf.reshape(ofRow, [1, length]), [rows, 1]);
        const cells = range(context);
        const unwritten = tf.mul(tf.cast(tf.greaterEqual(cells, start), 'float32'), HIDDEN);
        const [keysOf, queriesOf] = [tf.reshape(order, [1, length]), tf.reshape(order, [length, 1])];
        const places = tf.reshape(tf.add(order, start), [length, 1]);
        const { states } = decoder.stages(state, { ids, positions }, (q, k, v, block) => {
          const dim = q.shape[3] as number;
          const [keys, values] = [keyName(block), valueName(block)].map((name) => {
            const cache = state[name];
            return tf.reshape(decoder.repeated(tf.reshape(cache, [1, ...cache.shape])), [
              heads,
              context,
              dim,
            ]);
          });
          const scaled = tf.mul(q, 1 / Math.sqrt(dim));
          const together = tf.reshape(tf.transpose(scaled, [1, 0, 2, 3]), [heads, rows * length, dim]);
          const cached = tf.add(tf.matMul(together, keys, false, true), unwritten);
          const window = decoder.windowOf(block);
          const ofCells = tf.transpose(tf.reshape(cached, [heads, rows, length, context]), [1, 0, 2, 3]);
          const byRow = tf.add(ofCells, hidden(tf.reshape(cells, [1, context]), places, window));
          const byCandidate = tf.add(
            tf.matMul(scaled, decoder.repeated(k), false, true),
            hidden(keysOf, queriesOf, window),
          );
          const weights = tf.softmax(tf.concat([byRow, byCandidate], 3));
          const [ofCache, ofOwn] = tf.split(weights, [context, length], 3);
          const turned = tf.reshape(tf.transpose(ofCache, [1, 0, 2, 3]), [heads, rows * length, context]);
          const fromCache = tf.reshape(tf.matMul(turned, values), [heads, rows, length, dim]);
          return tf.add(tf.transpose(fromCache, [1, 0, 2, 3]), tf.matMul(ofOwn, decoder.repeated(v)));
        });
        return { outputs: { logs: decoder.logProbabilities(state, states, picks, tokens) } };
      },
    };
  }
}

/** Hides the keys after each query, and those that a window leaves out: places of keys [1, n] and queries [m, 1] -> [m, n] */
function hidden(keys: Tensor, queries: Tensor, window: number | null): Tensor {
  const later = tf.greater(keys, queries);
  const isHidden =
    window === null
      ? later
      : tf.logicalOr(later, tf.lessEqual(keys, tf.sub(queries, tf.scalar(window, 'int32'))));
  return tf.mul(tf.cast(isHidden, 'float32'), HIDDEN);
}

function largest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
}

/** A token drawn with probabilities p^(1 / temperature), normalised. */
function sampled(logs: Float32Array, temperature: number, random: Random): number {
  const most = logs[largest(logs)];
  const weights = Float64Array.from(logs, (log) => Math.exp((log - most) / temperature));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id];
    if (left <= 0) return id;
  }
  return weights.length - 1;
}
