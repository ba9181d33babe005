/** Programs as ONNX models for other programs: standard operators, parameters inside, batches of any size. */
import type { Graph } from './graph.ts';
import { toBytes } from './graph.ts';
import {
  attribute,
  ElementType,
  encodeModel,
  type OnnxInitializer,
  type OnnxNode,
  type OutsideInitializer,
} from './onnx.ts';
import { graphNames, type Recording, record } from './tracer.ts';
import type { HostArrays, Program, Specs, TensorSpec } from './types.ts';
import type { WeightsFile } from './weights-file.ts';

/** Name of the first axis. */
export const BATCH = 'batch';

/** Rows of the graphs that are compared. Primes, which no size of a model is likely to be. */
const SIZES = [101, 103, 107];

/** A value of one graph: that of another node or an input, or a constant. */
type Source = { value: string } | { constant: OnnxInitializer };

/**
 * The model of a program that is the same for any number of rows. Graphs of three sizes are compared node by node: what differs
 * must be shapes that grow evenly with the rows, or counts along them, and these are then computed from the first input's own size.
 * The first axis of every input and output is the batch. Parameters are inside, or in `weights`.
 * @throws Error where the graphs differ otherwise, or use an operator that has no kernel
 */
export function anyBatchModel(
  programOf: (rows: number) => Program,
  parameters: HostArrays,
  weights?: WeightsFile,
): { bytes: Uint8Array; outputs: Specs } {
  const programs = SIZES.map(programOf);
  const recordings = programs.map((program) => record(program, { standard: true }));
  const model = new AnyBatch(programs[0], recordings);
  return { bytes: model.encode(parameters, weights), outputs: model.outputs };
}

class AnyBatch {
  readonly #program: Program;
  readonly #recordings: readonly Recording[];
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxInitializer>();
  /** By their contents in the three graphs. */
  readonly #sized = new Map<string, string>();
  /** int64 [1], once it is needed. */
  #batch: string | null = null;
  #count = 0;

