/** Losses and log-probabilities of sequences under a decoder on a device, in packed rows. */

import { type Decoder, packedInputs } from '../../decoders/decoder.ts';
import { PackedRows, type Sequence } from '../../decoders/packed-rows.ts';
import {
  type DeviceContext,
  type HostArrays,
  int32,
  type Program,
  ProgramCache,
} from '../../engine/index.ts';
import { throwIfCancelled } from '../../errors.ts';

/** Most positions to predict from, for each row of a batch. */
const PICKS_PER_ROW = 16;

export interface ScoringProgress {
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/** The device must hold the decoder's parameters, and its frozen ones where it has adapters. */
export class LanguageScorer {
  readonly #decoder: Decoder;
  readonly #rows: number;
  readonly #compiled: ProgramCache;

  constructor(decoder: Decoder, device: DeviceContext, rows: number) {
    this.#decoder = decoder;
    this.#rows = rows;
    this.#compiled = new ProgramCache(device);
  }

  /** Mean loss of the weighted tokens, and how many there are. */
  async loss(
    sequences: readonly Sequence[],
    progress: ScoringProgress = {},
  ): Promise<{ loss: number; tokens: number }> {
    let [sum, tokens] = [0, 0];
    await this.#inBatches(sequences, Number.POSITIVE_INFINITY, progress, async (packed) => {
      const weight = packed.normalise();
      if (weight === 0) return;
      const executable = await this.#compiled.get('loss', () => this.#lossProgram());
      sum += (await executable.run(packed.inputs)).loss[0] * weight;
      tokens += weight;
    });
    return { loss: tokens === 0 ? Number.NaN : sum / tokens, tokens };
  }

  /** Log-probabilities of some tokens as the next one after every prompt: [prompts][tokens]. */
  async nextTokens(
    prompts: readonly Int32Array[],
    tokens: readonly number[],
    progress: ScoringProgress = {},
  ): Promise<Float64Array[]> {
    const results: Float64Array[] = [];
    const sequences = prompts.map((ids) => ({ ids, weights: new Float32Array(ids.length) }));
    await this.#inBatches(sequences, 1, progress, async (packed, starts, members) => {
      const picks = starts.map((start, i) => start + members[i].ids.length - 1);
      const found = await this.#picked(
        packed,
        picks,
        picks.map(() => tokens),
        tokens.length,
      );
      results.push(...found);
    });
    return results;
  }

  /** For every sequence, the sum of the log-probabilities of its weighted tokens, of which it has at most 16. */
  async likelihoods(sequences: readonly Sequence[], progress: ScoringProgress = {}): Promise<Float64Array> {
    const results: number[] = [];
    await this.#inBatches(sequences, PICKS_PER_ROW, progress, async (packed, starts, members) => {
      const targets = members.map(({ ids, weights }, i) =>
        Array.from(ids.keys())
          .filter((at) => weights[at] > 0)
          .map((at) => ({ pick: starts[i] + at - 1, token: ids[at] })),
      );
      const flat = targets.flat();
      const found = await this.#picked(
        packed,
        flat.map(({ pick }) => pick),
        flat.map(({ token }) => [token]),
        1,
      );
      let at = 0;
      for (const target of targets) {
        results.push(target.reduce((sum) => sum + found[at++][0], 0));
      }
    });
    return Float64Array.from(results);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#compiled.release();
  }

  /** Packs sequences in their order, each batch until it is full or its places would exceed what a batch has. */
  async #inBatches(
    sequences: readonly Sequence[],
    picksEach: number,
    { signal, onProgress }: ScoringProgress,
    run: (packed: PackedRows, starts: number[], members: Sequence[]) => Promise<void>,
  ): Promise<void> {
    const most = Number.isFinite(picksEach)
      ? Math.floor((PICKS_PER_ROW * this.#rows) / picksEach)
      : sequences.length;
    for (let next = 0; next < sequences.length; ) {
      throwIfCancelled(signal);
      const packed = new PackedRows(this.#rows, this.#decoder.config.context, this.#decoder.supervised);
      const starts: number[] = [];
      while (next + starts.length < sequences.length && starts.length < most) {
        const start = packed.add(sequences[next + starts.length]);
        if (start < 0) break;
        starts.push(start);
      }
      if (starts.length === 0)
        throw new Error(`a sequence of ${sequences[next].ids.length} tokens fits no row`);
      await run(packed, starts, sequences.slice(next, next + starts.length));
      next += starts.length;
      onProgress?.(next, sequences.length);
    }
  }

  async #picked(
    packed: PackedRows,
    picks: readonly number[],
    tokens: readonly (readonly number[])[],
    width: number,
  ): Promise<Float64Array[]> {
    const most = PICKS_PER_ROW * this.#rows;
    const inputs: HostArrays = {
      ...packed.inputs,
      picks: new Int32Array(most),
      tokens: new Int32Array(most * width),
    };
    (inputs.picks as Int32Array).set(picks);
    tokens.forEach((sequence, at) => {
      (inputs.tokens as Int32Array).set(sequence, at * width);
    });
    const program = () => answersProgram(this.#decoder, this.#rows, width);
    const executable = await this.#compiled.get(`picked ${width}`, program);
    const { logs } = await executable.run(inputs);
    return picks.map((_, at) => Float64Array.from(logs.subarray(at * width, (at + 1) * width)));
  }

  get #shape() {
    return { rows: this.#rows, length: this.#decoder.config.context };
  }

  get #state() {
    return { ...this.#decoder.parameters, ...this.#decoder.persistent?.specs };
  }

  #lossProgram(): Program {
    const shape = this.#shape;
    return {
      name: 'language loss',
      state: this.#state,
      inputs: this.#decoder.batches.inputs(shape),
      run: (state, inputs) => ({
        outputs: { loss: this.#decoder.loss(state, { ...inputs, ...state }, shape) },
      }),
    };
  }
}

/** The log-probabilities of `width` tokens at each of the places that rows have. */
export function answersProgram(decoder: Decoder, rows: number, width: number): Program {
  const shape = { rows, length: decoder.config.context };
  const most = PICKS_PER_ROW * rows;
  return {
    name: 'next tokens',
    state: { ...decoder.parameters, ...decoder.persistent?.specs },
    inputs: { ...packedInputs(shape), picks: int32(most), tokens: int32(most, width) },
    run: (state, inputs) => {
      const { states } = decoder.stages(state, inputs);
      const logs = decoder.logProbabilities(state, states, inputs.picks, inputs.tokens);
      return { outputs: { logs } };
    },
  };
}
