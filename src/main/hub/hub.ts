import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import type { AnalystClient } from '../../core/api/analyst.ts';
import type { Change, WantedChange } from '../../core/api/changes.ts';
import type { ConfigRequest } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import type { Settings, SystemInfo } from '../../core/api/settings.ts';
import { codeVersion } from '../../core/code-version.ts';
import { DeviceChecks } from '../../core/engine/devices/checks.ts';
import { UserError } from '../../core/errors.ts';
import { freeBytes } from '../../core/files/durable.ts';
import { logLine, OPENED, programLogOf } from '../../core/files/program-log.ts';
import { totalMemory } from '../../core/memory.ts';
import { knowPlugins, type PluginDescription } from '../../core/plugins/description.ts';
import { makeChanges } from '../../core/store/home/changes.ts';
import type { TrashRef } from '../../core/store/home/trash-types.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { Store } from '../../core/store/store.ts';
import { commandLine } from '../data-folder/command-line.ts';
import type { Executor } from '../executors/executor.ts';
import { LocalExecutor } from '../executors/local.ts';
import { agreedIn, descriptionOf } from '../plugins/agreements.ts';
import { findHost, hostSlots } from '../services/hosts.ts';
import { createRun } from '../services/runs/create-run.ts';
import { ProbeService } from '../services/runs/probes.ts';
import { searchNotice } from '../services/runs/run-alerts.ts';
import { RunService } from '../services/runs/runs.ts';
import { Scheduler } from '../services/runs/scheduler.ts';
import { readSettings, threadsOf, writeSettings } from '../services/settings.ts';
import { endStray } from '../services/strays.ts';
import { requireRestored, restoreRows } from '../services/trash.ts';
import { type LaunchWorker, loggedLauncher } from '../workers/launch.ts';
import { probeWith } from '../workers/probing.ts';
import { AnalystLink, type AnalystProcess } from './analyst-link.ts';
import { EventBus } from './event-bus.ts';
import { ImportService } from './imports.ts';
import { News } from './news.ts';
import { OtherProcesses } from './other-processes.ts';
import { PlanService } from './plans.ts';
import { Upkeep } from './upkeep.ts';
import { WorkService } from './work.ts';

const WATCH_STORE_MS = 1_000;
/** The hub's thread answers the window: it waits no longer for a transaction of another process. */
const BUSY_MS = 1_000;

export interface HubOptions {
  home: string;
  shell: SystemInfo['shell'];
  launch: LaunchWorker;
  /** Starts trainers. Default: through `launch`. */
  host?: Executor;
  /** Those of the session. Default: none is checked yet. */
  devices?: DeviceChecks;
  /** That of the hub before. Default: one of its own. */
  analyst?: AnalystProcess;
}

const hashesOf = (plugins: readonly { hash: string }[]) => plugins.map(({ hash }) => hash).join(' ');

/** Everything a shell serves: the store of one home, its queue, and its worker processes. */
export class Hub {
  readonly store: Store;
  readonly bus = new EventBus();
  readonly news: News;
  readonly runs: RunService;
  readonly scheduler: Scheduler;
  readonly imports: ImportService;
  readonly probes: ProbeService;
  readonly work: WorkService;
  readonly plans: PlanService;
  readonly analyst: AnalystClient;
  /** Each is checked once a session. */
  readonly devices: DeviceChecks;
  readonly #analystLink: AnalystLink;
  readonly #shell: SystemInfo['shell'];
  readonly #watch: NodeJS.Timeout;
  /** The hashes of those that this process knows. */
  #plugins: string | null = null;
  readonly #upkeep: Upkeep;
  readonly #others: OtherProcesses;
  /** Runs that ended while no program ran. */
  #settled: readonly string[] = [];

