/**
 * A TensorFlow.js backend whose kernels append ONNX nodes instead of computing. tfjs-core's own
 * gradient functions then write the backward pass into the same graph.
 */

import type { Graph, GraphOutput } from './graph.ts';
import { registerElementwise } from './kernels/elementwise.ts';
import { registerIndexing } from './kernels/indexing.ts';
import { registerLinear } from './kernels/linear.ts';
import { registerReductions } from './kernels/reductions.ts';
import { registerShapes } from './kernels/shapes.ts';
import * as tf from './tf.ts';
import { TRACE, TraceBackend, type TraceOptions } from './trace-backend.ts';
import type { DType, Program, Tensors } from './types.ts';

let backend: TraceBackend | null = null;

function traceBackend(): TraceBackend {
  if (backend) return backend;
  const created = new TraceBackend();
  tf.registerBackend(TRACE, () => created);
  for (const register of [
    registerElementwise,
    registerIndexing,
    registerLinear,
    registerReductions,
    registerShapes,
  ]) {
    register();
  }
  backend = created;
  return created;
}

/** Names of the operations of TensorFlow.js that programs can use. */
export function tracedKernels(): string[] {
  traceBackend();
  return tf.getKernelsForBackend(TRACE).map(({ kernelName }) => kernelName);
}

/** Prefixes that keep state, inputs and outputs of one name apart in the graph. */
export const graphNames = {
  stateIn: (name: string) => `state:${name}`,
  stateOut: (name: string) => `next:${name}`,
  input: (name: string) => `in:${name}`,
  output: (name: string) => `out:${name}`,
};

/** How many times what is alive at once may be kept by shape: 1.4 to 1.5 times at 50 to 512 positions, 1.8 to 3.2 at 1,024 and 2,048. */
const MANY_BUFFERS = 1.7;
/** How many nodes the runtime plans quickly as one graph: some 4,000 take it a second with known shapes, 2,500 two without. */
const MANY_NODES = { known: 10_000, unknown: 2500 };

export interface TracedProgram {
  bytes: Uint8Array;
  nodes: number;
  /** Whether it is in parts; see `inParts`. */
  parts: boolean;
  /** Most bytes that its values take at one time; see `Graph.memory`. */
  liveBytes: number;
  /** Names of the state the program writes. */
  writes: string[];
  /** Output name to its shape and type. */
  outputs: Record<string, { shape: number[]; dtype: DType }>;
}

/** A program as a graph: [value, name it gets, shape, dtype] of what it gives out. */
export interface Recording {
  graph: Graph;
  state: GraphOutput[];
  outputs: GraphOutput[];
}

/**
 * Runs a program once on symbolic tensors.
 * @throws Error naming the op when the program uses one that has no kernel here.
 */
export function record(program: Program, options: TraceOptions = {}): Recording {
  const target = traceBackend();
  const previous = tf.getBackend();
  // The trace backend is ready at once, so the switch has happened when this returns.
  void tf.setBackend(TRACE);
  const graph = target.begin(options);
  tf.engine().startScope();
  if (program.lossScale) graph.lossScale = graphNames.input(program.lossScale);
  try {
    const symbolic = (specs: Program['state'], nameOf: (name: string) => string): Tensors =>
      Object.fromEntries(
        Object.entries(specs).map(([name, { shape, dtype }]) => {
          return [name, target.tensor(graph.input(nameOf(name), shape, dtype), [...shape], dtype)];
        }),
      );
    const { state = {}, outputs } = program.run(
      symbolic(program.state, graphNames.stateIn),
      symbolic(program.inputs, graphNames.input),
    );
    const named = (tensors: Tensors, nameOf: (name: string) => string) =>
      Object.entries(tensors).map(
        ([name, t]) => [target.nameOf(t), nameOf(name), t.shape, t.dtype as DType] as const,
      );
    const given = [named(state, graphNames.stateOut), named(outputs, graphNames.output)] as const;
    graph.keepFor(given.flat());
    if (options.standard) graph.settle(false);
    return { graph, state: given[0], outputs: given[1] };
  } finally {
    tf.engine().endScope();
    target.end();
    // Where there was none yet, this one would stay: nothing can be computed by it.
    void tf.setBackend(previous || 'cpu');
  }
}

/** Runs a program once on symbolic tensors and returns it as an ONNX model. Throws as `record` does. */
export function trace(program: Program, options: TraceOptions = {}): TracedProgram {
  const { graph, state, outputs } = record(program, options);
  const given = [...state, ...outputs];
  const { live, buffers } = graph.memory(given);
  // A shape that is not known costs a little time.
  const shapes = !options.dynamicSizes || buffers < MANY_BUFFERS * live;
  const parts =
    options.dynamicSizes === true && graph.nodes.length > MANY_NODES[shapes ? 'known' : 'unknown'];
  graph.settle(parts);
  return {
    bytes: graph.encode(program.name, given, { parts, shapes }),
    parts,
    liveBytes: live,
    nodes: graph.nodes.length,
    writes: state.map(([, name]) => name.slice(graphNames.stateOut('').length)),
    outputs: Object.fromEntries(
      outputs.map(([, name, shape, dtype]) => [
        name.slice(graphNames.output('').length),
        { shape: [...shape], dtype },
      ]),
    ),
  };
}
