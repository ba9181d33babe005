import { randomUUID } from 'node:crypto';
import type { ImportState } from '../../core/api/datasets.ts';
import type { ImportProgress } from '../../core/data/import/import.ts';
import type { ImportRequest } from '../../core/data/import/request.ts';
import type { DatasetSummary } from '../../core/data/types.ts';
import { CancelledError, detailsOf, UserError } from '../../core/errors.ts';
import { processEntry } from '../../core/process-entry.ts';
import type { Store } from '../../core/store/store.ts';
import { type Importer, importInto } from '../services/datasets.ts';
import { CallClient } from '../workers/calls.ts';
import type { ImporterInput } from '../workers/importer.ts';
import type { LaunchWorker } from '../workers/launch.ts';

/** Number of ended imports listed for a window that opens later. */
const MAX_ENDED = 20;

/** Imports at once: each has a process of its own that may take 3 GiB. */
const MAX_IMPORTS = 4;

/** Runs imports, each in its own process. */
export class ImportService {
  readonly #store: Store;
  readonly #launch: LaunchWorker;
  readonly #onChange: (state: ImportState) => void;
  readonly #states = new Map<string, ImportState>();
  readonly #aborts = new Map<string, AbortController>();

  constructor(store: Store, launch: LaunchWorker, onChange: (state: ImportState) => void) {
    this.#store = store;
    this.#launch = launch;
    this.#onChange = onChange;
  }

  /** Newest first. */
  list(): ImportState[] {
    return [...this.#states.values()].reverse();
  }

  /**
   * Starts an import; `onCompleted` removes what it read once the data set exists. Throws UserError immediately if the name
   * is taken or too many are running.
   */
  start(request: ImportRequest, name: string, onCompleted: () => Promise<void>): ImportState {
    this.#store.datasets.requireFreeName(name);
    if (this.#aborts.size >= MAX_IMPORTS) {
      throw new UserError(`${MAX_IMPORTS} imports are running: wait until one has ended, or cancel one`);
    }
    const state: ImportState = {
      id: randomUUID(),
      name,
      phase: 'read',
      fraction: 0,
      startedAt: Date.now(),
      phaseStartedAt: Date.now(),
      status: 'running',
      problem: null,
      dataset: null,
    };
    const abort = new AbortController();
    this.#aborts.set(state.id, abort);
    this.#emit(state);
    void this.#run({ ...request, name }, state, { signal: abort.signal, onCompleted });
    return state;
  }

  cancel(id: string): void {
    this.#aborts.get(id)?.abort();
  }

  /** Cancels every import; nothing is kept. */
  close(): void {
    for (const abort of this.#aborts.values()) abort.abort();
  }

  async #run(
    request: ImportRequest & { name: string },
    first: ImportState,
    { signal, onCompleted }: { signal: AbortSignal; onCompleted(): Promise<void> },
  ): Promise<void> {
    let state = first;
    const entry = processEntry(import.meta.dirname, 'importer', '../workers/importer.ts');
    const client = new CallClient<ImporterInput, ImportProgress, DatasetSummary>(
      this.#launch,
      entry,
      'the importer',
    );
    const importer: Importer = (input, { home }) =>
      client.call(
        { request: input, home },
        {
          signal,
          onProgress: (progress) => {
            const phaseStartedAt = progress.phase === state.phase ? state.phaseStartedAt : Date.now();
            state = { ...state, ...progress, phaseStartedAt };
            this.#emit(state);
          },
        },
      );
    try {
      const { id } = await importInto(this.#store, request, {}, importer);
      // Files that cannot be removed now are removed by a hub that starts a day later.
      await onCompleted().catch(() => {});
      this.#emit({ ...state, fraction: 1, status: 'completed', dataset: id });
    } catch (error) {
      const cancelled = error instanceof CancelledError;
      this.#emit({
        ...state,
        status: cancelled ? 'cancelled' : 'failed',
        problem: cancelled ? null : detailsOf(error),
      });
    } finally {
      this.#aborts.delete(first.id);
      client.stop();
    }
  }

  #emit(state: ImportState): void {
    this.#states.delete(state.id);
    this.#states.set(state.id, state);
    const ended = [...this.#states.values()].filter(({ status }) => status !== 'running');
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#states.delete(id);
    this.#onChange(state);
  }
}
