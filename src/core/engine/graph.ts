import { createHash } from 'node:crypto';
import { asSearched, type GraphMemory, graphMemory } from './live-memory.ts';
import type { AttributeValue, OnnxInitializer, OnnxNode, OnnxValue } from './onnx.ts';
import { attribute, ElementType, encodeModel } from './onnx.ts';
import { inParts } from './parts.ts';
import { type DType, sizeOf } from './types.ts';

/** Value, name it gets, shape, dtype. */
export type GraphOutput = readonly [string, string, readonly number[], DType];

/**
 * Products of float16 numbers: `computed` by a device that has them, or on float32 numbers that are `rounded` to float16 before
 * and after, which gives what a device with float32 sums would.
 */
export type Halves = 'computed' | 'rounded';

/** Stands for what `inOrder` was given until the graph is settled. */
const ORDERED = 'Ordered';

/** Collects the nodes of one ONNX graph. Values are referred to by name. */
export class Graph {
  nodes: OnnxNode[] = [];
  readonly #initializers: OnnxInitializer[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #constants = new Map<string, string>();
  /** Bytes of values whose shape is known. */
  readonly sizes = new Map<string, number>();
  /** Their element types. */
  readonly #types = new Map<string, number>();
  /** float32 values as products of float16 numbers take them. */
  readonly #halves = new Map<string, string>();
  /** The scalar by which a program multiplies its loss; null where it does not. */
  lossScale: string | null = null;
  #count = 0;

