import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A folder of `resources`, which ships with the program; found from the sources as from a bundle. */
export function shippedFolder(name: string): string {
  const found = foundAbove(join('resources', name));
  if (found === null) throw new Error(`no resources/${name} above ${import.meta.dirname}`);
  return found;
}

/** The script that answers in reports that are pages; null in a clone that has not built the window. */
export function reportPageScript(): string | null {
  return foundAbove(join('out', 'renderer', 'report-page.js'));
}

function foundAbove(path: string): string | null {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return null;
  }
}
