import { useMemo } from 'react';
import type { RunRecord } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { ReliabilityView } from '../../charts/ReliabilityView.tsx';
import { fixed } from '../../format/format.ts';
import { useTheme } from '../../state/theme.ts';

/** Predicted against observed clicks of the run's test rows. */
export function CalibrationTab({ run: { id, name, model } }: { run: RunRecord }) {
  const theme = useTheme((state) => state.theme);
  const runs = useMemo(() => [{ id, name, colour: modelColour(model, theme) }], [id, name, model, theme]);
  return (
    <ReliabilityView
      runs={runs}
      fileName={`${name}-reliability`}
      named={false}
      missing="They are kept once the run has completed and tested."
      waitClass="run-notice muted"
      frame={(content) => <div className="run-page">{content}</div>}
    >
      {([curve]) => (
        <p className="muted">
          Expected calibration error {fixed(curve.expected, 4)}, largest {fixed(curve.maximum, 4)}; label{' '}
          {curve.task}.
        </p>
      )}
    </ReliabilityView>
  );
}
