/** Tensors in files: the safetensors format (8-byte header length, JSON header, data). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { z } from 'zod';
import { writeDurably } from './durable.ts';
import type { DType, HostArray, TensorSpec } from './engine/types.ts';
import { hostArray } from './engine/types.ts';
import { UserError } from './errors.ts';

export interface NamedTensor {
  spec: TensorSpec;
  data: HostArray;
}

const typeNames: Record<DType, string> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

const tensorSchema = z.object({
  dtype: z.enum(['F32', 'I32', 'BOOL']),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
type TensorEntry = z.output<typeof tensorSchema>;

const headerSchema = z.record(z.string(), z.union([tensorSchema, z.record(z.string(), z.string())]));

const LENGTH_BYTES = 8;
/** As the format's own readers allow. */
const LONGEST_HEADER = 100_000_000;

/** Writes the file whole or not at all. */
export function writeSafetensors(path: string, tensors: Record<string, NamedTensor>): void {
  const header: Record<string, object> = { __metadata__: { format: 'tessera' } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [name, { spec, data }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    header[name] = {
      dtype: typeNames[spec.dtype],
      shape: spec.shape,
      data_offsets: [offset, offset + bytes.length],
    };
    parts.push(bytes);
    offset += bytes.length;
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const head = Buffer.alloc(8);
  const body = Buffer.from(text);
  head.writeBigUInt64LE(BigInt(body.length));
  writeDurably(path, [head, body, ...parts]);
}

const broken = (path: string, why: string) => new UserError(`${path}: ${why}; use another file`);

/** @throws UserError when the file is no whole safetensors file */
export function readSafetensors(path: string): Record<string, NamedTensor> {
  const file = readFileSync(path);
  if (file.length < LENGTH_BYTES) throw broken(path, 'not a safetensors file');
  const start = LENGTH_BYTES + Number(file.readBigUInt64LE());
  if (start > file.length) throw broken(path, 'the file is cut short');
  const tensors: Record<string, NamedTensor> = {};
  for (const [name, entry] of tensorEntries(path, file.subarray(LENGTH_BYTES, start))) {
    const [from, to] = entry.data_offsets;
    const dtype = (Object.keys(typeNames) as DType[]).find((key) => typeNames[key] === entry.dtype);
    if (!dtype || start + to > file.length) throw broken(path, `tensor "${name}" is cut short`);
    const spec = { shape: entry.shape, dtype };
    const data = hostArray(spec);
    if (data.byteLength !== to - from) throw broken(path, `tensor "${name}" has the wrong size`);
    new Uint8Array(data.buffer).set(file.subarray(start + from, start + to));
    tensors[name] = { spec, data };
  }
  return tensors;
}

/** Shapes by name, without the data. @throws UserError as `readSafetensors` */
export function readShapes(path: string): Record<string, number[]> {
  const file = openSync(path, 'r');
  try {
    const length = Buffer.alloc(LENGTH_BYTES);
    if (readSync(file, length) < LENGTH_BYTES) throw broken(path, 'not a safetensors file');
    const bytes = Number(length.readBigUInt64LE());
    if (bytes > LONGEST_HEADER) throw broken(path, 'the header is not as the format asks');
    const header = Buffer.alloc(bytes);
    if (readSync(file, header, 0, bytes, LENGTH_BYTES) < bytes) throw broken(path, 'the file is cut short');
    return Object.fromEntries(tensorEntries(path, header).map(([name, { shape }]) => [name, shape]));
  } finally {
    closeSync(file);
  }
}

function tensorEntries(path: string, header: Buffer): [string, TensorEntry][] {
  const parsed = headerSchema.safeParse(parseJson(header.toString()));
  if (!parsed.success) throw broken(path, 'the header is not as the format asks');
  return Object.entries(parsed.data).flatMap(([name, entry]) =>
    isTensor(entry) ? [[name, entry] as [string, TensorEntry]] : [],
  );
}

const isTensor = (entry: TensorEntry | Record<string, string>): entry is TensorEntry =>
  Array.isArray(entry.shape);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
