/** Softmax cross-entropy of each token against few classes of its own, by the rows of the table that they name alone. */
import type { Tensor } from '@tensorflow/tfjs';
import type { Graph } from '../graph.ts';
import * as tf from '../tf.ts';
import type { TraceBackend } from '../trace-backend.ts';
import { customGradient } from './custom-gradient.ts';
import {
  after,
  CACHED_FLOATS,
  FAR_BELOW,
  GPU_FLOATS,
  type LossAndGradients,
  type Named,
  type SoftmaxLossInputs,
  sampledGradient,
  softmaxLossOf,
} from './softmax-loss.ts';

/** ONNX Runtime copies the table's gradient whenever rows are added to it: so many are, as a share of its own rows. */
const ADDED_SHARE = 1 / 4;

/**
 * As `tracedSoftmaxLoss`, for n much smaller than the table: rows of the classes are gathered for a few tokens at a time,
 * and their gradients added to the table's. Work goes with tokens x n x dim, memory with one [rows, dim] gradient.
 */
export function gatheredSoftmaxLoss(inputs: SoftmaxLossInputs): Tensor {
  const { states, table, classes, keepsTarget = false } = inputs;
  const sizes = { tokens: states.shape[0], n: classes.shape[1] as number };
  const [rows, dim] = table.shape as [number, number];
  const traced = softmaxLossOf(inputs, (backend, named) =>
    inGroups(backend, named, { ...sizes, rows, dim, keepsTarget }),
  );
  return traced ?? eagerly(inputs, tokensAtOnce({ ...sizes, dim }, GPU_FLOATS));
}

interface Sizes {
  tokens: number;
  /** Classes of a token. */
  n: number;
  /** Of the table. */
  rows: number;
  dim: number;
  keepsTarget: boolean;
}

const tokensAtOnce = ({ tokens, n, dim }: Pick<Sizes, 'tokens' | 'n' | 'dim'>, floats: number) =>
  Math.max(1, Math.min(tokens, Math.round(floats / (n * dim))));

/** The gradients of a few tokens after the other. Their rows are added to the table's for a group of those at once. */
function inGroups(backend: TraceBackend, all: Named, sizes: Sizes): LossAndGradients {
  const { graph } = backend;
  const { tokens, n, rows, dim } = sizes;
  const chunk = tokensAtOnce(sizes, backend.dynamicSizes ? CACHED_FLOATS : GPU_FLOATS);
  const group = chunk * Math.max(1, Math.floor((ADDED_SHARE * rows) / (n * chunk)));
  let toTable = graph.sized(graph.op('ConstantOfShape', [graph.int64s([rows, dim])]), [rows, dim]);
  const losses: string[] = [];
  const toStates: string[] = [];
  for (let start = 0; start < tokens; start += group) {
    const size = Math.min(group, tokens - start);
    const cut = (x: string) => (group < tokens ? graph.slice(x, 0, start, start + size) : x);
    const own = { ...all, classes: cut(all.classes), weights: cut(all.weights), states: cut(all.states) };
    // In the graph before the values, which the runtime computes first: else it would have that of all groups first.
    const places = backend.placesOf(own.classes, [size * n, dim]);
    const part = ofGroup(backend, own, { ...sizes, tokens: size }, { chunk, earlier: toStates.slice(-1) });
    toTable = graph.sized(backend.addRows(toTable, places, part.toRows), [rows, dim]);
    losses.push(part.loss);
    toStates.push(after(graph, part.toStates, toTable));
  }
  return {
    loss: losses.reduce((total, loss) => graph.op('Add', [total, loss])),
    toStates: toStates.length === 1 ? toStates[0] : graph.op('Concat', toStates, { axis: 0 }),
    toTable,
  };
}

interface Part {
  loss: string;
  /** [tokens, dim] */
  toStates: string;
  /** [tokens x n, dim] */
  toRows: string;
}

/** The same of all tokens whose rows are added at once, `chunk` of them after the other, and all of them after `earlier`. */
function ofGroup(
  { graph }: TraceBackend,
  all: Named,
  sizes: Sizes,
  { chunk, earlier }: { chunk: number; earlier: string[] },
): Part {
  const { tokens, n, dim } = sizes;
  const parts: Part[] = [];
  for (let start = 0; start < tokens; start += chunk) {
    const size = Math.min(chunk, tokens - start);
    const cut = (x: string) => (chunk < tokens ? graph.slice(x, 0, start, start + size) : x);
    const before = parts.at(-1);
    const states = (before ? [before.toStates, before.toRows] : earlier).reduce(
      (x, other) => after(graph, x, other),
      cut(all.states),
    );
    const own = { ...all, states, classes: cut(all.classes), weights: cut(all.weights) };
    parts.push(ofChunk(graph, own, { ...sizes, tokens: size }));
  }
  const joined = (of: 'toStates' | 'toRows', shape: number[]) =>
    parts.length === 1
      ? parts[0][of]
      : graph.sized(
          graph.op(
            'Concat',
            parts.map((part) => part[of]),
            { axis: 0 },
          ),
          shape,
        );
  return {
    loss: parts.map(({ loss }) => loss).reduce((total, loss) => graph.op('Add', [total, loss])),
    toStates: joined('toStates', [tokens, dim]),
    toRows: joined('toRows', [tokens * n, dim]),
  };
}

