import {
  keepPreviousData,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';

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
