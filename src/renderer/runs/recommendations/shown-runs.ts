import type { ListPlace, Recommendation } from '../../../core/api/recommend.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { samplingOf } from './DecodingChoice.tsx';

/** So many lists are still read beside each other. */
export const MAX_RUNS = 3;
const K = 20;
const HISTORY = 50;

/** A run whose list is shown, as the screen names and colours it. */
export interface ShownRun {
  id: string;
  name: string;
  colour: string;
  /** Whether its model makes lists that can be drawn. */
  generates: boolean;
  /** Ranks of different protocols do not stand beside each other in silence. */
  protocol: string | number | null;
}

/** What is looked at, kept in the address: "?user=42&users=cold&list=next&temperature=1.5&draw=3". */
export type Look = Record<string, string>;

export function placeOf({ list }: Look): ListPlace {
  return list === 'next' ? 'next' : 'test';
}

export interface ShownList {
  run: ShownRun;
  /** Undefined while it is computed for the first time. */
  answer: Recommendation | undefined;
  error: Error | null;
  refetch(): void;
  /** What is shown is of what was asked before. */
  stale: boolean;
}

/** The lists of up to three runs for one user; each comes when it is ready. */
export function useLists(runs: readonly ShownRun[], user: string, look: Look): ShownList[] {
  const lists = [useList(runs[0], user, look), useList(runs[1], user, look), useList(runs[2], user, look)];
  return lists.filter((list) => list !== null);
}

function useList(run: ShownRun | undefined, user: string, look: Look): ShownList | null {
  const query = useKeptQuery({
    ...api.recommend.show.queryOptions({
      input: {
        run: run?.id ?? '',
        user,
        place: placeOf(look),
        k: K,
        history: HISTORY,
        sampling: run?.generates ? samplingOf(look) : null,
      },
    }),
    enabled: run !== undefined,
  });
  if (!run) return null;
  // A list of another run that stood here before is no stale list of this one.
  const answer = query.data?.run === run.id ? query.data : undefined;
  return { run, answer, error: query.error, refetch: query.refetch, stale: query.isPlaceholderData };
}
