import type { ReactNode, Ref } from 'react';
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
  /** Accessible name, where it is one of several parts of a view. */
  label?: string;
}

/** What a screen says first. */
export function Statement({ fact, limit, children, large, label }: StatementProps) {
  return (
    <section className="statement" aria-label={label}>
      <p className={large ? 'headline' : 'verdict'}>
        <strong>{fact}</strong>
        {limit && <span className="muted">{limit}</span>}
      </p>
      {children && <p className="muted">{children}</p>}
    </section>
  );
}

interface StatedViewProps {
  statement: ReactNode;
  /** At the right of it. */
  controls: ReactNode;
  /** How to read it, at its lower edge. */
  foot: ReactNode;
  ref: Ref<HTMLDivElement>;
  children: ReactNode;
}

/** A view that says something first; what is between that and its foot scrolls, and is as wide as `ref` tells. */
export function StatedView({ statement, controls, foot, ref, children }: StatedViewProps) {
  return (
    <div className="column tall">
      <div className="stated-head flex top wrap spread rigid">
        {statement}
        <div className="row wrap">{controls}</div>
      </div>
      <div ref={ref} className="stated-body fill scrolls">
        {children}
      </div>
      {foot}
    </div>
  );
}

/** How to read a screen, at its lower edge. */
export function ScreenFoot({ children }: { children: ReactNode }) {
  return <footer className="screen-foot row wrap inset rigid small muted line-above">{children}</footer>;
}
