/** Files to and from another machine: resumed where they were cut, whole or not there. */
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { UserError } from '../../../core/errors.ts';
import { sha256 } from '../../../core/files/sha256.ts';
import type { MadeFile } from '../../workers/agent/questions.ts';
import type { SshConnection } from './connection.ts';

export interface TransferOptions {
  signal?: AbortSignal;
  /** Bytes that are there, of all. */
  onProgress?(done: number, total: number): void;
}

/** Where a cut transfer is taken up: at a multiple of this. */
const BLOCK = 65_536;

/** Bytes of a file of which a slow disk there has the checksum within a millisecond: nothing is heard meanwhile. */
const HASHED_A_MS = 50_000;

/** A SHA-256 of stdin, on Linux or macOS. */
const SHA = `sha() { { sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-64; }`;

/** "$1" the file, "$2" its SHA-256. Says how many bytes of it are there; nothing if it is whole. */
const BYTES_THERE = `${SHA}
mkdir -p "$(dirname "$1")" || exit 1
if [ -f "$1" ] && [ "$(sha < "$1")" = "$2" ]; then exit 0; fi
if [ -f "$1.$2.part" ]; then wc -c < "$1.$2.part"; else echo 0; fi`;

/**
 * "$3" the block at which stdin begins. dd writes at a place of its own and does not append: what an earlier connection,
 * which is thought to be lost, still writes is the same bytes at the same places.
 */
const RECEIVE = `${SHA}
part="$1.$2.part"
dd of="$part" bs=${BLOCK} seek="$3" conv=notrunc 2>&1 >/dev/null | grep -i 'space\\|quota\\|error\\|denied' >&2
[ -f "$part" ] || { [ "$(sha < "$1")" = "$2" ]; exit; }
if [ "$(sha < "$part")" != "$2" ]; then
  [ "$(wc -c < "$part")" -lt "$4" ] || rm -f "$part"
  echo 'what arrived is not what was sent' >&2
  exit 3
fi
sync "$part" 2>/dev/null
mv "$part" "$1"`;

/** Puts a local file there, readable by the user alone. Does nothing where it is there already. */
export async function putFile(
  connection: SshConnection,
  local: string,
  remote: string,
  { signal, onProgress }: TransferOptions = {},
): Promise<{ sent: number }> {
  const [{ size }, hash] = await Promise.all([stat(local), sha256(local)]);
  const what = `copying to ${remote}`;
  const silenceMs = 60_000 + size / HASHED_A_MS;
  const there = await connection.run({ what, script: BYTES_THERE, args: [remote, hash], signal, silenceMs });
  if (there === '') return { sent: 0 };
  const block = Math.floor(Math.min(Number(there), size) / BLOCK);
  let done = block * BLOCK;
  const counted = async function* () {
    for await (const chunk of createReadStream(local, { start: done })) {
      done += chunk.length;
      onProgress?.(done, size);
      yield chunk;
    }
  };
  const args = [remote, hash, String(block), String(size)];
  const stdin = Readable.from(counted(), { objectMode: false });
  await connection.run({ what, script: RECEIVE, args, signal, silenceMs, stdin });
  return { sent: size - block * BLOCK };
}

/** Puts a short text there in one step. */
export async function putText(connection: SshConnection, text: string, remote: string): Promise<void> {
  await connection.run({
    what: `writing ${remote}`,
    script: 'mkdir -p "$(dirname "$1")" && cat > "$1.$$.part" && mv "$1.$$.part" "$1"',
    args: [remote],
    stdin: text,
  });
}

/** Fetches a file that no longer changes. What of it is here already, beside `local`, is not fetched again. */
export async function getFile(
  connection: SshConnection,
  { path: remote, size: total, hash }: MadeFile,
  local: string,
  { signal, onProgress }: TransferOptions = {},
): Promise<void> {
  const what = `fetching ${remote}`;
  const part = `${local}.${hash}.part`;
  const file = await open(part, 'a', 0o600);
  try {
    let { size } = await file.stat();
    // Written in the order in which they come.
    let written: Promise<unknown> = Promise.resolve();
    await connection.run({
      what,
      script: 'tail -c "+$2" "$1"',
      args: [remote, String(size + 1)],
      onOutput: (chunk) => {
        size += chunk.length;
        written = written.then(() => file.write(chunk));
        // Said when all of it is awaited.
        written.catch(() => {});
        onProgress?.(size, total);
      },
      signal,
    });
    await written;
    await file.sync();
  } finally {
    await file.close();
  }
  if ((await sha256(part)) !== hash) {
    await rm(part, { force: true });
    throw new UserError(`${remote} on ${connection.host}: what arrived is not what was sent; try again`);
  }
  await rename(part, local);
}
