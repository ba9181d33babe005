import type { Tensor } from '@tensorflow/tfjs';

export type DType = 'float32' | 'int32' | 'bool';

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Set for a matrix whose rows are looked up by id: row-wise optimisers keep one number a row of it. */
  readonly table?: true;
  /** Set for tables of items, positions and users, which the N of scaling laws leaves out. */
  readonly embedding?: true;
}

/** A flat, row-major array on the host; bool is one byte a value. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

export type Specs = Readonly<Record<string, TensorSpec>>;
export type Tensors = Record<string, Tensor>;
export type HostArrays = Record<string, HostArray>;

export type Precision = 'float32' | 'float16';

/** What a device makes of products of float16 numbers: it computes them, rounds to them, or has none and why. */
export type HalfProducts = { are: 'computed' } | { are: 'rounded' } | { are: 'missing'; problem: string };

/**
 * A pure step over tensors of fixed shape, written with plain TensorFlow.js ops. It may read any of
 * `state`, and returns new values for some of it. Nothing random may happen inside: a trace would
 * freeze it, so masks and samples come in through `inputs`.
 */
export interface Program {
  readonly name: string;
  /** Persistent tensors it reads or writes; they stay on the device between runs. */
  readonly state: Specs;
  readonly inputs: Specs;
  /** Default of the state: what it was. */
  run(state: Tensors, inputs: Tensors): { state?: Tensors; outputs: Tensors };
  /** `float16`: its products of matrices are of float16 numbers; everything else is float32. Default: so are they. */
  readonly precision?: Precision;
  /** The input, float32 [], by which it multiplies its loss before it asks for gradients. */
  readonly lossScale?: string;
  /** State that stays as it was where an output, float32 [], is not 0. */
  readonly guard?: { readonly output: string; readonly state: readonly string[] };
  /** Refuses a run that needs more memory than is free; without it nobody checks. */
  readonly memory?: RunMemory;
}

/** What to say about a run that does not fit into memory. */
export interface RunMemory {
  /** What it is called. */
  of: 'a training step' | 'a batch of the ranking';
  /** Which setting to change, if memory has room for this share (below 1) of the rows. */
  toFit(share: number): string;
}

export type DeviceId = 'cpu' | 'webgpu' | 'cuda' | 'tfjs-gpu';

/** The device that `auto` stands for, and why those that it prefers were passed over. */
export interface ChosenDevice {
  id: DeviceId;
  reason: string;
}

export interface DeviceOptions {
  /** Threads inside one operator; 0 lets the device choose. */
  threads: number;
}

/** A compiled program. */
export interface Executable {
  /** Runs once; the context's state has the new values when the promise resolves. */
  run(inputs: HostArrays): Promise<HostArrays>;
  release(): Promise<void>;
}

/** One device with the state that programs share. Not re-entrant: await each run before the next. */
export interface DeviceContext {
  readonly id: DeviceId;
  /** Uploads tensors, replacing those of the same name. */
  load(tensors: Record<string, { spec: TensorSpec; data: HostArray }>): Promise<void>;
  /** Copies of the named tensors. */
  read(names: readonly string[]): Promise<HostArrays>;
  compile(program: Program): Promise<Executable>;
  /** What a program of float16 products would be here. */
  halfProducts(): Promise<HalfProducts>;
  /** Releases the state, and every program that was compiled here and is not yet released, however their users ended. */
  dispose(): Promise<void>;
}

/** Number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Trained numbers of a model, those of tables on the host included. */
export function countParameters({
  parameters,
  hostTables = {},
}: {
  parameters: Specs;
  hostTables?: Readonly<Record<string, { rows: number; dim: number }>>;
}): number {
  const onDevice = Object.values(parameters).map(({ shape }) => sizeOf(shape));
  const onHost = Object.values(hostTables).map(({ rows, dim }) => rows * dim);
  return [...onDevice, ...onHost].reduce((sum, size) => sum + size, 0);
}

export function float32(...shape: number[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

export function int32(...shape: number[]): TensorSpec {
  return { shape, dtype: 'int32' };
}

export function bool(...shape: number[]): TensorSpec {
  return { shape, dtype: 'bool' };
}

/** A zeroed host array for a spec. */
export function hostArray(spec: TensorSpec): HostArray {
  const size = sizeOf(spec.shape);
  if (spec.dtype === 'float32') return new Float32Array(size);
  return spec.dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}
