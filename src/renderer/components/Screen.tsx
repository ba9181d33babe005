import { useIsFetching } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { isUserError, problemText, type Query } from '../state/api.ts';
import { Button } from './Button.tsx';

export interface ScreenProps {
  title: ReactNode;
  /** The list that what is shown is one of. */
  up?: { label: string; href: string };
  /** Beside the title: counts, a search field. */
  aside?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every screen; busy while something is loaded for the first time. */
export function Screen({ title, up, aside, actions, children }: ScreenProps) {
  const loading = useIsFetching({ predicate: ({ state }) => state.data === undefined });
  const main = useRef<HTMLElement>(null);
  // Whoever comes by a key or by the sidebar goes on from here, and not through the sidebar again.
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement?.closest('.sidebar')) {
      main.current?.focus({ preventScroll: true });
    }
  }, []);
  return (
    <main ref={main} className="column shrinks flattens tall" tabIndex={-1} aria-busy={loading > 0}>
      <header className="screen-header row line-below bar-inset">
        {up && (
          <>
            <a className="screen-up rigid muted plain" href={up.href}>
              {up.label}
            </a>
            <span className="muted" aria-hidden="true">
              /
            </span>
          </>
        )}
        <h1 className="shrinks">{title}</h1>
        {aside}
        {actions && <div className="screen-actions row push rigid">{actions}</div>}
      </header>
      <div className="fill scrolls holds">{children}</div>
    </main>
  );
}

interface EmptyStateProps {
  title: string;
  text?: ReactNode;
  /** What to do next. */
  children?: ReactNode;
}

/** Places of a few tiles that are there already. */
const TILES = Array.from({ length: 18 }, (_, place) => ({ place, filled: [3, 11, 12].includes(place) }));

/** Where there is nothing yet, or no longer: says so, and what to do next. */
export function EmptyState({ title, text, children }: EmptyStateProps) {
  const place = useRef<HTMLDivElement>(null);
  // What had the focus may be gone, as a table is whose last row was deleted.
  useEffect(() => {
    if (document.activeElement === document.body)
      place.current?.closest('main')?.focus({ preventScroll: true });
  }, []);
  return (
    <div ref={place} className="empty grid gap-2 packed at-start">
      <span className="empty-tiles grid" aria-hidden="true">
        {TILES.map(({ place, filled }) => (
          <i key={place} data-filled={filled || undefined} />
        ))}
      </span>
      <p className="title">{title}</p>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** What a screen or panel waits for: grey rows once the wait can be felt, and in words what takes work. */
function Waiting({ children }: { children?: string }) {
  return (
    <div className="waiting bar-inset" role="status">
      <p className={children ? 'muted' : 'visually-hidden'}>{children ?? 'Loading'}</p>
      <i />
      <i />
      <i />
    </div>
  );
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
  /** What is done meanwhile, where that takes long. */
  children?: string;
}

/** In place of an answer that is not there: what went wrong with its question, or that it is waited for. */
export function Missing({ query, height, children }: MissingProps) {
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
