/** The part of the ONNX file format that a training step needs, through protobufjs. */
import protobuf from 'protobufjs/light.js';

const IR_VERSION = 9;
/** Version of the standard operators. */
export const OPSET = 20;

export const ElementType = { float32: 1, uint8: 2, bool: 9, int32: 6, int64: 7, float16: 10 } as const;

/** Operators that ONNX Runtime alone has. */
const FUSED = 'com.microsoft';

const AttributeType = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

export type AttributeValue = number | string | readonly number[] | { float: number };

export interface OnnxNode {
  opType: string;
  input: string[];
  output: string[];
  domain: string;
  attribute: object[];
  /** Nodes that a node of no operator stands for; see `Graph.inOrder`. */
  alone?: OnnxNode[];
}

export interface OnnxInitializer {
  name: string;
  dims: readonly number[];
  dataType: number;
  rawData: Uint8Array;
}

/** An initializer whose bytes lie in a file beside that of the graph. */
export interface OutsideInitializer extends Omit<OnnxInitializer, 'rawData'> {
  dataLocation: typeof OUTSIDE;
  externalData: { key: 'location' | 'offset' | 'length'; value: string }[];
}

/** As `dataLocation`. */
export const OUTSIDE = 1;

export interface OnnxValue {
  name: string;
  elementType: number;
  /** Sizes, or names of sizes that differ from call to call, '' for one of its own; left out where nothing is known. */
  shape?: readonly (number | string)[];
}

export interface OnnxGraph {
  name: string;
  nodes: readonly OnnxNode[];
  initializers?: readonly (OnnxInitializer | OutsideInitializer)[];
  inputs?: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
}

const repeated = (type: string, id: number) => ({ rule: 'repeated', type, id });
const single = (type: string, id: number) => ({ type, id });

const schema = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: single('int64', 1),
        producerName: single('string', 2),
        graph: single('GraphProto', 7),
        opsetImport: repeated('OperatorSetIdProto', 8),
      },
    },
    OperatorSetIdProto: { fields: { domain: single('string', 1), version: single('int64', 2) } },
    GraphProto: {
      fields: {
        node: repeated('NodeProto', 1),
        name: single('string', 2),
        initializer: repeated('TensorProto', 5),
        input: repeated('ValueInfoProto', 11),
        output: repeated('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: repeated('string', 1),
        output: repeated('string', 2),
        name: single('string', 3),
        opType: single('string', 4),
        attribute: repeated('AttributeProto', 5),
        domain: single('string', 7),
      },
    },
    AttributeProto: {
      fields: {
        name: single('string', 1),
        f: single('float', 2),
        i: single('int64', 3),
        s: single('bytes', 4),
        g: single('GraphProto', 6),
        ints: repeated('int64', 8),
        type: single('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated('int64', 1),
        dataType: single('int32', 2),
        name: single('string', 8),
        rawData: single('bytes', 9),
        externalData: repeated('StringStringEntryProto', 13),
        dataLocation: single('int32', 14),
      },
    },
    StringStringEntryProto: { fields: { key: single('string', 1), value: single('string', 2) } },
    ValueInfoProto: { fields: { name: single('string', 1), type: single('TypeProto', 2) } },
    TypeProto: { fields: { tensorType: single('TensorTypeProto', 1) } },
    TensorTypeProto: { fields: { elemType: single('int32', 1), shape: single('TensorShapeProto', 2) } },
    TensorShapeProto: { fields: { dim: repeated('DimensionProto', 1) } },
    DimensionProto: { fields: { dimValue: single('int64', 1), dimParam: single('string', 2) } },
  },
});

const modelProto = schema.lookupType('ModelProto');

/** An attribute; whole numbers are ints, or floats when wrapped as `{ float }`. */
export function attribute(name: string, value: AttributeValue): object {
  if (typeof value === 'number') return { name, type: AttributeType.int, i: value };
  if (typeof value === 'string') return { name, type: AttributeType.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: AttributeType.float, f: value.float };
  return { name, type: AttributeType.ints, ints: value };
}

/** An attribute that holds a graph: the branch of an `If`. */
export function branch(name: string, graph: OnnxGraph): object {
  return { name, type: AttributeType.graph, g: graphProto(graph) };
}

function valueInfo({ name, elementType, shape }: OnnxValue): object {
  const dim = shape?.map((size) => {
    if (size === '') return {};
    return typeof size === 'string' ? { dimParam: size } : { dimValue: size };
  });
  return { name, type: { tensorType: { elemType: elementType, ...(dim && { shape: { dim } }) } } };
}

function graphProto({ name, nodes, initializers = [], inputs = [], outputs }: OnnxGraph): object {
  return {
    name,
    node: nodes,
    initializer: initializers,
    input: inputs.map(valueInfo),
    output: outputs.map(valueInfo),
  };
}

/** Serialises a graph to the bytes of an ONNX model. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const fused = (node: OnnxNode) => node.domain === FUSED;
  return modelProto
    .encode({
      irVersion: IR_VERSION,
      producerName: 'tessera',
      opsetImport: [
        { domain: '', version: OPSET },
        ...(graph.nodes.some(fused) ? [{ domain: FUSED, version: 1 }] : []),
      ],
      graph: graphProto(graph),
    })
    .finish();
}
