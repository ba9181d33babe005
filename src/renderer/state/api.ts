import { type ClientContext, type ClientLink, createORPCClient, ORPCError } from '@orpc/client';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import {
  keepPreviousData,
  QueryClient,
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import {
  type ApiClient,
  composeMessage,
  type ErrorDetails,
  errorDetailsSchema,
  USER_ERROR,
} from '../../core/api/contract.ts';
import { fileText } from '../format/files.ts';
import { currentLink } from './connection.ts';

/** The api as the screens use it: `useQuery(api.runs.table.queryOptions({ input }))`, or `client` for a plain call. */

/** Every call goes over the connection there is, and waits for one where there is none. */
const link: ClientLink<ClientContext> = {
  call: async (path, input, options) => (await currentLink()).call(path, input, options),
};

export const client: ApiClient = createORPCClient(link);
export const api = createTanstackQueryUtils(client);

/** What is wrong is said at once: only a lost connection is worth another try. */
const isDefinite = (error: unknown) => error instanceof ORPCError;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Main tells when something has changed; nothing grows stale by itself.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // Main is on this machine: it answers without any network.
      networkMode: 'always',
      retry: (count, error) => !isDefinite(error) && count < 3,
    },
  },
});

/** The line to show for an error: the api's own words, or what went wrong with the call. */
export function problemText(error: unknown): string {
  return windowText(errorDetails(error));
}

/** What is said in the window of an error. Folders of uploads say nothing to their reader. */
export function windowText(details: ErrorDetails): string {
  return fileText(composeMessage(details, 'window'));
}

/** The details of an api error, or what went wrong with the call as its problem. */
export function errorDetails(error: unknown): ErrorDetails {
  const details = errorDetailsSchema.safeParse(error instanceof ORPCError ? error.data : null);
  if (details.success) return details.data;
  return { code: 'invalid', problem: error instanceof Error ? error.message : String(error) };
}

/** Whether the user can mend it; any other error is a defect of the program. */
export function isUserError(error: unknown): boolean {
  return error instanceof ORPCError && error.code === USER_ERROR;
}

/** A question to the api that can be asked again. */
export interface Query<T> {
  data?: T;
  error: unknown;
  refetch(): unknown;
}

type AnswersOf<Queries> = {
  [At in keyof Queries]: Queries[At] extends { data?: infer T } ? Exclude<T, undefined> : never;
};

/** Several questions as one: all answers once they are there, and until then what went wrong with one of them. */
export function together<const Queries extends readonly Pick<Query<never>, 'error' | 'refetch'>[]>(
  queries: Queries,
): Query<AnswersOf<Queries>> {
  const all: readonly Query<unknown>[] = queries;
  const missing = all.filter(({ data }) => data === undefined);
  return {
    data: missing.length === 0 ? (all.map(({ data }) => data) as AnswersOf<Queries>) : undefined,
    error: missing.find(({ error }) => error)?.error ?? null,
    refetch: () => missing.map((query) => query.error && query.refetch()),
  };
}

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
