import { isUtf8 } from 'node:buffer';
import { closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CancelledError, messageOf, UserError } from '../../errors.ts';
import { freeBytes } from '../../files/durable.ts';
import { asNoRoom } from '../duck.ts';
import type { SniffedFile } from '../formats/sniff.ts';
import type { PlannedFile, Source } from './plan-types.ts';
import type { Staging } from './staging.ts';

const CHUNK_BYTES = 4 * 2 ** 20;
/** Past this size the encoding is taken from the beginning; bytes that are not UTF-8 become bad rows. */
const FULL_SCAN_BYTES = 64 * 2 ** 20;

/**
 * A file with the path of a plain UTF-8 copy of its text, or of the file itself where it is one already. gzip is unpacked
 * here and not by DuckDB, which takes a gzip file cut short for a whole one; line numbers then need no second unpacking.
 */
export async function prepareText(
  file: PlannedFile,
  staging: Staging,
  key: string,
  signal?: AbortSignal,
): Promise<Source> {
  return { key, file, path: await plainPath(file, staging.scratch(key), signal), staging, signal };
}

/** The path of such a copy, which begins with `scratch`, or of the file. Throws UserError for a damaged gzip. */
export async function plainPath(file: SniffedFile, scratch: string, signal?: AbortSignal): Promise<string> {
  if (file.kind === 'parquet') return file.path;
  let path = file.path;
  if (file.gzip) {
    path = `${scratch}.plain`;
    await transform(file.path, path, createGunzip(), signal);
    if (statSync(path).size === 0) throw new UserError(`${file.path}: the file is empty inside its gzip`);
  }
  const latin1 = file.encoding === 'latin-1' || (!file.encodingGiven && !allUtf8(path));
  if (!latin1) return path;
  const recoded = `${scratch}.utf8`;
  await transform(path, recoded, latin1ToUtf8(), signal);
  return recoded;
}

/** How much of the free space may be filled: others need some, too. */
const FREE_SHARE = 0.9;

/** Small files can unpack to any size: this passes on what fits the disk with room to spare, and then fails. */
export function withinFreeSpace(path: string, free = freeBytes(dirname(path))): Transform {
  let left = free === null ? Number.POSITIVE_INFINITY : free * FREE_SHARE;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left >= 0) done(null, chunk);
      else done(Object.assign(new Error('no space left on device: it unpacks to more'), { code: 'ENOSPC' }));
    },
  });
}

async function transform(from: string, to: string, step: Transform, signal?: AbortSignal) {
  try {
    const bytes = createReadStream(from, { highWaterMark: CHUNK_BYTES });
    await pipeline(bytes, step, withinFreeSpace(to), createWriteStream(to), { signal });
  } catch (error) {
    if (signal?.aborted) throw new CancelledError();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') throw new UserError(`${from}: the gzip file is cut short; fetch it again`);
    if (code?.startsWith('Z_')) {
      throw new UserError(`${from}: the gzip file is damaged (${messageOf(error)}); fetch it again`);
    }
    throw asNoRoom(error, dirname(to));
  }
}

function latin1ToUtf8(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(chunk.toString('latin1'), 'utf8'));
    },
  });
}

function allUtf8(path: string): boolean {
  if (statSync(path).size > FULL_SCAN_BYTES) return true;
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  try {
    let kept = 0;
    for (;;) {
      const read = readSync(file, buffer, kept, buffer.length - kept, null);
      const length = kept + read;
      if (read === 0) return kept === 0;
      const whole = wholeCharacters(buffer, length);
      if (!isUtf8(buffer.subarray(0, whole))) return false;
      buffer.copyWithin(0, whole, length);
      kept = length - whole;
    }
  } finally {
    closeSync(file);
  }
}

/** Length without a character that the end of the buffer cuts. */
function wholeCharacters(buffer: Buffer, length: number): number {
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = buffer[length - back];
    if (byte >= 0xc0) return byte >= (back === 1 ? 0xc0 : back === 2 ? 0xe0 : 0xf0) ? length - back : length;
    if (byte < 0x80) return length;
  }
  return length;
}
