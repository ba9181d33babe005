/** Sends the program to another machine: each archive once, whole or not there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostProgress } from '../../../core/api/hosts.ts';
import { messageOf } from '../../../core/errors.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { SshError } from '../ssh/ssh-error.ts';
import { putFile } from '../ssh/transfer.ts';
import { type Archive, archivesFor, workerEntry } from './archives.ts';
import { hasCudaLibraries } from './cuda.ts';
import { type ArchiveFile, writeTar } from './tar.ts';
import type { Target } from './target.ts';

/** Where things lie on another machine. */
export interface RemoteProgram {
  node: string;
  /** The entry of a worker. */
  entry(name: Parameters<typeof workerEntry>[0]): string;
  /** Why the device "cuda" does not work there; null where its libraries were sent, or were not wanted. */
  withoutCuda: string | null;
}

export interface ShipOptions {
  signal?: AbortSignal;
  onProgress?(progress: HostProgress): void;
}

/** What is used is not cleaned up: the folder's time says when that was. */
const IS_THERE = '[ -f "$1/.complete" ] && { touch "$1" 2>/dev/null; echo yes; } || echo no';

/** "$1" the archive, "$2" the folder it becomes, "$3" what the folder's node_modules leads to, or nothing. */
const UNPACK = `tmp="$2.$$.tmp"
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp" && tar xf "$1" -C "$tmp" || exit 1
[ -z "$3" ] || ln -s "$3" "$tmp/node_modules" || exit 1
: > "$tmp/.complete" || exit 1
[ -f "$2/.complete" ] || rm -rf "$2"
mv "$tmp" "$2" 2>/dev/null || [ -f "$2/.complete" ] || exit 1
# Where another program was first, it was moved into what that one had made.
rm -rf "$2/\${tmp##*/}"
rm -f "$1"`;

export interface ProgramPlace {
  /** Tessera's folder there. */
  root: string;
  target: Target;
  /** A folder here for what the registry has for other systems. */
  cache: string;
  /** Whether there are GPUs of NVIDIA. */
  cuda: boolean;
}

/** Sends what is not there yet. */
export async function shipProgram(
  connection: SshConnection,
  { root, target, cache, cuda }: ProgramPlace,
  options: ShipOptions = {},
): Promise<RemoteProgram> {
  let withoutCuda: string | null = null;
  const withCuda = cuda && hasCudaLibraries(target);
  const archives = await archivesFor(target, cache, withCuda).catch((error) => {
    if (!withCuda) throw error;
    withoutCuda = messageOf(error);
    return archivesFor(target, cache);
  });
  const folder = ({ kind, key }: Archive) => `${root}/${kind}-${key}`;
  const [node, packages, program] = archives.map(folder);
  for (const archive of archives) {
    const modules = archive.kind === 'program' ? `${packages}/node_modules` : '';
    await shipFolder(connection, folder(archive), {
      what: NAMES[archive.kind],
      modules,
      files: () => archive.files(),
      gzip: true,
      ...options,
    });
  }
  return { node: `${node}/bin/node`, entry: (name) => `${program}/${workerEntry(name)}`, withoutCuda };
}

/** A big data set, on a slow disk. */
const UNPACK_MS = 1_800_000;

const NAMES: Record<Archive['kind'], string> = { node: 'Node', packages: 'Packages', program: 'Tessera' };

interface ShippedFolder extends ShipOptions {
  what: string;
  modules?: string;
  /** Only asked for where they are to be sent. */
  files(): readonly ArchiveFile[] | Promise<readonly ArchiveFile[]>;
  gzip?: boolean;
}

/** Sends in this process, by host and folder: of many runs that need the same one, the first sends it. */
const sending = new Map<string, Promise<void>>();
const TRIES = 3;

/** Sends a folder unless it is there. Another program may send the same one at the same time. */
export async function shipFolder(
  connection: SshConnection,
  folder: string,
  options: ShippedFolder,
): Promise<void> {
  const key = `${connection.host}\0${folder}`;
  for (let others = sending.get(key); others; others = sending.get(key)) await others.catch(() => {});
  const sent = insist(() => sendUnlessThere(connection, folder, options)).finally(() => sending.delete(key));
  sending.set(key, sent);
  return sent;
}

async function insist(send: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      // Another program's archive may have gone with ours: then its folder is there.
      if (attempt === TRIES || !(error instanceof SshError && error.problem === 'failed')) throw error;
    }
  }
}

async function sendUnlessThere(
  connection: SshConnection,
  folder: string,
  { what, modules = '', files, gzip = false, signal, onProgress }: ShippedFolder,
): Promise<void> {
  const looking = { what: `looking for ${folder}`, script: IS_THERE, args: [folder], signal };
  if ((await connection.run(looking)).trim() === 'yes') return;
  const work = await mkdtemp(join(tmpdir(), 'tessera-send-'));
  try {
    const file = join(work, 'archive');
    await writeTar(file, await files(), { gzip });
    const report = (done: number, total: number) => onProgress?.({ what, done, total });
    await putFile(connection, file, `${folder}.tar`, { signal, onProgress: report });
    await connection.run({
      what: `unpacking ${folder}`,
      script: UNPACK,
      args: [`${folder}.tar`, folder, modules],
      silenceMs: UNPACK_MS,
      signal,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
