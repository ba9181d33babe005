/** Tensors in files: the safetensors format (8-byte header length, JSON header, data), our own and those of others. */

import { fstatSync, readSync } from 'node:fs';
import { z } from 'zod';
import type { DType, HostArray, TensorSpec } from '../engine/types.ts';
import { hostArray, sizeOf } from '../engine/types.ts';
import { broken, opened, readAll } from './binary-file.ts';
import { writeDurably } from './durable.ts';
import { parseJson } from './json.ts';
import { type NumberArray, readNumbers } from './npy.ts';

export interface NamedTensor {
  spec: TensorSpec;
  data: HostArray;
}

/** The values of tensors with what is said of them. */
export function namedTensors(
  specs: Record<string, TensorSpec>,
  values: Record<string, HostArray>,
): Record<string, NamedTensor> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, { spec, data: values[name] }]),
  );
}

/** A tensor whose values lie in several arrays, one after the other in row-major order. */
export interface ChunkedTensor {
  spec: TensorSpec;
  chunks: readonly HostArray[];
}

export type StoredTensor = NamedTensor | ChunkedTensor;

const typeNames: Record<DType, string> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

/** NumPy's names of the types of numbers. */
const numpyNames: Record<string, string> = {
  ...{ F16: 'f2', BF16: 'bf2', F32: 'f4', F64: 'f8' },
  ...{ I8: 'i1', I16: 'i2', I32: 'i4', I64: 'i8', U8: 'u1', U16: 'u2', U32: 'u4', U64: 'u8' },
};

/** Of a value; types of less than a byte are not read. */
const BYTES: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1 },
  ...{ I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8, C64: 8 },
};

const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
type TensorEntry = z.output<typeof tensorSchema>;

const headerSchema = z.record(z.string(), z.union([tensorSchema, z.record(z.string(), z.string())]));

const LENGTH_BYTES = 8;
const METADATA = '__metadata__';
/** As the format's own readers allow. */
const MAX_HEADER = 100_000_000;

