/** Follows one training to its end, for the `train` command and the demo. */
import { ownRun } from '../../core/store/runs/runs.ts';
import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import { placeText } from '../../core/training/place.ts';
import { LocalExecutor } from '../executors/local.ts';
import type { ActiveRun } from '../services/runs/active-run.ts';
import { RunService } from '../services/runs/runs.ts';
import { Interrupts } from './terminal/interrupts.ts';
import type { TrainingDisplay } from './terminal/training-display.ts';

export interface FollowedRun {
  run: OwnRun;
  /** Exit code of the signal that cancelled the run; null if there was none. */
  exitCode: number | null;
}

/**
 * Starts (or resumes) a run through `launch` and shows it until it has ended, however it ended. The first
 * Ctrl-C asks the trainer to stop, the second kills it.
 */
export async function followRun(
  store: Store,
  launch: (service: RunService) => ActiveRun,
  display: (handle: ActiveRun) => TrainingDisplay,
): Promise<FollowedRun> {
  const service = new RunService(store, new LocalExecutor());
  const handle = launch(service);
  const shown = display(handle);
  service.subscribe((_run, event) => {
    if (event.type === 'place') shown.note(placeText(event.place));
    else shown.event(event);
  });
  const interrupts = new Interrupts((count) => {
    if (count === 1) shown.note('Cancelling; Ctrl-C again kills the trainer.');
    handle.stop();
  });
  try {
    const run = ownRun(await handle.ended);
    return { run, exitCode: run.status === 'cancelled' ? (interrupts.exitCode ?? 130) : null };
  } finally {
    interrupts.stop();
    shown.end();
  }
}
