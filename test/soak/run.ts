/** One soak: reference runs, then rounds of the same runs under disturbances, then a calm stretch to measure. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { QueueState } from '../../src/core/api/queue.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { Random } from '../../src/core/math/random.ts';
import { openConnection } from '../../src/core/store/db/open.ts';
import { Store } from '../../src/core/store/store.ts';
import { brokenHistory, differences, homeFindings, type Remains, remainsOf } from './checks.ts';
import { Disk } from './disk.ts';
import { browse, Disturbances } from './disturbances.ts';
import { SoakHub } from './hub.ts';
import { keyOf, pick, pretrainingSpec, type SoakRun, specsOf, tokeniserSpec } from './specs.ts';

const DISK_MB = 400;
const ROUND = 12;
const SEEDS = [1, 2];
const MAX_ATTEMPTS = 60;
/** A round that takes longer hangs. */
const ROUND_MS = 900_000;
/** What the hub may grow by over the calm stretch, beyond what it has after its first runs. */
const GROWTH_BYTES = 40 * 2 ** 20;
const GROWTH_FILES = 3;
/** Pages of the table of runs that a window asks for meanwhile, before the first look and after each. */
const FIRST_PAGES = 300;
const PAGES = 900;

export interface SoakOptions {
  folder: string;
  runs: number;
  seed: number;
}

