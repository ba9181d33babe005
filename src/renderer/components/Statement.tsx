import type { ReactNode } from 'react';
import './statement.css';

interface StatementProps {
  /** The answer. */
  fact: ReactNode;
  /** How far it holds; behind it in the same line. */
  limit?: ReactNode;
  /** The numbers behind it. */
  children?: ReactNode;
  /** Of a screen that is all about one thing, larger. */
  large?: boolean;
}

/** What a screen says first. */
export function Statement({ fact, limit, children, large }: StatementProps) {
  return (
    <div className="statement" data-large={large || undefined}>
      <p>
        <strong>{fact}</strong>
        {limit && <span>{limit}</span>}
      </p>
      {children && <p className="statement-numbers">{children}</p>}
    </div>
  );
}

/** How to read a screen, at its lower edge. */
export function ScreenFoot({ children }: { children: ReactNode }) {
  return <footer className="screen-foot row wrap rigid small">{children}</footer>;
}
