/**
 * A graph in parts, each the branch of an `If` that is always taken.
 *
 * ONNX Runtime plans the buffers of one graph at a time: it goes through all free buffers for each value, and keeps those of a
 * known shape for later values of the same shape. A step over blocks of queries has values in very many shapes, so that planning
 * takes minutes or nearly every buffer stays to the end. A branch is planned for itself and gives back what it used. Parts
 * wait for each other: their order is that of the nodes, and no value of one is taken for an equal one of another.
 */
import { branch, ElementType, type OnnxGraph, type OnnxNode, type OnnxValue } from './onnx.ts';

/** Fewest and most nodes of a part: in larger ones the runtime mixes two blocks of queries, across smaller ones it fuses less. */
const LEAST = 32;
const MOST = 128;

/** Input of a graph in parts: one bool, true. */
export const TAKEN = 'taken';

/** Types of what operators give out, where it is not that of their first input. */
const OUTPUT_TYPES: Record<string, number> = {
  ArgMax: ElementType.int64,
  ConstantOfShape: ElementType.float32,
  Equal: ElementType.bool,
  Greater: ElementType.bool,
  IsNaN: ElementType.bool,
  Less: ElementType.bool,
  MatMulInteger: ElementType.int32,
  NonZero: ElementType.int64,
  Shape: ElementType.int64,
};

interface ValueFacts {
  /** Bytes of the values whose shape is known. */
  sizes: ReadonlyMap<string, number>;
  /** Their element types. */
  types: ReadonlyMap<string, number>;
}

/** The graph with its nodes in parts that run one after the other. */
export function inParts(graph: OnnxGraph, { sizes, types }: ValueFacts): OnnxGraph {
  const typeOf = elementTypes(graph, types);
  const given = new Set(graph.outputs.map(({ name }) => name));
  const parts = cut(graph.nodes, sizes);
  const crossing = crossings(parts);
  const zeros = new Set([...crossing, ...given].map(typeOf));
  return {
    ...graph,
    nodes: parts.map((part, at) => partNode(part, at, { typeOf, given, crossing })),
    initializers: [...(graph.initializers ?? []), ...[...zeros].map(zero)],
    inputs: [...(graph.inputs ?? []), { name: TAKEN, elementType: ElementType.bool, shape: [] }],
  };
}

/** Parts that end where least is alive: what crosses stays until the part that reads it is done. */
function cut(nodes: readonly OnnxNode[], sizes: ReadonlyMap<string, number>): OnnxNode[][] {
  const alive = aliveAfter(nodes, sizes);
  const parts: OnnxNode[][] = [];
  for (let start = 0; start < nodes.length; ) {
    const last = Math.min(start + MOST, nodes.length);
    let end = Math.min(start + LEAST, last);
    for (let at = end; at <= last; at++) if (alive[at - 1] <= alive[end - 1]) end = at;
    parts.push(nodes.slice(start, end));
    start = end;
  }
  return parts;
}

/** Bytes alive after each node. */
function aliveAfter(nodes: readonly OnnxNode[], sizes: ReadonlyMap<string, number>): number[] {
  const last = new Map<string, number>();
  nodes.forEach(({ input, output }, at) => {
    for (const name of [...input, ...output]) last.set(name, at);
  });
  const made = new Set<string>();
  let alive = 0;
  return nodes.map(({ input, output }, at) => {
    for (const name of output) {
      made.add(name);
      alive += sizes.get(name) ?? 0;
    }
    for (const name of new Set([...input, ...output])) {
      if (made.has(name) && last.get(name) === at) alive -= sizes.get(name) ?? 0;
    }
    return alive;
  });
}

/** Values that one part makes and a later one reads. */
function crossings(parts: readonly (readonly OnnxNode[])[]): Set<string> {
  const makers = new Map<string, number>();
  const crossing = new Set<string>();
  parts.forEach((part, at) => {
    for (const { input, output } of part) {
      for (const name of input) if ((makers.get(name) ?? at) !== at) crossing.add(name);
      for (const name of output) makers.set(name, at);
    }
  });
  return crossing;
}

