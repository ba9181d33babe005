/** Data sets on another machine: sent once, shared by all runs there, within a limit. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SshConnection } from '../ssh/connection.ts';
import { type ShipOptions, shipFolder } from './ship.ts';
import { type ArchiveFile, folderFiles } from './tar.ts';

/** How much data sets take there before the one that was used longest ago goes. */
const LIMIT_BYTES = 50 * 2 ** 30;

/**
 * "$1" Tessera's folder, "$2" the data set that is wanted, "$3" the run that needs it, "$4" the limit in KiB. A run needs its
 * data set for as long as it has a folder; what no run needs goes, the longest unused first.
 */
const MAKE_ROOM = `cd "$1" || exit 1
mkdir -p datasets "runs/$3" "needed/$2" || exit 1
: > "needed/$2/$3" && touch "needed/$2"
used=$(du -sk datasets | cut -f1)
ls -tr needed | while read -r name; do
  [ "$used" -gt "$4" ] || break
  for run in "needed/$name"/*; do [ -d "runs/\${run##*/}" ] || rm -f "$run"; done
  [ -z "$(ls "needed/$name")" ] || continue
  rm -rf "datasets/$name" "needed/$name"
  used=$(du -sk datasets | cut -f1)
done`;

/** What takes many gigabytes is counted, and removed. */
const ROOM_MS = 600_000;

/** Sends the folder of a data set for a run, which keeps it there. Resolves with its folder there. */
export async function shipDataset(
  connection: SshConnection,
  local: string,
  { root, run, limit = LIMIT_BYTES }: { root: string; run: string; limit?: number },
  options: ShipOptions = {},
): Promise<string> {
  const names = (await readdir(local)).filter((name) => !name.startsWith('.'));
  const files = await folderFiles(local, names);
  const key = await keyOf(local, files);
  const args = [root, key, run, String(Math.floor(limit / 1024))];
  await connection.run({
    what: 'making room for data',
    script: MAKE_ROOM,
    args,
    silenceMs: ROOM_MS,
    signal: options.signal,
  });
  const folder = `${root}/datasets/${key}`;
  await shipFolder(connection, folder, { what: 'Data', files: () => files, ...options });
  return folder;
}

/** A hash of its summary, which has its fingerprint, and of the sizes of its files; hashing the files would take too long. */
async function keyOf(folder: string, files: readonly ArchiveFile[]): Promise<string> {
  const said = await readFile(join(folder, 'dataset.json'));
  const sizes = files.map(({ path, size }) => `${path} ${size}`).join('\n');
  return createHash('sha256').update(said).update(sizes).digest('hex').slice(0, 32);
}
