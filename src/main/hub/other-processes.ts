import type { AppEvent } from '../../core/api/events.ts';
import type { TrainingProgress } from '../../core/store/runs/queue-state.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';

/** Trained by other processes, whose curves are drawn as they grow. */
const WATCHED_RUNS = 100;
/** How often all that others may have changed is asked for again while they train, and so write all the time. */
const WHILE_TRAINING_MS = 5_000;

export interface OtherProcessesOptions {
  /** Whether this process trains a run itself. */
  isOurs(run: string): boolean;
  /** How far a run is, as its journal has it. */
  progressOf(run: RunRecord): TrainingProgress | null;
  /** Tells of a run that others train. */
  tell(event: AppEvent): void;
  /** Whatever it is, something else may have changed. */
  onChange(): void;
}

/** Notices what other processes, such as the command line, change in the same home. */
export class OtherProcesses {
  readonly #store: Store;
  readonly #options: OtherProcessesOptions;
  #changes: number;
  /** The runs that they train, and what was told last of how far each is. */
  #training: readonly string[] = [];
  #progress: ReadonlyMap<string, TrainingProgress | null> = new Map();
  #isUntold = false;
  #tellsAfter = 0;

  constructor(store: Store, options: OtherProcessesOptions) {
    this.#store = store;
    this.#options = options;
    this.#changes = store.externalChanges();
  }

  /** Throws where the disk does not answer. */
  look(): void {
    this.#tellHowFar();
    const changes = this.#store.externalChanges();
    if (changes !== this.#changes) {
      this.#tellOfRuns();
      this.#isUntold = true;
    }
    this.#changes = changes;
    if (!this.#isUntold || performance.now() < this.#tellsAfter) return;
    this.#isUntold = false;
    this.#tellsAfter = performance.now() + (this.#training.length > 0 ? WHILE_TRAINING_MS : 0);
    this.#options.onChange();
  }

  /** Journals grow without a change of the database. */
  #tellHowFar(): void {
    const { progressOf, tell } = this.#options;
    const progress = this.#others().map((run) => [run.id, progressOf(run)] as const);
    for (const [run, now] of progress)
      if (now !== null && now.time !== this.#progress.get(run)?.time)
        tell({ type: 'progress', run, progress: now });
    this.#progress = new Map(progress);
  }

  #others(): RunRecord[] {
    return this.#store.runs
      .withStatus(['running'], WATCHED_RUNS)
      .filter(({ id }) => !this.#options.isOurs(id));
  }

  /** Nobody says what was changed: what a training writes is told at once, the rest at once where one has begun or ended. */
  #tellOfRuns(): void {
    const { tell } = this.#options;
    const training = this.#others().map(({ id }) => id);
    const ended = this.#training.filter((run) => !training.includes(run));
    for (const run of ended) {
      tell({ type: 'progress', run, progress: null });
      tell({ type: 'run', run });
    }
    for (const run of training)
      for (const type of ['series', 'log', 'checkpoint'] as const) tell({ type, run });
    if (training.join() !== this.#training.join()) this.#tellsAfter = 0;
    this.#training = training;
  }
}
