import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder of `resources`, which ships with the program; found from the sources as from a bundle. */
export function shippedFolder(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'resources', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) throw new Error(`no resources/${name} above ${import.meta.dirname}`);
  }
}
