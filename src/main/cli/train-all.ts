/** Trains some queued runs until they have ended, for the command line. */

import { duration, fixed } from '../../core/documents/format.ts';
import { messageOf } from '../../core/errors.ts';
import { metricDecimals, metricLabel } from '../../core/evaluation/metrics-table.ts';
import { settleLostRuns } from '../../core/store/runs/lost-runs.ts';
import { isQueuePaused, pausedMachines } from '../../core/store/runs/queue-requests.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import { program } from '../data-folder/command-line.ts';
import type { Executor } from '../executors/executor.ts';
import { LocalExecutor } from '../executors/local.ts';
import { takeStep } from '../services/analysis/searches.ts';
import { hostSlots } from '../services/hosts.ts';
import { RunService } from '../services/runs/runs.ts';
import { Scheduler } from '../services/runs/scheduler.ts';
import { readSettings } from '../services/settings.ts';
import { chosenDevice } from './device-option.ts';
import { Interrupts } from './terminal/interrupts.ts';
import { awayTeller, pausedMachineText } from './text/queue-text.ts';

const POLL_MS = 500;

export interface QueuedWork {
  /** Printed once it has begun. */
  beginning: string;
  /** Whether a run is trained here. */
  takes(run: string): boolean;
  /** Whether the next trainings of a search are made here. */
  steers(study: string): boolean;
  /** Whether any of them waits or trains; asked twice a second, and queues what is to follow. */
  waits(): boolean;
  /** Metrics of a run that are printed at its end. */
  metrics: readonly string[];
}

/**
 * Trains until nothing waits; other runs stay queued. If another process trains what is queued in this home, it continues to do so. Ctrl-C
 * stops running trainings with their checkpoints, and the rest stays queued; a second one kills them. Returns the exit code of the signal that
 * stopped it, or null.
 */
export async function trainAll(
  store: Store,
  { beginning, takes, steers, waits, metrics }: QueuedWork,
  print: (line: string) => void,
  host: Executor = new LocalExecutor(),
): Promise<number | null> {
  const runs = new RunService(store, host);
  const sayAway = awayTeller(print);
  runs.subscribe((run, event) => {
    const on = event.type === 'place' ? store.runs.own(run).place : null;
    if (event.type === 'place' && on !== null) sayAway(on, run, event.place);
  });
  const scheduler = new Scheduler(store, runs, {
    slots: () => ({ ...hostSlots(store), ...readSettings(store).slots }),
    autoDevice: () => chosenDevice('auto'),
    takes,
    takeStep: async (id) => takeStep(store, id),
    steers,
    onChange: () => {},
    onEnded: (run) => print(endedText(run, metrics)),
    onProblem: (error) => print(`Could not continue the queue: ${messageOf(error)}`),
  });
  let stopped = false;
  const interrupts = new Interrupts((count) => {
    stopped = true;
    if (count === 1) print('Stopping; Ctrl-C again kills the trainers.');
    else scheduler.stop();
  });
  scheduler.start();
  print(beginning);
  if (isQueuePaused(store))
    print(`The queue is paused: nothing is trained until it is resumed: ${program()} queue resume`);
  for (const name of pausedMachines(store)) print(pausedMachineText(name, 'nothing begins there until: '));
  try {
    while (!stopped && waits()) {
      settleLostRuns(store);
      scheduler.wake();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await scheduler.close();
    interrupts.stop();
  }
  return interrupts.exitCode;
}

function endedText({ name, status, seconds, metrics, message }: RunRecord, shown: readonly string[]): string {
  if (status !== 'completed') return `${name}: ${status}${message ? ` (${message})` : ''}`;
  const results = shown
    .filter((metric) => metric in metrics)
    .map((metric) => `${metricLabel(metric)} ${fixed(metrics[metric], metricDecimals(metric))}`);
  return [`${name}: ${duration(seconds)}`, ...results].join(', ');
}
