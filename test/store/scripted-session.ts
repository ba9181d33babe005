/** A process that has a home open, for tests: real store, runs and scheduler, scripted trainers, a disk that can be full or held. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../../src/core/errors.ts';
import { Connection } from '../../src/core/store/db/connection.ts';
import { openConnection } from '../../src/core/store/db/open.ts';
import { settleLostRuns } from '../../src/core/store/runs/lost-runs.ts';
import { Store } from '../../src/core/store/store.ts';
import type { TrainerEvent, TrainSpec } from '../../src/core/training/events.ts';
import type { Executor, TrainerListener, TrainerWorker } from '../../src/main/executors/executor.ts';
import { RunService } from '../../src/main/services/runs/runs.ts';
import { Scheduler } from '../../src/main/services/runs/scheduler.ts';
import type { SchedulerOptions } from '../../src/main/services/runs/scheduler-options.ts';
import type { WorkerExit } from '../../src/main/workers/worker-exit.ts';
import { asProcess } from './as-process.ts';
import { RESULT } from './records.ts';

/** Runs that a session's scheduler trains at once. */
export const SLOTS = 2;

/** Why nothing can be written now. busy: another process keeps the database to itself. */
export interface Disk {
  trouble: 'full' | 'busy' | null;
  /** The trouble is over after so many refused writes; without it, when a test says so. */
  refusals?: number;
}

/** Fails every write while the disk has trouble. */
export class FillableConnection extends Connection {
  readonly #disk: Disk;

  /** `isCurrent`: its schema is, which takes a while to see. */
  constructor(home: string, disk: Disk, isCurrent = false) {
    const path = join(home, 'tessera.db');
    if (!isCurrent) openConnection(home).close();
    const database = new Database(path);
    database.pragma('foreign_keys = ON');
    super(path, database);
    this.#disk = disk;
  }

  override run(...[sql, ...parameters]: Parameters<Connection['run']>): number {
    const { trouble } = this.#disk;
    if (trouble) {
      if (this.#disk.refusals && --this.#disk.refusals === 0) this.#disk.trouble = null;
      const cause = Object.assign(new Error(trouble), { code: `SQLITE_${trouble.toUpperCase()}` });
      throw new UserError({ code: 'bad-home', problem: `${this.path} is ${trouble}` }, { cause });
    }
    return super.run(sql, ...parameters);
  }
}

/** A trainer that does what a test says. Its checkpoints are real files. */
export class ScriptedTrainer implements TrainerWorker {
  readonly ended: Promise<WorkerExit>;
  readonly spec: TrainSpec;
  step: number;
  readonly #listener: TrainerListener;
  readonly #resolve: (exit: WorkerExit) => void;

  constructor(spec: TrainSpec, listener: TrainerListener) {
    this.spec = spec;
    this.#listener = listener;
    this.step = Number(/last-(\d+)/.exec(spec.resumeFrom ?? '')?.[1] ?? 0);
    const { promise, resolve } = Promise.withResolvers<WorkerExit>();
    this.ended = promise;
    this.#resolve = resolve;
  }

  /** How often it has been asked to stop, or to end after an epoch. */
  asked = 0;

  cancel(): void {
    this.asked++;
  }

  stopAfterEpoch(): void {
    this.asked++;
  }

  kill(because: string): void {
    this.end('killed', because);
  }

  end(kind: WorkerExit['kind'], message: string | null = null, metrics = RESULT.metrics): void {
    if (kind === 'completed')
      this.#tell({ type: 'result', result: { ...RESULT, epochs: this.step, metrics } });
    this.#resolve({ kind, message, log: null });
  }

  begin(): void {
    const facts = { device: 'cpu', deviceReason: '', parameters: 0, environment: {}, fromStep: this.step };
    this.#tell({ type: 'started', ...facts });
  }

  /** A point of a series at its step, which is an epoch here. */
  measure(metric: string, value: number): void {
    const [one, time] = [[this.step], [Date.now()]];
    this.#tell({
      type: 'series',
      points: [{ metric, steps: one, epochs: one, times: time, values: [value] }],
    });
  }

  /** Some steps and, at their end, a checkpoint. Of one that nobody hears of, the files alone are there. */
  train(count: number, heard: boolean): void {
    const steps = Array.from({ length: count }, () => ++this.step);
    const path = join(this.spec.runDir, `last-${this.step}.safetensors`);
    writeFileSync(path, '');
    writeFileSync(path.replace(/safetensors$/, 'json'), JSON.stringify({ step: this.step }));
    if (!heard) return;
    const columns = { steps, epochs: steps, times: steps, values: steps };
    this.#tell(
      { type: 'series', points: [{ metric: 'train/loss', ...columns }] },
      { type: 'checkpoint', checkpoint: { path, epoch: 1, step: this.step, kind: 'last' } },
    );
  }

  #tell(...events: TrainerEvent[]): void {
    this.#listener.onReport({ events, offset: null });
  }
}

class ScriptedHost implements Executor {
  readonly trainers = new Map<string, ScriptedTrainer>();

  start(spec: TrainSpec, listener: TrainerListener): TrainerWorker {
    const trainer = new ScriptedTrainer(spec, listener);
    this.trainers.set(spec.runId, trainer);
    return trainer;
  }

  attach(): TrainerWorker {
    throw new Error('a scripted trainer ends with its host');
  }
}

let lastPid = 1000;

/** One process that has the home open. */
export class Session {
  readonly host = new ScriptedHost();
  readonly connection: Connection;
  readonly store: Store;
  readonly runs: RunService;
  readonly scheduler: Scheduler;

  constructor(home: string, disk: Disk, changes: (store: Store) => Partial<SchedulerOptions> = () => ({})) {
    this.connection = new FillableConnection(home, disk);
    const identity = { pid: ++lastPid, pidScope: 'a machine that cannot be looked at', startTime: '1' };
    this.store = new Store(home, this.connection, asProcess(identity));
    settleLostRuns(this.store);
    this.runs = new RunService(this.store, this.host);
    this.scheduler = new Scheduler(this.store, this.runs, {
      slots: () => ({ cpu: SLOTS }),
      autoDevice: async () => ({ id: 'cpu', reason: 'first choice' }),
      onChange: () => {},
      onEnded: () => {},
      onProblem: () => {},
      ...changes(this.store),
    });
  }
}
