import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { slug } from '../../../core/data/import/staging.ts';
import type { Store } from '../../../core/store/store.ts';

/** Where an export goes: the folder that was asked for, or for "" a new one of this name in the home. */
export function exportFolder({ home }: Pick<Store, 'home'>, asked: string, name: string): string {
  if (asked !== '') return resolve(asked.replace(/^~(?=\/|$)/, homedir()));
  const own = join(home, 'exports', slug(name));
  mkdirSync(join(home, 'exports'), { recursive: true, mode: 0o700 });
  for (let count = 1; ; count++) {
    const folder = count === 1 ? own : `${own}-${count}`;
    if (!existsSync(folder)) return folder;
  }
}
