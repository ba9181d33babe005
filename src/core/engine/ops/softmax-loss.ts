/** Softmax cross-entropy over the rows of a table, as one piece of the graph with its gradients. */

import type { Tensor } from '@tensorflow/tfjs';
import type { Graph } from '../graph.ts';
import * as tf from '../tf.ts';
import { type TraceBackend, tracingBackend } from '../trace-backend.ts';
import { customGradient } from './custom-gradient.ts';

/** Floats of the [tokens, rows] matrix handled at once: 4 MB stay in a processor's cache. */
export const CACHED_FLOATS = 1e6;
/** The same on a GPU, which wants large products. */
export const GPU_FLOATS = 3e7;
/** Fewer tokens at once make narrow products, and add up the table's gradient more often. */
const MIN_TOKENS = 256;
const FLOAT_BYTES = 4;
/** The logit of a class that leaves the sum. */
export const FAR_BELOW = -5e4;
/** Smallest probability whose logarithm is taken; below it only the reported loss is clamped. */
const TINY = 1e-37;

export interface SoftmaxLossInputs {
  /** [tokens, dim] */
  states: Tensor;
  /** [rows, dim] */
  table: Tensor;
  /** int32 [tokens, n]: rows of the table, the true one first; n = 1 stands for a softmax over all rows. */
  classes: Tensor;
  /** [tokens] */
  weights: Tensor;
  /** Keep later classes that equal the true one in the sum. */
  keepsTarget?: boolean;
  /** Whether the tokens are those of `realRows`: none is left out then. Default: false. */
  allReal?: boolean;
  /** Whether the table is only read: its gradient, a third of the products, is not computed then. Default: false. */
  frozen?: boolean;
  /** [n, dim]: rows that are only read, ahead of the table's own; classes count them. Default: none. */
  before?: Tensor;
}

/** Values by name in the graph. */
export interface Named {
  states: string;
  table: string;
  classes: string;
  /** [tokens, 1] */
  weights: string;
}

/**
 * sum_t w_t * -log softmax(z_t)[0] with z_t the products of state t and its classes' rows, or all rows; a class
 * after the first that equals it leaves the sum, unless `keepsTarget`. Null unless the ops are being traced.
 *
 * The forward pass computes the gradients too, for a few hundred tokens at a time: one product with the whole table,
 * the classes picked from it, their gradients put back among zeros, and two products. Nothing of size
 * [tokens, n, dim] or [all tokens, rows] is written. Tokens of weight 0 are left out where the device allows it.
 */
export function tracedSoftmaxLoss(inputs: SoftmaxLossInputs): Tensor | null {
  const { states, table, classes, keepsTarget = false, frozen = false, before } = inputs;
  const part = (classes.shape[1] as number) > 1 ? sampledPart(keepsTarget) : fullPart;
  const [tokens, [own, dim]] = [states.shape[0], table.shape as [number, number]];
  const read = before?.shape[0] ?? 0;
  const rows = read + own;
  return softmaxLossOf(inputs, (backend, named) => {
    const floats = backend.dynamicSizes ? CACHED_FLOATS : GPU_FLOATS;
    const wanted = Math.max(MIN_TOKENS, Math.round(floats / rows));
    const most = Math.max(1, Math.floor(backend.mostBytes / (FLOAT_BYTES * rows)));
    // Chunks are equally large: a short last one would cost another sum of the table's gradient for few tokens.
    const chunks = Math.max(1, Math.round(tokens / wanted), Math.ceil(tokens / most));
    const chunk = Math.ceil(tokens / chunks);
    return inChunks(backend, named, { tokens, rows, dim, chunk, read: frozen ? rows : read }, part);
  });
}

