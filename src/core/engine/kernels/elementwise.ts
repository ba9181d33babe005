import { ElementType } from '../onnx.ts';
import * as tf from '../tf.ts';
import { kernel, type TraceBackend } from '../trace-backend.ts';
import type { DType } from '../types.ts';

const broadcast = tf.broadcast_util.assertAndGetBroadcastShape;
const sameShape = tf.util.arraysEqual;

function binary(kernelName: string, opType: string, dtype?: DType): void {
  kernel(kernelName, (backend, { a, b }) => {
    const shape = broadcast(a.shape, b.shape);
    return backend.info(elementwise(backend, opType, a, b, shape), shape, dtype ?? a.dtype);
  });
}

/** One node for two operands, and an Expand where leaving out a filled one made the result smaller than `shape`. */
function elementwise(
  backend: TraceBackend,
  opType: string,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  shape: number[],
): string {
  const name = backend.graph.op(opType, [compact(backend, a), compact(backend, b)]);
  const shapes = [a, b].map((x) => (backend.fillOf(x) === null ? x.shape : []));
  if (sameShape(broadcast(shapes[0], shapes[1]), shape)) return name;
  return backend.graph.op('Expand', [name, backend.graph.int64s(shape)]);
}

/** A filled tensor as a scalar constant: arrays of ones and zeros never reach the graph. */
function compact(backend: TraceBackend, x: tf.TensorInfo): string {
  const fill = backend.fillOf(x);
  return fill === null ? backend.nameOf(x) : backend.graph.scalar(fill, x.dtype as DType);
}

function unary(kernelName: string, emit: (backend: TraceBackend, name: string) => string): void {
  kernel(kernelName, (backend, { x }) => backend.info(emit(backend, backend.nameOf(x)), x.shape, x.dtype));
}

function multiply(): void {
  kernel('Multiply', (backend, { a, b }) => {
    const shape = broadcast(a.shape, b.shape);
    // tfjs's gradient of a sum multiplies by an array of ones.
    for (const [ones, other] of [
      [a, b],
      [b, a],
    ]) {
      if (backend.fillOf(ones) === 1) {
        const name = sameShape(other.shape, shape)
          ? backend.nameOf(other)
          : backend.graph.op('Expand', [compact(backend, other), backend.graph.int64s(shape)]);
        return backend.info(name, shape, a.dtype, backend.fillOf(other));
      }
    }
    return backend.info(elementwise(backend, 'Mul', a, b, shape), shape, a.dtype);
  });
}

function comparisons(): void {
  binary('Equal', 'Equal', 'bool');
  binary('Greater', 'Greater', 'bool');
  binary('GreaterEqual', 'GreaterOrEqual', 'bool');
  binary('Less', 'Less', 'bool');
  binary('LessEqual', 'LessOrEqual', 'bool');
  binary('LogicalAnd', 'And', 'bool');
  binary('LogicalOr', 'Or', 'bool');
  kernel('NotEqual', (backend, { a, b }) => {
    const equal = backend.graph.op('Equal', [backend.nameOf(a), backend.nameOf(b)]);
    return backend.info(backend.graph.op('Not', [equal]), broadcast(a.shape, b.shape), 'bool');
  });
  kernel('LogicalNot', (backend, { x }) =>
    backend.info(backend.graph.op('Not', [backend.nameOf(x)]), x.shape, 'bool'),
  );
}

function activations(): void {
  for (const op of [
    'Exp',
    'Cos',
    'Log',
    'Sqrt',
    'Neg',
    'Relu',
    'Sigmoid',
    'Tanh',
    'Erf',
    'Abs',
    'Sign',
    'Softplus',
  ]) {
    unary(op, (backend, name) => backend.graph.op(op, [name]));
  }
  kernel('ClipByValue', (backend, { x }, attrs: tf.ClipByValueAttrs) => {
    const { graph } = backend;
    const bounds = [attrs.clipValueMin, attrs.clipValueMax].map((b) => graph.scalar(b, x.dtype as DType));
    return backend.info(graph.op('Clip', [backend.nameOf(x), ...bounds]), x.shape, x.dtype);
  });
  unary('Reciprocal', (backend, name) => backend.graph.op('Reciprocal', [name]));
  unary('Rsqrt', ({ graph }, name) => graph.op('Reciprocal', [graph.op('Sqrt', [name])]));
  unary('Square', ({ graph }, name) => graph.op('Mul', [name, name]));
  kernel('Step', (backend, { x }, { alpha }: tf.StepAttrs) => {
    const { graph } = backend;
    const dtype = x.dtype as DType;
    const positive = graph.op('Greater', [backend.nameOf(x), graph.scalar(0, dtype)]);
    const name =
      alpha === 0
        ? graph.op('Cast', [positive], { to: ElementType[dtype] })
        : graph.op('Where', [positive, graph.scalar(1, dtype), graph.scalar(alpha, dtype)]);
    return backend.info(name, x.shape, dtype);
  });
  kernel('Identity', (backend, { x }) =>
    backend.info(backend.nameOf(x), x.shape, x.dtype, backend.fillOf(x)),
  );
  kernel('IsNan', (backend, { x }) =>
    backend.info(backend.graph.op('IsNaN', [backend.nameOf(x)]), x.shape, 'bool'),
  );
  kernel('Cast', (backend, { x }, { dtype }: { dtype: DType }) => {
    if (x.dtype === dtype) return backend.info(backend.nameOf(x), x.shape, dtype, backend.fillOf(x));
    const name = backend.graph.op('Cast', [backend.nameOf(x)], { to: ElementType[dtype] });
    return backend.info(name, x.shape, dtype, castValue(backend.fillOf(x), dtype));
  });
}

function castValue(value: number | null, dtype: DType): number | null {
  if (value === null || dtype === 'float32') return value;
  return dtype === 'int32' ? Math.trunc(value) : Number(value !== 0);
}

function fills(): void {
  const filled = (backend: TraceBackend, value: number, shape: number[], dtype: DType) =>
    backend.info(backend.graph.filled(value, shape, dtype), shape, dtype, value);
  kernel('ZerosLike', (backend, { x }) => filled(backend, 0, x.shape, x.dtype as DType));
  kernel('OnesLike', (backend, { x }) => filled(backend, 1, x.shape, x.dtype as DType));
  kernel('Fill', (backend, _, { shape, value, dtype }: { shape: number[]; value: number; dtype?: DType }) =>
    filled(backend, value, shape, dtype ?? 'float32'),
  );
}

export function registerElementwise(): void {
  binary('Add', 'Add');
  binary('Sub', 'Sub');
  binary('RealDiv', 'Div');
  binary('Maximum', 'Max');
  binary('Minimum', 'Min');
  binary('Pow', 'Pow');
  kernel('AddN', (backend, inputs) => {
    const all = Object.values(inputs);
    const name = all.map((x) => backend.nameOf(x)).reduce((sum, x) => backend.graph.op('Add', [sum, x]));
    return backend.info(name, all[0].shape, all[0].dtype);
  });
  kernel('Select', (backend, { condition, t, e }) => {
    const rank = t.shape.length;
    let mask = backend.nameOf(condition);
    // tfjs lets a vector condition choose whole rows.
    if (condition.shape.length === 1 && rank > 1) {
      const column = [condition.shape[0], ...Array(rank - 1).fill(1)];
      mask = backend.graph.op('Reshape', [mask, backend.graph.int64s(column)]);
    }
    const name = backend.graph.op('Where', [mask, compact(backend, t), compact(backend, e)]);
    return backend.info(name, t.shape, t.dtype);
  });
  multiply();
  comparisons();
  activations();
  fills();
}
