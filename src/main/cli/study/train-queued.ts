/** Trains the queued runs of a study until they have ended, for the command line. */

import { duration, fixed } from '../../../core/documents/format.ts';
import { messageOf } from '../../../core/errors.ts';
import { metricDecimals, metricLabel } from '../../../core/evaluation/metrics-table.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import { settleLostRuns } from '../../../core/store/runs/lost-runs.ts';
import { isQueuePaused, pausedMachines } from '../../../core/store/runs/queue-requests.ts';
import { phaseOf } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import { isSweep } from '../../../core/studies/study.ts';
import { program } from '../../data-folder/command-line.ts';
import type { Executor } from '../../executors/executor.ts';
import { LocalExecutor } from '../../executors/local.ts';
import { takeStep } from '../../services/analysis/searches.ts';
import { resumeStudy } from '../../services/analysis/studies.ts';
import { hostSlots } from '../../services/hosts.ts';
import { RunService } from '../../services/runs/runs.ts';
import { Scheduler } from '../../services/runs/scheduler.ts';
import { readSettings } from '../../services/settings.ts';
import { chosenDevice } from '../device-option.ts';
import { Interrupts } from '../terminal/interrupts.ts';
import { pausedMachineText } from '../text/queue-text.ts';

const POLL_MS = 500;
const STUDY_METRICS = ['test/cross-entropy', 'test/ndcg@10'];

/**
 * Creates missing runs and trains until no run of the study waits or runs; other runs stay queued. If another process trains
 * what is queued in this home, it continues to do so. Ctrl-C stops running trainings with their checkpoints, and the rest stays
 * queued; a second one kills them.
 */
export async function trainQueued(
  store: Store,
  study: StudyRecord,
  print: (line: string) => void,
  host: Executor = new LocalExecutor(),
): Promise<{ exitCode: number | null; waiting: number }> {
  const service = new RunService(store, host);
  resumeStudy(store, study);
  const runs = () => store.studies.runs(study.id);
  const isOpen = () => store.studies.open().some(({ id }) => id === study.id);
  const waits = () => runs().filter(({ status }) => phaseOf(status) !== 'ended');
  const sweep = isSweep(study.spec) ? study.spec.sweep : null;
  const metrics = sweep ? [sweep.metric] : STUDY_METRICS;
  const scheduler = new Scheduler(store, service, {
    slots: () => ({ ...hostSlots(store), ...readSettings(store).slots }),
    autoDevice: () => chosenDevice('auto'),
    takes: (run) => runs().some((one) => one.run === run),
    takeStep: async (id) => takeStep(store, id),
    steers: (id) => id === study.id,
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
  const all = runs().length;
  const done = `${all - waits().length} of ${all} runs done`;
  const made =
    sweep?.state === undefined ? done : `${study.spec.sizes.length} of ${sweep.trials} trials made`;
  print(`${sweep ? 'Sweep' : 'Study'} ${study.name}: ${made}.`);
  if (isQueuePaused(store))
    print(`The queue is paused: nothing is trained until it is resumed: ${program()} queue resume`);
  for (const name of pausedMachines(store)) print(pausedMachineText(name, 'nothing begins there until: '));
  try {
    while (!stopped && (waits().length > 0 || isOpen())) {
      settleLostRuns(store);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await scheduler.close();
    interrupts.stop();
  }
  const unfinished = runs().filter(({ status }) => status !== 'completed' && status !== 'stopped');
  // Stopped between two trials, it is not over either.
  const isLeft = unfinished.length === 0 && isOpen();
  return { exitCode: interrupts.exitCode, waiting: isLeft ? 1 : unfinished.length };
}

function endedText({ name, status, seconds, metrics, message }: RunRecord, shown: readonly string[]): string {
  if (status !== 'completed') return `${name}: ${status}${message ? ` (${message})` : ''}`;
  const results = shown.map(
    (metric) => `${metricLabel(metric)} ${fixed(metrics[metric], metricDecimals(metric))}`,
  );
  return [`${name}: ${duration(seconds)}`, ...results].join(', ');
}
