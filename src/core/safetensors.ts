/** Tensors in files: the safetensors format (8-byte header length, JSON header, data). */
import { readFileSync } from 'node:fs';
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

const headerSchema = z.record(
  z.string(),
  z.union([
    z.object({
      dtype: z.enum(['F32', 'I32', 'BOOL']),
      shape: z.array(z.number().int().nonnegative()),
      data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
    }),
    z.record(z.string(), z.string()),
  ]),
);

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

/** @throws UserError when the file is no whole safetensors file */
export function readSafetensors(path: string): Record<string, NamedTensor> {
  const file = readFileSync(path);
  const broken = (why: string) => new UserError(`${path}: ${why}; use another file`);
  if (file.length < 8) throw broken('not a safetensors file');
  const start = 8 + Number(file.readBigUInt64LE());
  if (start > file.length) throw broken('the file is cut short');
  const header = headerSchema.safeParse(parseJson(file.subarray(8, start).toString()));
  if (!header.success) throw broken('the header is not as the format asks');
  const tensors: Record<string, NamedTensor> = {};
  for (const [name, entry] of Object.entries(header.data)) {
    if (!('dtype' in entry) || !Array.isArray(entry.shape)) continue;
    const [from, to] = entry.data_offsets as [number, number];
    const dtype = (Object.keys(typeNames) as DType[]).find((key) => typeNames[key] === entry.dtype);
    if (!dtype || start + to > file.length) throw broken(`tensor "${name}" is cut short`);
    const spec = { shape: entry.shape as number[], dtype };
    const data = hostArray(spec);
    if (data.byteLength !== to - from) throw broken(`tensor "${name}" has the wrong size`);
    new Uint8Array(data.buffer).set(file.subarray(start + from, start + to));
    tensors[name] = { spec, data };
  }
  return tensors;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
