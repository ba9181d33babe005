import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import type { AnalystClient } from '../../core/api/analyst.ts';
import type { Change, WantedChange } from '../../core/api/changes.ts';
import type { Changed } from '../../core/api/events.ts';
import type { ConfigRequest } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import type { Settings, SystemInfo } from '../../core/api/settings.ts';
import { codeVersion } from '../../core/code-version.ts';
import { DeviceChecks } from '../../core/engine/devices/checks.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import { freeBytes } from '../../core/files/durable.ts';
import type { LogArea, LogLevel } from '../../core/files/log-words.ts';
import { logLine, logOften, OPENED, programLogOf } from '../../core/files/program-log.ts';
import { totalMemory } from '../../core/memory.ts';
import { knowPlugins, type PluginDescription } from '../../core/plugins/description.ts';
import { writeFiles } from '../../core/store/files/write-files.ts';
import { makeChanges } from '../../core/store/home/changes.ts';
import type { TrashRef } from '../../core/store/home/trash-types.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import type { TrainerEvent } from '../../core/training/events.ts';
import { commandLine } from '../data-folder/command-line.ts';
import type { Executor } from '../executors/executor.ts';
import { LocalExecutor } from '../executors/local.ts';
import { agreedIn, descriptionOf } from '../plugins/agreements.ts';
import { findHost, hostSlots } from '../services/hosts.ts';
import { createRun } from '../services/runs/create-run.ts';
import { removeLeftovers } from '../services/runs/leftovers.ts';
import { ProbeService } from '../services/runs/probes.ts';
import { noticeOf, searchNotice } from '../services/runs/run-alerts.ts';
import { RunService } from '../services/runs/runs.ts';
import { Scheduler } from '../services/runs/scheduler.ts';
import { readSettings, threadsOf, writeSettings } from '../services/settings.ts';
import { endStray } from '../services/strays.ts';
import { requireRestored, restoreRows } from '../services/trash.ts';
import { type LaunchWorker, loggedLauncher } from '../workers/launch.ts';
import { probeWith } from '../workers/probing.ts';
import { AnalystLink, type AnalystProcess } from './analyst-link.ts';
import { Backups } from './backups.ts';
import { EventBus } from './event-bus.ts';
import { ImportService } from './imports.ts';
import { OtherProcesses } from './other-processes.ts';
import { PlanService } from './plans.ts';
import { removeOldUploads } from './uploads.ts';
import { WorkService } from './work.ts';

/** How long dropped files that were never imported are kept; the trash is counted in days too. */
const DAY_MS = 24 * 3_600_000;
const WATCH_STORE_MS = 1_000;
/** When files of the home are tried again that could not be written. */
const WRITE_AGAIN_MS = 60_000;
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

/** What changes with what is deleted, and may with what others do. */
const OF_KIND = {
  run: ['runs', 'queue'],
  dataset: ['datasets', 'runs', 'queue'],
  study: ['studies'],
  sweep: ['studies'],
  plan: ['plans'],
  project: ['projects'],
  comparison: ['comparisons'],
} as const satisfies Record<string, readonly Changed[]>;
const OF_CHANGE = {
  run: ['runs'],
  project: ['projects'],
  comparison: ['comparisons'],
  view: ['views'],
} as const satisfies Record<string, readonly Changed[]>;
const ANYTHING: readonly Changed[] = [
  ...Object.values(OF_KIND).flat(),
  ...(['trash', 'settings', 'views', 'hosts'] as const),
];

const hashesOf = (plugins: readonly { hash: string }[]) => plugins.map(({ hash }) => hash).join(' ');

