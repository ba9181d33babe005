import type { ReactNode } from 'react';
import { meaningOf } from './meaning.ts';

export interface Figure {
  label: string;
  value: ReactNode;
  /** In small print below: an interval, a rate. */
  detail?: ReactNode;
  /** Where the label leads. */
  href?: string;
  /** Clearly better than what it is set beside. */
  good?: boolean;
  /** It is reported by somebody else. */
  muted?: boolean;
  /** What a tooltip adds. */
  title?: string;
}

interface FiguresProps {
  label: string;
  figures: readonly Figure[];
  /** alike: none larger than the others. small: of one run among several. */
  size?: 'alike' | 'small';
}

/** The numbers that matter most, the first one largest. */
export function Figures({ label, figures, size }: FiguresProps) {
  return (
    <dl className="figures flex gap-6 rigid" data-size={size} aria-label={label}>
      {figures.map((figure) => (
        <div
          key={figure.label}
          className="figure grow grid packed"
          data-good={figure.good || undefined}
          data-muted={figure.muted || undefined}
          title={figure.title ?? meaningOf(figure.label)}
        >
          <dt className="clip small muted">
            {figure.href ? (
              <a className="plain" href={figure.href}>
                {figure.label}
              </a>
            ) : (
              figure.label
            )}
          </dt>
          <dd className="figure-value headline strong nowrap">{figure.value}</dd>
          <dd className="figure-detail small muted">{figure.detail}</dd>
        </div>
      ))}
    </dl>
  );
}
