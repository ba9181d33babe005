/** Event files of TensorBoard: framed records (TFRecord), each an `Event` of its protocol buffers. */
import protobuf from 'protobufjs/minimal.js';
import { maskedCrc32c } from './tensorboard.ts';

/** Frame of a record: its length, and sums of the length and of the bytes. */
export function eventRecord(event: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(event.length + 16);
  framed.writeBigUInt64LE(BigInt(event.length));
  framed.writeUInt32LE(maskedCrc32c(framed.subarray(0, 8)), 8);
  framed.set(event, 12);
  framed.writeUInt32LE(maskedCrc32c(event), framed.length - 4);
  return framed;
}

/** The first event of a file. `time`: Unix seconds. */
export const versionEvent = (time: number): Uint8Array =>
  protobuf.Writer.create().uint32(9).double(time).uint32(26).string('brain.Event:2').finish();

/** An event with some scalars of 32 bits, which every version reads. `time`: Unix seconds. */
export function scalarEvent(
  time: number,
  step: number,
  scalars: readonly { tag: string; value: number }[],
): Uint8Array {
  const writer = protobuf.Writer.create().uint32(9).double(time).uint32(16).int64(step).uint32(42).fork();
  for (const { tag, value } of scalars)
    writer.uint32(10).fork().uint32(10).string(tag).uint32(21).float(value).ldelim();
  return writer.ldelim().finish();
}

const DT_STRING = 7;

/** An event with a text, in Markdown. `time`: Unix seconds. */
export function textEvent(time: number, tag: string, text: string): Uint8Array {
  const writer = protobuf.Writer.create().uint32(9).double(time).uint32(42).fork().uint32(10).fork();
  writer.uint32(10).string(tag);
  writer.uint32(74).fork().uint32(10).fork().uint32(10).string('text').ldelim().ldelim();
  writer
    .uint32(66)
    .fork()
    .uint32(8)
    .int32(DT_STRING)
    .uint32(18)
    .fork()
    .ldelim()
    .uint32(66)
    .string(text)
    .ldelim();
  return writer.ldelim().ldelim().finish();
}
