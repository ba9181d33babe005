/**
 * The numbers of GGUF's quantised blocks. Layouts after the format's description (ggml's block structures); values are those of the
 * Python package gguf to the bit: every product of a half and small integers is exact in a double, so one rounding to float32 is left,
 * and it is the same one.
 */
import { halfFloat, upperHalf } from './half-float.ts';

/** Reads one block at `at` of `bytes` into `out` from `to` on. */
type ReadBlock = (block: BlockView, out: Float32Array, to: number) => void;

export interface BlockType {
  name: string;
  /** Values of a block, and its bytes. */
  values: number;
  bytes: number;
  read: ReadBlock;
}

/** The bytes of one block. */
class BlockView {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the block starts. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(place: number): number {
    return this.#bytes[this.at + place];
  }

  signed(place: number): number {
    return this.#view.getInt8(this.at + place);
  }

  half(place: number): number {
    return halfFloat(this.#view.getUint16(this.at + place, true));
  }

  word(place: number): number {
    return this.#view.getUint32(this.at + place, true);
  }

  float(place: number): number {
    return this.#view.getFloat32(this.at + place, true);
  }

  /** A float32 of which only the upper half stands in the file. */
  brain(place: number): number {
    return upperHalf(this.#view.getUint16(this.at + place, true));
  }
}

/** Values of the blocks of the older kinds. */
const SMALL = 32;
/** Those of the kinds whose blocks have parts with scales of their own. */
const LARGE = 256;

/**
 * Four bits a value: the low ones of 16 bytes, then the high ones. With `fifth`, another bit of each stands apart there. A value is the
 * block's first number times its bits less `middle`, and the block's second number more where there is no middle.
 */
function fourOrFive(from: number, middle: number | null, fifth?: number): ReadBlock {
  return (block, out, to) => {
    const [d, least] = [block.half(0), middle === null ? block.half(2) : 0];
    const fifths = fifth === undefined ? 0 : block.word(fifth);
    const value = (bits: number, place: number) => {
      const whole = bits | (((fifths >>> place) & 1) << 4);
      return middle === null ? d * whole + least : d * (whole - middle);
    };
    for (let i = 0; i < SMALL / 2; i++) {
      const byte = block.byte(from + i);
      out[to + i] = value(byte & 15, i);
      out[to + SMALL / 2 + i] = value(byte >> 4, i + SMALL / 2);
    }
  };
}

/** Eight scales and eight minima of six bits each, in twelve bytes from `from` on. */
function scaleAndMinimum(block: BlockView, from: number, part: number): [scale: number, minimum: number] {
  const byte = (place: number) => block.byte(from + place);
  if (part < 4) return [byte(part) & 63, byte(part + 4) & 63];
  const both = byte(part + 4);
  return [(both & 15) | ((byte(part - 4) >> 2) & 48), (both >> 4) | ((byte(part) >> 2) & 48)];
}

/** Of eight parts of 32 values with a scale and a minimum each; `bits` gives the value of a place before these. */
function partsOf32(
  scales: number,
  bits: (block: BlockView, part: number, place: number) => number,
): ReadBlock {
  return (block, out, to) => {
    const [d, least] = [block.half(0), block.half(2)];
    for (let part = 0; part < 8; part++) {
      const [steps, minimum] = scaleAndMinimum(block, scales, part);
      const [scale, shift] = [d * steps, least * minimum];
      for (let i = 0; i < 32; i++) out[to + 32 * part + i] = scale * bits(block, part, i) - shift;
    }
  };
}

/** Four bits of a part of 32 values: two parts share 32 bytes. */
const partNibble = (block: BlockView, from: number, part: number, place: number) =>
  (block.byte(from + 32 * (part >> 1) + place) >> (4 * (part & 1))) & 15;

/** Two bits of value `i`: four rows of 32 values share 32 bytes. */
const pair = (block: BlockView, from: number, i: number) =>
  (block.byte(from + 32 * (i >> 7) + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;

const readQ2K: ReadBlock = (block, out, to) => {
  const [d, least] = [block.half(80), block.half(82)];
  for (let i = 0; i < LARGE; i++) {
    const scale = block.byte(i >> 4);
    out[to + i] = d * (scale & 15) * pair(block, 16, i) - least * (scale >> 4);
  }
};

/** Six bits of a part of 16 values: the low four of eight bytes' halves, the high two of four bytes' quarters. */
function scaleOfQ3K(block: BlockView, part: number): number {
  const low = (block.byte(96 + (part & 7)) >> (4 * (part >> 3))) & 15;
  const high = (block.byte(104 + (part & 3)) >> (2 * (part >> 2))) & 3;
  return (low | (high << 4)) - 32;
}

const readQ3K: ReadBlock = (block, out, to) => {
  const d = block.half(108);
  for (let i = 0; i < LARGE; i++) {
    // The third bit says that nothing is taken away.
    const isWhole = (block.byte(i & 31) >> (i >> 5)) & 1;
    out[to + i] = d * scaleOfQ3K(block, i >> 4) * (pair(block, 32, i) - (isWhole ? 0 : 4));
  }
};

const readQ6K: ReadBlock = (block, out, to) => {
  const d = block.half(208);
  for (let i = 0; i < LARGE; i++) {
    const low = (block.byte(64 * (i >> 7) + (i & 63)) >> (4 * ((i >> 6) & 1))) & 15;
    const bits = low | (pair(block, 128, i) << 4);
    out[to + i] = d * block.signed(192 + (i >> 4)) * (bits - 32);
  }
};

function plain(name: string, bytes: number, value: (block: BlockView) => number): BlockType {
  return {
    ...{ name, bytes, values: 1 },
    read: (block, out, to) => {
      out[to] = value(block);
    },
  };
}

/** By the number that a file has for them. */
export const BLOCK_TYPES: Readonly<Record<number, BlockType>> = {
  0: plain('F32', 4, (block) => block.float(0)),
  1: plain('F16', 2, (block) => block.half(0)),
  2: { name: 'Q4_0', values: SMALL, bytes: 18, read: fourOrFive(2, 8) },
  3: { name: 'Q4_1', values: SMALL, bytes: 20, read: fourOrFive(4, null) },
  6: { name: 'Q5_0', values: SMALL, bytes: 22, read: fourOrFive(6, 16, 2) },
  7: { name: 'Q5_1', values: SMALL, bytes: 24, read: fourOrFive(8, null, 4) },
  8: {
    ...{ name: 'Q8_0', values: SMALL, bytes: 34 },
    read: (block, out, to) => {
      const d = block.half(0);
      for (let i = 0; i < SMALL; i++) out[to + i] = d * block.signed(2 + i);
    },
  },
  10: { name: 'Q2_K', values: LARGE, bytes: 84, read: readQ2K },
  11: { name: 'Q3_K', values: LARGE, bytes: 110, read: readQ3K },
  12: {
    ...{ name: 'Q4_K', values: LARGE, bytes: 144 },
    read: partsOf32(4, (block, part, place) => partNibble(block, 16, part, place)),
  },
  13: {
    ...{ name: 'Q5_K', values: LARGE, bytes: 176 },
    read: partsOf32(
      4,
      (block, part, place) =>
        partNibble(block, 48, part, place) | (((block.byte(16 + place) >> part) & 1) << 4),
    ),
  },
  14: { name: 'Q6_K', values: LARGE, bytes: 210, read: readQ6K },
  30: plain('BF16', 2, (block) => block.brain(0)),
};

/** The values of whole blocks. */
export function dequantise(bytes: Uint8Array, { values, bytes: size, read }: BlockType): Float32Array {
  const blocks = bytes.length / size;
  const out = new Float32Array(blocks * values);
  const block = new BlockView(bytes);
  for (let i = 0; i < blocks; i++, block.at += size) read(block, out, i * values);
  return out;
}
