import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { ComparisonView, DifferenceLine } from '../../../core/api/compare.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { clip, countText, signed, signedRange } from '../../format/format.ts';
import { useRowColours } from './rows.tsx';

const columns: Column<DifferenceLine>[] = [
  column('row', 'Run', (line) => line.row),
  column('metric', 'Metric', (line) => line.metric),
  numeric('delta', 'Difference', (line) => line.delta, {
    render: (line) => (line.significant ? <strong>{line.delta}</strong> : line.delta),
  }),
  numeric('percent', '%', (line) => line.percent),
  numeric('interval', '95 % interval', (line) => line.interval),
  numeric('wilcoxon', 'p, Wilcoxon', (line) => line.wilcoxon),
  numeric('t', 'p, t', (line) => line.t),
  numeric('wins', 'Wins / ties / losses', (line) => line.wins),
];

/** Every difference to the baseline with its tests, as reports print them, and each metric's intervals as a figure. */
export function DifferencesTab({ view }: { view: ComparisonView }) {
  const { differences, baseline, testNote } = view;
  if (baseline === null || differences.length === 0) {
    return (
      <EmptyState
        title="No differences to show"
        text={
          baseline === null
            ? 'Choose a baseline in the metrics view: the other runs of its protocol are tested against it.'
            : `No other run has the protocol of ${view.rows[baseline].name}, or none has a metric in common with it.`
        }
      />
    );
  }
  return (
    <div className="compare-flow">
      <div className="chart-head">
        <h2>Differences to {view.rows[baseline].name}</h2>
        <CopyMenu framed what="table" columns={columns} rows={() => differences} />
      </div>
      <StaticTable
        label="Differences"
        columns={columns}
        rows={differences}
        rowKey={({ row, metric }) => `${row} ${metric}`}
      />
      {testNote && <p className="muted compare-prose">{testNote} Bold: significant.</p>}
      <div className="compare-charts">
        {view.columns.map((column, at) => (
          <Intervals key={column.name} view={view} at={at} />
        ))}
      </div>
    </div>
  );
}

const ROW_HEIGHT = 24;
const NAME_LENGTH = 28;

/** One dot a row with its interval, around the line of no difference. */
function Intervals({ view, at }: { view: ComparisonView; at: number }) {
  const colours = useRowColours(view);
  const { label } = view.columns[at];
  const baseline = view.baseline === null ? '' : view.rows[view.baseline].name;
  const points = useMemo(
    () =>
      view.rows.flatMap(({ id, name, cells }) => {
        const { significance } = cells[at];
        if (!significance) return [];
        const { difference, interval } = significance;
        return [{ id, name, difference, low: interval[0], high: interval[1] }];
      }),
    [view, at],
  );
  const options = useMemo((): Plot.PlotOptions => {
    const fill = (point: (typeof points)[number]) => colours.get(point.id);
    return {
      height: ROW_HEIGHT * points.length + 48,
      marginLeft: 16 + 7 * Math.max(...points.map(({ name }) => clip(name, NAME_LENGTH).length)),
      x: { label: null, grid: true, ticks: 5 },
      y: {
        label: null,
        domain: points.map(({ name }) => name),
        tickSize: 0,
        tickFormat: (name: string) => clip(name, NAME_LENGTH),
      },
      marks: [
        Plot.ruleX([0], { strokeOpacity: 0.6 }),
        Plot.ruleY(points, { y: 'name', x1: 'low', x2: 'high', stroke: fill, strokeWidth: 2 }),
        tiles(points, {
          y: 'name',
          x: 'difference',
          fill,
          title: ({ name, difference, low, high }: (typeof points)[number]) =>
            `${name}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`,
        }),
      ],
    };
  }, [points, colours]);
  if (points.length === 0) return null;
  const title = `${label}: difference to ${baseline}, 95 % interval`;
  return (
    <PlotFigure
      title={title}
      description={`${title}, ${countText(points.length, 'run')}`}
      fileName={`difference-${label}`}
      options={options}
    />
  );
}
