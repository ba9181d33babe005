import * as tf from '@tensorflow/tfjs';
import { kernel, type TraceBackend } from '../trace-backend.ts';

/** The last two axes exchanged. */
function transposed(backend: TraceBackend, x: tf.TensorInfo): string {
  const rank = x.shape.length;
  const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  return backend.graph.op('Transpose', [backend.nameOf(x)], { perm });
}

export function registerLinear(): void {
  kernel('BatchMatMul', (backend, { a, b }, { transposeA, transposeB }: tf.BatchMatMulAttrs) => {
    const m = a.shape.at(transposeA ? -1 : -2) ?? 1;
    const n = b.shape.at(transposeB ? -2 : -1) ?? 1;
    const lead = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...lead, m, n];
    // FusedMatMul takes a transposed right side for free; a transposed left side over a long inner
    // dimension is faster as an explicit Transpose.
    const left = transposeA ? transposed(backend, a) : backend.nameOf(a);
    const inputs = [left, backend.nameOf(b)];
    const name = transposeB
      ? backend.graph.op('FusedMatMul', inputs, { transA: 0, transB: 1 }, 'com.microsoft')
      : backend.graph.op('MatMul', inputs);
    return backend.info(name, shape, 'float32');
  });
  kernel('Softmax', (backend, { logits }) => {
    const name = backend.graph.op('Softmax', [backend.nameOf(logits)], { axis: -1 });
    return backend.info(name, logits.shape, 'float32');
  });
}
