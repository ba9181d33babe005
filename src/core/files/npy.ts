/** NumPy's .npy format, versions 1 to 3 (NEP 1): arrays of numbers, little-endian, in C order. */
import { endianness } from 'node:os';
import { UserError } from '../errors.ts';
import { halfFloat, upperHalf } from './half-float.ts';

export interface NumberArray {
  shape: number[];
  data: Float64Array | Float32Array;
  /** Integers of 64 bits as the file has them, where some are too large for a double. */
  exact?: BigInt64Array | BigUint64Array;
}

const LITTLE = endianness() === 'LE';
const MAGIC = '\x93NUMPY';

/** Reads numbers of every usual type as floats. Throws UserError for anything else, and for a file cut short. */
export function readNpy(bytes: Uint8Array, where: string): NumberArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== MAGIC) {
    throw new UserError(`${where}: not an .npy file`);
  }
  const wide = view.getUint8(6) >= 2;
  const start = wide ? 12 : 10;
  if (bytes.length < start) throw new UserError(`${where}: the file is cut short`);
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  const descr = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || shape === undefined)
    throw new UserError(`${where}: the header of the array cannot be read`);
  if (/'fortran_order':\s*True/.test(header)) {
    throw new UserError(`${where}: the array is in Fortran order; save it with numpy.ascontiguousarray`);
  }
  const dims = shape
    .split(',')
    .filter((dim) => dim.trim() !== '')
    .map(Number);
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
    throw new UserError(`${where}: the array cannot have the shape (${shape})`);
  }
  if (!/^[<|]/.test(descr))
    throw new UserError(`${where}: values of type ${descr} are not read; save them little-endian`);
  const count = dims.reduce((size, dim) => size * dim, 1);
  const type = descr.slice(1);
  const data = readNumbers(view, end, type, count, where);
  const isLarge = /^[iu]8$/.test(type) && !data.every(Number.isSafeInteger);
  return { shape: dims, data, ...(isLarge ? { exact: wideIntegers(bytes, end, type, count) } : {}) };
}

/** A value as text, with all its digits. */
export function numberText({ data, exact }: NumberArray, at: number): string {
  return String(exact?.[at] ?? data[at]);
}

function wideIntegers(bytes: Uint8Array, from: number, type: string, count: number) {
  const { buffer } = bytes.slice(from, from + 8 * count);
  return type === 'i8' ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
}

type Reader = (view: DataView, at: number) => number;

/** By NumPy's letter and bytes of a value. */
const readers: Record<string, [size: number, read: Reader]> = {
  f2: [2, (view, at) => halfFloat(view.getUint16(at, true))],
  bf2: [2, (view, at) => upperHalf(view.getUint16(at, true))],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
  i1: [1, (view, at) => view.getInt8(at)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  i8: [8, (view, at) => Number(view.getBigInt64(at, true))],
  u1: [1, (view, at) => view.getUint8(at)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  u8: [8, (view, at) => Number(view.getBigUint64(at, true))],
};

/**
 * `count` values of a NumPy type such as "f4", or "bf2" for bfloat16, as floats.
 * @throws UserError for a type that is no number, or where there are fewer
 */
export function readNumbers(
  view: DataView,
  from: number,
  type: string,
  count: number,
  where: string,
): NumberArray['data'] {
  const known = readers[type];
  if (!known)
    throw new UserError(`${where}: values of type ${type} are not read; save numbers such as float32`);
  const [size, read] = known;
  if (from + count * size > view.byteLength) throw new UserError(`${where}: the file is cut short`);
  const whole = view.buffer as ArrayBuffer;
  const at = view.byteOffset + from;
  // No copy of a large array where it lies as a typed array would.
  if (LITTLE && type === 'f8' && at % 8 === 0) return new Float64Array(whole, at, count);
  if (LITTLE && type === 'f4' && at % 4 === 0) return new Float32Array(whole, at, count);
  const exact = size <= 2 || type === 'f4';
  const data = exact ? new Float32Array(count) : new Float64Array(count);
  for (let index = 0; index < count; index++) data[index] = read(view, from + index * size);
  return data;
}
