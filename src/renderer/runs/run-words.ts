import type { QueueState } from '../../core/api/queue.ts';
import type { OwnRun, RunRecord } from '../../core/api/runs.ts';
import type { RunTemplate } from '../new-run/draft.ts';

/** All runs of the queue, which are named among each other. */
export function runsOf(
  queue: Pick<QueueState, 'running' | 'waiting' | 'resumable'> | undefined,
): RunRecord[] {
  return queue ? [...[...queue.running, ...queue.waiting].map(({ run }) => run), ...queue.resumable] : [];
}

/** How many epochs it is to train at most; null for a fit in one go, and where nobody says. */
export function epochsOf({ config }: Pick<RunRecord, 'config'>): number | null {
  return typeof config?.epochs === 'number' && config.epochs > 1 ? config.epochs : null;
}

/** A draft of a new run that repeats one. */
export function sameAgain(run: OwnRun): RunTemplate {
  const { dataset, model, config: overrides, requestedDevice: device, place, job, seed } = run;
  return { dataset: dataset.name, model, overrides, seeds: [seed], device, place, job };
}
