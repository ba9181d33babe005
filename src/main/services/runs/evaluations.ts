/** The evaluations of language models that wait for their turn, in whatever process they were asked for. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type EvaluationRequest, evaluationRequest } from '../../../core/api/language.ts';
import { EVALUATIONS } from '../../../core/store/runs/queued-evaluations.ts';
import type { Store } from '../../../core/store/store.ts';

const MOST = 1000;

const waiting = z.array(z.object({ id: z.string(), input: evaluationRequest })).default([]);

export interface WaitingEvaluation {
  id: string;
  input: EvaluationRequest;
}

/** In the order in which they were asked for; what is being evaluated stays there until it has ended. */
export const waitingEvaluations = ({ settings }: Store): WaitingEvaluation[] =>
  settings.read(EVALUATIONS, waiting);

/** Throws UserError where there is no such run. */
export function queueEvaluation(store: Store, input: EvaluationRequest): WaitingEvaluation {
  const one = { id: randomUUID(), input: { ...input, run: store.runs.findOwn(input.run).id } };
  store.transaction(() => {
    store.settings.write(EVALUATIONS, [...waitingEvaluations(store), one].slice(-MOST));
  });
  return one;
}

export function forgetEvaluation(store: Store, id: string): void {
  store.transaction(() => {
    const others = waitingEvaluations(store).filter((one) => one.id !== id);
    store.settings.write(EVALUATIONS, others);
  });
}
