/** Ops on columns that each row names for itself. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { tracingBackend } from '../trace-backend.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * Values of each row at the given columns. x [rows, columns], ids int32 [rows, n] -> [rows, n].
 * The gradient adds where a column is named more than once.
 */
export function takeAlongRows(x: Tensor, ids: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  const n = ids.shape[1] as number;
  const backend = tracingBackend();
  if (!backend) {
    const flat = flatIndices(ids, rows, columns);
    return customGradient(
      [x],
      ([input]) => ({
        value: tf.reshape(tf.gather(tf.reshape(input, [-1]), flat), [rows, n]),
        saved: [flat],
      }),
      (dy, [places]) => {
        const sums = tf.unsortedSegmentSum(tf.reshape(dy, [-1]), places as tf.Tensor1D, rows * columns);
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
 * x with the named columns set to one value, in those rows that `filled`, bool [rows, 1], says. x [rows, columns], ids int32
 * [rows, n]; an id may stand more than once. Not differentiable.
 */
export function fillAlongRows(x: Tensor, ids: Tensor, value: number, filled: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  const backend = tracingBackend();
  if (backend) {
    const { graph } = backend;
    // Other rows get what they have: to choose among whole rows would take two more passes over x.
    const updates = tf.where(filled, tf.fill(ids.shape, value), takeAlongRows(x, ids));
    const inputs = [backend.nameOf(x), backend.nameOf(ids), backend.nameOf(updates)];
    return backend.tensor(graph.op('ScatterElements', inputs, { axis: 1 }), [rows, columns], 'float32');
  }
  const flat = flatIndices(ids, rows, columns);
  const counts = tf.reshape(tf.unsortedSegmentSum(tf.onesLike(flat), flat, rows * columns), [rows, columns]);
  const set = tf.logicalAnd(tf.greater(counts, tf.scalar(0, 'int32')), filled);
  return tf.where(set, tf.fill([rows, columns], value), x);
}

/** Indices into the flat matrix [rows * columns] of columns ids [rows, n]: int32 [rows * n] */
function flatIndices(ids: Tensor, rows: number, columns: number): tf.Tensor1D {
  const starts = tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(columns, 'int32'));
  return tf.reshape(tf.add(ids, tf.reshape(starts, [rows, 1])), [-1]) as tf.Tensor1D;
}
