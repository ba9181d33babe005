import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChosenDevice } from '../../../core/engine/types.ts';
import { messageOf } from '../../../core/errors.ts';
import { versionsIn } from '../../../core/plugins/ids.ts';
import { pathOf } from '../../../core/store/home/home-paths.ts';
import type { LostAttempt } from '../../../core/store/runs/leases.ts';
import { journalOf, orphanedRuns, settleLostRuns } from '../../../core/store/runs/lost-runs.ts';
import { datasetDeleted } from '../../../core/store/runs/queue-requests.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { requestIn } from '../../../core/training/journal.ts';
import { attachToProgram } from '../../executors/attach.ts';
import type { Executor, TrainerListener, TrainerWorker } from '../../executors/executor.ts';
import { pluginsFor } from '../../plugins/agreements.ts';
import { type Elsewhere, remoteExecutors } from '../hosts.ts';
import { ActiveRun, type AttemptParts, type RunNews } from './active-run.ts';
import { createRun, type RunRequest } from './create-run.ts';
import { removePartialFiles } from './leftovers.ts';
import { type ResumePoint, resumePoint } from './resume-point.ts';
import { provenanceOf, sourceRuns } from './source-runs.ts';

export type RunListener = (run: string, event: RunNews) => void;

/** A run whose attempt this process has begun. */
interface BegunRun {
  run: OwnRun;
  /** Id of its data set. */
  dataset: string;
  attempt: number;
  point: ResumePoint | null;
  /** The rung of its search; null where its user resumes it by itself. */
  stopAt: number | null;
}

/** Trains and resumes the runs of a home. */
export class RunService {
  readonly #store: Store;
  readonly #executor: Executor;
  readonly #elsewhere: Elsewhere;
  /** Of other machines. */
  readonly #used = new Set<Executor>();
  readonly #listeners = new Set<RunListener>();

  /** `executor` trains on this machine; `elsewhere` says what trains on another one. Default: the hosts of the home. */
  constructor(store: Store, executor: Executor, elsewhere: Elsewhere = remoteExecutors(store)) {
    this.#store = store;
    this.#executor = executor;
    this.#elsewhere = elsewhere;
  }

  /** Starts a new run; `auto` is what that device stands for on this machine. Throws UserError if its data set is unknown. */
  startNew(request: RunRequest, auto: ChosenDevice | null = null): ActiveRun {
    const begun = this.#store.transaction(() => this.#begin(createRun(this.#store, request).id, false));
    return this.#launch(begun, auto);
  }

