import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import type { CheckpointInfo } from '../../core/training/events.ts';
import { program } from '../data-folder/command-line.ts';

/** The newest checkpoint that a run can resume from. */
function keptCheckpoint(store: Store, run: string): CheckpointInfo | null {
  return store.checkpoints.list(run).find(({ kind }) => kind === 'last') ?? null;
}

const ENDED: Partial<Record<OwnRun['status'], string>> = {
  failed: 'failed',
  crashed: 'crashed',
  'out-of-memory': 'ran out of memory',
  diverged: 'diverged',
  queued: 'was stopped, and waits in the queue',
};

/** One line on a run that did not complete: how it ended, what is kept and what to do. */
export function unfinishedText(store: Store, { id, name, status, message, dataset }: OwnRun): string {
  const reason = message === null ? '' : `: ${message}`;
  const head = `run ${name} (${id}) ${ENDED[status] ?? `was ${status}`}${reason}`;
  if (dataset.id === null) return head;
  // It would diverge again, whatever was kept of it.
  if (status === 'diverged') return head;
  const resume = `${program()} train --resume ${id}`;
  const checkpoint = keptCheckpoint(store, id);
  if (checkpoint)
    return `${head}; the checkpoint of step ${checkpoint.step} is kept; resume it with: ${resume}`;
  // A run that failed before its first checkpoint would fail again.
  return status === 'failed' ? head : `${head}; there is no checkpoint yet; start it again with: ${resume}`;
}
