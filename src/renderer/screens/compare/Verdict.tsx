import type { ReactNode } from 'react';
import { type ComparisonView, type Verdict as VerdictWords, verdictOf } from '../../../core/api/compare.ts';

interface VerdictProps {
  view: ComparisonView;
  /** Indexes of the columns it is about, the main metric first. */
  shown: readonly number[];
  /** How far the tests are, in the place of what they say. */
  testing?: ReactNode;
  /** What to do about it. */
  action?: ReactNode;
}

/** The answer in one sentence, and the numbers behind it. */
export function Verdict({ view, shown, testing, action }: VerdictProps) {
  const verdict = verdictOf(view, shown);
  if (!verdict) return testing ? <section className="verdict">{testing}</section> : null;
  return <Statement {...verdict} testing={testing} action={action} />;
}

interface StatementProps extends VerdictWords {
  /** Between the fact and its limit. Default: ":". */
  joint?: string;
  testing?: ReactNode;
  action?: ReactNode;
}

export function Statement({ lead, limit, details, joint = ':', testing, action }: StatementProps) {
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
      {testing ?? (
        <p className="muted">
          {details.join(' ')} {action}
        </p>
      )}
    </section>
  );
}