export class Soak {
  readonly findings: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #options: SoakOptions;
  readonly #random: Random;
  readonly #disk: Disk;
  readonly home: string;
  readonly #twins = new Map<string, Remains>();
  readonly #begun = performance.now();
  #hub: SoakHub | null = null;
  #store: Store | null = null;
  #starting: Promise<SoakHub> | null = null;
  /** Resolves once the home may be opened again. */
  #offline: Promise<void> | null = null;
  #done = 0;
  #runMs = 0;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, 0, 'soak');
    this.#disk = new Disk(join(options.folder, 'disk'), DISK_MB);
    this.home = join(options.folder, 'disk', 'home');
  }

  get progress(): { done: number; seconds: number } {
    return { done: this.#done, seconds: (performance.now() - this.#begun) / 1000 };
  }

  summary(): string {
    const parts = Object.entries(this.counts).map(([what, count]) => `${count} ${what}`);
    return [...parts, `${this.findings.length} findings`].join(', ');
  }

  /** The hub, started anew if it has ended. */
  async hub(): Promise<SoakHub> {
    await this.#offline;
    if (this.#hub?.alive) return this.#hub;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  /** Does something to a home that nobody has open, and starts a hub on it. */
  async offline(work: () => Promise<void>): Promise<void> {
    await this.#starting;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#offline = promise;
    try {
      if (this.#hub?.alive) await this.#hub.quit();
      this.#store?.close();
      this.#store = null;
      await work();
    } finally {
      this.#offline = null;
      resolve();
    }
    await this.hub();
  }

  async #start(): Promise<SoakHub> {
    for (;;) {
      const hub = await SoakHub.start(this.home, this.#disk.environment);
      this.#hub = hub;
      if (hub) return hub;
      await wait(500);
    }
  }

  get store(): Store {
    this.#store ??= new Store(this.home, openConnection(this.home));
    return this.#store;
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  async run(signal: AbortSignal): Promise<string[]> {
    const { runs } = this.#options;
    const specs = await this.#prepare();
    const disturbances = new Disturbances(this, this.#disk, { random: this.#random, runMs: this.#runMs });
    const calm = Math.min(60, Math.ceil(runs / 10));
    while (this.#done < runs - calm && !signal.aborted) {
      const wanted = Array.from({ length: Math.min(ROUND, runs - calm - this.#done) }, () => ({
        ...pick(this.#random, specs),
        seed: pick(this.#random, SEEDS),
      }));
      const ended = Promise.withResolvers<void>();
      const disturbing = disturbances.go(ended.promise);
      const ids = await this.#drainQueue(wanted);
      ended.resolve();
      await disturbing;
      await this.#check(wanted, ids);
    }
    await this.#stayFlat(specs, calm);
    await this.#hub?.quit();
    this.#store?.close();
    this.findings.push(...homeFindings(this.home));
    return this.findings;
  }

  /** Ends what still runs, and removes the folder unless it is to be kept. */
  async end(keep: boolean): Promise<void> {
    if (this.#hub?.alive) await this.#hub.kill();
    if (!keep) this.#disk.remove();
  }

  /** The data set, the runs that others build on, and a twin of every run, all undisturbed. */
  async #prepare(): Promise<Omit<SoakRun, 'seed'>[]> {
    const paths = writeSample(join(this.#options.folder, 'sample'), { users: 80, items: 80, seed: 1 });
    const hub = await this.hub();
    await hub.call('datasets.import', { paths, name: 'club' });
    while (this.store.datasets.list().length === 0) await wait(100);
    const [tokeniser, pretrained] = await this.#drainQueue([
      { ...tokeniserSpec, seed: 1 },
      { ...pretrainingSpec, seed: 1 },
    ]);
    const specs = specsOf({ tokeniser, pretrained });
    const twins = specs.flatMap((spec) => SEEDS.map((seed) => ({ ...spec, seed })));
    const begun = performance.now();
    const ids = await this.#drainQueue(twins);
    this.#runMs = (performance.now() - begun) / ids.length;
    for (const [at, id] of ids.entries()) this.#twins.set(keyOf(twins[at]), remainsOf(this.store, id));
    return specs;
  }

  /** Queues runs and waits until all have completed; what fails on the way is put back. */
  async #drainQueue(wanted: readonly SoakRun[]): Promise<string[]> {
    const ids: string[] = [];
    for (const { model, overrides, seed } of wanted) {
      ids.push(
        await this.#enqueue({ model, overrides, dataset: 'club', seeds: [seed], device: 'cpu', threads: 1 }),
      );
    }
    const begun = performance.now();
    for (;;) {
      await this.#offline;
      const open = this.store.runs.named(ids).filter(({ status }) => status !== 'completed');
      if (open.length === 0) return ids;
      if (performance.now() - begun > ROUND_MS) {
        const states = open.map(({ name, status, message }) => `${name} ${status} ${message ?? ''}`);
        throw new Error(`a round takes too long: ${states.join('; ')}\n${this.#hub?.stderr}`);
      }
      await this.#putBack();
      await wait(200);
    }
  }

  /** Once and only once, whatever becomes of the answer: by its name. */
  async #enqueue(request: Record<string, unknown>): Promise<string> {
    const name = `run-${++this.#names}`;
    for (;;) {
      await this.#offline;
      const known = this.store.runs.list().find((run) => run.name === name);
      if (known) return known.id;
      try {
        await (await this.hub()).call('queue.enqueue', { requests: [{ ...request, name }] });
      } catch (error) {
        this.#expected(error);
        await wait(200);
      }
    }
  }

  #names = 0;

  async #putBack(): Promise<void> {
    try {
      const hub = await this.hub();
      const { resumable, waiting, heldBy } = await hub.call<QueueState>('queue.show');
      if (heldBy !== null) return;
      for (const { id } of resumable) {
        this.count('put back');
        if (this.store.runs.attempts(id).length > MAX_ATTEMPTS) throw new Error(`${id} does not get on`);
        await hub.call('queue.requeue', { run: id });
      }
      for (const { run, held } of waiting) if (held) await hub.call('queue.resume', { run: run.id });
    } catch (error) {
      this.#expected(error);
    }
  }

  /** A call may fail for what the soak does, and for nothing else. */
  #expected(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (!EXPECTED.test(message)) this.findings.push(`unexpected: ${message}`);
  }

  /** Asks for something and does not mind what the soak itself makes fail. */
  async attempt(work: (hub: SoakHub) => Promise<unknown>): Promise<void> {
    try {
      await work(await this.hub());
    } catch (error) {
      this.#expected(error);
    }
  }

  async #check(wanted: readonly SoakRun[], ids: readonly string[]): Promise<void> {
    for (const [at, id] of ids.entries()) {
      const { name } = this.store.runs.get(id);
      const twin = this.#twins.get(keyOf(wanted[at])) ?? {};
      const found = [...brokenHistory(this.store, id), ...differences(remainsOf(this.store, id), twin)];
      const what = `${name} (${id}, ${wanted[at].model}, seed ${wanted[at].seed})`;
      this.findings.push(...found.map((finding) => `${what}: ${finding}`));
      this.counts.attempts = (this.counts.attempts ?? 0) + this.store.runs.attempts(id).length;
      if (found.length === 0) await this.attempt((hub) => hub.call('runs.delete', { runs: [id] }));
      this.#done++;
    }
    // Else the runs of a long soak fill the small disk from the trash.
    await this.attempt((hub) => hub.call('trash.empty'));
  }

  /** Runs without disturbances in one life of the hub: its memory and open files after half of them and after the last. */
  async #stayFlat(specs: readonly Omit<SoakRun, 'seed'>[], count: number): Promise<void> {
    await this.#hub?.quit();
    const uses: { files: number; memory: number }[] = [];
    while (count > 0) {
      const wanted = Array.from({ length: Math.min(6, count) }, () => ({
        ...pick(this.#random, specs),
        seed: pick(this.#random, SEEDS),
      }));
      count -= wanted.length;
      const ids = await this.#drainQueue(wanted);
      await this.#check(wanted, ids);
      await wait(1_000);
      const hub = await this.hub();
      await browse(hub, this.#random, FIRST_PAGES);
      uses.push(hub.use());
      await browse(hub, this.#random, PAGES);
    }
    uses.push((await this.hub()).use());
    // A hub loads code and fills its caches, and its heap finds its size: what grows goes on growing in the later half.
    const [first, last] = [uses[uses.length >> 1], uses[uses.length - 1]];
    this.counts['MB of the hub at last'] = Math.round(last.memory / 2 ** 20);
    if (last.files > first.files + GROWTH_FILES) {
      this.findings.push(`open files grow: ${uses.map(({ files }) => files).join(', ')}`);
    }
    if (last.memory > first.memory + GROWTH_BYTES) {
      this.findings.push(
        `memory grows: ${uses.map(({ memory }) => Math.round(memory / 2 ** 20)).join(', ')} MB`,
      );
    }
  }
}

const EXPECTED = new RegExp(
  [
    'the hub has ended',
    'was closed',
    'the disk is full|cannot be read or written|SQLITE_FULL|SQLITE_IOERR',
    'ended before it had an answer',
    'was stopped',
    'neither waits nor trains|is stopping already|is already running|has completed',
    'there is already a data set named',
    'another process',
  ].join('|'),
);
