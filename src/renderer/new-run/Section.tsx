import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { Icon } from '../components/Button.tsx';

export interface SectionProps {
  title: string;
  tile?: ReactNode;
  /** Between title and summary. */
  beside?: ReactNode;
  /** In words what is inside, while it is closed. */
  summary: string;
  /** In its place while it is open. */
  tools?: ReactNode;
  open: boolean;
  onOpen(open: boolean): void;
  children: ReactNode;
}

/** One line of the form, to be opened. */
export function Section({ title, tile, beside, summary, tools, open, onOpen, children }: SectionProps) {
  const id = useId();
  return (
    <section className="line-above" aria-labelledby={id}>
      <div className="new-run-section-head row gap-4">
        <h3 className="rigid">
          <button
            type="button"
            id={id}
            className="row bare wide strong text-start"
            aria-expanded={open}
            onClick={() => onOpen(!open)}
          >
            <Icon of={open ? ChevronDown : ChevronRight} />
            {tile}
            <span className="clip">{title}</span>
          </button>
        </h3>
        {beside}
        {open ? (
          <span className="row push">{tools}</span>
        ) : (
          <span className="clip shrinks muted">{summary}</span>
        )}
      </div>
      {open && <div className="new-run-section-body stack">{children}</div>}
    </section>
  );
}
