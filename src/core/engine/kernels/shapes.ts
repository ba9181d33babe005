import * as tf from '../tf.ts';
import { kernel, type TraceBackend } from '../trace-backend.ts';
import type { DType } from '../types.ts';

function reshaped(backend: TraceBackend, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const fill = backend.fillOf(x);
  if (tf.util.arraysEqual(x.shape, shape)) {
    return backend.info(backend.nameOf(x), shape, x.dtype, fill);
  }
  const name = backend.graph.op('Reshape', [backend.nameOf(x), backend.reshapeTo(shape)]);
  return backend.info(name, shape, x.dtype, fill);
}

function normalAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Outputs of one Split: a WebGPU shader has eight buffers, its input among them. */
const MAX_OUTPUTS = 7;

function splitNames(backend: TraceBackend, x: tf.TensorInfo, sizes: number[], axis: number): string[] {
  const { graph } = backend;
  const whole = backend.nameOf(x);
  if (sizes.length <= MAX_OUTPUTS || backend.dynamicSizes) {
    return graph.opMany('Split', [whole, graph.int64s(sizes)], sizes.length, { axis });
  }
  let end = 0;
  return sizes.map((size) => {
    const start = end;
    end += size;
    return graph.slice(whole, axis, start, end);
  });
}

function slices(): void {
  kernel('Slice', (backend, { x }, { begin, size }: tf.SliceAttrs) => {
    const [from, extent] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    const { graph } = backend;
    const ends = from.map((start, axis) => start + extent[axis]);
    const name = graph.op('Slice', [backend.nameOf(x), graph.int64s(from), graph.int64s(ends)]);
    return backend.info(name, extent, x.dtype);
  });
  kernel('SplitV', (backend, { x }, { numOrSizeSplits, axis }: tf.SplitVAttrs) => {
    const along = normalAxis(axis, x.shape.length);
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
    return splitNames(backend, x, sizes, along).map((name, i) => {
      const shape = x.shape.map((dim, k) => (k === along ? sizes[i] : dim));
      return backend.info(name, shape, x.dtype);
    });
  });
  kernel('PadV2', (backend, { x }, attrs: tf.PadV2Attrs) => {
    const { graph } = backend;
    const pads = [...attrs.paddings.map((p) => p[0]), ...attrs.paddings.map((p) => p[1])];
    const inputs = [
      backend.nameOf(x),
      graph.int64s(pads),
      graph.scalar(attrs.constantValue, x.dtype as DType),
    ];
    const shape = x.shape.map((dim, axis) => dim + attrs.paddings[axis][0] + attrs.paddings[axis][1]);
    return backend.info(graph.op('Pad', inputs), shape, x.dtype);
  });
}

export function registerShapes(): void {
  kernel('Reshape', (backend, { x }, { shape }: tf.ReshapeAttrs) =>
    reshaped(backend, x, tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape))),
  );
  kernel('ExpandDims', (backend, { input }, { dim }: tf.ExpandDimsAttrs) => {
    const shape = input.shape.slice();
    shape.splice(dim < 0 ? shape.length + 1 + dim : dim, 0, 1);
    return reshaped(backend, input, shape);
  });
  kernel('Transpose', (backend, { x }, { perm }: tf.TransposeAttrs) => {
    const name = backend.graph.op('Transpose', [backend.nameOf(x)], { perm });
    return backend.info(
      name,
      perm.map((axis) => x.shape[axis]),
      x.dtype,
    );
  });
  kernel('Concat', (backend, inputs, { axis }: tf.ConcatAttrs) => {
    const all = Object.values(inputs);
    const along = normalAxis(axis, all[0].shape.length);
    const shape = all[0].shape.slice();
    shape[along] = all.reduce((sum, x) => sum + x.shape[along], 0);
    const name = backend.graph.op(
      'Concat',
      all.map((x) => backend.nameOf(x)),
      { axis: along },
    );
    return backend.info(name, shape, all[0].dtype);
  });
  kernel('Tile', (backend, { x }, { reps }: tf.TileAttrs) => {
    const { graph } = backend;
    const shape = x.shape.map((dim, axis) => dim * reps[axis]);
    const fill = backend.fillOf(x);
    const name =
      fill === null
        ? graph.op('Tile', [backend.nameOf(x), graph.int64s(reps)])
        : graph.filled(fill, shape, x.dtype as DType);
    return backend.info(name, shape, x.dtype, fill);
  });
  slices();
}