  /** Short: a graph of a long history says names hundreds of thousands of times. */
  #name(): string {
    return `v${(this.#count++).toString(36)}`;
  }

  /** Appends a node with one output and returns the output's name. */
  op(opType: string, input: string[], attributes: Record<string, AttributeValue> = {}, domain = ''): string {
    return this.opMany(opType, input, 1, attributes, domain)[0];
  }

  /** Appends a node with several outputs. */
  opMany(
    opType: string,
    input: string[],
    outputs: number,
    attributes: Record<string, AttributeValue> = {},
    domain = '',
  ): string[] {
    const output = Array.from({ length: outputs }, () => this.#name());
    const list = Object.entries(attributes).map(([key, value]) => attribute(key, value));
    this.nodes.push({ opType, input, output, domain, attribute: list });
    return output;
  }

  /**
   * `x`, made after `others`: `compute` appends what makes it so in a graph of one part, where the runtime chooses the order.
   * Which it is to be is known once the graph is whole; see `settle`.
   */
  inOrder(x: string, others: string[], compute: () => string): string {
    const around = this.nodes;
    this.nodes = [];
    const output = [compute()];
    const alone = this.nodes;
    this.nodes = around;
    this.nodes.push({ opType: ORDERED, input: [x, ...others], output, domain: '', attribute: [], alone });
    return output[0];
  }

  /** Entries start to end (exclusive) of an axis; an end beyond the axis is its end. */
  slice(x: string, axis: number, start: number, end: number): string {
    return this.op('Slice', [x, this.int64s([start]), this.int64s([end]), this.int64s([axis])]);
  }

  /** Notes what a value takes in memory, of which nothing else in the graph tells. Returns the value. */
  sized(value: string, shape: readonly number[], dtype: DType | 'float16' = 'float32'): string {
    this.sizes.set(value, sizeOf(shape) * ({ bool: 1, float16: 2 }[dtype as string] ?? 4));
    this.#types.set(value, ElementType[dtype]);
    return value;
  }

  /** A float32 value as a product of float16 numbers takes it, which is made once. */
  half(x: string, halves: Halves): string {
    const known = this.#halves.get(x);
    if (known !== undefined) return known;
    const half = this.#cast(x, 'float16');
    const made = halves === 'computed' ? half : this.#cast(half, 'float32');
    this.#halves.set(x, made);
    return made;
  }

  /** The result of a product of float16 numbers as a float32 value; a further float16 product takes the result without another cast. */
  whole(product: string, halves: Halves): string {
    const half = halves === 'computed' ? product : this.#cast(product, 'float16');
    const made = this.#cast(half, 'float32');
    this.#halves.set(made, halves === 'computed' ? half : made);
    return made;
  }

  #cast(x: string, to: 'float16' | 'float32'): string {
    const made = this.op('Cast', [x], { to: ElementType[to] });
    const size = this.sizes.get(x);
    if (size !== undefined) this.sizes.set(made, to === 'float16' ? size / 2 : size * 2);
    this.#types.set(made, ElementType[to]);
    return made;
  }

  /** Leaves out what no output needs: a runtime would compute it. */
  keepFor(outputs: readonly GraphOutput[]): void {
    const needed = new Set(outputs.map(([value]) => value));
    const kept: OnnxNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.output.some((name) => needed.has(name))) continue;
      for (const name of node.input) needed.add(name);
      kept.push(node);
    }
    this.nodes = kept.reverse();
  }

  /** What its values take while ONNX Runtime runs it, without inputs, constants and what the runtime adds. */
  memory(outputs: readonly GraphOutput[]): GraphMemory {
    return graphMemory(asSearched(this.nodes), this.sizes, new Set(outputs.map(([value]) => value)));
  }

  input(name: string, shape: readonly number[], dtype: DType): string {
    this.#inputs.push({ name, elementType: ElementType[dtype], shape });
    return name;
  }

  /** A one-dimensional int64 constant: shapes, axes, sizes. */
  int64s(values: readonly number[]): string {
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.#constant(`i64:${values.join()}`, [values.length], ElementType.int64, rawData);
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.#constant(`${dtype}:${value}`, [], ElementType[dtype], toBytes([value], dtype));
  }

  /** An array constant; one value repeated is written once and expanded at run time, equal ones once, as in every layer. */
  array(values: ArrayLike<number>, shape: readonly number[], dtype: DType): string {
    const fill = constantFill(values);
    if (fill !== null && values.length > 1) return this.filled(fill, shape, dtype);
    const rawData = toBytes(values, dtype);
    const content = createHash('sha256').update(rawData).digest('base64');
    return this.#constant(`${dtype}[${shape}]:${content}`, shape, ElementType[dtype], rawData);
  }

  filled(value: number, shape: readonly number[], dtype: DType = 'float32'): string {
    const scalar = this.scalar(value, dtype);
    return shape.length === 0 ? scalar : this.op('Expand', [scalar, this.int64s(shape)]);
  }

  #constant(key: string, dims: readonly number[], dataType: number, rawData: Uint8Array): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#name();
    this.#initializers.push({ name, dims, dataType, rawData });
    this.#constants.set(key, name);
    return name;
  }

  get initializers(): readonly OnnxInitializer[] {
    return this.#initializers;
  }

  /** Forces the order asked for: in parts by the order of the nodes, which becomes that of a search, else by nodes of its own. */
  settle(parts: boolean): void {
    if (!parts) {
      this.nodes = this.nodes.flatMap((node) => node.alone ?? node);
      return;
    }
    const same = new Map<string, string>();
    const now = (name: string) => same.get(name) ?? name;
    this.nodes = asSearched(this.nodes).flatMap((node) => {
      const input = node.input.map(now);
      if (node.alone) same.set(node.output[0], input[0]);
      return node.alone ? [] : [{ ...node, input }];
    });
  }

  /**
   * The ONNX file; see `inParts` for what parts are for. ONNX Runtime keeps a buffer for every later value of its shape: without the
   * first size of its inputs the graph tells it no `shapes`, and it keeps none.
   */
  encode(
    name: string,
    outputs: GraphOutput[],
    { parts = false, shapes = true }: { parts?: boolean; shapes?: boolean } = {},
  ): Uint8Array {
    const renamed = this.#nameOutputs(outputs);
    const rename = (value: string) => renamed.get(value) ?? value;
    const nodes = this.nodes.map((node) => ({
      ...node,
      input: node.input.map(rename),
      output: node.output.map(rename),
    }));
    const read = new Set(nodes.flatMap(({ input }) => input));
    const graph = {
      name,
      nodes,
      initializers: this.#initializers.filter((constant) => read.has(constant.name)),
      inputs: this.#inputs.map((input) => (parts || !shapes ? withoutRows(input, parts) : input)),
      outputs: outputs.map(([, publicName, shape, dtype]) => ({
        name: publicName,
        elementType: ElementType[dtype],
        shape,
      })),
    };
    return encodeModel(parts ? inParts(graph, { sizes: this.sizes, types: this.#types }) : graph);
  }

  /** New names for values that are outputs; an Identity where a value is an input, a constant or given out twice. */
  #nameOutputs(outputs: GraphOutput[]): Map<string, string> {
    const produced = new Set(this.nodes.flatMap((node) => node.output));
    const renamed = new Map<string, string>();
    for (const [value, publicName] of outputs) {
      if (produced.has(value) && !renamed.has(value)) renamed.set(value, publicName);
      else {
        const node = { opType: 'Identity', input: [value], output: [publicName], domain: '', attribute: [] };
        this.nodes.push(node);
      }
    }
    return renamed;
  }
}

/** A part gives its buffers back, so that it may keep those of values with rows of one name. */
function withoutRows(input: OnnxValue, named: boolean): OnnxValue {
  return {
    ...input,
    shape: input.shape?.map((size, axis) => (axis > 0 ? size : named ? `rows of ${size}` : '')),
  };
}

/** The value that fills the whole array, or null. */
export function constantFill(values: ArrayLike<number>): number | null {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return null;
  return values.length === 0 ? null : first;
}

export function toBytes(values: ArrayLike<number>, dtype: DType): Uint8Array {
  if (dtype === 'float32') return new Uint8Array(Float32Array.from(values).buffer);
  return dtype === 'int32' ? new Uint8Array(Int32Array.from(values).buffer) : Uint8Array.from(values);
}
