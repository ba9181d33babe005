import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { tracingBackend } from '../trace-backend.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * Layer normalisation over the last axis without scale and shift: (x - mean) / sqrt(var + eps), with the
 * biased variance (Ba et al. 2016).
 */
export function layerNormalize(x: Tensor, epsilon: number): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const [value, inverse] = normalizeForward(input, epsilon);
      return { value, saved: [value, inverse] };
    },
    (dy, [y, inverse]) => {
      const projection = tf.mul(y, tf.mean(tf.mul(dy, y), -1, true));
      return [tf.mul(inverse, tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), projection))];
    },
  );
}

/** [normalised, 1 / standard deviation] */
function normalizeForward(x: Tensor, epsilon: number): [Tensor, Tensor] {
  const backend = tracingBackend();
  if (backend) {
    const { graph } = backend;
    const width = x.shape[x.shape.length - 1];
    const ones = graph.filled(1, [width]);
    const inputs = [backend.nameOf(x), ones];
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    const [y, , inverse] = graph.opMany('LayerNormalization', inputs, 3, attributes);
    const rowShape = [...x.shape.slice(0, -1), 1];
    return [backend.tensor(y, x.shape, 'float32'), backend.tensor(inverse, rowShape, 'float32')];
  }
  const { mean, variance } = tf.moments(x, -1, true);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  return [tf.mul(tf.sub(x, mean), inverse), inverse];
}