/** Writes the file whole or not at all; nothing is copied in memory. `metadata` stands in its header. */
export function writeSafetensors(
  path: string,
  tensors: Record<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const header: Record<string, object> = { [METADATA]: { format: 'tessera', ...metadata } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const { spec } = tensor;
    const start = offset;
    for (const data of 'chunks' in tensor ? tensor.chunks : [tensor.data]) {
      parts.push(bytesOf(data));
      offset += data.byteLength;
    }
    header[name] = { dtype: typeNames[spec.dtype], shape: spec.shape, data_offsets: [start, offset] };
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const head = Buffer.alloc(8);
  const body = Buffer.from(text);
  head.writeBigUInt64LE(BigInt(body.length));
  writeDurably(path, [head, body, ...parts]);
}

function bytesOf(data: HostArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Every tensor of a file. Values of the tensors that `targets` names are read straight into the arrays given for them,
 * which together must have the tensor's size, and these are left out of the result. Only what is `wanted` is read.
 * @throws UserError when the file is no whole safetensors file
 */
export function readSafetensors(
  path: string,
  targets: Record<string, readonly HostArray[]> = {},
  wanted: (name: string) => boolean = () => true,
): Record<string, NamedTensor> {
  return opened(path, (file) => {
    const { start, entries } = readHeader(path, file);
    const { size } = fstatSync(file);
    const tensors: Record<string, NamedTensor> = {};
    for (const [name, entry] of entries) {
      if (!wanted(name)) continue;
      const [from, to] = entry.data_offsets;
      const dtype = (Object.keys(typeNames) as DType[]).find((key) => typeNames[key] === entry.dtype);
      if (!dtype) throw broken(path, `tensor "${name}" is of the type ${entry.dtype}`);
      if (start + to > size) throw broken(path, `tensor "${name}" is cut short`);
      const spec = { shape: entry.shape, dtype };
      const target = Object.hasOwn(targets, name) ? targets[name] : null;
      const arrays = target ?? [hostArray(spec)];
      const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
      if (bytes !== to - from) throw broken(path, `tensor "${name}" has the wrong size`);
      let at = start + from;
      for (const array of arrays) at = readAll(path, file, bytesOf(array), at);
      if (!target) tensors[name] = { spec, data: arrays[0] };
    }
    const missing = Object.keys(targets).find((name) => !entries.some(([known]) => known === name));
    if (missing !== undefined) throw broken(path, `tensor "${missing}" is missing`);
    return tensors;
  });
}

/**
 * Tensors of a file that any program wrote, as floats, whatever type of number they are. Only what is `wanted` is read.
 * @throws UserError as `readSafetensors`
 */
export function readFloats(
  path: string,
  wanted: (name: string) => boolean = () => true,
): Record<string, NumberArray> {
  return opened(path, (file) => {
    const { start, entries } = readHeader(path, file);
    const { size } = fstatSync(file);
    const read = ([name, { dtype, shape, data_offsets: offsets }]: [string, TensorEntry]) => {
      const [from, to] = offsets;
      if (from > to || start + to > size) throw broken(path, `tensor "${name}" is cut short`);
      const bytes = Buffer.alloc(to - from);
      readAll(path, file, bytes, start + from);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      const where = `${path}, tensor "${name}"`;
      const data = readNumbers(view, 0, numpyNames[dtype] ?? dtype, sizeOf(shape), where);
      return [name, { shape, data }] as const;
    };
    return Object.fromEntries(entries.filter(([name]) => wanted(name)).map(read));
  });
}

/** Shapes by name, of tensors that lie wholly in the file, without the data. @throws UserError as `readSafetensors` */
export function readShapes(path: string): Record<string, number[]> {
  return opened(path, (file) => {
    const { start, entries } = readHeader(path, file);
    const { size } = fstatSync(file);
    const cut = entries.find(([, { data_offsets: offsets }]) => start + offsets[1] > size);
    if (cut) throw broken(path, `tensor "${cut[0]}" is cut short`);
    return Object.fromEntries(entries.map(([name, { shape }]) => [name, shape]));
  });
}

/** One tensor of such a file. @throws UserError as `readSafetensors` */
export function readTensorFloats(path: string, tensor: string): Float32Array {
  const { data } = readFloats(path, (name) => name === tensor)[tensor];
  return data instanceof Float32Array ? data : new Float32Array(data);
}

/** Types of numbers by name, such as BF16. @throws UserError as `readSafetensors` */
export function readTypes(path: string): Record<string, string> {
  return opened(path, (file) =>
    Object.fromEntries(readHeader(path, file).entries.map(([name, { dtype }]) => [name, dtype])),
  );
}

/** What a file says besides its tensors. @throws UserError as `readSafetensors` */
export function readMetadata(path: string): Record<string, string> {
  return opened(path, (file) => readHeader(path, file).metadata);
}

interface Header {
  /** Where the data starts. */
  start: number;
  entries: [string, TensorEntry][];
  metadata: Record<string, string>;
}

function readHeader(path: string, file: number): Header {
  const length = Buffer.alloc(LENGTH_BYTES);
  if (readSync(file, length) < LENGTH_BYTES) throw broken(path, 'not a whole safetensors file');
  const bytes = Number(length.readBigUInt64LE());
  if (bytes > MAX_HEADER) throw broken(path, 'the header is not as the format asks');
  const header = Buffer.alloc(bytes);
  return { start: readAll(path, file, header, LENGTH_BYTES), ...readEntries(path, header) };
}

function readEntries(path: string, header: Buffer): Pick<Header, 'entries' | 'metadata'> {
  const parsed = headerSchema.safeParse(parseJson(header.toString()));
  if (!parsed.success) throw broken(path, 'the header is not as the format asks');
  const { [METADATA]: metadata = {}, ...tensors } = parsed.data;
  const entries = Object.entries(tensors).flatMap(([name, entry]) =>
    isTensor(entry) ? [[name, entry] as [string, TensorEntry]] : [],
  );
  requireApart(path, entries);
  return { entries, metadata: isTensor(metadata) ? {} : metadata };
}

/** As the format asks: one tensor lies behind the other from the start of the data, each in the bytes of its shape. */
function requireApart(path: string, entries: readonly [string, TensorEntry][]): void {
  let end = 0;
  const spans = entries.map(([name, { dtype, shape, data_offsets: offsets }]) => {
    return { name, dtype, shape, from: offsets[0], to: offsets[1] };
  });
  for (const { name, dtype, shape, from, to } of spans.sort((a, b) => a.from - b.from || a.to - b.to)) {
    const bytes = BYTES[dtype];
    if (to < from || (bytes !== undefined && sizeOf(shape) * bytes !== to - from))
      throw broken(path, `tensor "${name}" has the wrong size`);
    if (from < end) throw broken(path, `tensor "${name}" lies over another one`);
    if (from > end) throw broken(path, `the bytes before tensor "${name}" belong to none`);
    end = to;
  }
}

const isTensor = (entry: TensorEntry | Record<string, string>): entry is TensorEntry =>
  Array.isArray(entry.shape);