  /** Opens the home and creates it if missing. Throws UserError if it cannot be used. */
  constructor({ home, shell, launch: start, host, devices, analyst }: HubOptions) {
    const launch = loggedLauncher(start);
    this.#shell = shell;
    this.store = openStore(home, (runs) => {
      this.#settled = runs;
    });
    this.store.waitAtMost(BUSY_MS);
    this.news = new News(this.bus, this.store);
    this.plugins();
    const trainers = host ?? new LocalExecutor(launch);
    this.runs = new RunService(this.store, trainers);
    this.probes = new ProbeService(this.store, trainers, () => this.devices.auto());
    this.#analystLink = new AnalystLink(
      launch,
      () => ({ home: this.store.home, threads: threadsOf(this.store) }),
      { onDeed: (input) => this.#tellOfDeed(input), process: analyst },
    );
    this.analyst = createORPCClient(this.#analystLink);
    this.imports = new ImportService(this.store, launch, (state) => {
      this.bus.emit({ type: 'import', state });
      if (state.status === 'completed') this.news.changed('datasets');
    });
    this.work = new WorkService(this.store, {
      ask: (path, input, signal) => this.askAnalyst(path, input, signal),
      onChange: (state) => this.bus.emit({ type: 'work', state }),
      wake: () => {
        this.news.changed('queue');
        this.scheduler.wake();
      },
    });
    this.devices = devices ?? new DeviceChecks(probeWith(launch));
    this.scheduler = new Scheduler(this.store, this.runs, {
      slots: () => ({ ...hostSlots(this.store), ...readSettings(this.store).slots }),
      autoDevice: () => this.devices.auto(),
      between: {
        isBusy: () => this.work.isEvaluating,
        look: (hasRoom) => this.work.lookAtEvaluations(hasRoom),
      },
      takeStep: async (study) => {
        const isTaken = await this.analyst.internal.takeStep({ study });
        const ended = isTaken ? null : searchNotice(this.store, study);
        if (isTaken || ended) this.news.changed('studies');
        if (!isTaken) this.plans.look();
        this.news.alert(ended);
        return isTaken;
      },
      onChange: (run) => this.#queueChanged(run),
      onEnded: (run) => {
        this.news.ended(run);
        this.plans.look();
      },
      onProblem: (error) => this.news.failed('Could not continue the queue', error, 'queue'),
    });
    this.plans = new PlanService(this.store, {
      analyst: this.analyst,
      scheduler: this.scheduler,
      onChange: () => {
        this.news.changed('plans', 'studies');
        this.onQueueChanged();
      },
      onEnded: (plan) => this.news.notify('info', `The plan ${plan.name} has ended`, '', null),
      onProblem: (error) => this.news.failed('Could not continue a plan', error, 'queue'),
    });
    this.runs.subscribe((run, event) => {
      if (event.type === 'progress') this.bus.emit({ type: 'progress', run, progress: event });
      if (event.type === 'place') {
        this.news.changed('queue');
        this.news.run(run);
      }
      // Not before: a window that asked at once would be answered without it.
      if (event.type === 'written') this.news.told(run, event.events);
    });
    this.#upkeep = new Upkeep(this.store, this.analyst, this.news);
    this.#others = new OtherProcesses(this.store, {
      isOurs: (run) => this.scheduler.stateOf(run) !== null,
      progressOf: (run) => this.scheduler.activeState(run)?.progress ?? null,
      tell: (event) => this.bus.emit(event),
      onChange: () => this.news.somethingChanged(),
    });
    this.#watch = setInterval(() => {
      this.#lookAtOthers();
      this.#pollPlugins();
      void this.#upkeep.writeFiles();
    }, WATCH_STORE_MS).unref();
  }

  /** The analyst's process, where another hub can have it. */
  get idleAnalyst(): AnalystProcess | undefined {
    return this.#analystLink.idleProcess;
  }

  /** Starts working through the queue, and removes what earlier sessions left. */
  start(): void {
    const { version, platform } = this.system();
    logLine(
      'program',
      `${OPENED}Tessera ${version}, ${this.#shell}, ${platform}, Node ${process.versions.node}`,
    );
    for (const run of this.store.runs.named(this.#settled)) this.news.ended(run);
    this.scheduler.start();
    this.plans.begin();
    this.#upkeep.start(this.uploadsFolder);
  }

  /** The plug-ins that may run here, whose names this process knows from now on: it runs none. */
  plugins(): PluginDescription[] {
    const { home } = this.store;
    const agreed = agreedIn(home);
    const descriptions = agreed.flatMap((one) => descriptionOf(home, one) ?? []);
    knowPlugins(descriptions);
    const [before, now] = [this.#plugins, hashesOf(agreed)];
    this.#plugins = now;
    // Whoever asks may be the first to see them.
    if (before !== null && before !== now) this.news.changed('plugins');
    return descriptions;
  }

  /** They are agreed to in a terminal, while the window is open. */
  #pollPlugins(): void {
    if (hashesOf(agreedIn(this.store.home)) !== this.#plugins) this.plugins();
  }

  /**
   * Stops every process, but for the analyst where another hub has it; running trainings resume from their checkpoints in the
   * next session. Rejects where the store cannot be written; everything is closed then, too.
   */
  async close({ keepsAnalyst = false } = {}): Promise<void> {
    this.#upkeep.stop();
    clearInterval(this.#watch);
    this.imports.close();
    this.work.close();
    this.probes.close();
    try {
      await this.plans.close();
      await this.scheduler.close();
      await this.runs.close();
    } finally {
      const left = keepsAnalyst ? this.#analystLink.leave() : this.#analystLink.stop();
      this.store.close();
      logLine('program', 'closed');
      await left;
    }
  }

  changeSettings(changes: Partial<Settings>): Settings {
    const changed = writeSettings(this.store, changes);
    this.news.changed('settings');
    this.scheduler.wake();
    return changed;
  }

  system(): Omit<SystemInfo, 'homeSource'> {
    return {
      version: codeVersion(),
      shell: this.#shell,
      platform: process.platform,
      home: this.store.home,
      homeKey: this.store.key,
      log: programLogOf(this.store.home),
      commandLine: commandLine(this.store.home),
      freeBytes: freeBytes(this.store.home),
      threads: os.availableParallelism(),
      memoryBytes: totalMemory(),
    };
  }

  /** A new folder for dropped or generated files, deleted once they are imported. */
  newUpload(): string {
    return join(this.uploadsFolder, randomUUID());
  }

  get uploadsFolder(): string {
    return join(this.store.home, 'uploads');
  }

  /** Resolves a request to a full config. Throws UserError if it is invalid, by itself or for the data set. */
  async resolve(request: ConfigRequest & { dataset: string }): Promise<Record<string, unknown>> {
    const { model, preset, overrides, dataset } = request;
    const { config, problem } = await this.analyst.models.resolve({ model, preset, overrides, dataset });
    if (config === null) throw new UserError(problem);
    return config;
  }

  /** Calls a procedure of the analyst's contract whose input has been checked. */
  askAnalyst(path: readonly string[], input: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#analystLink.call(path, input, { signal });
  }

  /** Queues one run per request and seed, or none. Throws UserError for a bad config or an unknown data set. */
  async enqueue(requests: readonly EnqueueRequest[]): Promise<string[]> {
    const configs = await Promise.all(requests.map((request) => this.resolve(request)));
    const runs = this.store.transaction(() =>
      requests.flatMap((request, at) => this.#queue(request, configs[at])),
    );
    this.onQueueChanged();
    return runs;
  }

  #queue(request: EnqueueRequest, config: Record<string, unknown>): string[] {
    const { model, dataset, seeds, device, on, job, name, tags, notes, project } = request;
    const place = on === undefined ? null : findHost(this.store, on).name;
    const threads = threadsOf(this.store, request.threads);
    return seeds.map((seed) => {
      const runName = name ? (seeds.length > 1 ? `${name}-seed${seed}` : name) : null;
      const { id } = createRun(this.store, {
        model,
        config,
        dataset,
        seed,
        device,
        threads,
        place,
        job,
        name: runName,
      });
      this.store.table.annotate(id, { tags, notes, project });
      this.store.queue.put(id, 'end');
      return id;
    });
  }

  /** Tells windows of hosts that have changed, once they have. */
  async changeHosts<T>(change: T | Promise<T>): Promise<T> {
    const changed = await change;
    this.news.changed('hosts');
    return changed;
  }

  /** Call after runs have been added to the queue. */
  onQueueChanged(): void {
    this.scheduler.wake();
    this.#queueChanged(null);
  }

  /** Makes changes, all or none, and returns them as they can be taken back. Throws UserError where they were meant for another home. */
  change(home: string, wanted: readonly WantedChange[]): Change[] {
    if (home !== this.store.key) throw new UserError('this was meant for another data folder');
    const made = makeChanges(this.store, wanted);
    for (const change of made) this.#tellOfChange(change);
    return made;
  }

  #tellOfChange(change: Change): void {
    if (change.of === 'turn') this.scheduler.turned(change.id, change.to.at !== null && !change.to.held);
    else if (change.of === 'order' || change.of === 'paused' || change.of === 'machine')
      this.onQueueChanged();
    else this.news.edited(change);
    if (change.of === 'deleted' && !change.to) this.scheduler.wake();
  }

  /** Deletes things of the trash permanently. */
  async purge(items: readonly TrashRef[]): Promise<void> {
    try {
      await this.store.trash.purge(items);
    } finally {
      this.news.changed('trash');
    }
  }

  /** Brings things back from the trash, each by itself; runs that waited there go on. Throws UserError that names those that could not be. */
  async restore(items: readonly TrashRef[]): Promise<void> {
    const folders = items.filter(({ kind }) => kind === 'folder').map(({ id }) => id);
    try {
      const problems = restoreRows(
        this.store,
        items.filter(({ kind }) => kind !== 'folder'),
      );
      const strays = folders.length === 0 ? [] : await this.analyst.internal.adopt({ folders });
      problems.push(...strays.map(({ problem }) => problem));
      requireRestored(problems, items.length);
    } finally {
      this.news.somethingChanged();
      this.scheduler.wake();
    }
  }

  /** Adopts a stray run, and queues the evaluation of its checkpoint. */
  async measureStray(id: string): Promise<{ run: string }> {
    const measured = await this.analyst.internal.measureStray({ id });
    this.news.somethingChanged();
    this.scheduler.wake();
    return measured;
  }

  /** Ends what trains a stray, here or on another machine. */
  async endStray(stray: Parameters<typeof endStray>[1]): Promise<void> {
    await endStray(this.store, stray, (host) => this.runs.on(host)).finally(() => this.news.changed('trash'));
  }

  #queueChanged(run: string | null): void {
    this.news.changed('queue');
    if (run === null) {
      this.news.changed('runs');
      return;
    }
    this.news.run(run);
    // An attempt tells nothing of the next one.
    this.bus.emit({ type: 'progress', run, progress: this.scheduler.progressOf(run) });
  }

  /** What the analyst has changed, windows hear at once; of a run it may be in its folder alone. */
  #tellOfDeed(input: unknown): void {
    const { run } = input as { run?: unknown };
    if (typeof run === 'string') this.news.run(run);
    this.#lookAtOthers();
  }

  #lookAtOthers(): void {
    try {
      this.#others.look();
    } catch {
      // The disk may answer at the next look; a call that needs it reports the error.
    }
  }
}