interface Whole {
  typeOf: (name: string) => number;
  /** What the whole graph gives out. */
  given: ReadonlySet<string>;
  /** What one part makes and another reads. */
  crossing: ReadonlySet<string>;
}

/** One part as a node: it gives out what others read, and what the next part waits for. Names inside differ from all around. */
function partNode(part: readonly OnnxNode[], at: number, { typeOf, given, crossing }: Whole): OnnxNode {
  const own = new Set(part.flatMap(({ output }) => output));
  const outside = (name: string) => (given.has(name) ? name : `^${name}`);
  const named = (name: string) => {
    if (own.has(name)) return given.has(name) ? `in ${name}` : name;
    return crossing.has(name) ? outside(name) : name;
  };
  const made = [...own].filter((name) => given.has(name) || crossing.has(name));
  const [taken, next] = [takenAt(at), takenAt(at + 1)];
  const givenOut = (nameOf: (name: string) => string, passed: string): OnnxValue[] => [
    ...made.map((name) => ({ name: nameOf(name), elementType: typeOf(name) })),
    { name: passed, elementType: ElementType.bool },
  ];
  const never = (name: string) => `no ${name}`;
  return {
    opType: 'If',
    input: [taken],
    output: [...made.map(outside), next],
    domain: '',
    attribute: [
      branch('then_branch', {
        name: `part ${at}`,
        nodes: [
          ...part.map((node) => ({ ...node, input: node.input.map(named), output: node.output.map(named) })),
          identity(taken, `in ${next}`),
        ],
        outputs: givenOut(named, `in ${next}`),
      }),
      branch('else_branch', {
        name: `never ${at}`,
        nodes: [
          ...made.map((name) => identity(zeroName(typeOf(name)), never(name))),
          identity(taken, never(next)),
        ],
        outputs: givenOut(never, never(next)),
      }),
    ],
  };
}

/** Short, as all names between parts: a graph of a long history has thousands of parts. */
const takenAt = (at: number) => (at === 0 ? TAKEN : `^${at}`);

/** The element type of every value, from what is known and from the operators. */
function elementTypes(graph: OnnxGraph, known: ReadonlyMap<string, number>): (name: string) => number {
  const types = new Map([...(graph.inputs ?? []), ...graph.outputs].map((x) => [x.name, x.elementType]));
  for (const { name, dataType } of graph.initializers ?? []) types.set(name, dataType);
  for (const [name, type] of known) types.set(name, type);
  for (const { opType, input, output, attribute } of graph.nodes) {
    const cast = opType === 'Cast' ? attribute.find((x) => 'name' in x && x.name === 'to') : undefined;
    const like = types.get(input[opType === 'Where' ? 1 : 0] ?? '') ?? ElementType.float32;
    const type = cast && 'i' in cast ? Number(cast.i) : (OUTPUT_TYPES[opType] ?? like);
    for (const [place, name] of output.entries()) {
      const indices = opType === 'TopK' && place === 1;
      if (!types.has(name)) types.set(name, indices ? ElementType.int64 : type);
    }
  }
  return (name) => types.get(name) ?? ElementType.float32;
}

function identity(from: string, to: string): OnnxNode {
  return { opType: 'Identity', input: [from], output: [to], domain: '', attribute: [] };
}

const zeroName = (elementType: number) => `zero ${elementType}`;

/** What a branch that is never taken gives out. */
function zero(elementType: number) {
  const bytes = { [ElementType.bool]: 1, [ElementType.float16]: 2, [ElementType.int64]: 8 }[elementType] ?? 4;
  return { name: zeroName(elementType), dims: [], dataType: elementType, rawData: new Uint8Array(bytes) };
}
