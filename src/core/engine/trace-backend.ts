import type { backend_util } from '@tensorflow/tfjs';
import { constantFill, Graph, type Halves } from './graph.ts';
import { ElementType } from './onnx.ts';
import * as tf from './tf.ts';
import type { DType } from './types.ts';

export const TRACE = 'tessera-trace';

export interface TraceOptions {
  /** Whether the device runs graphs with sizes known only at run time well. */
  dynamicSizes?: boolean;
  /** Whether only operators of the standard may be used, for graphs that others run. */
  standard?: boolean;
  /** Whether the device has products that transpose their sides as they read them. Default: it has. */
  fusedProducts?: boolean;
  /** Whether one thread alone computes each operator. */
  oneThread?: boolean;
  /** Largest value in bytes: ops that can write it in pieces do. Default: no limit. */
  mostBytes?: number;
  /** What becomes of products of matrices. Default: they are of float32 numbers. */
  halves?: Halves;
}

interface Value {
  name: string;
  /** Set where every element has this value, so that kernels can leave whole arrays out. */
  fill: number | null;
}

type DataId = object;

/** Symbolic tensors: a data id stands for the name of a value in the graph under construction. */
export class TraceBackend extends tf.KernelBackend {
  #values = new WeakMap<DataId, Value>();
  #graph: Graph | null = null;
  #dynamicSizes = false;
  #standard = false;
  #fusedProducts = true;
  #oneThread = false;
  #mostBytes = Number.POSITIVE_INFINITY;
  #halves: Halves | null = null;

  begin(options: TraceOptions): Graph {
    const {
      dynamicSizes = false,
      standard = false,
      fusedProducts = true,
      oneThread = false,
      mostBytes = Number.POSITIVE_INFINITY,
      halves,
    } = options;
    this.#graph = new Graph();
    this.#dynamicSizes = dynamicSizes;
    this.#standard = standard;
    this.#fusedProducts = fusedProducts;
    this.#oneThread = oneThread;
    this.#mostBytes = mostBytes;
    this.#halves = halves ?? null;
    return this.#graph;
  }

  end(): void {
    this.#graph = null;
  }

  get graph(): Graph {
    if (!this.#graph) throw new Error('no trace is under way');
    return this.#graph;
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const id = {};
    this.#define(id, values, shape, dtype);
    return id;
  }

  override move(id: DataId, values: backend_util.BackendValues, shape: number[], dtype: tf.DataType): void {
    this.#define(id, values, shape, dtype);
  }

  #define(id: DataId, values: backend_util.BackendValues | null, shape: number[], dtype: tf.DataType): void {
    if (values === null) return;
    const numbers = values as Float32Array;
    const fill = constantFill(numbers);
    this.#values.set(id, { name: this.graph.array(numbers, shape, dtype as DType), fill });
  }

  /** Whether values inside an op may have sizes known only at run time, zero included: the WebGPU provider fails on it. */
  get dynamicSizes(): boolean {
    return this.#dynamicSizes;
  }

  /** Largest value in bytes that an op writes if it can write pieces. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  /** Whether a product may transpose its sides as it reads them; else a transpose is a node of its own. */
  get fusesTransposes(): boolean {
    return this.#fusedProducts && !this.#standard && this.productType === 'float32';
  }

  /** The type of the numbers that products are of. */
  get productType(): 'float32' | 'float16' {
    return this.#halves === 'computed' ? 'float16' : 'float32';
  }

  /** A float32 value as products take it. */
  operand(x: string): string {
    return this.#halves === null ? x : this.graph.half(x, this.#halves);
  }

  /** The float32 value of a product of operands. */
  ofProduct(x: string): string {
    return this.#halves === null ? x : this.graph.whole(x, this.#halves);
  }

