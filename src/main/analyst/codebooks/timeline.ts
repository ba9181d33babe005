import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Timeline, TimelineProgress } from '../../../core/api/codebooks.ts';
import { throwIfCancelled } from '../../../core/errors.ts';
import { readManifest, readSnapshot } from '../../../core/semantic-ids/artefact.ts';
import type { SemanticIds } from '../../../core/semantic-ids/types.ts';
import { collapseOf, momentOf } from '../../../core/semantic-ids/views/timeline.ts';
import type { Store } from '../../../core/store/store.ts';
import type { WorkContext } from '../../workers/progress.ts';

/** How the IDs of a run developed during training. Throws UserError if it has none, CancelledError when the signal fires. */
export async function codebookTimeline(
  store: Store,
  { run }: { run: string },
  { signal, onProgress }: WorkContext<TimelineProgress>,
): Promise<Timeline> {
  const runDir = store.runs.folder(run);
  const { snapshots } = readManifest(runDir);
  const moments: Timeline['moments'] = [];
  let before: SemanticIds | null = null;
  for (const { step, epoch } of snapshots) {
    const { ids } = readSnapshot(runDir, step);
    moments.push({ step, epoch, ...momentOf(ids, before) });
    before = ids;
    onProgress?.({ done: moments.length, total: snapshots.length });
    await yieldToEventLoop();
    throwIfCancelled(signal);
  }
  return { moments, collapse: collapseOf(moments) };
}
