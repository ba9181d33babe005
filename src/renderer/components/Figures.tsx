import type { ReactNode } from 'react';

export interface Figure {
  label: string;
  value: ReactNode;
  /** In small print below: an interval, a rate. */
  detail?: ReactNode;
}

/** The numbers that matter most, the first one largest. */
export function Figures({ label, figures }: { label: string; figures: readonly Figure[] }) {
  return (
    <dl className="figures" aria-label={label}>
      {figures.map((figure) => (
        <div key={figure.label} className="figure">
          <dt>{figure.label}</dt>
          <dd className="figure-value">{figure.value}</dd>
          <dd className="figure-detail">{figure.detail}</dd>
        </div>
      ))}
    </dl>
  );
}
