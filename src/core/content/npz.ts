/** NumPy's .npz: a zip of named .npy files. */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import { UserError } from '../errors.ts';
import { type NumberArray, readNpy } from '../files/npy.ts';
import { gib, requireMemory } from '../memory.ts';

/** Of Unicode. */
const LAST_POINT = 0x10ffff;

/** By name; texts of one dimension as they are. */
export type NamedArrays = Record<string, NumberArray | string[]>;

/** Throws UserError for an array that `readNpy` does not read, and where they need more memory than there is. */
export function readNpz(path: string): NamedArrays {
  const arrays: NamedArrays = {};
  const archive = readFileSync(path);
  const sizes: number[] = [];
  unzipSync(archive, { filter: ({ originalSize }) => sizes.push(originalSize) < 0 });
  const unpacked = sizes.reduce((sum, size) => sum + size, 0);
  requireMemory({
    claim: `${path}: its arrays unpack to ${gib(unpacked)}`,
    bytes: unpacked,
    largest: Math.max(0, ...sizes),
    advice: 'write the one that is needed as .npy',
  });
  for (const [name, bytes] of Object.entries(unzipSync(archive))) {
    const key = name.replace(/\.npy$/, '');
    arrays[key] = readTextArray(bytes, `${path}, ${name}`) ?? readNpy(bytes, `${path}, ${name}`);
  }
  return arrays;
}

/** An array of NumPy strings (<U) of one dimension, or null. Throws UserError where it says more than there is. */
function readTextArray(bytes: Uint8Array, where: string): string[] | null {
  const header = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  const width = /'descr':\s*'<U(\d+)'/.exec(header)?.[1];
  const count = /'shape':\s*\((\d+),\)/.exec(header)?.[1];
  if (width === undefined || count === undefined) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint8(6) >= 2 ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
  if (!(start + 4 * Math.max(1, Number(width)) * Number(count) <= bytes.length))
    throw new UserError(`${where}: says that it holds ${count} texts, and has ${bytes.length} bytes`);
  return Array.from({ length: Number(count) }, (_, row) => {
    let text = '';
    for (let at = 0; at < Number(width); at++) {
      const point = view.getUint32(start + 4 * (row * Number(width) + at), true);
      if (point === 0) break;
      text += point > LAST_POINT ? '\ufffd' : String.fromCodePoint(point);
    }
    return text;
  });
}
