import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { Icon } from '../components/Icon.tsx';

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
    <section className="new-run-section" aria-labelledby={id}>
      <div className="new-run-section-head">
        <h3>
          <button type="button" id={id} aria-expanded={open} onClick={() => onOpen(!open)}>
            <Icon of={open ? ChevronDown : ChevronRight} />
            {tile}
            <span className="clip">{title}</span>
          </button>
        </h3>
        {beside}
        {open ? (
          <span className="new-run-section-tools">{tools}</span>
        ) : (
          <span className="clip">{summary}</span>
        )}
      </div>
      {open && <div className="new-run-section-body">{children}</div>}
    </section>
  );
}
