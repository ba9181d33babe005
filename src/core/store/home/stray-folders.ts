/** Folders of runs and data sets that no row knows: of a database that was restored, lost or left behind. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBeingImported } from '../../data/import/import-owner.ts';

/** Data sets that an earlier version was about to delete. */
const DELETED = '.deleted-';

/** Their paths inside the home; `known` are those that there is a row of. What a living process imports is none. */
export async function strayFolders(
  home: string,
  known: (folder: 'runs' | 'datasets') => ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ['runs', 'datasets'] as const) {
    const entries = await readdir(join(home, folder), { withFileTypes: true }).catch(() => []);
    // Asked after the look: a row is there before its folder, but for what is being imported.
    const listed = known(folder);
    for (const { name } of entries.filter((entry) => entry.isDirectory())) {
      const path = `${folder}/${name}`;
      const hidden = name.startsWith('.') && !name.startsWith(DELETED);
      if (!hidden && !listed.has(path) && !isBeingImported(join(home, path))) found.push(path);
    }
  }
  return found;
}

/** Of all files in it; 0 for a folder that is not there. */
export async function folderBytes(path: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(path, { recursive: true }).catch(() => [])) {
    const file = await stat(join(path, name)).catch(() => null);
    if (file?.isFile()) bytes += file.size;
  }
  return bytes;
}
