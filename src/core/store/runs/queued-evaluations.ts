/** The evaluations of language models that wait in the queue, as far as the queue shows them. */
import { z } from 'zod';
import type { Store } from '../store.ts';

/** Settings of the queue stay with this home: they go into no file of it. */
export const EVALUATIONS = 'queue.evaluations';

const kept = z.array(z.object({ id: z.string(), input: z.object({ run: z.string() }) })).default([]);

/** One that is being computed is among them until it has ended. How long it takes nobody knows. */
export interface QueuedEvaluation {
  id: string;
  run: string;
  name: string;
}

/** In the order in which they were asked for; those of runs that are gone are left out. */
export function queuedEvaluations({ settings, runs }: Store): QueuedEvaluation[] {
  return settings
    .read(EVALUATIONS, kept)
    .flatMap(({ id, input: { run } }) => (runs.exists(run) ? [{ id, run, name: runs.get(run).name }] : []));
}
