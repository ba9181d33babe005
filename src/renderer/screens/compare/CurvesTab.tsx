import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { type Curve, LineChart } from '../../charts/LineChart.tsx';
import { CheckField, type Choice, Select } from '../../components/controls.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { metricTitle } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useRowColours } from './rows.tsx';

const PIXELS = 1200;
type Axis = 'steps' | 'epochs';
const AXES: Choice<Axis>[] = [
  { value: 'steps', label: 'By step' },
  { value: 'epochs', label: 'By epoch' },
];

/** Training curves over each other; seeds of a row share its colour. Dragging asks for a stretch in detail. */
export function CurvesTab({ view }: { view: ComparisonView }) {
  const [metric, setMetric] = useState<string | undefined>();
  const [axis, setAxis] = useState<Axis>('steps');
  const [logarithmic, setLogarithmic] = useState(false);
  const [range, setRange] = useState<{ from: number; to: number } | null>(null);
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const stretch = range && axis === 'steps' ? { from: Math.floor(range.from), to: Math.ceil(range.to) } : {};
  const { data, error, refetch } = useQuery({
    ...api.compare.curves.queryOptions({ input: { runs, metric, pixels: PIXELS, ...stretch } }),
    placeholderData: keepPreviousData,
  });
  const colours = useRowColours(view);
  const curves = useMemo(
    () =>
      (data?.curves ?? []).map((curve): Curve => {
        const row = view.rows.find(({ runs: members }) => members.some(({ id }) => id === curve.run));
        const run = row?.runs.find(({ id }) => id === curve.run);
        return {
          id: curve.run,
          label: run?.name ?? curve.run,
          colour: colours.get(row?.id ?? '') ?? '',
          ...(axis === 'steps'
            ? { x: curve.steps, y: curve.values }
            : lastOfEachEpoch(curve.epochs, curve.values)),
        };
      }),
    [data, view, colours, axis],
  );
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  if (data.metrics.length === 0) {
    return (
      <EmptyState title="No curves">
        <p>These models are fitted in one go: they have no training to draw.</p>
      </EmptyState>
    );
  }
  const shown = metric ?? data.metrics[0];
  return (
    <div className="compare-flow">
      <LineChart
        title={metricTitle(shown)}
        fileName={`curves-${shown.replaceAll('/', '-')}`}
        curves={curves}
        xLabel={axis === 'steps' ? 'Step' : 'Epoch'}
        logarithmic={logarithmic}
        height={380}
        onZoom={setRange}
        controls={
          <>
            <Select
              aria-label="Metric"
              value={shown}
              choices={data.metrics.map((name) => ({ value: name, label: metricTitle(name) }))}
              onValue={setMetric}
            />
            <Select
              aria-label="Horizontal axis"
              value={axis}
              choices={AXES}
              onValue={(chosen) => setAxis(chosen)}
            />
            <CheckField label="Log scale" checked={logarithmic} onChecked={setLogarithmic} />
          </>
        }
      />
      <p className="muted">
        {curves.length} of {runs.length} runs have this curve. Drag to zoom, double click to show all.
      </p>
    </div>
  );
}

/** An axis needs growing values: of several points in one epoch the last is drawn. */
function lastOfEachEpoch(epochs: readonly number[], values: readonly number[]): { x: number[]; y: number[] } {
  const last = new Map(epochs.map((epoch, at) => [epoch, values[at]]));
  return { x: [...last.keys()], y: [...last.values()] };
}
