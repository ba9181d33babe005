import { useIsFetching } from '@tanstack/react-query';
import type { ReactNode } from 'react';

export interface ScreenProps {
  title: ReactNode;
  /** Beside the title: counts, a search field. */
  aside?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every screen; busy while something is loaded for the first time. */
export function Screen({ title, aside, actions, children }: ScreenProps) {
  const loading = useIsFetching({ predicate: ({ state }) => state.data === undefined });
  return (
    <main className="screen" aria-busy={loading > 0}>
      <header className="screen-header row line-below bar-inset">
        <h1 className="shrinks">{title}</h1>
        {aside}
        {actions && <div className="screen-actions">{actions}</div>}
      </header>
      <div className="fill scrolls holds">{children}</div>
    </main>
  );
}
