/** What happens to a soak's processes and its disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { QueueState } from '../../src/core/api/queue.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import type { Random } from '../../src/core/math/random.ts';
import { newRunId } from '../../src/core/store/runs/run-id.ts';
import { downgrade } from '../store/downgrade.ts';
import type { Disk } from './disk.ts';
import type { SoakHub, WorkerKind } from './hub.ts';
import type { Soak } from './run.ts';
import { pick } from './specs.ts';

const MIN_MS = 100;
const FULL_MS = 3_000;
/** Longer than the trainers' grace. */
const SLOWEST_QUIT_SECONDS = 25;

/** The hub waits 1 s for others. */
const LOCKED_MS = 4_000;
const BACKUPS_KEPT = 3;

const SORTS = ['name', 'model', 'seconds', 'metric:test/ndcg@10', 'config:dim', 'createdAt'];
const GROUPS = [null, 'model', 'status', 'seed'];

/** Asks for so many pages of the table of runs, each another one. */
export async function browse(hub: SoakHub, random: Random, pages: number): Promise<void> {
  for (let page = 0; page < pages; page++) {
    const sort = [{ field: pick(random, SORTS), descending: random.below(2) === 0 }];
    const search = Array.from({ length: random.below(4) }, () => pick(random, ['sas', 'run', 'e', 'x'])).join(
      ' ',
    );
    const place = { limit: 1 + random.below(200), offset: random.below(5_000) };
    const shown = { fold: random.below(2) === 0, groupBy: pick(random, GROUPS) };
    await hub.call('runs.table', { ...place, ...shown, sort, search, metrics: ['test/ndcg@10'] });
  }
}

type Disturbance = () => Promise<void>;

export class Disturbances {
  readonly #soak: Soak;
  readonly #disk: Disk;
  readonly #random: Random;
  readonly #all: readonly [weight: number, what: Disturbance][];
  /** Longest pause between two. */
  readonly #longestMs: number;
  #imports = 0;

