import * as tf from '../tf.ts';
import { kernel, type TraceBackend } from '../trace-backend.ts';

/** Longest inner dimension of products whose transposed left side is not written out. */
const SMALL = 128;

/** An operand of a shape with its last two axes exchanged. */
function transposed({ graph, productType }: TraceBackend, operand: string, shape: readonly number[]): string {
  const rank = shape.length;
  const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2];
  return graph.sized(graph.op('Transpose', [operand], { perm }), shape, productType);
}

export function registerLinear(): void {
  kernel('BatchMatMul', (backend, { a, b }, { transposeA, transposeB }: tf.BatchMatMulAttrs) => {
    const m = a.shape.at(transposeA ? -1 : -2) ?? 1;
    const n = b.shape.at(transposeB ? -2 : -1) ?? 1;
    const lead = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...lead, m, n];
    // FusedMatMul takes a transposed right side for free, and a left one in a batch of small products; over a long inner
    // dimension that is faster as an explicit Transpose.
    const small = a.shape.length > 2 && (a.shape.at(-2) ?? 1) <= SMALL;
    const fuses = backend.fusesTransposes;
    const explicit = transposeA && (!small || transposeB || !fuses);
    const [left, right] = [backend.operand(backend.nameOf(a)), backend.operand(backend.nameOf(b))];
    const inputs = [
      explicit ? transposed(backend, left, a.shape) : left,
      transposeB && !fuses ? transposed(backend, right, b.shape) : right,
    ];
    const flags = { transA: transposeA && !explicit ? 1 : 0, transB: transposeB && fuses ? 1 : 0 };
    const product =
      flags.transA + flags.transB > 0
        ? backend.graph.op('FusedMatMul', inputs, flags, 'com.microsoft')
        : backend.graph.op('MatMul', inputs);
    backend.graph.sized(product, shape, backend.productType);
    return backend.info(backend.ofProduct(product), shape, 'float32');
  });
  kernel('Softmax', (backend, { logits }) => {
    const name = backend.graph.op('Softmax', [backend.nameOf(logits)], { axis: -1 });
    return backend.info(name, logits.shape, 'float32');
  });
}
