import type { ReactNode } from 'react';
import { isUserError, problemText } from '../state/api.ts';
import { Button } from './Button.tsx';

/** A question to the api that can be asked again. */
export interface Query<T> {
  data?: T;
  error: unknown;
  refetch(): unknown;
}

/** What went wrong with a question to the api, in place of its answer: with `query` it can be asked again. */
export function Problem({ query, error = query?.error }: { query?: Query<unknown>; error?: unknown }) {
  return (
    <div className="problem" role="alert">
      <p>{problemText(error)}</p>
      {query && !isUserError(error) && <Button onClick={() => void query.refetch()}>Try again</Button>}
    </div>
  );
}

/** The answer to a question once it is there, or what went wrong with it. */
export function Answer<T>({ query, children }: { query: Query<T>; children(data: T): ReactNode }) {
  if (query.error) return <Problem query={query} />;
  return query.data === undefined ? null : children(query.data);
}