  /** The product of two matrices by name, either side transposed, as float32. */
  product(a: string, b: string, { transA = 0, transB = 0 }: { transA?: 0 | 1; transB?: 0 | 1 } = {}): string {
    const { graph } = this;
    const [left, right] = [this.operand(a), this.operand(b)];
    if (transA + transB === 0) return this.ofProduct(graph.op('MatMul', [left, right]));
    if (this.fusesTransposes)
      return this.ofProduct(graph.op('FusedMatMul', [left, right], { transA, transB }, 'com.microsoft'));
    const turned = (x: string, turns: 0 | 1) =>
      turns === 1 ? graph.op('Transpose', [x], { perm: [1, 0] }) : x;
    return this.ofProduct(graph.op('MatMul', [turned(left, transA), turned(right, transB)]));
  }

  /** The second input of a Reshape to a shape, whose first size follows from what is reshaped: it may not be in the graph. */
  reshapeTo([first, ...others]: readonly number[]): string {
    return this.graph.int64s(first === undefined ? [] : [others.includes(0) ? first : -1, ...others]);
  }

  /** ids int32 [n] of rows as `addRows` takes them for values of a shape [n, ...]. */
  placesOf(ids: string, shape: readonly number[]): string {
    const { graph } = this;
    const rest = shape.slice(1);
    const ones = this.#oneThread ? [1] : rest.map(() => 1);
    const column = graph.op('Reshape', [ids, graph.int64s([-1, ...ones])]);
    if (this.#oneThread) return graph.op('Cast', [column], { to: ElementType.int64 });
    // As many as there are when the graph runs.
    return graph.sized(graph.op('Expand', [column, graph.int64s([1, ...rest])]), shape, 'int32');
  }

  /** total [rows, ...] with values [n, ...] added, in their order, to the rows of `placesOf`, some named more than once. */
  addRows(total: string, places: string, values: string): string {
    // Ten times as fast, but the CPU provider lets threads race where a row comes twice: wrong sums.
    return this.#oneThread
      ? this.graph.op('ScatterND', [total, places, values], { reduction: 'add' })
      : this.graph.op('ScatterElements', [total, places, values], { axis: 0, reduction: 'add' });
  }

  /** Registers a value of the graph and returns what a kernel returns. */
  info(name: string, shape: number[], dtype: tf.DataType, fill: number | null = null): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, { name, fill });
    this.graph.sized(name, shape, dtype as DType);
    return { dataId, shape, dtype };
  }

  tensor(name: string, shape: number[], dtype: DType): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.info(name, shape, dtype));
  }

  nameOf(tensor: tf.TensorInfo): string {
    return this.#value(tensor).name;
  }

  /** The value that fills the tensor, or null. */
  fillOf(tensor: tf.TensorInfo): number | null {
    return this.#value(tensor).fill;
  }

  #value(tensor: tf.TensorInfo): Value {
    const value = this.#values.get(tensor.dataId);
    if (!value) throw new Error('a tensor made outside the program cannot be used inside a trace');
    return value;
  }

  override disposeData(): boolean {
    return true;
  }
  override numDataIds(): number {
    return 0;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override timerAvailable(): boolean {
    return false;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override readSync(): never {
    throw new Error('a traced tensor has no values yet: do not read inside a program');
  }
  override read(): never {
    return this.readSync();
  }
}

type Inputs = Record<string, tf.TensorInfo>;

/** Registers one kernel; `emit` gets the graph, the inputs and the op's attributes. */
export function kernel<A = object>(
  kernelName: string,
  emit: (backend: TraceBackend, inputs: Inputs, attrs: A) => tf.TensorInfo | tf.TensorInfo[],
): void {
  tf.registerKernel({
    kernelName,
    backendName: TRACE,
    kernelFunc: ({ inputs, attrs, backend }) => emit(backend as TraceBackend, inputs as Inputs, attrs as A),
  });
}

/** Whether ops run now are being traced (the fused ops have another body when run eagerly). */
export function tracingBackend(): TraceBackend | null {
  return tf.getBackend() === TRACE ? (tf.backend() as TraceBackend) : null;
}
