import {
  keepPreviousData,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';

/** A query whose data stay until those of the next key are there; `isPlaceholderData` says that they are not yet. */
export function useKeptQuery<Data, Failure extends Error, Key extends QueryKey>(
  options: UseQueryOptions<Data, Failure, Data, Key>,
): UseQueryResult<Data, Failure> {
  return useQuery<Data, Failure, Data, Key>({ ...options, placeholderData: keepPreviousData });
}
