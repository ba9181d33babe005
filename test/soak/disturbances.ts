/** What happens to a soak's processes and its disk. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { QueueState } from '../../src/core/api/queue.ts';
import { writeSample } from '../../src/core/data/sample.ts';
import type { Random } from '../../src/core/math/random.ts';
import type { Disk } from './disk.ts';
import type { WorkerKind } from './hub.ts';
import type { Soak } from './run.ts';
import { pick } from './specs.ts';

const SHORTEST_MS = 100;
const FULL_MS = 3_000;
/** Longer than the trainers' grace. */
const SLOWEST_QUIT_SECONDS = 25;

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
    this.#longestMs = 4 * runMs;
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
    ];
  }

  /** One after the other, until `ended` resolves; then the disk is as it was. */
  async go(ended: Promise<void>): Promise<void> {
    let over = false;
    void ended.then(() => {
      over = true;
    });
    while (!over) {
      const pause = SHORTEST_MS + this.#random.below(Math.ceil(this.#longestMs));
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

  /** To one of those that train; often with the end of the hub just after. */
  async #toRunning(what: 'queue.pause' | 'queue.cancel'): Promise<void> {
    await this.#soak.attempt(async (hub) => {
      const { running } = await hub.call<QueueState>('queue.show');
      const [one] = running.filter(({ own }) => own);
      if (one) await hub.call(what, { run: one.run.id });
    });
    if (this.#random.below(3) === 0) await this.#quit();
  }
}
