import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The entry file of a child process. In a clone it is the TypeScript file `source`, relative to the calling module's
 * `folder`; in a bundle it is `<name>.js` beside that module, or beside the folder of shared chunks.
 */
export function processEntry(folder: string, name: string, source = `${name}.ts`): string {
  const places = [join(folder, source), join(folder, `${name}.js`), join(folder, '..', `${name}.js`)];
  return places.find((place) => existsSync(place)) ?? places[0];
}
