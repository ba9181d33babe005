import type { Tensor } from '@tensorflow/tfjs';
import { ElementType } from '../onnx.ts';
import * as tf from '../tf.ts';
import { tracingBackend } from '../trace-backend.ts';

/**
 * How many values of each row are lower than its limit; one that is not a number is not. x [rows, n], limit [rows, 1] -> float32
 * [rows]. Not differentiable. On CPUs bytes are counted, by a product with ones: for a sum each would be a float first.
 */
export function countBelow(x: Tensor, limit: Tensor): Tensor {
  const backend = tracingBackend();
  if (!backend?.dynamicSizes) return tf.sum(tf.cast(tf.less(x, limit), 'float32'), 1);
  const { graph } = backend;
  const [rows, n] = x.shape as [number, number];
  const bytes = (name: string) => graph.op('Cast', [name], { to: ElementType.uint8 });
  const isBelow = graph.op('Less', [backend.nameOf(x), backend.nameOf(limit)]);
  const counts = graph.op('MatMulInteger', [bytes(isBelow), bytes(graph.filled(1, [n, 1]))]);
  const column = backend.tensor(counts, [rows, 1], 'int32');
  return tf.reshape(tf.cast(column, 'float32'), [rows]);
}
