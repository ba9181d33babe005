import { useQueries } from '@tanstack/react-query';
import { api, errorDetails, useKeptAnswers } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import type { Asked } from './asked.ts';

const SETTLE_MS = 300;
const NONE: Asked['studies'] = [];

export type Plans = ReturnType<typeof usePlans>;

/** The trials and runs that searches and studies would have, once what they are asked with has stayed as it is for a moment. */
export function usePlans(asked: Asked | null) {
  const requests = (asked?.studies ?? NONE).map(({ request }) => request);
  const settled = useDebounced(requests, SETTLE_MS);
  const answers = useQueries({
    queries: settled.map((input) => api.studies.plan.queryOptions({ input })),
  });
  const plans = useKeptAnswers(
    settled.map(({ kind }, at) => `${kind} ${at}`),
    answers,
  );
  const failed = answers.find(({ error }) => error !== null)?.error;
  return {
    plans: plans.slice(0, requests.length),
    /** Of each, why the program cannot start it. */
    problems: requests.map((_, at) => (failed ? errorDetails(failed) : (plans[at]?.problem ?? null))),
    /** They are of what is asked now, so that what starts is what was counted. */
    isCurrent:
      JSON.stringify(settled) === JSON.stringify(requests) &&
      answers.every(({ data }) => data?.problem === null),
  };
}