/** A loss that a graph computes with its gradients, of real tokens alone where the device allows it; null unless ops are traced. */
export function softmaxLossOf(
  { states, table, classes, weights, allReal = false, frozen = false, before }: SoftmaxLossInputs,
  compute: (backend: TraceBackend, named: Named) => LossAndGradients,
): Tensor | null {
  const backend = tracingBackend();
  if (!backend) return null;
  const { graph } = backend;
  return customGradient(
    frozen ? [states] : [states, table],
    ([h, v = table]) => {
      const named: Named = {
        states: backend.nameOf(h),
        table: backend.nameOf(before ? tf.concat([before, v], 0) : v),
        classes: backend.nameOf(classes),
        weights: graph.op('Unsqueeze', [backend.nameOf(weights), graph.int64s([1])]),
      };
      const { loss, toStates, toTable } =
        backend.dynamicSizes && !allReal
          ? ofRealTokens(graph, named, (real) => compute(backend, real))
          : compute(backend, named);
      const gradients = [backend.tensor(toStates, h.shape, 'float32')];
      if (toTable !== null) gradients.push(backend.tensor(toTable, v.shape, 'float32'));
      return { value: backend.tensor(loss, [], 'float32'), saved: gradients };
    },
    (dy, gradients) => {
      const { lossScale } = graph;
      // The gradients have it already: products of float16 numbers would lose what is small without it.
      const rest = lossScale === null ? dy : tf.div(dy, backend.tensor(lossScale, [], 'float32'));
      return gradients.map((gradient) => tf.mul(gradient, rest));
    },
  );
}

/** Names of the scalar loss and of the gradients; null of a frozen table. */
export interface LossAndGradients {
  loss: string;
  toStates: string;
  toTable: string | null;
}

/** Computes only with tokens whose weight is not 0; the gradient of the other states is 0. */
function ofRealTokens(
  graph: Graph,
  all: Named,
  compute: (real: Named) => LossAndGradients,
): LossAndGradients {
  const column = graph.op('Squeeze', [all.weights, graph.int64s([1])]);
  const places = graph.op('Transpose', [graph.op('NonZero', [column])], { perm: [1, 0] });
  const real = graph.op('Squeeze', [places, graph.int64s([1])]);
  const ofReal = (x: string) => graph.op('Gather', [x, real], { axis: 0 });
  const [states, classes, weights] = [ofReal(all.states), ofReal(all.classes), ofReal(all.weights)];
  const { loss, toStates, toTable } = compute({ ...all, states, classes, weights });
  const zeros = graph.op('ConstantOfShape', [graph.op('Shape', [all.states])]);
  // Each place is written once: no two writes can race.
  return { loss, toStates: graph.op('ScatterND', [zeros, places, toStates]), toTable };
}

/** Scalar loss and the gradient of the products, [tokens of the chunk, rows]. */
type Part = (
  graph: Graph,
  products: string,
  classes: string,
  weights: string,
  whole: (x: string) => string,
) => [string, string];

interface ChunkSizes {
  tokens: number;
  rows: number;
  dim: number;
  /** Tokens of one. */
  chunk: number;
  /** Leading rows that are only read. */
  read: number;
}

/** The loss and the gradients, chunk by chunk. A chunk past the last real token is empty and costs nothing. */
function inChunks(
  backend: TraceBackend,
  all: Named,
  { tokens, rows, dim, chunk, read }: ChunkSizes,
  part: Part,
): LossAndGradients {
  const { graph } = backend;
  const losses: string[] = [];
  const toStates: string[] = [];
  let toTable: string | null = null;
  for (let start = 0; start < tokens; start += chunk) {
    const cut = (x: string) => (chunk < tokens ? graph.slice(x, 0, start, start + chunk) : x);
    const [classes, weights] = [cut(all.classes), cut(all.weights)];
    const earlier = toStates.at(-1);
    const states = earlier ? after(graph, cut(all.states), earlier) : cut(all.states);
    const whole = (x: string) => graph.sized(x, [Math.min(chunk, tokens - start), rows]);
    const products = backend.product(states, all.table, { transB: 1 });
    const [loss, gradient] = part(graph, whole(products), classes, weights, whole);
    losses.push(loss);
    const ofStates = backend.product(gradient, all.table);
    if (read < rows) {
      const trained = read > 0 ? graph.slice(gradient, 1, read, rows) : gradient;
      const size = [rows - read, dim];
      const ofTable = graph.sized(backend.product(trained, states, { transA: 1 }), size);
      toTable = toTable === null ? ofTable : graph.sized(graph.op('Add', [toTable, ofTable]), size);
    }
    toStates.push(chunk < tokens && toTable !== null ? after(graph, ofStates, toTable) : ofStates);
  }
  return {
    loss: losses.reduce((total, part) => graph.op('Add', [total, part])),
    toStates: toStates.length === 1 ? toStates[0] : graph.op('Concat', toStates, { axis: 0 }),
    toTable,
  };
}