  /**
   * Continues a run that ended before it completed, or begins one that waits: from its newest complete
   * checkpoint or, without one, from the start. Series points after that checkpoint are dropped.
   * One that goes on without its host is taken over as it is.
   * Throws UserError if the run is unknown, running or completed, or its data set has been deleted.
   */
  resume(reference: string, auto: ChosenDevice | null = null): ActiveRun {
    settleLostRuns(this.#store);
    const { id } = this.#store.runs.findOwn(reference);
    const orphan = orphanedRuns(this.#store).find(({ run }) => run === id);
    const adopted = orphan && this.adopt(orphan);
    if (adopted) return adopted;
    const begun = this.#store.transaction(() => this.#begin(id, false));
    return this.#launch(begun, auto);
  }

  /** As `resume`, for the queue: the run keeps its place. Null where it does not wait any more, or is held. */
  beginQueued(id: string, auto: ChosenDevice | null = null): ActiveRun | null {
    const begun = this.#store.transaction(() =>
      this.#store.queue.isReady(id) ? this.#begin(id, true) : null,
    );
    return begun && this.#launch(begun, auto);
  }

  /** What trains on a host now. Throws UserError for one that is not known. */
  on(host: string): Executor {
    return this.#executorOf(host, this.#store.hosts.find(host)?.folder ?? null);
  }

  /** Keeps no connection open. */
  async close(): Promise<void> {
    await Promise.all([...this.#used].map((executor) => executor.close?.()));
  }

  /** Ends on hosts what whoever gave it up could not end. */
  endLeft(): void {
    this.#elsewhere.endLeft?.();
  }

  /** Calls `listener` with every event of the runs hosted here. Returns a function that unsubscribes. */
  subscribe(listener: RunListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #begin(id: string, keepsPlace: boolean): BegunRun {
    const { dataset, ...run } = this.#store.runs.own(id);
    if (dataset.id === null) throw datasetDeleted({ ...run, dataset });
    const found = resumePoint(this.#store, id);
    const attempt = this.#store.lifecycle.begin(id, found?.step ?? null, { keepsPlace });
    if (found && !found.recorded) {
      const message = `continues from ${found.path}, saved just before the run was interrupted: up to step ${found.step} the last points of its series may be missing`;
      this.#store.logs.append(id, [{ time: this.#store.machine.clock.now(), level: 'warn', message }]);
    }
    const stopAt = keepsPlace ? this.#store.studies.stopsAt(id) : null;
    return { run: this.#store.runs.own(id), dataset: dataset.id, attempt, point: found, stopAt };
  }

  /**
   * Hosts a run whose trainer goes on without its host. Null where another process was first. Throws UserError where the
   * machine that trains it is not known any more.
   */
  adopt(orphan: LostAttempt): ActiveRun | null {
    const journal = journalOf(this.#store, orphan);
    const executor = this.#executorOf(orphan.place, orphan.hostFolder);
    if (journal === null || !this.#store.lifecycle.takeOver(orphan, { adopted: true })) return null;
    const { attempt, fromStep, offset, lastPlace, ending } = orphan;
    const run = this.#store.runs.get(orphan.run);
    const told = ending && { kind: ending.outcome, message: ending.message, log: null };
    const left = { journal, offset, ending: told, place: lastPlace };
    const isOurs = run.kind === 'own';
    const state = !isOurs && requestIn(journal) === 'stop' ? 'stopping' : 'training';
    return this.#host({ run, attempt, fromStep, state }, (listener) =>
      isOurs
        ? executor.attach(left, listener)
        : attachToProgram(left, listener.onReport, this.#store.machine),
    );
  }

  #launch(begun: BegunRun, auto: ChosenDevice | null): ActiveRun {
    const { run, attempt, point } = begun;
    try {
      const spec = this.#spec(begun, auto);
      mkdirSync(spec.runDir, { recursive: true, mode: 0o700 });
      removePartialFiles(spec.runDir);
      const parts = { run, attempt, fromStep: point?.step ?? null, state: 'starting' } as const;
      const executor = this.#executorOf(run.place, this.#store.lifecycle.hostFolder(run.id, attempt));
      return this.#host(parts, (listener) => executor.start(spec, listener));
    } catch (error) {
      const message = `the trainer could not be started: ${messageOf(error, 'window')}`;
      this.#store.lifecycle.end(run.id, 'failed', message, attempt);
      throw error;
    }
  }

  #executorOf(place: string | null, folder: string | null): Executor {
    if (place === null) return this.#executor;
    const executor = this.#elsewhere(place, folder);
    this.#used.add(executor);
    return executor;
  }

  #host(parts: AttemptParts, start: (listener: TrainerListener) => TrainerWorker): ActiveRun {
    return new ActiveRun(this.#store, parts, start, (event) => {
      for (const listener of this.#listeners) listener(parts.run.id, event);
    });
  }

  #spec({ run, dataset, attempt, point, stopAt }: BegunRun, auto: ChosenDevice | null): TrainSpec {
    const { datasets, runs, lifecycle, home } = this.#store;
    const runDir = runs.folder(run.id);
    const journal = lifecycle.journal(run.id, attempt);
    return {
      runId: run.id,
      model: run.model,
      config: run.config,
      datasetDir: datasets.folder(dataset),
      seed: run.seed,
      device: run.requestedDevice,
      // Another machine has devices of its own.
      auto: run.place === null ? (auto ?? undefined) : undefined,
      threads: run.threads,
      job: run.job ?? undefined,
      runDir,
      journal: journal === null ? undefined : join(runDir, journal),
      resumeFrom: point?.path ?? null,
      stopAt: stopAt ?? undefined,
      evaluate: run.evaluates && { ...run.evaluates, path: pathOf(home, run.evaluates.path) },
      sources: sourceRuns(this.#store, run.config, { begins: point === null && !run.evaluates }),
      provenance: provenanceOf(this.#store, run.config, run.dataset),
      plugins: pluginsFor(home, versionsIn(run)),
    };
  }
}
