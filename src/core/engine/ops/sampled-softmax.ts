/** Softmax cross-entropy of each token against few classes of its own, by the rows of the table that they name alone. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '../tf.ts';
import { type TraceBackend, tracingBackend } from '../trace-backend.ts';
import { customGradient } from './custom-gradient.ts';
import { ordered } from './ordered.ts';
import { CACHED_FLOATS, FAR_BELOW, GPU_FLOATS, type SoftmaxLossInputs } from './softmax-loss.ts';

/** ONNX Runtime copies the table's gradient whenever rows are added to it: so many are, as a share of its own rows. */
const ADDED_SHARE = 1 / 4;

/**
 * As `tracedSoftmaxLoss`, for n much smaller than the table: rows of the classes are gathered for a few tokens at a time,
 * and their gradients added to the table's. Work goes with tokens x n x dim, memory with one [rows, dim] gradient.
 */
export function gatheredSoftmaxLoss(inputs: SoftmaxLossInputs): Tensor {
  const { states, table, classes, weights, keepsTarget = false } = inputs;
  const [tokens, dim] = states.shape as [number, number];
  const n = classes.shape[1] as number;
  const backend = tracingBackend();
  const floats = backend?.dynamicSizes ? CACHED_FLOATS : GPU_FLOATS;
  const chunk = Math.max(1, Math.min(tokens, Math.round(floats / (n * dim))));
  const group = chunk * Math.max(1, Math.floor((ADDED_SHARE * (table.shape[0] as number)) / (n * chunk)));
  return customGradient(
    [states, table],
    ([h, v]) => {
      const column = tf.reshape(weights, [tokens, 1]);
      let [loss, toTable]: Tensor[] = [tf.scalar(0), tf.zerosLike(v)];
      const toStates: Tensor[] = [];
      for (let start = 0; start < tokens; start += group) {
        const size = Math.min(group, tokens - start);
        const cut = (x: Tensor) => tf.slice(x, [start, 0], [size, -1]);
        const sums = tf.tidy(() => {
          const own = { states: cut(h), classes: cut(classes), weights: cut(column) };
          const add = rowAdder(backend, tf.reshape(own.classes, [-1]), dim);
          const part = ofGroup(v, own, { keepsTarget, chunk, after: toStates.slice(-1) });
          const grown = add(toTable, part.toRows);
          return [tf.add(loss, part.loss), grown, ordered(part.toStates, [grown])];
        });
        [loss, toTable] = sums;
        toStates.push(sums[2]);
      }
      return { value: loss, saved: [tf.concat(toStates, 0), toTable] };
    },
    (dy, [ofStates, ofTable]) => [tf.mul(ofStates, dy), tf.mul(ofTable, dy)],
  );
}

/** The same of all tokens whose rows are added at once, `chunk` of them after the other, and all of them after some tensors. */
function ofGroup(
  table: Tensor,
  { states, classes, weights }: Omit<SoftmaxLossInputs, 'table'>,
  { keepsTarget, chunk, after }: { keepsTarget: boolean; chunk: number; after: Tensor[] },
): ReturnType<typeof ofChunk> {
  const [tokens, dim] = states.shape as [number, number];
  const parts: ReturnType<typeof ofChunk>[] = [];
  for (let start = 0; start < tokens; start += chunk) {
    const cut = (x: Tensor) => tf.slice(x, [start, 0], [Math.min(chunk, tokens - start), -1]);
    const earlier = parts.at(-1);
    const own = {
      states: ordered(cut(states), earlier ? [earlier.toStates, earlier.toRows] : after),
      classes: cut(classes),
      weights: cut(weights),
    };
    parts.push(ofChunk(table, own, keepsTarget));
  }
  return {
    loss: parts.map(({ loss }) => loss).reduce((sum, loss) => tf.add(sum, loss)),
    toStates: tf.concat(
      parts.map(({ toStates }) => toStates),
      0,
    ),
    toRows: tf.concat(
      parts.map(({ toRows }) => tf.reshape(toRows, [-1, dim])),
      0,
    ),
  };
}

/** Loss of a few tokens and its gradients: to their states [tokens, dim], and to the rows of their classes [tokens, n, dim]. */
function ofChunk(
  table: Tensor,
  { states, classes, weights }: Omit<SoftmaxLossInputs, 'table'>,
  keepsTarget: boolean,
): { loss: Tensor; toStates: Tensor; toRows: Tensor } {
  const [[tokens, n], dim] = [classes.shape as [number, number], states.shape[1] as number];
  const first = (x: Tensor) => tf.slice(x, [0, 0], [tokens, 1]);
  const others = (x: Tensor) => tf.slice(x, [0, 1], [tokens, n - 1]);
  const rows = tf.reshape(tf.gather(table, tf.reshape(classes, [-1])), [tokens, n, dim]);
  const logits = tf.reshape(tf.matMul(rows, tf.reshape(states, [tokens, dim, 1])), [tokens, n]);
  const open = () => {
    const same = tf.equal(others(classes), first(classes));
    return tf.concat([first(logits), tf.where(same, tf.fill([tokens, n - 1], FAR_BELOW), others(logits))], 1);
  };
  const logProbabilities = tf.logSoftmax(keepsTarget ? logits : open());
  const spread = tf.mul(tf.exp(logProbabilities), weights);
  const gradient = tf.concat([tf.sub(first(spread), weights), others(spread)], 1);
  return {
    loss: tf.neg(tf.sum(tf.mul(first(logProbabilities), weights))),
    toStates: tf.reshape(tf.matMul(tf.reshape(gradient, [tokens, 1, n]), rows), [tokens, dim]),
    toRows: tf.matMul(tf.reshape(gradient, [tokens, n, 1]), tf.reshape(states, [tokens, 1, dim])),
  };
}

/**
 * Adds values [n, dim] to the rows of a total [rows, dim] that ids [n] name, some of them more than once. What it needs of the
 * ids is in the graph before the values, which the runtime computes first: else it would have that of all chunks first.
 */
function rowAdder(
  backend: TraceBackend | null,
  ids: Tensor,
  dim: number,
): (total: Tensor, values: Tensor) => Tensor {
  if (!backend) {
    return (total, values) =>
      tf.add(total, tf.unsortedSegmentSum(values, ids as tf.Tensor1D, total.shape[0]));
  }
  const places = backend.placesOf(backend.nameOf(ids), [ids.shape[0] as number, dim]);
  return (total, values) => {
    const sum = backend.addRows(backend.nameOf(total), places, backend.nameOf(values));
    return backend.tensor(sum, total.shape, 'float32');
  };
}
