/**
 * Candidates of models that read sequences, as M-FALCON scores them (Zhai et al. 2024, section 3.4): one pass over a history,
 * whose keys and values are kept, then its candidates in micro-batches, which see the history and not each other.
 */
import { assignToBuckets, type Bucket, lengthCounts, planBuckets } from '../../data/batches/buckets.ts';
import { type ClickData, type HistoryCandidates, UserSequences } from '../../data/clicks/index.ts';
import {
  type DeviceContext,
  type Executable,
  type HostArrays,
  type HostTables,
  int32,
  ProgramCache,
  type Specs,
} from '../../engine/index.ts';
import { rankingMemory } from '../../training/fitting-rows.ts';
import type { StepBatch } from '../../training/step-runner.ts';
import type { PredictedRows } from './click-batches.ts';
import type { ClickConfig } from './click-config.ts';
import type { ClickSizes } from './click-model.ts';
import { pooledSpecs, rowSpecs, sequenceSpecs } from './click-step.ts';
import { type SequenceModel, SequenceRows } from './user-batches.ts';

/** Histories that are read at once, and candidates of each that are scored at once. */
const HISTORIES = 64;
const CANDIDATES = 256;

/** Histories of one length, on the device's side of the program. */
interface Kept {
  shape: Bucket;
  groups: readonly HistoryCandidates[];
  /** What the pass over the histories has left, and their times. */
  arrays: HostArrays;
}

/** The device must hold the model's parameters. */
export class CandidateScorer {
  readonly #model: SequenceModel;
  readonly #sizes: ClickSizes;
  readonly #sequences: UserSequences;
  readonly #rows: SequenceRows;
  readonly #maxTokens: number;
  readonly #compiled: ProgramCache;
  readonly #hostTables: HostTables;

  constructor(
    model: SequenceModel,
    sizes: ClickSizes,
    data: ClickData,
    { config, device, hostTables }: { config: ClickConfig; device: DeviceContext; hostTables: HostTables },
  ) {
    this.#model = model;
    this.#sizes = sizes;
    this.#sequences = new UserSequences(data, model.sequences.history);
    this.#rows = new SequenceRows(model, sizes, data, config);
    this.#maxTokens = config.microBatchTokens;
    this.#compiled = new ProgramCache(device);
    this.#hostTables = hostTables;
  }

