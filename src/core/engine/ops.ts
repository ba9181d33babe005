/**
 * Ops with hand-written gradients: cheaper graphs than tfjs's own gradients give, and fused ONNX
 * operators where ONNX Runtime has them. Each runs eagerly too, composed of plain tfjs ops.
 */

import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { tracingBackend } from './trace-backend.ts';

/** tfjs hands `save` to the function though its types leave it out of the argument list. */
type Save = (tensors: Tensor[]) => void;
type Gradient = (dy: Tensor, saved: Tensor[]) => Tensor | Tensor[];
type CustomOp = (...args: (Tensor | Save)[]) => { value: Tensor; gradFunc: Gradient };

/** tf.customGrad for functions of tensors whose gradient needs saved values. */
export function customGradient(
  inputs: Tensor[],
  forward: (inputs: Tensor[]) => { value: Tensor; saved: Tensor[] },
  backward: (dy: Tensor, saved: Tensor[]) => Tensor[],
): Tensor {
  const op: CustomOp = (...args) => {
    const save = args.at(-1) as Save;
    const { value, saved } = forward(args.slice(0, -1) as Tensor[]);
    save(saved);
    return {
      value,
      gradFunc: (dy, kept) => {
        const gradients = backward(dy, kept);
        return gradients.length === 1 ? gradients[0] : gradients;
      },
    };
  };
  return tf.customGrad(op as Parameters<typeof tf.customGrad>[0])(...inputs);
}

/**
 * Rows of a table. table [rows, dim], ids int32 of any shape -> [...ids.shape, dim].
 * The gradient is a dense [rows, dim] sum over the ids.
 */
export function gatherRows(table: Tensor, ids: Tensor): Tensor {
  const [rows, dim] = table.shape as [number, number];
  const flat = tf.reshape(ids, [-1]);
  const taken = customGradient(
    [table],
    ([t]) => ({ value: tf.gather(t, flat), saved: [] }),
    (dy) => [tf.unsortedSegmentSum(dy, flat as tf.Tensor1D, rows)],
  );
  return tf.reshape(taken, [...ids.shape, dim]);
}

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

/**
 * Root-mean-square normalisation over the last axis without scale: x / sqrt(mean(x^2) + eps) (Zhang and
 * Sennrich 2019).
 */
export function rmsNormalize(x: Tensor, epsilon: number): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon));
      const value = tf.mul(input, inverse);
      return { value, saved: [value, inverse] };
    },
    (dy, [y, inverse]) => [tf.mul(inverse, tf.sub(dy, tf.mul(y, tf.mean(tf.mul(dy, y), -1, true))))],
  );
}

/** x sigmoid(x), also called swish (Elfwing et al. 2018). */
export function silu(x: Tensor): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const gate = tf.sigmoid(input);
      const value = tf.mul(input, gate);
      return { value, saved: [value, gate] };
    },
    // sigmoid(x) (1 + x (1 - sigmoid(x)))
    (dy, [y, gate]) => [tf.mul(dy, tf.add(y, tf.mul(gate, tf.sub(1, y))))],
  );
}

/**
 * Divides each row of the last axis by max(its L2 norm, epsilon). Rows shorter than epsilon get the
 * gradient of a division by a constant.
 */
export function l2Normalize(x: Tensor, epsilon: number): Tensor {
  return customGradient(
    [x],
    ([input]) => {
      const norm = tf.sqrt(tf.sum(tf.square(input), -1, true));
      const inverse = tf.reciprocal(tf.maximum(norm, epsilon));
      const value = tf.mul(input, inverse);
      const active = tf.cast(tf.greater(norm, epsilon), 'float32');
      return { value, saved: [value, inverse, active] };
    },
    (dy, [y, inverse, active]) => {
      const along = tf.mul(active, tf.sum(tf.mul(dy, y), -1, true));
      return [tf.mul(inverse, tf.sub(dy, tf.mul(y, along)))];
    },
  );
}

/**
 * Inverted dropout with a given mask (Srivastava et al. 2014): x * mask / keep. mask bool of x's shape.
 * The mask is an input of the step, drawn from (seed, step), so that a resumed run repeats it.
 */
export function dropout(x: Tensor, mask: Tensor | undefined, rate: number): Tensor {
  if (!mask || rate === 0) return x;
  const scale = 1 / (1 - rate);
  return customGradient(
    [x],
    ([input]) => {
      const kept = tf.mul(tf.cast(mask, 'float32'), scale);
      return { value: tf.mul(input, kept), saved: [kept] };
    },
    (dy, [kept]) => [tf.mul(dy, kept)],
  );
}

/**
 * Values of each row at the given columns. x [rows, columns], ids int32 [rows, n] -> [rows, n].
 * The gradient adds where a column is named more than once.
 */
export function takeAlongRows(x: Tensor, ids: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  const n = ids.shape[1] as number;
  const backend = tracingBackend();
  if (!backend) {
    const starts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(columns, 'int32'));
    const flat = tf.reshape(tf.add(ids, tf.reshape(starts, [rows, 1])), [-1]) as tf.Tensor1D;
    return customGradient(
      [x],
      ([input]) => ({ value: tf.reshape(tf.gather(tf.reshape(input, [-1]), flat), [rows, n]), saved: [] }),
      (dy) => {
        const sums = tf.unsortedSegmentSum(tf.reshape(dy, [-1]), flat, rows * columns);
        return [tf.reshape(sums, [rows, columns])];
      },
    );
  }
  const { graph } = backend;
  const index = backend.nameOf(ids);
  return customGradient(
    [x],
    ([input]) => {
      const name = graph.op('GatherElements', [backend.nameOf(input), index], { axis: 1 });
      return { value: backend.tensor(name, [rows, n], 'float32'), saved: [] };
    },
    (dy) => {
      const inputs = [graph.filled(0, [rows, columns]), index, backend.nameOf(dy)];
      const name = graph.op('ScatterElements', inputs, { axis: 1, reduction: 'add' });
      return [backend.tensor(name, [rows, columns], 'float32')];
    },
  );
}

/**
 * x with the named columns of each row set to one value. x [rows, columns], ids int32 [rows, n]; an id may
 * stand more than once. Not differentiable.
 */
export function fillAlongRows(x: Tensor, ids: Tensor, value: number): Tensor {
  const [rows, columns] = x.shape as [number, number];
  const backend = tracingBackend();
  if (backend) {
    const { graph } = backend;
    const updates = graph.filled(value, ids.shape);
    const inputs = [backend.nameOf(x), backend.nameOf(ids), updates];
    return backend.tensor(graph.op('ScatterElements', inputs, { axis: 1 }), [rows, columns], 'float32');
  }
  const starts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(columns, 'int32'));
  const flat = tf.reshape(tf.add(ids, tf.reshape(starts, [rows, 1])), [-1]) as tf.Tensor1D;
  const counts = tf.reshape(tf.unsortedSegmentSum(tf.onesLike(flat), flat, rows * columns), [rows, columns]);
  return tf.where(tf.greater(counts, tf.scalar(0, 'int32')), tf.fill([rows, columns], value), x);
}
