/** Writes event files of TensorBoard, without it. */
import { closeSync, openSync, writeSync } from 'node:fs';
import protobuf from 'protobufjs/minimal.js';
import { maskedCrc32c } from '../../src/core/foreign/trackers/tensorboard.ts';

export interface Scalar {
  tag: string;
  step: number;
  value: number;
}

/** An event with some scalars in the old style. */
export function event(time: number, step: number, scalars: readonly Omit<Scalar, 'step'>[]): Uint8Array {
  const writer = protobuf.Writer.create().uint32(9).double(time).uint32(16).int64(step).uint32(42).fork();
  for (const { tag, value } of scalars)
    writer.uint32(10).fork().uint32(10).string(tag).uint32(21).float(value).ldelim();
  return writer.ldelim().finish();
}

export function record(bytes: Uint8Array): Buffer {
  const framed = Buffer.alloc(bytes.length + 16);
  framed.writeBigUInt64LE(BigInt(bytes.length));
  framed.writeUInt32LE(maskedCrc32c(framed.subarray(0, 8)), 8);
  framed.set(bytes, 12);
  framed.writeUInt32LE(maskedCrc32c(bytes), framed.length - 4);
  return framed;
}

/** A file of at least so many bytes with a loss and a metric a step. Returns how many steps. */
export function writeLargeFile(path: string, bytes: number): number {
  const file = openSync(path, 'w');
  let [step, written] = [0, 0];
  while (written < bytes) {
    const records: Buffer[] = [];
    for (let count = 0; count < 10_000; count++, step++)
      records.push(
        record(
          event(1.7e9 + step, step, [
            { tag: 'loss', value: 1 / (step + 1) },
            { tag: 'val/ndcg@10', value: step / 1e9 },
          ]),
        ),
      );
    written += writeSync(file, Buffer.concat(records));
  }
  closeSync(file);
  return step;
}
