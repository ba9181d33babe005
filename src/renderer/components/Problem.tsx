import type { ReactNode } from 'react';
import { isUserError, problemText } from '../state/api.ts';
import { Button } from './Button.tsx';
import { Waiting } from './Waiting.tsx';

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

interface MissingProps {
  query: Query<unknown>;
  /** Pixels that the answer will take, to hold its place. */
  height?: number;
  /** What is waited for. */
  children?: string;
}

/** In place of an answer that is not there: what went wrong with its question, or that it is waited for. */
export function Missing({ query, height, children = 'Loading' }: MissingProps) {
  if (query.error) return <Problem query={query} />;
  return height === undefined ? (
    <Waiting>{children}</Waiting>
  ) : (
    <div className="surface" style={{ height }} />
  );
}

/** The answer to a question once it is there. */
export function Answer<T>({ query, children }: { query: Query<T>; children(data: T): ReactNode }) {
  return query.data === undefined ? <Missing query={query} /> : children(query.data);
}
