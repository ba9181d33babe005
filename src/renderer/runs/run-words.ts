import { modelTitle } from '../../core/api/models.ts';
import type { QueueState } from '../../core/api/queue.ts';
import type { OwnRun, RunRecord } from '../../core/api/runs.ts';
import type { RunTemplate } from '../new-run/draft.ts';

/** "SASRec on beauty", as far as both are known; the program of another program's run besides. */
export function runContext(run: RunRecord): string {
  const model = run.model === null ? '' : modelTitle(run.model);
  const data = run.dataset === null ? '' : `on ${run.dataset.name}`;
  return [run.kind === 'imported' ? run.program : '', model, data].filter(Boolean).join(' ');
}

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
