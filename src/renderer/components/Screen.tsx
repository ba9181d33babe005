import type { ReactNode } from 'react';

export interface ScreenProps {
  title: ReactNode;
  /** Beside the title: counts, a search field. */
  aside?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every screen. */
export function Screen({ title, aside, actions, children }: ScreenProps) {
  return (
    <main className="screen">
      <header className="screen-header">
        <h1>{title}</h1>
        {aside}
        {actions && <div className="screen-actions">{actions}</div>}
      </header>
      <div className="screen-body">{children}</div>
    </main>
  );
}
