import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath } from '../files/durable.ts';
import { asDiskFull } from './duck.ts';

const PREFIX = '.importing-';

/**
 * A folder in which a data set grows, invisible under its final name until `publish`.
 * The name carries this process's id, so that a later import can clear what a killed one left behind.
 */
export class Staging {
  readonly id: string;
  readonly directory: string;
  private readonly datasets: string;

  constructor(home: string, name: string) {
    this.datasets = join(home, 'datasets');
    this.id = `${slug(name)}-${randomBytes(4).toString('hex')}`;
    this.directory = join(this.datasets, `${PREFIX}${process.pid}-${this.id}`);
    try {
      mkdirSync(this.datasets, { recursive: true, mode: 0o700 });
      clearLeftovers(this.datasets);
      mkdirSync(join(this.directory, 'spill'), { recursive: true });
    } catch (error) {
      throw asDiskFull(error, this.datasets);
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
      throw asDiskFull(error, this.datasets);
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
      throw asDiskFull(error, this.datasets);
    }
    return target;
  }

  discard(): void {
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

function clearLeftovers(datasets: string): void {
  for (const entry of readdirSync(datasets)) {
    const pid = Number(/^\.importing-(\d+)-/.exec(entry)?.[1] ?? Number.NaN);
    if (Number.isInteger(pid) && !isAlive(pid))
      rmSync(join(datasets, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
