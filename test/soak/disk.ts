/** The disk that a soak works on: one that can be filled, where that can be had. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(2 ** 20);

export class Disk {
  readonly folder: string;
  /** A disk of its own, which can be filled: a tmpfs, as root on Linux. */
  readonly own: boolean;
  readonly #ballast: string;
  readonly #slow: string;

  constructor(folder: string, megabytes: number) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    const mount = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
    this.own = process.platform === 'linux' && spawnSync('mount', mount).status === 0;
    this.#ballast = join(folder, 'ballast');
    this.#slow = join(folder, 'slow');
  }

  /** For the processes that work on it. */
  get environment(): NodeJS.ProcessEnv {
    const preload = `--import ${join(import.meta.dirname, 'slow-disk.ts')} --disable-warning=ExperimentalWarning`;
    return { ...process.env, TESSERA_SOAK_SLOW: this.#slow, NODE_OPTIONS: preload };
  }

  /** Takes all the space there is. */
  fill(): void {
    const file = openSync(this.#ballast, 'w');
    try {
      for (;;) writeSync(file, CHUNK);
    } catch {
      // Full.
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  setSlow(slow: boolean): void {
    if (slow) writeFileSync(this.#slow, '');
    else rmSync(this.#slow, { force: true });
  }

  /** Removes everything. */
  remove(): void {
    if (this.own) spawnSync('umount', ['-l', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