/** Loss of a few tokens and its gradients: to their states, and to the rows of their classes. */
function ofChunk(
  graph: Graph,
  { states, table, classes, weights }: Named,
  { tokens, n, dim, keepsTarget }: Sizes,
): Part {
  const with1 = (x: string, axis: number) => graph.op('Unsqueeze', [x, graph.int64s([axis])]);
  const without = (x: string, axis: number) => graph.op('Squeeze', [x, graph.int64s([axis])]);
  const rows = graph.sized(graph.op('Gather', [table, classes], { axis: 0 }), [tokens, n, dim]);
  const logits = without(graph.op('MatMul', [rows, with1(states, 2)]), 2);
  const [loss, gradient] = sampledGradient(graph, logits, { classes, weights }, keepsTarget);
  const toStates = without(graph.op('MatMul', [with1(gradient, 1), rows]), 1);
  const outer = graph.op('MatMul', [with1(gradient, 2), with1(states, 1)]);
  const toRows = graph.op('Reshape', [graph.sized(outer, [tokens, n, dim]), graph.int64s([-1, dim])]);
  return { loss, toStates, toRows: graph.sized(toRows, [tokens * n, dim]) };
}

/** The same on a device that computes each op when it is called, `chunk` tokens at a time. */
function eagerly(
  { states, table, classes, weights, keepsTarget = false }: SoftmaxLossInputs,
  chunk: number,
): Tensor {
  const tokens = states.shape[0];
  return customGradient(
    [states, table],
    ([h, v]) => {
      const column = tf.reshape(weights, [tokens, 1]);
      let [loss, toTable]: Tensor[] = [tf.scalar(0), tf.zerosLike(v)];
      const toStates: Tensor[] = [];
      for (let start = 0; start < tokens; start += chunk) {
        const cut = (x: Tensor) => tf.slice(x, [start, 0], [Math.min(chunk, tokens - start), -1]);
        const sums = tf.tidy(() => {
          const own = { states: cut(h), classes: cut(classes), weights: cut(column) };
          const part = ofTokens(v, own, keepsTarget);
          return [tf.add(loss, part.loss), tf.add(toTable, part.toTable), part.toStates];
        });
        [loss, toTable] = sums;
        toStates.push(sums[2]);
      }
      return { value: loss, saved: [tf.concat(toStates, 0), toTable] };
    },
    (dy, [ofStates, ofTable]) => [tf.mul(ofStates, dy), tf.mul(ofTable, dy)],
  );
}

function ofTokens(
  table: Tensor,
  { states, classes, weights }: Omit<SoftmaxLossInputs, 'table'>,
  keepsTarget: boolean,
): { loss: Tensor; toStates: Tensor; toTable: Tensor } {
  const [[tokens, n], dim] = [classes.shape as [number, number], states.shape[1] as number];
  const first = (x: Tensor) => tf.slice(x, [0, 0], [tokens, 1]);
  const others = (x: Tensor) => tf.slice(x, [0, 1], [tokens, n - 1]);
  const ids = tf.reshape(classes, [-1]) as tf.Tensor1D;
  const rows = tf.reshape(tf.gather(table, ids), [tokens, n, dim]);
  const logits = tf.reshape(tf.matMul(rows, tf.reshape(states, [tokens, dim, 1])), [tokens, n]);
  const open = () => {
    const same = tf.equal(others(classes), first(classes));
    return tf.concat([first(logits), tf.where(same, tf.fill([tokens, n - 1], FAR_BELOW), others(logits))], 1);
  };
  const logProbabilities = tf.logSoftmax(keepsTarget ? logits : open());
  const spread = tf.mul(tf.exp(logProbabilities), weights);
  const gradient = tf.concat([tf.sub(first(spread), weights), others(spread)], 1);
  const toRows = tf.matMul(tf.reshape(gradient, [tokens, n, 1]), tf.reshape(states, [tokens, 1, dim]));
  return {
    loss: tf.neg(tf.sum(tf.mul(first(logProbabilities), weights))),
    toStates: tf.reshape(tf.matMul(tf.reshape(gradient, [tokens, 1, n]), rows), [tokens, dim]),
    toTable: tf.unsortedSegmentSum(tf.reshape(toRows, [-1, dim]), ids, table.shape[0]),
  };
}
