import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { RunRecord, SliceResult } from '../../../core/api/runs.ts';
import { MetricSelect } from '../../app/MetricSelect.tsx';
import { modelColour } from '../../charts/colours.ts';
import { Figure } from '../../charts/Figure.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState, Problem } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { rangeText } from '../../format/format.ts';
import { MAIN_RESULTS } from '../../runs/main-metrics.ts';
import { ShareCurves } from '../../runs/ShareCurves.tsx';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';
import { slicesFigure } from './figures.ts';

/** Test metrics by the popularity (or the age) of the item, the length of the history, and what training has shown. */
export function SlicesTab({ run }: { run: RunRecord }) {
  const slices = useQuery(api.runs.slices.queryOptions({ input: { run: run.id } }));
  if (slices.error) return <Problem query={slices} />;
  if (!slices.data) return <p className="run-notice muted">Counting the slices</p>;
  const counted = slices.data.filter(({ users }) => users > 0);
  if (counted.length === 0) {
    return (
      <EmptyState
        title="No slices"
        text="They are counted from the rank of every user's test item, or from predicted clicks, which a completed run keeps."
      />
    );
  }
  return (
    <Slices
      run={run}
      slices={slices.data}
      metrics={[...new Set(counted.flatMap(({ metrics }) => Object.keys(metrics)))]}
    />
  );
}

interface SlicesProps {
  run: RunRecord;
  slices: SliceResult[];
  metrics: string[];
}

function Slices({ run, slices, metrics }: SlicesProps) {
  const [metric, setMetric] = useState(MAIN_RESULTS.find((name) => metrics.includes(name)) ?? metrics[0]);
  const theme = useTheme((state) => state.theme);
  const hiding = useMemo(() => [{ ...run, colour: modelColour(run.model, theme) }], [run, theme]);
  const ofRows = slices.some(({ unit }) => unit === 'rows');
  const columns: Column<SliceResult>[] = [
    column('slice', 'Slice', 'text', ({ slice }) => slice),
    column('description', ofRows ? 'What it is' : 'Users with', 'text', ({ description }) => description),
    column('users', ofRows ? 'Rows' : 'Users', 'count', ({ users }) => users),
    ...metrics.map((name) =>
      column(name, metricLabel(name), 'metric', ({ metrics: values }: SliceResult) => values[name], {
        decimals: name.endsWith('rank') ? 1 : 4,
        detail: ({ intervals }) => rangeText(intervals?.[name]),
      }),
    ),
  ];
  return (
    <div className="run-page">
      <Figure
        spec={slicesFigure(run, slices, metric, modelColour(run.model, theme))}
        controls={
          <MetricSelect label="Metric of the bars" metrics={metrics} value={metric} onValue={setMetric} />
        }
      />
      <ShareCurves runs={hiding} />
      <Table
        title="All slices"
        label="Slices"
        columns={columns}
        rows={slices}
        rowKey={({ by, slice }) => `${by} ${slice}`}
      />
    </div>
  );
}
