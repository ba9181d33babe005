import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath } from '../../files/durable.ts';
import { asNoRoom } from '../duck.ts';
import { markOwned, removeAbandonedImports, STAGING_PREFIX } from './import-owner.ts';

/**
 * A folder in which a data set grows, invisible under its final name until `publish`.
 * It names its process, so that others remove only folders of processes that have ended.
 */
export class Staging {
  readonly id: string;
  readonly directory: string;
  private readonly datasets: string;

  constructor(home: string, name: string) {
    this.datasets = join(home, 'datasets');
    this.id = `${slug(name)}-${randomBytes(4).toString('hex')}`;
    this.directory = join(this.datasets, `${STAGING_PREFIX}${this.id}`);
    try {
      mkdirSync(this.datasets, { recursive: true, mode: 0o700 });
      removeAbandonedImports(this.datasets);
      mkdirSync(join(this.directory, 'spill'), { recursive: true, mode: 0o700 });
      markOwned(this.directory);
    } catch (error) {
      throw asNoRoom(error, this.datasets);
    }
  }

  path(file: string): string {
    return join(this.directory, file);
  }

  /** Where DuckDB spills and gzip is unpacked; gone before `publish`. */
  scratch(file = ''): string {
    return join(this.directory, 'spill', file);
  }

  writeJson(file: string, value: unknown): void {
    try {
      writeFileSync(this.path(file), `${JSON.stringify(value, null, 2)}\n`);
    } catch (error) {
      throw asNoRoom(error, this.datasets);
    }
  }

  /** Syncs every file, then gives the folder its final name. Returns that folder. */
  publish(): string {
    const target = join(this.datasets, this.id);
    try {
      rmSync(this.scratch(), { recursive: true, force: true });
      for (const file of readdirSync(this.directory)) syncPath(this.path(file));
      syncPath(this.directory);
      renameSync(this.directory, target);
      syncPath(this.datasets);
    } catch (error) {
      throw asNoRoom(error, this.datasets);
    }
    return target;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A name as a safe file name: lower-case letters, digits and dashes, never empty. */
export function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  return plain.slice(0, 60).replaceAll(/^-+|-+$/g, '') || 'dataset';
}
