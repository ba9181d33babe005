/** Scores of models whose item vectors are on the host: queries on the device, the catalogue passed to it in chunks. */
import type { ChunkedMatrix, DeviceContext, HostArrays, HostTables } from '../../../engine/index.ts';
import { float32, ProgramCache } from '../../../engine/index.ts';
import { rankingMemory } from '../../../training/fitting-rows.ts';
import { rowSpecs, scoringSpecs } from '../../../training/programs.ts';
import type { BatchShape, TableIds } from '../../../training/step-model.ts';
import { remapToUniqueRows } from '../../../training/unique-rows.ts';
import type { ItemMatching, TrainedModel } from '../next-item-model.ts';

export class HostTableScorer {
  readonly matching: ItemMatching;
  readonly width: number;
  readonly #model: TrainedModel;
  readonly #tables: HostTables;
  readonly #input: TableIds;
  readonly compiled: ProgramCache;
  #buffer = new Float32Array(0);

  /** `tables` are those of the parameters on the device. */
  constructor(model: TrainedModel, device: DeviceContext, tables: HostTables) {
    const { tableIds, matching, hostTables = {} } = model;
    if (!tableIds || !matching) throw new Error('the model reads no host table by row');
    this.#model = model;
    this.compiled = new ProgramCache(device);
    this.#tables = tables;
    this.#input = tableIds;
    this.matching = matching;
    this.width = hostTables[tableIds.table].dim;
  }

  get #matrix(): ChunkedMatrix {
    return this.#tables.tables[this.#input.table].weights;
  }

  /** Items: every row of the table but that of the padding. */
  get items(): number {
    return this.#matrix.rows - 1;
  }

  /** [rows, width] */
  async queries(shape: BatchShape, inputs: HostArrays): Promise<Float32Array> {
    const local = remapToUniqueRows(this.#model, { shape, inputs });
    const specs = rowSpecs(this.#model, local.shape);
    const { rows, length, tableRows } = local.shape;
    const executable = await this.compiled.get(`queries ${rows}x${length}x${tableRows}`, () => ({
      name: `queries ${rows} x ${length}`,
      ...(rows > 1 && { memory: rankingMemory({ rows, length }) }),
      state: this.#model.parameters,
      inputs: { ...scoringSpecs(this.#model, shape), ...specs },
      run: (state, inputs) => {
        const { [this.#input.table]: table, ...others } = inputs;
        const parameters = { ...state, [this.#input.table]: table };
        return { state: {}, outputs: { queries: this.matching.queries(parameters, others, shape) } };
      },
    }));
    const allInputs = { ...local.inputs, ...this.#tables.pool(local.lookups ?? [], specs) };
    return (await executable.run(allInputs)).queries as Float32Array;
  }

  /** The vectors of items start to end (exclusive), in a buffer that the next call takes again. */
  vectors(start: number, end: number): Float32Array {
    const buffer = this.#take(end - start);
    this.#matrix.read(start + 1, end + 1, buffer);
    return buffer;
  }

  /** The vectors of these items, zeros up to `rows`, in the same buffer. */
  vectorsOf(items: Int32Array, rows: number): Float32Array {
    const buffer = this.#take(rows).fill(0);
    items.forEach((item, at) => {
      this.#matrix.read(item + 1, item + 2, buffer.subarray(at * this.width));
    });
    return buffer;
  }

  #take(rows: number): Float32Array {
    if (this.#buffer.length < rows * this.width) this.#buffer = new Float32Array(rows * this.width);
    return this.#buffer.subarray(0, rows * this.width);
  }

  /** Scores of every item for queries [rows, width]: [rows, items]. */
  async scores(queries: Float32Array, rows: number): Promise<Float32Array> {
    const { items, width } = this;
    const all = new Float32Array(rows * items);
    for (const [start, end] of chunks(items, CHUNK)) {
      const size = end - start;
      const executable = await this.compiled.get(`scores ${rows}x${size}`, () => ({
        name: `scores ${rows} x ${size}`,
        state: {},
        inputs: { queries: float32(rows, width), vectors: float32(size, width) },
        run: (_, tensors) => ({
          state: {},
          outputs: { scores: this.matching.match(tensors.queries, tensors.vectors) },
        }),
      }));
      const { scores } = await executable.run({ queries, vectors: this.vectors(start, end) });
      for (let row = 0; row < rows; row++) {
        all.set(scores.subarray(row * size, (row + 1) * size), row * items + start);
      }
    }
    return all;
  }

  release(): Promise<void> {
    return this.compiled.release();
  }
}

/** Items scored at once for few users. */
const CHUNK = 2 ** 16;

/** All of a catalogue, [start, end) each. */
export function chunks(items: number, size: number): [start: number, end: number][] {
  return Array.from({ length: Math.ceil(items / size) }, (_, chunk) => [
    chunk * size,
    Math.min(items, (chunk + 1) * size),
  ]);
}
