import type { ReactNode } from 'react';
import { type ComparisonView, verdictOf } from '../../../core/api/compare.ts';

interface VerdictProps {
  view: ComparisonView;
  /** Indexes of the columns it is about, the main metric first. */
  shown: readonly number[];
  /** How far the tests are, in the place of what they say. */
  testing?: ReactNode;
}

/** The answer in one sentence, and the numbers behind it. */
export function Verdict({ view, shown, testing }: VerdictProps) {
  const verdict = verdictOf(view, shown);
  if (!verdict) return testing ? <section className="verdict">{testing}</section> : null;
  const { lead, limit, details } = verdict;
  return (
    <section className="verdict" aria-label="Verdict">
      <p>
        <strong>{lead}</strong>
        {limit !== '' && <span className="muted">: {limit}</span>}
      </p>
      {testing ?? (details.length > 0 && <p className="muted">{details.join(' ')}</p>)}
    </section>
  );
}