/** Everything a shell serves: the store of one home, its queue, and its worker processes. */
export class Hub {
  readonly store: Store;
  readonly bus = new EventBus();
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
  #daily: NodeJS.Timeout | undefined;
  readonly #backups: Backups;
  readonly #closing = new AbortController();
  readonly #others: OtherProcesses;
  #isWriting = false;
  #writesAfter = 0;
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
      if (state.status === 'completed') this.changed('datasets');
    });
    this.work = new WorkService(this.store, {
      ask: (path, input, signal) => this.askAnalyst(path, input, signal),
      onChange: (state) => this.bus.emit({ type: 'work', state }),
      wake: () => {
        this.changed('queue');
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
        if (isTaken || ended) this.changed('studies');
        if (!isTaken) this.plans.look();
        this.#tellNotice(ended);
        return isTaken;
      },
      onChange: (run) => this.#queueChanged(run),
      onEnded: (run) => {
        this.#tellEnd(run);
        this.plans.look();
      },
      onProblem: (error) =>
        this.#notify('error', 'Could not continue the queue', messageOf(error, 'window'), null, 'queue'),
    });
    this.plans = new PlanService(this.store, {
      analyst: this.analyst,
      scheduler: this.scheduler,
      onChange: () => {
        this.changed('plans', 'studies');
        this.onQueueChanged();
      },
      onEnded: (plan) => this.#notify('info', `The plan ${plan.name} has ended`, '', null),
      onProblem: (error) =>
        this.#notify('error', 'Could not continue a plan', messageOf(error, 'window'), null, 'queue'),
    });
    this.runs.subscribe((run, event) => {
      if (event.type === 'progress') this.bus.emit({ type: 'progress', run, progress: event });
      if (event.type === 'place') {
        this.changed('queue');
        this.bus.emit({ type: 'run', run });
      }
      // Not before: a window that asked at once would be answered without it.
      if (event.type === 'written') this.#tellOf(run, event.events);
    });
    this.#backups = new Backups(
      () => this.analyst.internal.backUp({ now: false }),
      (problem) => this.#notify('error', 'The database needs care', problem, null, 'store'),
    );
    this.#others = new OtherProcesses(this.store, {
      isOurs: (run) => this.scheduler.stateOf(run) !== null,
      progressOf: (run) => this.scheduler.activeState(run)?.progress ?? null,
      tell: (event) => this.bus.emit(event),
      onChange: () => this.changed(...ANYTHING),
    });
    this.#watch = setInterval(() => {
      this.#lookAtOthers();
      this.#pollPlugins();
      void this.#writeFiles();
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
    for (const run of this.store.runs.named(this.#settled)) this.#tellEnd(run);
    this.scheduler.start();
    this.plans.begin();
    this.#backups.start();
    const { signal } = this.#closing;
    this.#inBackground('Leftovers could not be removed', () => removeLeftovers(this.store, signal));
    // Only now: later a form or an import may still need them.
    this.#inBackground('Dropped files could not be removed', () =>
      removeOldUploads(this.uploadsFolder, Date.now() - DAY_MS),
    );
    this.#purgeTrash();
    this.#daily = setInterval(() => this.#purgeTrash(), DAY_MS).unref();
  }

  /** Purges old trash: at the start and daily, as a hub may run for weeks. */
  #purgeTrash(): void {
    this.#inBackground('The trash could not be emptied', async () => {
      // What is in it is kept for a day less from now on.
      const { isEmpty } = this.store.trash;
      await this.store.trash.purgeOld(Date.now(), this.#closing.signal);
      if (!isEmpty && !this.#closing.signal.aborted) this.changed('trash');
    });
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
    if (before !== null && before !== now) this.changed('plugins');
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
    this.#closing.abort();
    clearInterval(this.#watch);
    clearInterval(this.#daily);
    this.#backups.stop();
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

  /** What is small is written here, a little at a time; what may be large by the analyst, which also counts what runs lack. */
  async #writeFiles(): Promise<void> {
    if (this.#isWriting || this.#closing.signal.aborted || Date.now() < this.#writesAfter) return;
    this.#isWriting = true;
    try {
      await writeFiles(this.store, { within: 0, kept: false });
      if (this.store.unwritten.next(['kept'], 0, 1).length > 0) await this.analyst.internal.writeFiles();
      if (this.store.rankMetrics.pending > 0) await this.analyst.internal.countMetrics();
    } catch (error) {
      // It stays marked, and is tried again: on a full disk not every second.
      logOften('store', `files of the home could not be written: ${messageOf(error)}`);
      this.#writesAfter = Date.now() + WRITE_AGAIN_MS;
    } finally {
      this.#isWriting = false;
    }
  }

  changeSettings(changes: Partial<Settings>): Settings {
    const changed = writeSettings(this.store, changes);
    this.changed('settings');
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
    this.changed('hosts');
    return changed;
  }

  /** Tells windows what has changed of the home. */
  changed(...what: readonly Changed[]): void {
    for (const type of new Set(what)) this.bus.emit({ type });
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
    else if (change.of === 'deleted') {
      this.changed(...OF_KIND[change.kind], 'trash');
      if (!change.to) this.scheduler.wake();
    } else this.changed(...OF_CHANGE[change.of]);
  }

  /** Deletes things of the trash permanently. */
  async purge(items: readonly TrashRef[]): Promise<void> {
    try {
      await this.store.trash.purge(items);
    } finally {
      this.changed('trash');
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
      this.changed(...ANYTHING);
      this.scheduler.wake();
    }
  }

  /** Adopts a stray run, and queues the evaluation of its checkpoint. */
  async measureStray(id: string): Promise<{ run: string }> {
    const measured = await this.analyst.internal.measureStray({ id });
    this.changed(...ANYTHING);
    this.scheduler.wake();
    return measured;
  }

  /** Ends what trains a stray, here or on another machine. */
  async endStray(stray: Parameters<typeof endStray>[1]): Promise<void> {
    await endStray(this.store, stray, (host) => this.runs.on(host)).finally(() => this.changed('trash'));
  }

  /** Does work that no call waits for; what goes wrong becomes a notice. */
  #inBackground(problem: string, work: () => Promise<void>): void {
    work().catch((error) => {
      if (!this.#closing.signal.aborted)
        this.#notify('error', problem, messageOf(error, 'window'), null, 'store');
    });
  }

  #queueChanged(run: string | null): void {
    this.changed('queue');
    if (run === null) {
      this.changed('runs');
      return;
    }
    this.bus.emit({ type: 'run', run });
    // An attempt tells nothing of the next one.
    this.bus.emit({ type: 'progress', run, progress: this.scheduler.progressOf(run) });
  }

  /** What a trainer told of its run, once it is stored. */
  #tellOf(run: string, events: readonly TrainerEvent[]): void {
    for (const type of new Set(events.map((event) => event.type))) {
      // Who looks at the samples asks for them every few seconds.
      if (type === 'usage') continue;
      const isPart = type === 'series' || type === 'log' || type === 'checkpoint';
      this.bus.emit({ type: isPart ? type : 'run', run });
      // The queue's answer has when a run began.
      if (type === 'started') this.changed('queue');
    }
  }

  #tellEnd(run: RunRecord): void {
    this.#tellNotice(noticeOf(this.store, run));
  }

  #tellNotice(notice: ReturnType<typeof noticeOf>): void {
    if (notice) this.bus.emit({ type: 'notice', ...notice });
  }

  #notify(level: LogLevel, title: string, text: string, run: string | null, area: LogArea = 'run'): void {
    if (level === 'error') logLine(area, `${title}: ${text}`, level);
    this.bus.emit({ type: 'notice', level, title, text, run });
  }

  /** What the analyst has changed, windows hear at once; of a run it may be in its folder alone. */
  #tellOfDeed(input: unknown): void {
    const { run } = input as { run?: unknown };
    if (typeof run === 'string') this.bus.emit({ type: 'run', run });
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
