import type { ReactNode } from 'react';
import { type ComparisonView, type Verdict as VerdictWords, verdictOf } from '../../../core/api/compare.ts';

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
  return <Statement {...verdict} testing={testing} />;
}

interface StatementProps extends VerdictWords {
  /** Between the fact and its limit. Default: ":". */
  joint?: string;
  testing?: ReactNode;
}

export function Statement({ lead, limit, details, joint = ':', testing }: StatementProps) {
  return (
    <section className="verdict" aria-label="Verdict">
      <p>
        <strong>{lead}</strong>
        {limit !== '' && (
          <span className="muted">
            {joint} {limit}
          </span>
        )}
      </p>
      {testing ?? (details.length > 0 && <p className="muted">{details.join(' ')}</p>)}
    </section>
  );
}
