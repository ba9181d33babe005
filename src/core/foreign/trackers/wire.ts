/** Files of framed records, each a protocol buffer. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import protobuf from 'protobufjs/light.js';

/** A 64-bit integer of a message. */
export type Integer = number | { low: number; high: number };

interface Scalars {
  double: number;
  float: number;
  int32: number;
  int64: Integer;
  sint64: Integer;
  bool: boolean;
  string: string;
  bytes: Uint8Array;
}

/** optional: it is told apart whether a message has it; else what it lacks is zero, false or empty. */
type Field = readonly [type: string, id: number, rule?: 'repeated' | 'map' | 'optional'];
type Messages = Readonly<Record<string, Readonly<Record<string, Field>>>>;

type Value<M, T> = T extends keyof Scalars ? Scalars[T] : T extends keyof M ? Decoded<M, T> | null : never;
type FieldValue<M, F> = F extends readonly [infer T, number, 'repeated']
  ? NonNullable<Value<M, T>>[]
  : F extends readonly [infer T, number, 'map']
    ? Record<string, NonNullable<Value<M, T>>>
    : F extends readonly [infer T, ...unknown[]]
      ? Value<M, T>
      : never;

/** A message of a schema. */
export type Decoded<M, Name extends keyof M> = { [Key in keyof M[Name]]: FieldValue<M, M[Name][Key]> };

/** What is given of a message. */
type Given<T> = T extends Uint8Array | string | number | boolean
  ? T
  : T extends readonly (infer Item)[]
    ? Given<Item>[]
    : { [Key in keyof T]?: Given<T[Key]> };

export interface Codec<T> {
  /** The wanted fields alone; others are skipped. Throws for what is no message. */
  decode(bytes: Uint8Array): T;
  encode(message: Given<T>): Uint8Array;
}

/** How a message is read and written. */
export function codecOf<const M extends Messages, Name extends keyof M & string>(
  messages: M,
  name: Name,
): Codec<Decoded<M, Name>> {
  const nested = Object.entries(messages).map(([own, fields]) => {
    const all = Object.entries(fields);
    const told = all.map(([field, [type, id, rule]]) => [
      field,
      { type, id, ...(rule === 'map' ? { keyType: 'string' } : rule === 'repeated' ? { rule } : {}) },
    ]);
    const optional = all.filter(([, [, , rule]]) => rule === 'optional').map(([field]) => field);
    const oneofs = Object.fromEntries(optional.map((field) => [`_${field}`, { oneof: [field] }]));
    return [own, { fields: Object.fromEntries(told), oneofs }];
  });
  const message = protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) }).lookupType(name);
  return {
    decode: (bytes) => message.decode(bytes) as unknown as Decoded<M, Name>,
    encode: (given) => message.encode(given as object).finish(),
  };
}

/** Exact up to 2⁵³. */
export function wholeNumber(value: Integer): number {
  return typeof value === 'number' ? value : value.high * 2 ** 32 + (value.low >>> 0);
}

/** What is read at once. */
export const READ_BYTES = 2 ** 16;
/** A longer record, such as a picture, is passed over unread. */
const LONGEST = 64 * 2 ** 20;

/** Frames at the beginning of the bytes. */
export interface Frames {
  records: Uint8Array[];
  /** Bytes of the whole frames. */
  used: number;
  /** Frames whose bytes are not what was written. */
  damaged: number;
  /** Bytes until the next frame ends, where it is not all there; null where no end can be found. */
  wanted: number | null;
}

export interface FramePart {
  records: Uint8Array[];
  damaged: number;
  /** Where the next part begins. */
  offset: number;
  /** The file is of no use from there on. */
  isBroken: boolean;
  size: number;
}

/**
 * The records of a file behind an offset, in parts of a few megabytes. What is not whole at its end is left: its writer may go on.
 * `parse` is given the bytes and where they begin.
 */
export function* readFrames(
  path: string,
  offset: number,
  parse: (bytes: Uint8Array, offset: number) => Frames,
): Generator<FramePart> {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    let [at, length] = [offset > size ? 0 : offset, READ_BYTES];
    while (at < size) {
      const bytes = Buffer.alloc(Math.min(length, size - at));
      const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
      const { records, used, damaged, wanted } = parse(read, at);
      at += used;
      const isOver = used === 0 && (wanted === null || at + wanted > size);
      const isSkipped = used === 0 && wanted !== null && wanted > LONGEST && !isOver;
      if (isSkipped) at += wanted;
      const isBroken = isOver && wanted === null;
      yield { records, damaged: damaged + Number(isSkipped), offset: at, isBroken, size };
      if (isOver) return;
      length = used === 0 && !isSkipped ? Math.max(READ_BYTES, wanted ?? 0) : READ_BYTES;
    }
  } finally {
    closeSync(file);
  }
}