  /** Every row once. */
  async *predictions(rows: Int32Array): AsyncGenerator<PredictedRows> {
    const all = this.#sequences.predicting(rows);
    const lengths = Int32Array.from(all, ({ history }) => Math.max(1, history.length));
    const buckets = planBuckets(lengthCounts(lengths), {
      batchSize: Math.min(HISTORIES, all.length),
      maxTokens: this.#maxTokens,
    });
    for (const { bucket, members } of assignToBuckets(lengths, buckets)) {
      const kept = await this.#keep(
        members.map((member) => all[member]),
        bucket,
      );
      yield* this.#scored(kept);
    }
  }

  async #keep(groups: readonly HistoryCandidates[], shape: Bucket): Promise<Kept> {
    const { kept } = this.#model.sequences;
    const sequences = groups.map(({ history, rows }) => {
      // A user without a history has features all the same: those of a candidate, whose place none of them sees.
      const own = history.length > 0 ? history : rows.subarray(0, 1);
      return {
        user: -1,
        rows: own,
        interactions: new Uint8Array(own.length).fill(history.length > 0 ? 1 : 0),
        positions: Int32Array.from(own.keys()),
        requested: new Int32Array(own.length).fill(-1),
      };
    });
    const batch = this.#rows.encode(sequences, shape, 0);
    const count = shape.rows * shape.length;
    const specs = {
      ...rowSpecs(this.#model, this.#sizes, count),
      ...sequenceSpecs(this.#model, this.#sizes, shape),
    };
    const executable = await this.#compiled.get(`histories ${shape.rows}x${shape.length}`, () => ({
      name: `histories ${shape.rows} x ${shape.length}`,
      memory: rankingMemory(shape),
      state: this.#model.parameters,
      inputs: { ...specs, ...pooledSpecs(this.#model, count) },
      run: (state, inputs) => ({ outputs: kept.keep(state, inputs, shape) }),
    }));
    const arrays: HostArrays = { ...(await this.#run(executable, batch, { specs, count })) };
    if (this.#model.sequences.times) arrays.historyTimes = batch.inputs.times;
    return { shape, groups, arrays };
  }

  async *#scored(kept: Kept): AsyncGenerator<PredictedRows> {
    const { shape, groups } = kept;
    const most = Math.max(...groups.map(({ rows }) => rows.length));
    const fitting = Math.max(1, Math.floor(this.#maxTokens / shape.rows));
    const length = Math.min(2 ** Math.ceil(Math.log2(most)), fitting, CANDIDATES);
    const tasks = this.#sizes.tasks.length;
    for (let from = 0; from < most; from += length) {
      const values = await this.#score(kept, from, length);
      const parts = groups.map(({ requested }) => requested.subarray(from, from + length));
      const requested = Int32Array.from(parts.flatMap((part) => [...part]));
      const logits = new Float32Array(requested.length * tasks);
      let end = 0;
      for (const [at, part] of parts.entries()) {
        const start = at * length * tasks;
        logits.set(values.subarray(start, start + part.length * tasks), end);
        end += part.length * tasks;
      }
      yield { requested, logits };
    }
  }

  /** Log-odds of the candidates `from` and after of each history, [rows * length, tasks]. */
  async #score({ shape, groups, arrays }: Kept, from: number, length: number): Promise<Float32Array> {
    const { rows: sequences, length: turns } = shape;
    const { times, kept } = this.#model.sequences;
    const count = sequences * length;
    const { rows, places, width } = this.#placed(groups, sequences, from, length);
    const specs = rowSpecs(this.#model, this.#sizes, count);
    const placeSpecs: Specs = {
      ...kept.specs(shape),
      positions: int32(sequences, width),
      ...(times ? { times: int32(sequences, width), historyTimes: int32(sequences, turns) } : {}),
    };
    const size = { rows: sequences, length, turns };
    const name = `candidates ${sequences} x ${length} of ${turns}${width < length ? ' at one place' : ''}`;
    const executable = await this.#compiled.get(name, () => ({
      name,
      state: this.#model.parameters,
      inputs: { ...specs, ...placeSpecs, ...pooledSpecs(this.#model, count) },
      run: (state, inputs) => ({ outputs: { logits: kept.score(state, inputs, size) } }),
    }));
    const others = { ...arrays, ...places };
    const found = await this.#run(executable, this.#rows.rows(rows), { specs, count }, others);
    return found.logits as Float32Array;
  }

  /** Numbers of the rows [sequences, length], and what says where they stand: [sequences, width], one place where it is the same of all. */
  #placed(groups: readonly HistoryCandidates[], sequences: number, from: number, length: number) {
    const count = sequences * length;
    const rows = new Int32Array(count).fill(-1);
    // Places and times of padding are those of the last candidate, so that it does not tell a history's candidates apart.
    const [placed, positions] = [new Int32Array(count).fill(-1), new Int32Array(count)];
    for (const [at, group] of groups.entries()) {
      const end = Math.min(from + length, group.rows.length);
      const [start, next] = [at * length, (at + 1) * length];
      rows.set(group.rows.subarray(from, end), start);
      placed.fill(group.rows[end - 1], start, next).set(group.rows.subarray(from, end), start);
      positions.fill(group.positions[end - 1], start, next).set(group.positions.subarray(from, end), start);
    }
    // A row that sees nothing is the first one of its own sequence, though others of the history have more before them.
    const firstOf = (at: number) =>
      positions[at] > 0 ? groups[Math.floor(at / length)].history[0] : placed[at];
    const { times } = this.#model.sequences;
    const places = { positions, ...(times ? { times: this.#rows.times(placed, firstOf) } : {}) };
    if (!Object.values(places).every((values) => isSameInRows(values, length)))
      return { rows, places, width: length };
    const one = Object.entries(places).map(([key, values]) => [
      key,
      values.filter((_, at) => at % length === 0),
    ]);
    return { rows, places: Object.fromEntries(one) as typeof places, width: 1 };
  }

  /** Runs a program on `count` rows of data, and what else it reads. */
  #run(
    executable: Executable,
    { inputs, lookups = [] }: StepBatch,
    { specs, count }: { specs: Specs; count: number },
    others: HostArrays = {},
  ): Promise<HostArrays> {
    const rows = Object.fromEntries(Object.keys(specs).map((name) => [name, inputs[name]]));
    const pooled = this.#hostTables.pool(lookups, pooledSpecs(this.#model, count));
    return executable.run({ ...rows, ...pooled, ...others });
  }
}

/** Whether every `length` values in a row are one. */
function isSameInRows(values: Int32Array, length: number): boolean {
  return values.every((value, at) => value === values[at - (at % length)]);
}