/**
 * The rows of x [n, dim], computed after `other` [m, dim], of which there is a row if x has one. The runtime chooses its
 * order: where it makes one gradient of all chunks before the next, it keeps what is as large as all products until then.
 */
export function after(graph: Graph, x: string, other: string): string {
  const both = graph.op('Concat', [x, graph.slice(other, 0, 0, 1)], { axis: 0 });
  return graph.slice(both, 0, 0, -1);
}

const sampledPart =
  (keepsTarget: boolean): Part =>
  (graph, products, classes, weights, whole) => {
    const logits = graph.op('GatherElements', [products, classes], { axis: 1 });
    const [loss, gradient] = sampledGradient(graph, logits, { classes, weights }, keepsTarget);
    const zeros = whole(graph.op('ConstantOfShape', [graph.op('Shape', [products])]));
    const inputs = [zeros, classes, gradient];
    return [loss, whole(graph.op('ScatterElements', inputs, { axis: 1, reduction: 'add' }))];
  };

/** Scalar loss of the logits of sampled classes, and its gradient to them, both [tokens, n]. */
export function sampledGradient(
  graph: Graph,
  logits: string,
  { classes, weights }: Pick<Named, 'classes' | 'weights'>,
  keepsTarget: boolean,
): [string, string] {
  const joined = keepsTarget ? logits : withoutTarget(graph, logits, classes);
  const logProbabilities = graph.op('LogSoftmax', [joined], { axis: 1 });
  const loss = weightedSum(graph, graph.slice(logProbabilities, 1, 0, 1), weights);
  const scaled = withLossScale(graph, weights);
  const spread = graph.op('Mul', [graph.op('Exp', [logProbabilities]), scaled]);
  const [ofFirst, ofOthers] = firstAndOthers(graph, spread);
  return [loss, graph.op('Concat', [graph.op('Sub', [ofFirst, scaled]), ofOthers], { axis: 1 })];
}

/** Logits with FAR_BELOW in the place of each class that equals the first. */
function withoutTarget(graph: Graph, logits: string, classes: string): string {
  const [first, others] = firstAndOthers(graph, logits);
  const [positive, negatives] = firstAndOthers(graph, classes);
  const same = graph.op('Equal', [negatives, positive]);
  const masked = graph.op('Where', [same, graph.scalar(FAR_BELOW), others]);
  return graph.op('Concat', [first, masked], { axis: 1 });
}

const fullPart: Part = (graph, products, classes, weights, whole) => {
  const probabilities = whole(graph.op('Softmax', [products], { axis: 1 }));
  const ofTarget = graph.op('GatherElements', [probabilities, classes], { axis: 1 });
  const clamped = graph.op('Max', [ofTarget, graph.scalar(TINY)]);
  const loss = weightedSum(graph, graph.op('Log', [clamped]), weights);
  const scaled = withLossScale(graph, weights);
  const scale = after(graph, scaled, ofTarget);
  const inputs = [whole(graph.op('Mul', [probabilities, scale])), classes, graph.op('Neg', [scaled])];
  return [loss, whole(graph.op('ScatterElements', inputs, { axis: 1, reduction: 'add' }))];
};

/** The weights of gradients where the loss is to be scaled. */
function withLossScale(graph: Graph, weights: string): string {
  return graph.lossScale === null ? weights : graph.op('Mul', [weights, graph.lossScale]);
}

/** -sum of x * weights, both [tokens, 1]. */
function weightedSum(graph: Graph, x: string, weights: string): string {
  const sum = graph.op('ReduceSum', [graph.op('Mul', [x, weights]), graph.int64s([0, 1])], { keepdims: 0 });
  return graph.op('Neg', [sum]);
}

function firstAndOthers(graph: Graph, x: string): [string, string] {
  return [graph.slice(x, 1, 0, 1), graph.slice(x, 1, 1, 2 ** 31 - 1)];
}
