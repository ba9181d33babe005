/** Trains the queued runs of a study until they have ended, for the command line. */

import type { StudyRecord } from '../../../core/store/home/studies.ts';
import { isUnfinished, phaseOf } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import { isSweep } from '../../../core/studies/study.ts';
import type { Executor } from '../../executors/executor.ts';
import { resumeStudy } from '../../services/analysis/studies.ts';
import { trainAll } from '../train-all.ts';

const STUDY_METRICS = ['test/cross-entropy', 'test/ndcg@10'];

/**
 * Creates missing runs and trains until no run of the study waits or runs, and a search has ended, as `trainAll` does. `waiting`: those that are
 * not at their end.
 */
export async function trainQueued(
  store: Store,
  study: StudyRecord,
  print: (line: string) => void,
  host?: Executor,
): Promise<{ exitCode: number | null; waiting: number }> {
  resumeStudy(store, study);
  const runs = () => store.studies.runs(study.id);
  const isOpen = () => store.studies.open().some(({ id }) => id === study.id);
  const isWaiting = ({ status }: ReturnType<typeof runs>[number]) => phaseOf(status) !== 'ended';
  const sweep = isSweep(study.spec) ? study.spec.sweep : null;
  const all = runs();
  const done = `${all.filter((run) => !isWaiting(run)).length} of ${all.length} runs done`;
  const made =
    sweep?.state === undefined ? done : `${study.spec.sizes.length} of ${sweep.trials} trials made`;
  const work = {
    beginning: `${sweep ? 'Sweep' : 'Study'} ${study.name}: ${made}.`,
    takes: (run: string) => runs().some((one) => one.run === run),
    steers: (id: string) => id === study.id,
    waits: () => runs().some(isWaiting) || isOpen(),
    metrics: sweep ? [sweep.metric] : STUDY_METRICS,
  };
  const exitCode = await trainAll(store, work, print, host);
  const unfinished = runs().filter((run) => isWaiting(run) || isUnfinished(run));
  // Stopped between two trials, it is not over either.
  const isLeft = unfinished.length === 0 && isOpen();
  return { exitCode, waiting: isLeft ? 1 : unfinished.length };
}
