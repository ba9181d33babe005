import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The file of a process of its own that stands beside the module in `folder`: as TypeScript in a clone; in
 * a bundle beside it, or beside the folder of shared chunks.
 */
export function processEntry(folder: string, name: string): string {
  const places = [join(folder, `${name}.ts`), join(folder, `${name}.js`), join(folder, '..', `${name}.js`)];
  return places.find((place) => existsSync(place)) ?? places[0];
}