  /** `runMs` is what a run takes without disturbances: most must get on between two. */
  constructor(soak: Soak, disk: Disk, { random, runMs }: { random: Random; runMs: number }) {
    this.#soak = soak;
    this.#disk = disk;
    this.#random = random;
    this.#longestMs = 1.5 * runMs;
    this.#all = [
      [30, () => this.#killWorker('trainer')],
      [16, () => this.#killHub()],
      [8, () => this.#quit()],
      [8, () => this.#fill()],
      [6, () => this.#slow()],
      [10, () => this.#ask()],
      [10, () => this.#import()],
      [6, () => this.#hold()],
      [6, () => this.#cancel()],
      [16, () => this.#lock()],
      [16, () => this.#resumeTwice()],
      [16, () => this.#upgrade()],
      [16, () => this.#restore()],
      [16, () => this.#browse()],
    ];
  }

  /** One after the other, until `ended` resolves; then the disk is as it was. */
  async go(ended: Promise<void>): Promise<void> {
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) {
      const pause = MIN_MS + this.#random.below(Math.ceil(this.#longestMs));
      await Promise.race([wait(pause), ended]);
      if (!over) await this.#any()();
    }
    this.#disk.free();
    this.#disk.setSlow(false);
  }

  #any(): Disturbance {
    let at = this.#random.below(this.#all.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, what] of this.#all) {
      if (at < weight) return what;
      at -= weight;
    }
    throw new Error('no disturbance');
  }

  async #killWorker(kind: WorkerKind): Promise<void> {
    const [pid] = (await this.#soak.hub()).workers(kind);
    if (pid === undefined) return;
    try {
      process.kill(pid, 'SIGKILL');
      this.#soak.count(`${kind} kills`);
    } catch {
      // It has ended by itself.
    }
  }

  async #killHub(): Promise<void> {
    await (await this.#soak.hub()).kill();
    this.#soak.count('hub kills');
  }

  async #quit(): Promise<void> {
    const seconds = await (await this.#soak.hub()).quit();
    if (seconds > SLOWEST_QUIT_SECONDS) this.#soak.findings.push(`quitting took ${Math.round(seconds)} s`);
    this.#soak.count('quits');
  }

  async #fill(): Promise<void> {
    if (!this.#disk.own) return;
    this.#disk.fill();
    this.#soak.count('full disks');
    await wait(this.#random.below(FULL_MS));
    this.#disk.free();
  }

  async #slow(): Promise<void> {
    this.#disk.setSlow(this.#random.below(3) > 0);
    this.#soak.count('changes of the disk');
  }

  /** A question that takes the analyst some time, and often its end. */
  async #ask(): Promise<void> {
    const completed = this.#soak.store.runs.withStatus(['completed'], 20);
    if (completed.length === 0) return;
    const run = pick(this.#random, completed).id;
    const asked = this.#soak.attempt((hub) => hub.call('runs.slices', { run }));
    await wait(this.#random.below(2_000));
    if (this.#random.below(3) > 0) await this.#killWorker('analyst');
    await asked;
    this.#soak.count('questions');
  }

  /** An import that completes, or that is killed, alone or with its hub; its data set is there whole or not at all. */
  async #import(): Promise<void> {
    const folder = join(this.#disk.folder, '..', `import-${this.#imports % 3}`);
    const paths = writeSample(folder, { users: 400, items: 100, seed: 1 + (this.#imports % 3) });
    const name = `import-${this.#imports++}`;
    await this.#soak.attempt((hub) => hub.call('datasets.import', { paths, name }));
    await wait(this.#random.below(3_000));
    if (this.#random.below(2) > 0) await this.#killWorker('importer');
    this.#soak.count('imports');
    const [imported] = this.#soak.store.datasets
      .list()
      .filter((dataset) => dataset.name.startsWith('import-'));
    if (imported) {
      await this.#soak.attempt((hub) => hub.call('datasets.delete', { dataset: imported.id, force: true }));
    }
  }

  async #hold(): Promise<void> {
    await this.#toRunning('queue.pause');
    this.#soak.count('holds');
  }

  async #cancel(): Promise<void> {
    await this.#toRunning('queue.cancel');
    this.#soak.count('cancels');
  }

  /** Another process keeps the database to itself, often longer than the hub waits. */
  async #lock(): Promise<void> {
    const database = new Database(join(this.#soak.home, 'tessera.db'));
    try {
      database.exec('BEGIN IMMEDIATE');
      this.#soak.count('locks');
      await wait(this.#random.below(LOCKED_MS));
      database.exec('COMMIT');
    } catch {
      // Another one writes.
    } finally {
      database.close();
    }
  }

  /** Two commands and the hub take the same run at once: one gets it. */
  async #resumeTwice(): Promise<void> {
    const { store } = this.#soak;
    await this.#soak.attempt(async (hub) => {
      const { running } = await hub.call<QueueState>('queue.show');
      const one = running.find(({ hostedHere }) => hostedHere)?.run.id;
      if (one === undefined) return;
      await hub.call('queue.cancel', { run: one });
      for (let tries = 0; tries < 100 && store.runs.get(one).status === 'running'; tries++) await wait(100);
      this.#soak.count('resumes at once');
      const retried = hub.call('queue.requeue', { run: one }).catch(() => {});
      const ended = await Promise.all([1, 2].map(() => this.#command('train', '--resume', one)));
      await retried;
      if (ended.every(({ code }) => code === 0))
        this.#soak.findings.push(`${one} was completed twice at once`);
    });
  }

  /** The home becomes one of the version before; the hub that is started then brings it up to date. */
  async #upgrade(): Promise<void> {
    await this.#soak.offline(async () => downgrade(this.#soak.home));
    this.#soak.count('upgrades');
  }

  /** What restored and updated databases leave behind is for the user to remove; here it would fill the small disk. */
  #removeOldDatabases(): void {
    const { home } = this.#soak;
    const replaced = readdirSync(home).filter((name) => name.startsWith('tessera-replaced-'));
    const old = readdirSync(join(home, 'backups')).sort().slice(0, -BACKUPS_KEPT);
    for (const path of [...replaced, ...old.map((name) => join('backups', name))]) rmSync(join(home, path));
  }

  /** A backup is restored that does not know a run; the hub that is started then leaves its checkpoint alone. */
  async #restore(): Promise<void> {
    const folder = join(this.#soak.home, 'runs', newRunId());
    const checkpoint = join(folder, 'checkpoints', 'last-1.safetensors');
    await this.#soak.offline(async () => {
      const made = await this.#command('backup', 'create');
      mkdirSync(dirname(checkpoint), { recursive: true });
      writeFileSync(checkpoint, '');
      const restored = await this.#command('backup', 'restore');
      for (const { code, stderr } of [made, restored]) {
        if (code !== 0) this.#soak.findings.push(`a backup failed: ${stderr}`);
      }
      this.#removeOldDatabases();
    });
    await wait(1_000);
    if (!existsSync(checkpoint))
      this.#soak.findings.push('the checkpoint of a run that a backup does not know is gone');
    rmSync(folder, { recursive: true, force: true });
    this.#soak.count('restored backups');
  }

  /** Pages, sorts and searches, as the table of runs does. */
  async #browse(): Promise<void> {
    await this.#soak.attempt((hub) => browse(hub, this.#random, 20));
    this.#soak.count('pages');
  }

  /** A command on the home, as a user types it. */
  async #command(...args: string[]): Promise<{ code: number | null; stderr: string }> {
    const main = join(import.meta.dirname, '../../src/main/cli/main.mjs');
    const child = spawn(process.execPath, [main, '--home', this.#soak.home, ...args], {
      env: this.#disk.environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-1_000);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr };
  }

  /** To one of those that train; often with the end of the hub just after. */
  async #toRunning(what: 'queue.pause' | 'queue.cancel'): Promise<void> {
    await this.#soak.attempt(async (hub) => {
      const { running } = await hub.call<QueueState>('queue.show');
      const [one] = running.filter(({ hostedHere }) => hostedHere);
      if (one) await hub.call(what, { run: one.run.id });
    });
    if (this.#random.below(3) === 0) await this.#quit();
  }
}
