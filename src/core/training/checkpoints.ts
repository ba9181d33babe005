/** Checkpoints: tensors as safetensors, the trainer's state as JSON beside it, both whole or not there. */
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { diskFullError, isDiskFull, writeDurably } from '../durable.ts';
import type { DType, HostArray, TensorSpec } from '../engine/index.ts';
import { hostArray } from '../engine/index.ts';
import { UserError } from '../errors.ts';

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

function writeWhole(path: string, parts: readonly Uint8Array[]): void {
  try {
    writeDurably(path, parts);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    const kept =
      ', no checkpoint could be written; earlier ones are kept: free some space and resume the run';
    throw diskFullError(dirname(path), kept);
  }
}

/** Writes tensors in the safetensors format (8-byte header length, JSON header, data). */
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
  writeWhole(path, [head, body, ...parts]);
}

/** @throws UserError when the file is no whole safetensors file */
export function readSafetensors(path: string): Record<string, NamedTensor> {
  const file = readFileSync(path);
  const broken = (why: string) => new UserError(`${path}: ${why}; use another checkpoint`);
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

const trainerStateSchema = z.object({
  /** Epochs done. */
  epoch: z.number().int().nonnegative(),
  /** Optimiser steps done. */
  step: z.number().int().nonnegative(),
  bestValue: z.number().nullable(),
  bestEpoch: z.number().int().nonnegative(),
  /** Validations since the best one. */
  stale: z.number().int().nonnegative(),
  /** Seconds of training before this point. */
  seconds: z.number().nonnegative(),
});

/** What a trainer needs besides tensors to go on as if it had never stopped. */
export type TrainerState = z.output<typeof trainerStateSchema>;

const stateFile = (path: string) => path.replace(/\.safetensors$/, '.json');

/** The JSON goes first: a checkpoint exists when its safetensors file does. */
export function writeCheckpoint(
  path: string,
  tensors: Record<string, NamedTensor>,
  state: TrainerState,
): void {
  writeWhole(stateFile(path), [Buffer.from(`${JSON.stringify(state, null, 2)}\n`)]);
  try {
    writeSafetensors(path, tensors);
  } catch (error) {
    rmSync(stateFile(path), { force: true });
    throw error;
  }
}

export function readCheckpoint(path: string): { tensors: Record<string, NamedTensor>; state: TrainerState } {
  const state = trainerStateSchema.safeParse(parseJson(readFileSync(stateFile(path), 'utf8')));
  if (!state.success)
    throw new UserError(`${stateFile(path)}: not a trainer's state; use another checkpoint`);
  return { tensors: readSafetensors(path), state: state.data };
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
  rmSync(stateFile(path), { force: true });
}
