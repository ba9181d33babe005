import type { ReactNode } from 'react';
import { type ComparisonView, verdictOf } from '../../../core/api/compare.ts';
import { Statement } from '../../components/Statement.tsx';

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
  if (!verdict) return testing ? <Statement fact={testing} /> : null;
  const { lead, limit, details } = verdict;
  return (
    <Statement label="Verdict" fact={lead} limit={limit && `: ${limit}`}>
      {testing ?? (
        <>
          {details.join(' ')} {action}
        </>
      )}
    </Statement>
  );
}
