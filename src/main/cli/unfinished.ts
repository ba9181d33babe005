import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import type { CheckpointInfo } from '../../core/training/events.ts';
import { program } from '../data-folder/command-line.ts';

/** The newest checkpoint that a run can go on from. */
function keptCheckpoint(store: Store, run: string): CheckpointInfo | null {
  return store.checkpoints.list(run).find(({ kind }) => kind === 'last') ?? null;
}

const ENDED: Partial<Record<RunRecord['status'], string>> = {
  failed: 'failed',
  crashed: 'crashed',
  'out-of-memory': 'ran out of memory',
};

/** How a run ended that did not complete, what is kept of it and what to do: one line. */
export function unfinishedText(store: Store, { id, name, status, message, dataset }: RunRecord): string {
  const reason = message === null ? '' : `: ${message}`;
  const head = `run ${name} (${id}) ${ENDED[status] ?? `was ${status}`}${reason}`;
  if (dataset.id === null) return head;
  const resume = `${program()} train --resume ${id}`;
  const checkpoint = keptCheckpoint(store, id);
  if (checkpoint)
    return `${head}; the checkpoint of epoch ${checkpoint.epoch} is kept, go on with: ${resume}`;
  // A run that failed before its first checkpoint would fail again.
  return status === 'failed' ? head : `${head}; there is no checkpoint yet, start it over with: ${resume}`;
}
