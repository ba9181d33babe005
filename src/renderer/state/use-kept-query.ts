import {
  keepPreviousData,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

/** Whether an answer counts: it is of what is asked now, and not of what was asked before. */
export function isAnswerOf(
  { isPlaceholderData }: Pick<UseQueryResult, 'isPlaceholderData'>,
  asked: unknown,
  now: unknown,
): boolean {
  return !isPlaceholderData && JSON.stringify(asked) === JSON.stringify(now);
}

/** A query whose data stay until those of the next key are there; `isPlaceholderData` says that they are not yet. */
export function useKeptQuery<Data, Failure extends Error, Key extends QueryKey>(
  options: UseQueryOptions<Data, Failure, Data, Key>,
): UseQueryResult<Data, Failure> {
  return useQuery<Data, Failure, Data, Key>({ ...options, placeholderData: keepPreviousData });
}

/**
 * The data of several queries, each under a key such as a run's id. A query whose input changes keeps its last answer until
 * the next one arrives; `placeholderData` does not do that in `useQueries`.
 */
export function useKeptAnswers<Data>(
  keys: readonly string[],
  answers: readonly { data: Data | undefined }[],
): (Data | undefined)[] {
  const kept = useRef(new Map<string, Data>());
  useEffect(() => {
    answers.forEach(({ data }, at) => {
      if (data !== undefined) kept.current.set(keys[at], data);
    });
  });
  return answers.map(({ data }, at) => data ?? kept.current.get(keys[at]));
}
