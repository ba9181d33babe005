import { useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { ReliabilityView } from '../../charts/ReliabilityView.tsx';
import { useRowColours } from './rows.tsx';

/** Whether the probabilities of ranking runs are those of the clicks; of several seeds the first one's. */
export function CalibrationTab({ view }: { view: ComparisonView }) {
  const colours = useRowColours(view);
  const runs = useMemo(
    () => view.rows.map(({ id, name }) => ({ id, name, colour: colours.get(id) ?? 'currentColor' })),
    [view, colours],
  );
  return (
    <ReliabilityView
      runs={runs}
      fileName="reliability"
      named
      missing="Ranking runs keep what they predicted of the test rows; none of these has it."
      waitClass="muted bar-inset small"
      frame={(content) => (
        <div className="compare-flow">
          <section className="compare-section">{content}</section>
        </div>
      )}
    />
  );
}
