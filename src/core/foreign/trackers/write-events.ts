/** Event files of TensorBoard: framed records (TFRecord), each an `Event` of its protocol buffers. */
import { EVENT, maskedCrc32c } from './tensorboard.ts';

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
  EVENT.encode({ wallTime: time, fileVersion: 'brain.Event:2' });

/** An event with some scalars of 32 bits, which every version reads. `time`: Unix seconds. */
export function scalarEvent(
  time: number,
  step: number,
  scalars: readonly { tag: string; value: number }[],
): Uint8Array {
  const value = scalars.map(({ tag, value: simpleValue }) => ({ tag, simpleValue }));
  return EVENT.encode({ wallTime: time, step, summary: { value } });
}

const DT_STRING = 7;

/** An event with a text, in Markdown. `time`: Unix seconds. */
export function textEvent(time: number, tag: string, text: string): Uint8Array {
  const tensor = { dtype: DT_STRING, tensorShape: {}, stringVal: [Buffer.from(text)] };
  const value = [{ tag, tensor, metadata: { pluginData: { pluginName: 'text' } } }];
  return EVENT.encode({ wallTime: time, summary: { value } });
}
