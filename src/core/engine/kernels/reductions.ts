import { ElementType } from '../onnx.ts';
import * as tf from '../tf.ts';
import { kernel, type TraceBackend } from '../trace-backend.ts';

function reduce(kernelName: string, opType: string, axisName: 'axis' | 'reductionIndices'): void {
  kernel(kernelName, (backend, { x }, attrs: Partial<tf.SumAttrs & tf.MaxAttrs>) => {
    const axes = tf.util.parseAxisParam(attrs[axisName] ?? [...x.shape.keys()], x.shape);
    const keepDims = attrs.keepDims ?? false;
    const shape = reducedShape(x.shape, axes, keepDims);
    // A mean of whole numbers is not whole.
    const input = opType === 'ReduceMean' ? asFloat(backend, x) : x;
    if (axes.length === 0) return backend.info(backend.nameOf(input), shape, input.dtype);
    return backend.info(emit(backend, opType, input, axes, keepDims), shape, input.dtype);
  });
}

function asFloat(backend: TraceBackend, x: tf.TensorInfo): tf.TensorInfo {
  if (x.dtype === 'float32') return x;
  const name = backend.graph.op('Cast', [backend.nameOf(x)], { to: ElementType.float32 });
  return backend.info(name, x.shape, 'float32');
}

function emit(
  backend: TraceBackend,
  opType: string,
  x: tf.TensorInfo,
  axes: number[],
  keepDims: boolean,
): string {
  const { graph } = backend;
  return graph.op(opType, [backend.nameOf(x), graph.int64s(axes)], { keepdims: keepDims ? 1 : 0 });
}

function reducedShape(shape: number[], axes: number[], keepDims: boolean): number[] {
  if (keepDims) return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return shape.filter((_, axis) => !axes.includes(axis));
}

export function registerReductions(): void {
  reduce('Sum', 'ReduceSum', 'axis');
  reduce('Mean', 'ReduceMean', 'axis');
  reduce('Max', 'ReduceMax', 'reductionIndices');
  reduce('Min', 'ReduceMin', 'axis');
  kernel('ArgMax', (backend, { x }, attrs: tf.ArgMaxAttrs) => {
    const { graph } = backend;
    const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
    const index = graph.op('ArgMax', [backend.nameOf(x)], { axis, keepdims: 0 });
    const name = graph.op('Cast', [index], { to: ElementType.int32 });
    return backend.info(name, reducedShape(x.shape, [axis], false), 'int32');
  });
  kernel('TopK', (backend, { x }, { k }: tf.TopKAttrs) => {
    const { graph } = backend;
    const inputs = [backend.nameOf(x), graph.int64s([k])];
    const [values, index] = graph.opMany('TopK', inputs, 2, { axis: -1, largest: 1, sorted: 1 });
    const shape = [...x.shape.slice(0, -1), k];
    const indices = graph.op('Cast', [index], { to: ElementType.int32 });
    return [backend.info(values, shape, x.dtype), backend.info(indices, shape, 'int32')];
  });
}
