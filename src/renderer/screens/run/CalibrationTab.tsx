import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RunRecord } from '../../../core/api/runs.ts';
import { runColour } from '../../charts/colours.ts';
import { ReliabilityChart } from '../../charts/ReliabilityChart.tsx';
import { RELIABILITY_COLUMNS } from '../../charts/reliability-columns.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { fixed } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';

/** Predicted against observed clicks of the run's test rows. */
export function CalibrationTab({ run }: { run: RunRecord }) {
  const theme = useTheme((state) => state.theme);
  const { data, error, refetch } = useQuery(
    api.compare.reliability.queryOptions({ input: { runs: [run.id] } }),
  );
  const curves = useMemo(
    () => (data ?? []).map((curve) => ({ ...curve, name: run.name, colour: runColour(run.id, theme) })),
    [data, run.name, run.id, theme],
  );
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="run-notice muted">Reading the predictions</p>;
  const [curve] = curves;
  if (!curve) {
    return (
      <EmptyState title="No predictions">
        <p>They are kept once the run has completed and tested.</p>
      </EmptyState>
    );
  }
  const rows = curve.bins.map((bin) => ({ ...bin, name: run.name }));
  const columns = RELIABILITY_COLUMNS.filter(({ id }) => id !== 'name');
  return (
    <div className="run-page">
      <ReliabilityChart curves={curves} fileName={`${run.name}-reliability`} />
      <p className="muted">
        Expected calibration error {fixed(curve.expected, 4)}, largest {fixed(curve.maximum, 4)}; label{' '}
        {curve.task}.
      </p>
      <div className="chart-head">
        <h2>Bins</h2>
        <CopyMenu columns={columns} rows={() => rows} />
      </div>
      <StaticTable label="Bins" columns={columns} rows={rows} rowKey={({ index }) => String(index)} />
    </div>
  );
}
