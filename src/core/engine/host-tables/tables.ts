import { UserError } from '../../errors.ts';
import { freeMemory, gib, type MemoryLimits, requireMemory } from '../../memory.ts';
import { type OptimiserConfig, type UpdateScalars, updateScalars } from '../optimisers.ts';
import type { HostArrays, Specs } from '../types.ts';
import { hostArray } from '../types.ts';
import type { ChunkedMatrix } from './matrix.ts';
import { checkTableOptimiser, HostTable, type IdBags, type Placement, tableBytes } from './table.ts';

export interface HostTableSize {
  rows: number;
  dim: number;
}

export type HostTableSizes = Readonly<Record<string, HostTableSize>>;

/** Sums of rows of a table that a step wants in one of its inputs. */
export interface HostLookup {
  table: string;
  /** Input of the step, float32; bag b's sum stands where `placement` says. */
  input: string;
  bags: IdBags;
  placement: Placement;
}

/** The host tables of a model, by name. */
export class HostTables {
  readonly tables: Readonly<Record<string, HostTable>>;
  readonly #config: OptimiserConfig;

  /** Throws UserError where the optimiser or the memory does not allow them. */
  constructor(sizes: HostTableSizes, config: OptimiserConfig, limits?: MemoryLimits) {
    this.#config = config;
    if (Object.keys(sizes).length > 0) checkTableOptimiser(config);
    checkDense(sizes, config.optimiser);
    checkMemory(sizes, config.optimiser, limits);
    this.tables = Object.fromEntries(
      Object.entries(sizes).map(([name, { rows, dim }]) => [name, new HostTable(rows, dim, config)]),
    );
  }

  /** Tables without what an optimiser keeps, for reading. Throws UserError where the memory does not allow them. */
  static toRead(sizes: HostTableSizes): HostTables {
    return new HostTables(sizes, {
      optimiser: 'sgd',
      beta1: 0,
      beta2: 0,
      epsilon: 0,
      weightDecay: 0,
      clipNorm: 0,
    });
  }

  /** Fills every table; `fill` is called for one chunk after the other of a table. */
  initialise(fill: (name: string, values: Float32Array) => void): void {
    for (const [name, { weights }] of Object.entries(this.tables)) {
      for (const chunk of weights.chunks) fill(name, chunk);
    }
  }

  /** The inputs that lookups fill. `buffers` are reused where given. */
  pool(lookups: readonly HostLookup[], specs: Specs, buffers: HostArrays = {}): HostArrays {
    for (const [name, spec] of Object.entries(specs))
      buffers[name] = buffers[name]?.fill(0) ?? hostArray(spec);
    for (const { table, input, bags, placement } of lookups) {
      this.tables[table].pool(bags, buffers[input] as Float32Array, placement);
    }
    return buffers;
  }

  /** Adds up the gradients of pooled inputs by row; `gradientOf` names an input. */
  accumulate(lookups: readonly HostLookup[], gradientOf: (input: string) => Float32Array): void {
    for (const { table, input, bags, placement } of lookups) {
      this.tables[table].accumulate(bags, gradientOf(input), placement);
    }
  }

  /** Optimiser step `step` (from 1) of every table. */
  update(step: number, learningRate: number): void {
    const scalars: UpdateScalars = updateScalars(this.#config, learningRate, step);
    for (const table of Object.values(this.tables)) table.update(scalars);
  }

  /** Forgets the gradients since the last update. */
  discard(): void {
    for (const table of Object.values(this.tables)) table.discard();
  }

  /** Every matrix by the name it has in a checkpoint: a table's own, and "<slot>/<table>" for the optimiser's. */
  matrices(what: 'parameters' | 'all'): Record<string, ChunkedMatrix> {
    const all: Record<string, ChunkedMatrix> = {};
    for (const [name, { weights, slots }] of Object.entries(this.tables)) {
      all[name] = weights;
      if (what === 'parameters') continue;
      for (const [slot, matrix] of Object.entries(slots)) all[`${slot}/${name}`] = matrix;
    }
    return all;
  }

  /** Where the values of `matrices` are to be read from a file. */
  targets(what: 'parameters' | 'all'): Record<string, readonly Float32Array[]> {
    return Object.fromEntries(
      Object.entries(this.matrices(what)).map(([name, { chunks }]) => [name, chunks]),
    );
  }
}

/** Bytes that the tables and what the optimiser keeps for them take. */
export function hostTableBytes(sizes: HostTableSizes, optimiser: OptimiserConfig['optimiser']): number {
  return Object.values(sizes).reduce((sum, { rows, dim }) => sum + tableBytes(optimiser, rows, dim), 0);
}

/** Values of tables whose every row a step may update: a fifth of a second of it. */
const DENSE_VALUES = 2 ** 26;

function checkDense(sizes: HostTableSizes, optimiser: OptimiserConfig['optimiser']): void {
  if (optimiser !== 'adam' && optimiser !== 'adamw') return;
  const values = hostTableBytes(sizes, 'sgd') / 4;
  if (values <= DENSE_VALUES) return;
  throw new UserError(
    `config "optimiser": ${optimiser} updates every row of the embedding tables in every step, and they have ` +
      `${millions(values)} values, more than the ${millions(DENSE_VALUES)} that are sensible: take lazy-adam, which updates ` +
      'the rows of the batch, or rowwise-adagrad',
  );
}

const millions = (values: number) => `${Math.round(values / 1e6)} million`;

function checkMemory(
  sizes: HostTableSizes,
  optimiser: OptimiserConfig['optimiser'],
  limits?: MemoryLimits,
): void {
  const bytes = hostTableBytes(sizes, optimiser);
  const weights = hostTableBytes(sizes, 'sgd');
  const least = hostTableBytes(sizes, 'rowwise-adagrad');
  const advice =
    optimiser === 'rowwise-adagrad' || optimiser === 'sgd' || least > freeMemory(limits)
      ? 'hash the ids to fewer rows, take narrower vectors, or free memory'
      : `optimiser=rowwise-adagrad needs ${gib(least)}`;
  const claim =
    `the embedding tables need ${gib(bytes)} of memory (${gib(weights)} for the vectors, ${gib(bytes - weights)} for ` +
    `${optimiser})`;
  requireMemory({ claim, bytes, advice }, limits);
}
