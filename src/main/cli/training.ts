/** Follows one training to its end, for the `train` command and the demo. */
import { shellQuote } from '../../core/names.ts';
import { ownRun } from '../../core/store/runs/run-kinds.ts';
import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import { placeText } from '../../core/training/place.ts';
import { program } from '../data-folder/command-line.ts';
import { LocalExecutor } from '../executors/local.ts';
import type { ActiveRun } from '../services/runs/active-run.ts';
import { RunService } from '../services/runs/runs.ts';
import { Interrupts } from './terminal/interrupts.ts';
import type { TrainingDisplay } from './terminal/training-display.ts';

export interface FollowedRun {
  run: OwnRun;
  /** Exit code of the signal that cancelled the run, or ended the following of it; null if there was none. */
  exitCode: number | null;
}

/**
 * Starts (or resumes) a run through `launch` and shows it until it has ended, however it ended. The first
 * Ctrl-C asks the trainer to stop, the second kills it. A run of another machine goes on there where this process is to end, as when its terminal
 * closes; Ctrl-C has to be meant: the second asks it to stop, the third kills it.
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
    else if (event.type !== 'written') shown.event(event);
  });
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const follow = `${program()} train --resume ${shellQuote(handle.run.name)}`;
  let asked = 0;
  const interrupts = new Interrupts((count, signal) => {
    const isAway = handle.place !== null && handle.place.phase !== 'sending';
    if (isAway && signal !== 'SIGINT' && handle.detach()) return leave();
    if (isAway && count === 1)
      return shown.note(
        `The training continues there without this command; to follow it again: ${follow}. Ctrl-C again cancels it.`,
      );
    if (++asked === 1) shown.note('Cancelling; Ctrl-C again kills the trainer.');
    handle.stop();
  });
  try {
    const ended = await Promise.race([handle.ended, left]);
    if (!ended) {
      shown.note(`The training continues there; to follow it again: ${follow}`);
      return { run: store.runs.own(handle.run.id), exitCode: interrupts.exitCode };
    }
    const run = ownRun(ended);
    return { run, exitCode: run.status === 'cancelled' ? (interrupts.exitCode ?? 130) : null };
  } finally {
    interrupts.stop();
    shown.end();
    await service.close();
  }
}
