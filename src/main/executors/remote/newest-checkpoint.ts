import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../../core/machine.ts';
import type { HostLink } from './host-link.ts';
import { fetchFiles } from './run-files.ts';

/** Between two fetches, and at least twice as long as one takes: no more than a third of the line. */
const EVERY_MS = 300_000;

interface Place {
  link: HostLink;
  name: string;
  runDir: string;
  clock: Clock;
  /** The checkpoint of an epoch is here. */
  onSaved(epoch: number): void;
}

/** Brings the newest checkpoint here while its training goes on there: what is lost with a host is minutes. */
export class NewestCheckpoint {
  readonly #place: Place;
  #newest: { path: string; epoch: number } | null = null;
  #fetched: string | null = null;
  #nextAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | null = null;

  constructor(place: Place) {
    this.#place = place;
  }

  /** A checkpoint to go on from, within the run's folder. */
  is(path: string, epoch: number): void {
    this.#newest = { path, epoch };
  }

  fetchSoon(): void {
    const { clock } = this.#place;
    const newest = this.#newest;
    if (this.#fetching || newest === null || newest.path === this.#fetched || clock.elapsed() < this.#nextAt)
      return;
    const begun = clock.elapsed();
    // Its trainer may remove it meanwhile; the next one follows.
    this.#fetching = this.#fetch(newest)
      .catch(() => {})
      .finally(() => {
        this.#fetching = null;
        this.#nextAt = clock.elapsed() + Math.max(EVERY_MS, 2 * (clock.elapsed() - begun));
      });
  }

  /** Nothing is being fetched any more. */
  async settled(): Promise<void> {
    await this.#fetching;
  }

  async #fetch({ path, epoch }: { path: string; epoch: number }): Promise<void> {
    const { link, name, runDir } = this.#place;
    const both = [path, path.replace(/\.safetensors$/, '.json')];
    const files = await link.ask({ op: 'made', name, only: both });
    if (files.length < both.length) return;
    await fetchFiles(link, name, files, runDir);
    this.#fetched = path;
    this.#remove((file) => !both.includes(file));
    this.#place.onSaved(epoch);
  }

  /** Removes those here that are not there any more, of what was made there since. */
  removeOthers(there: readonly string[]): void {
    if (this.#fetched !== null && there.some(isLast)) this.#remove((file) => !there.includes(file));
  }

  #remove(isOld: (path: string) => boolean): void {
    const folder = dirname(this.#fetched ?? '');
    for (const file of readdirSync(join(this.#place.runDir, folder)))
      if (isLast(file) && isOld(`${folder}/${file}`)) rmSync(join(this.#place.runDir, folder, file));
  }
}

function isLast(path: string): boolean {
  return /^last-\d+\.(safetensors|json)$/.test(basename(path));
}
