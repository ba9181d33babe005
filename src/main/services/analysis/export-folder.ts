import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { slug } from '../../../core/data/import/staging.ts';
import { pathFrom } from '../../../core/files/absolute-paths.ts';
import { freeName } from '../../../core/names.ts';
import type { Store } from '../../../core/store/store.ts';

/** Where an export goes: the folder that was asked for, or for "" a new one of this name in the home. */
export function exportFolder({ home }: Pick<Store, 'home'>, asked: string, name: string): string {
  if (asked !== '') return pathFrom('.', asked);
  const exports = join(home, 'exports');
  mkdirSync(exports, { recursive: true, mode: 0o700 });
  return freeName(join(exports, slug(name)), existsSync);
}