  constructor(program: Program, recordings: readonly Recording[]) {
    this.#program = program;
    this.#recordings = recordings;
    const [first, ...others] = recordings.map(({ graph }) => graph.nodes.length);
    if (others.some((length) => length !== first)) throw this.#differing('number of nodes');
    const sources = recordings.map(({ graph }) => sourcesOf(graph));
    recordings[0].graph.nodes.forEach((node, at) => {
      const nodes = recordings.map(({ graph }) => graph.nodes[at]);
      const same = (of: (node: OnnxNode) => unknown) => allEqual(nodes.map((x) => JSON.stringify(of(x))));
      const alike = same((x) => [x.opType, x.domain, x.attribute, x.input.length, x.output.length]);
      if (!alike) throw this.#differing(`node ${at}, ${node.opType}`);
      const input = node.input.map((_, place) =>
        this.#input(
          node.opType,
          nodes.map((x, graph) => sources[graph](x.input[place])),
        ),
      );
      this.#nodes.push({ ...node, input, output: node.output.map((_, place) => valueName(at, place)) });
    });
  }

  #differing(what: string): Error {
    return new Error(`"${this.#program.name}" is not the same for every number of rows: ${what}`);
  }

  #input(opType: string, sources: readonly Source[]): string {
    const constants = sources.flatMap((source) => ('constant' in source ? [source.constant] : []));
    const [first] = sources;
    if ('value' in first) {
      if (!allEqual(sources.map((source) => JSON.stringify(source))))
        throw this.#differing(`input of ${opType}`);
      return first.value;
    }
    if (constants.length !== sources.length) throw this.#differing(`input of ${opType}`);
    const key = constants.map(
      ({ dataType, dims, rawData }) => `${dataType}:${dims}:${Buffer.from(rawData).toString('base64')}`,
    );
    if (allEqual(key)) return this.#keep(first.constant, key[0]);
    const known = this.#sized.get(`${opType} ${key.join()}`);
    if (known !== undefined) return known;
    const made = this.#sizedConstant(opType, constants);
    this.#sized.set(`${opType} ${key.join()}`, made);
    return made;
  }

  #keep(constant: OnnxInitializer, key: string): string {
    const known = this.#initializers.get(key);
    if (known) return known.name;
    const name = `c${this.#initializers.size}`;
    this.#initializers.set(key, { ...constant, name });
    return name;
  }

  #int64s(values: readonly number[], scalar = false): string {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    const dims = scalar ? [] : [values.length];
    return this.#keep({ name: '', dims, dataType: ElementType.int64, rawData }, `${dims}:int64:${values}`);
  }

  #op(opType: string, input: string[], attribute: object[] = []): string {
    const output = [`s${this.#count++}`];
    this.#nodes.push({ opType, input, output, domain: '', attribute });
    return output[0];
  }

  /** A constant that is another one for every number of rows. */
  #sizedConstant(opType: string, constants: readonly OnnxInitializer[]): string {
    if (constants[0].dataType === ElementType.int64 && allEqual(constants.map(({ dims }) => dims.join()))) {
      const values = constants.map(({ rawData }) =>
        Array.from(new BigInt64Array(rawData.slice().buffer), Number),
      );
      const lines = values[0].map((_, at) => this.#line(values.map((row) => row[at])));
      // A Reshape may leave one size to the runtime, and what was traced may have done so already.
      const open = lines.filter(({ slope, offset }) => slope !== 0 || offset === -1);
      if (opType === 'Reshape' && open.length === 1) {
        return this.#int64s(lines.map(({ slope, offset }) => (slope === 0 ? offset : -1)));
      }
      return this.#affine(lines);
    }
    return this.#progression(constants);
  }

  /** slope * rows + offset through the values at all sizes. */
  #line(values: readonly number[]): { slope: number; offset: number } {
    const slope = (values[1] - values[0]) / (SIZES[1] - SIZES[0]);
    const offset = values[0] - slope * SIZES[0];
    if (!Number.isInteger(slope) || values.some((value, at) => value !== slope * SIZES[at] + offset)) {
      throw this.#differing(`a size that is ${values} for ${SIZES} rows`);
    }
    return { slope, offset };
  }

  /** int64 [lines] */
  #affine(lines: readonly { slope: number; offset: number }[]): string {
    const slopes = this.#int64s(lines.map(({ slope }) => slope));
    const grown = this.#op('Mul', [this.#batchSize(), slopes]);
    const offsets = lines.map(({ offset }) => offset);
    return offsets.every((offset) => offset === 0) ? grown : this.#op('Add', [grown, this.#int64s(offsets)]);
  }

  #batchSize(): string {
    if (this.#batch !== null) return this.#batch;
    const [input] = Object.keys(this.#program.inputs);
    const shape = this.#op('Shape', [input]);
    this.#batch = this.#op('Slice', [shape, this.#int64s([0]), this.#int64s([1])]);
    return this.#batch;
  }

  /** Values start, start + step, … of int32, one a row. */
  #progression(constants: readonly OnnxInitializer[]): string {
    const arrays = constants.map(({ rawData }) => new Int32Array(rawData.slice().buffer));
    const start = arrays[0][0];
    const step = arrays[0][1] - start;
    const counts = constants.every(
      ({ dataType, dims }, graph) =>
        dataType === ElementType.int32 &&
        dims.length === 1 &&
        dims[0] === SIZES[graph] &&
        arrays[graph].every((value, at) => value === start + at * step),
    );
    if (!counts) throw this.#differing(`a constant of shape [${constants[0].dims}]`);
    const end = this.#op('Squeeze', [this.#affine([{ slope: step, offset: start }])]);
    const range = this.#op('Range', [this.#int64s([start], true), end, this.#int64s([step], true)]);
    return this.#op('Cast', [range], [attribute('to', ElementType.int32)]);
  }

  encode(parameters: HostArrays, outside?: WeightsFile): Uint8Array {
    const { state, inputs, name } = this.#program;
    const [{ graph, outputs }] = this.#recordings;
    const sourceOf = sourcesOf(graph);
    for (const [value, given] of outputs) {
      const axes = this.#recordings.map((x) => x.outputs.find(([, other]) => other === given)?.[2][0]);
      if (axes.join() !== SIZES.join()) throw this.#differing(`"${given}" has the first axis ${axes}`);
      const source = sourceOf(value);
      if ('constant' in source) throw this.#differing(`"${given}" is a constant`);
      const output = [given.slice(graphNames.output('').length)];
      this.#nodes.push({ opType: 'Identity', input: [source.value], output, domain: '', attribute: [] });
    }
    const nodes = needed(this.#nodes, Object.keys(this.outputs));
    const read = new Set(nodes.flatMap(({ input }) => input));
    const weights = Object.entries(state)
      .filter(([parameter]) => read.has(parameter))
      .map(([parameter, spec]) => weightOf(parameter, spec, parameters, outside));
    const values = (specs: Specs) =>
      Object.entries(specs).map(([input, { shape, dtype }]) => ({
        name: input,
        elementType: ElementType[dtype],
        shape: [BATCH, ...shape.slice(1)],
      }));
    return encodeModel({
      name,
      nodes,
      initializers: [...weights, ...[...this.#initializers.values()].filter((x) => read.has(x.name))],
      inputs: values(inputs),
      outputs: values(this.outputs),
    });
  }

  get outputs(): Specs {
    const prefix = graphNames.output('').length;
    const entries = this.#recordings[0].outputs.map(([, name, shape, dtype]) => [
      name.slice(prefix),
      { shape, dtype },
    ]);
    return Object.fromEntries(entries);
  }
}

function weightOf(
  name: string,
  { shape, dtype }: TensorSpec,
  { [name]: values }: HostArrays,
  outside: WeightsFile | undefined,
): OnnxInitializer | OutsideInitializer {
  const facts = { name, dims: shape, dataType: ElementType[dtype] };
  return outside ? outside.initializer(facts, values) : { ...facts, rawData: toBytes(values, dtype) };
}

const valueName = (node: number, output: number) => (output === 0 ? `v${node}` : `v${node}.${output}`);

/** Where the values of a graph come from, named alike in graphs of the same nodes. */
function sourcesOf({ nodes, initializers }: Graph): (name: string) => Source {
  const known = new Map<string, Source>(initializers.map((constant) => [constant.name, { constant }]));
  nodes.forEach(({ output }, at) => {
    for (const [place, name] of output.entries()) known.set(name, { value: valueName(at, place) });
  });
  return (name) => known.get(name) ?? { value: name.slice(name.indexOf(':') + 1) };
}

/** The nodes that outputs follow from; every node stands after those that it reads. */
function needed(nodes: readonly OnnxNode[], outputs: readonly string[]): OnnxNode[] {
  const read = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    const used = node.output.some((name) => read.has(name));
    if (used) for (const name of node.input) read.add(name);
    return used;
  });
  return kept.reverse();
}

function allEqual(values: readonly string[]): boolean {
  return values.every((value) => value === values[0]);
}
