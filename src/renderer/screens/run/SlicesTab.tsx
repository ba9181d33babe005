import * as Plot from '@observablehq/plot';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { RunRecord, SliceResult } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { MetricSelect } from '../../components/MetricSelect.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Table } from '../../components/Table.tsx';
import { fixed, grouped, rangeText } from '../../format/format.ts';
import { ShareCurves } from '../../runs/ShareCurves.tsx';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';

const FIRST_METRICS = ['test/ndcg@10', 'test/auc'];

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

/** Pixels of a bar and the space around it. */
const BAR = 24;

/** A gap parts the kinds of slices. */
function barOrder(slices: readonly SliceResult[]): string[] {
  const kinds = Object.values(Object.groupBy(slices, ({ by }) => by));
  return kinds.flatMap((members, at) => [
    ...(at > 0 ? [' '.repeat(at)] : []),
    ...members.map(({ slice }) => slice),
  ]);
}

interface SlicesProps {
  run: RunRecord;
  slices: SliceResult[];
  metrics: string[];
}

function Slices({ run, slices, metrics }: SlicesProps) {
  const [metric, setMetric] = useState(FIRST_METRICS.find((name) => metrics.includes(name)) ?? metrics[0]);
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
  const options = useMemo(
    (): Plot.PlotOptions => ({
      height: BAR * barOrder(slices).length + 48,
      marginLeft: 168,
      marginRight: 56,
      x: { label: metricLabel(metric), grid: true, zero: true },
      y: { label: null, domain: barOrder(slices), padding: 0.35, tickSize: 0 },
      marks: [
        Plot.barX(slices, {
          y: 'slice',
          fill: modelColour(run.model, theme),
          x: (row: SliceResult) => row.metrics[metric] ?? 0,
          title: ({ slice, metrics: values, intervals, users, unit }: SliceResult) =>
            `${slice}: ${fixed(values[metric], 4)}${rangeText(intervals?.[metric])}\n${grouped(users)} ${unit ?? 'users'}`,
        }),
        Plot.ruleY(
          slices.filter(({ intervals }) => intervals?.[metric]),
          {
            y: 'slice',
            strokeWidth: 1.5,
            x1: (row: SliceResult) => row.intervals?.[metric]?.[0],
            x2: (row: SliceResult) => row.intervals?.[metric]?.[1],
          },
        ),
        Plot.text(slices, {
          y: 'slice',
          dx: 6,
          textAnchor: 'start',
          fontVariant: 'tabular-nums',
          x: (row: SliceResult) => row.intervals?.[metric]?.[1] ?? row.metrics[metric] ?? 0,
          text: (row: SliceResult) => (metric in row.metrics ? fixed(row.metrics[metric], 3) : 'none'),
        }),
        Plot.ruleX([0]),
      ],
    }),
    [slices, metric, run.model, theme],
  );
  return (
    <div className="run-page">
      <PlotFigure
        title={
          ofRows
            ? "By the item's age and popularity, and by length of the history"
            : 'By popularity of the held-out item, length of the history, and what training has shown'
        }
        description={`${metricLabel(metric)} of ${run.name} by slice`}
        fileName={`${run.name}-slices`}
        options={options}
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
