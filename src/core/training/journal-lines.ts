/** Lines of a journal: the length of a JSON in bytes, its CRC-32 in eight hexadecimal digits, and the JSON, with spaces between. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

export const NEWLINE = 0x0a;
const FRAME = /^(\d+) ([0-9a-f]{8}) $/;
/** Most of a line that stands before its JSON. */
const FRAME_BYTES = 40;

/** A JSON as a line. */
export function frame(json: Buffer): Buffer {
  const sum = crc32(json).toString(16).padStart(8, '0');
  return Buffer.concat([Buffer.from(`${json.length} ${sum} `), json, Buffer.from('\n')]);
}

/** The JSON of a line; null where the line is not what was written. */
export function unframe(line: Buffer): Buffer | null {
  const start = line.subarray(0, FRAME_BYTES).indexOf('{');
  if (start < 0) return null;
  const [, length, sum] = FRAME.exec(line.toString('latin1', 0, start)) ?? [];
  const json = line.subarray(start);
  return Number(length) === json.length && Number.parseInt(sum, 16) === crc32(json) ? json : null;
}

/**
 * What a journal has behind an offset: `first` bytes and, where they hold no whole line, as many more as it takes, up to `most`.
 * Nothing where the file cannot be read, or is none: a folder, or a pipe, which would be waited for.
 */
export function linesAt(
  path: string,
  offset: number,
  first: number,
  most = Number.POSITIVE_INFINITY,
): Buffer {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(file).isFile()) return Buffer.alloc(0);
    for (let wanted = Math.min(first, most); ; wanted = Math.min(2 * wanted, most)) {
      const bytes = Buffer.alloc(Math.min(wanted, Math.max(0, fstatSync(file).size - offset)));
      const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
      if (read.length < wanted || wanted === most || read.includes(NEWLINE)) return read;
    }
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/** The whole lines of some bytes, each with where it begins, and where the last one ends. */
export function* wholeLines(bytes: Buffer): Generator<{ line: Buffer; start: number; end: number }> {
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    yield { line: bytes.subarray(start, end), start, end: end + 1 };
    start = end + 1;
  }
}
