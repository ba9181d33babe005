/** GGUF, versions 2 and 3, little-endian: metadata by key and tensors, as llama.cpp and its converters write them. */
import { fstatSync } from 'node:fs';
import { sizeOf } from '../engine/types.ts';
import type { UserError } from '../errors.ts';
import { broken, opened, readAll } from './binary-file.ts';
import { BLOCK_TYPES, type BlockType, dequantise } from './gguf-blocks.ts';

export type GgufValue = number | bigint | boolean | string | GgufValue[];

export interface GgufTensor {
  /** Outermost first, as other formats write it. */
  shape: number[];
  type: BlockType;
  /** Where its bytes begin, and how many there are. */
  at: number;
  bytes: number;
}

export interface GgufFile {
  metadata: Record<string, GgufValue>;
  tensors: Record<string, GgufTensor>;
}

const MAGIC = 'GGUF';
const VERSIONS = [2, 3];
const ALIGNMENT = 32;
const CHUNK = 2 ** 20;
/** Deeper lists are in no file of a model. */
const MAX_DEPTH = 3;
const MAX_RANK = 8;
/** Bytes of a text, and things of a list, that no header has: words of a model are a million at most. A file may state any. */
const MOST = 2 ** 26;
const [TEXT, LIST] = [8, 9];

/** Values by the number of their kind: bytes, and how they are read. */
const NUMBERS: Readonly<Record<number, [bytes: number, read: (bytes: Buffer) => GgufValue]>> = {
  0: [1, (bytes) => bytes.readUInt8()],
  1: [1, (bytes) => bytes.readInt8()],
  2: [2, (bytes) => bytes.readUInt16LE()],
  3: [2, (bytes) => bytes.readInt16LE()],
  4: [4, (bytes) => bytes.readUInt32LE()],
  5: [4, (bytes) => bytes.readInt32LE()],
  6: [4, (bytes) => bytes.readFloatLE()],
  7: [1, (bytes) => bytes.readUInt8() !== 0],
  10: [8, (bytes) => exact(bytes.readBigUInt64LE())],
  11: [8, (bytes) => exact(bytes.readBigInt64LE())],
  12: [8, (bytes) => bytes.readDoubleLE()],
};

const exact = (value: bigint) => (BigInt.asIntN(54, value) === value ? Number(value) : value);

/** Reads a header from its beginning on. */
class Cursor {
  readonly #path: string;
  readonly #file: number;
  readonly #size: number;
  #chunk = Buffer.alloc(0);
  /** Where the chunk lies in the file, and how much of it was read. */
  #from = 0;
  #done = 0;

  constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
    this.#size = fstatSync(file).size;
  }

  get place(): number {
    return this.#from + this.#done;
  }

  take(bytes: number): Buffer {
    if (this.#done + bytes > this.#chunk.length) this.#fill(bytes);
    this.#done += bytes;
    return this.#chunk.subarray(this.#done - bytes, this.#done);
  }

  #fill(bytes: number): void {
    const left = this.#size - this.place;
    // Before anything of the size that the file states is allocated.
    if (bytes > left) throw this.broken('the file is cut short');
    this.#from = this.place;
    this.#done = 0;
    this.#chunk = Buffer.alloc(Math.min(left, Math.max(bytes, CHUNK)));
    readAll(this.#path, this.#file, this.#chunk, this.#from);
  }

  /** A count of things that take a byte each at least, which `of` says whose they are. */
  count(of: string): number {
    const count = this.take(8).readBigUInt64LE();
    if (count > BigInt(this.#size - this.place)) throw this.broken('the file is cut short');
    if (count > MOST) throw this.broken(`${of} ${count}, which is no model's`);
    return Number(count);
  }

  number(): number {
    return this.take(4).readUInt32LE();
  }

  text(): string {
    return this.take(this.count('the bytes of a text of its header are')).toString('utf8');
  }

  value(kind = this.number(), depth = 0): GgufValue {
    if (kind === TEXT) return this.text();
    if (kind === LIST && depth < MAX_DEPTH) {
      const of = this.number();
      const length = this.count('the values of a list of its header are');
      return Array.from({ length }, () => this.value(of, depth + 1));
    }
    if (!Object.hasOwn(NUMBERS, kind)) throw this.broken(`a value of its header has the kind ${kind}`);
    const [bytes, read] = NUMBERS[kind];
    return read(this.take(bytes));
  }

  broken(why: string): UserError {
    return broken(this.#path, why);
  }

  get size(): number {
    return this.#size;
  }
}

/**
 * What a file says of itself, without its numbers.
 * @throws UserError where it is no whole GGUF file, or has a tensor of a type that is not read
 */
export function readGguf(path: string): GgufFile {
  return opened(path, (file) => {
    const cursor = new Cursor(path, file);
    if (cursor.take(MAGIC.length).toString('latin1') !== MAGIC) throw cursor.broken('not a GGUF file');
    const version = cursor.number();
    if (!VERSIONS.includes(version))
      throw cursor.broken(
        version > 0xffff ? 'its numbers are big-endian' : `version ${version} of GGUF is not read`,
      );
    const [tensors, keys] = [cursor.count('its tensors are'), cursor.count('its keys are')];
    const metadata: GgufFile['metadata'] = Object.create(null);
    for (let i = 0; i < keys; i++) {
      const key = cursor.text();
      if (Object.hasOwn(metadata, key)) throw cursor.broken(`"${key}" stands twice in its header`);
      metadata[key] = cursor.value();
    }
    const infos = Array.from({ length: tensors }, () => tensorInfo(cursor));
    return { metadata, tensors: placed(cursor, infos, metadata['general.alignment']) };
  });
}

interface TensorInfo {
  name: string;
  shape: number[];
  type: BlockType;
  offset: number;
}

function tensorInfo(cursor: Cursor): TensorInfo {
  const name = cursor.text();
  const rank = cursor.number();
  if (rank > MAX_RANK) throw cursor.broken(`tensor "${name}" has ${rank} dimensions`);
  const sizes = Array.from({ length: rank }, () => Number(cursor.take(8).readBigUInt64LE()));
  const kind = cursor.number();
  const offset = Number(cursor.take(8).readBigUInt64LE());
  if (!Object.hasOwn(BLOCK_TYPES, kind)) {
    const known = Object.values(BLOCK_TYPES).map((type) => type.name);
    throw cursor.broken(
      `tensor "${name}" has the type ${typeNames[kind] ?? kind}, and those that are read are ${known.join(', ')}`,
    );
  }
  return { name, shape: sizes.reverse(), type: BLOCK_TYPES[kind], offset };
}

/** Types of the format that are not read, so that they can be named. */
const typeNames: Readonly<Record<number, string>> = {
  ...{ 9: 'Q8_1', 15: 'Q8_K', 16: 'IQ2_XXS', 17: 'IQ2_XS', 18: 'IQ3_XXS', 19: 'IQ1_S', 20: 'IQ4_NL' },
  ...{ 21: 'IQ3_S', 22: 'IQ2_S', 23: 'IQ4_XS', 24: 'I8', 25: 'I16', 26: 'I32', 27: 'I64', 28: 'F64' },
  ...{ 29: 'IQ1_M', 34: 'TQ1_0', 35: 'TQ2_0', 39: 'MXFP4' },
};

/** Each has bytes of its own. */
function requireApart(cursor: Cursor, tensors: GgufFile['tensors']): void {
  let end = 0;
  for (const [name, { at, bytes }] of Object.entries(tensors).sort(([, a], [, b]) => a.at - b.at)) {
    if (at < end) throw cursor.broken(`tensor "${name}" lies over another one`);
    end = at + bytes;
  }
}

/** Tensors with their place in the file: each lies wholly in it. */
function placed(cursor: Cursor, infos: readonly TensorInfo[], alignment: GgufValue = ALIGNMENT) {
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1)
    throw cursor.broken('general.alignment is no whole number');
  const start = Math.ceil(cursor.place / alignment) * alignment;
  const tensors: GgufFile['tensors'] = Object.create(null);
  for (const { name, shape, type, offset } of infos) {
    const values = sizeOf(shape);
    if (values === 0) throw cursor.broken(`tensor "${name}" has no values`);
    if (Object.hasOwn(tensors, name)) throw cursor.broken(`tensor "${name}" stands twice in it`);
    if ((shape.at(-1) ?? 1) % type.values !== 0)
      throw cursor.broken(
        `tensor "${name}" has rows of ${shape.at(-1)} values, and ${type.name} blocks of ${type.values}`,
      );
    const bytes = (values / type.values) * type.bytes;
    if (!(start + offset + bytes <= cursor.size)) throw cursor.broken(`tensor "${name}" is cut short`);
    tensors[name] = { shape, type, at: start + offset, bytes };
  }
  requireApart(cursor, tensors);
  return tensors;
}

/** The numbers of a tensor. Throws UserError where the file cannot be read any more. */
export function readGgufTensor(path: string, { type, at, bytes }: GgufTensor): Float32Array {
  return opened(path, (file) => {
    const data = new Uint8Array(bytes);
    readAll(path, file, data, at);
    return dequantise(data, type);
  });
}
