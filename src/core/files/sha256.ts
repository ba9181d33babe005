import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { throwIfCancelled } from '../errors.ts';

/** The SHA-256 of a file, hexadecimal. Throws CancelledError when the signal fires. */
export async function sha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) {
    throwIfCancelled(signal);
    hash.update(chunk);
  }
  return hash.digest('hex');
}
