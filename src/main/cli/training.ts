/** Follows one training to its end, for the `train` command and the demo. */
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import { type RunHandle, RunService } from '../hub/runs.ts';
import { ForkHost, type TrainerWorker, type WorkerHost } from '../workers/host.ts';
import { Interrupts } from './terminal/interrupts.ts';
import type { TrainingDisplay } from './terminal/training-display.ts';

/** Remembers its workers, so that a second Ctrl-C can kill them. */
export class KillableHost implements WorkerHost {
  readonly #host: WorkerHost;
  readonly #workers = new Set<TrainerWorker>();

  constructor(host: WorkerHost = new ForkHost()) {
    this.#host = host;
  }

  start(spec: TrainSpec, onEvents: (events: TrainerEvent[]) => void): TrainerWorker {
    const worker = this.#host.start(spec, onEvents);
    this.#workers.add(worker);
    void worker.ended.then(() => this.#workers.delete(worker));
    return worker;
  }

  kill(): void {
    for (const worker of this.#workers) worker.kill('the trainer was killed before it had stopped');
  }
}

export interface FollowedRun {
  run: RunRecord;
  /** Exit code of the signal that cancelled the run; null if there was none. */
  exitCode: number | null;
}

/**
 * Starts (or resumes) a run through `launch` and shows it until it has ended, however it ended. The first
 * Ctrl-C asks the trainer to stop, the second kills it.
 */
export async function followRun(
  store: Store,
  launch: (service: RunService) => RunHandle,
  display: (handle: RunHandle) => TrainingDisplay,
): Promise<FollowedRun> {
  const host = new KillableHost();
  const service = new RunService(store, host);
  const handle = launch(service);
  const shown = display(handle);
  service.subscribe((_run, event) => shown.event(event));
  const interrupts = new Interrupts((presses) => {
    if (presses === 1) {
      shown.note('Cancelling; Ctrl-C again kills the trainer.');
      handle.stop();
    } else host.kill();
  });
  try {
    const run = await handle.finished;
    return { run, exitCode: run.status === 'cancelled' ? (interrupts.exitCode ?? 130) : null };
  } finally {
    interrupts.stop();
    shown.end();
  }
}
