import * as Plot from '@observablehq/plot';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { Select } from '../../components/controls.tsx';
import type { Column } from '../../components/data-table-types.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { fixed, grouped, metricTitle } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { type ColdStartPoint, type ColdStartRow, coldStartPoints, coldStartRows } from './cold-start.ts';
import { RowName, useRowColours } from './rows.tsx';

const METRICS = ['test/auc', 'test/logloss', 'test/ne'] as const;

/** How what stands for an item decides on new and rare ones: every representation in every slice by the item's age. */
export function ColdStartTab({ view }: { view: ComparisonView }) {
  const rows = useMemo(() => coldStartRows(view), [view]);
  const runs = useMemo(() => rows.flatMap(({ row }) => row.runs.map(({ id }) => id)), [rows]);
  const { data, error, refetch } = useQuery(api.compare.slices.queryOptions({ input: { runs } }));
  const [metric, setMetric] = useState<string>(METRICS[0]);
  const points = useMemo(() => coldStartPoints(rows, data ?? [], metric), [rows, data, metric]);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="muted compare-wait">Counting the slices</p>;
  if (points.length === 0) {
    return (
      <EmptyState title="No items to tell apart">
        <p>The rows of these runs have no item column, or the runs keep no predictions.</p>
      </EmptyState>
    );
  }
  return (
    <div className="compare-flow">
      <div className="toolbar compare-flow-toolbar">
        <Select
          aria-label="Metric"
          value={metric}
          choices={METRICS.map((name) => ({ value: name, label: metricTitle(name) }))}
          onValue={setMetric}
        />
      </div>
      <ColdStartFigure view={view} rows={rows} points={points} metric={metric} />
    </div>
  );
}

interface FigureProps {
  view: ComparisonView;
  rows: readonly ColdStartRow[];
  points: readonly ColdStartPoint[];
  metric: string;
}

function ColdStartFigure({ view, rows, points, metric }: FigureProps) {
  const colours = useRowColours(view);
  const slices = [...new Set(points.map(({ slice }) => slice))];
  const options = useMemo(
    (): Plot.PlotOptions => ({
      ...{ height: 300, marginLeft: 56, marginBottom: 40 },
      fx: { label: 'Training rows of the item', domain: [...new Set(points.map(({ slice }) => slice))] },
      x: { axis: null, domain: [...new Set(points.map(({ name }) => name))] },
      y: { label: metricTitle(metric), grid: true, nice: true },
      marks: [
        Plot.ruleX(
          points.filter(({ low }) => low !== undefined),
          {
            ...{ fx: 'slice', x: 'name', y1: 'low', y2: 'high', strokeWidth: 1.5 },
            stroke: (point: ColdStartPoint) => colours.get(point.id),
          },
        ),
        Plot.dot(points, {
          ...{ fx: 'slice', x: 'name', y: 'value', r: 4 },
          fill: (point: ColdStartPoint) => colours.get(point.id),
          title: (point: ColdStartPoint) =>
            `${point.representation} (${point.name}), ${point.slice} training rows: ${fixed(point.value, 4)}`,
        }),
      ],
    }),
    [points, metric, colours],
  );
  const title = `${metricTitle(metric)} by training rows of the item`;
  const columns = coldStartColumns(slices, points, colours);
  return (
    <section className="compare-section">
      <PlotFigure
        title={title}
        description={`${title}, ${rows.map(({ representation }) => representation).join(', ')}, with 95 % intervals`}
        fileName="cold-start"
        options={options}
        controls={<CopyMenu label={`Copy ${title}`} columns={columns} rows={() => rows} />}
      />
      <StaticTable label={title} columns={columns} rows={rows} rowKey={({ row }) => row.id} />
      <p className="muted">
        95 % intervals: DeLong of AUC, bootstrap over rows of log-loss; of several seeds the mean.
      </p>
    </section>
  );
}

function coldStartColumns(
  slices: readonly string[],
  points: readonly ColdStartPoint[],
  colours: ReadonlyMap<string, string>,
): Column<ColdStartRow>[] {
  const of = (id: string, slice: string) => points.find((point) => point.id === id && point.slice === slice);
  return [
    { id: 'representation', title: 'Item is', text: ({ representation }) => representation },
    {
      ...{ id: 'name', title: 'Run', text: ({ row }: ColdStartRow) => row.name },
      render: ({ row }) => <RowName row={row} colour={colours.get(row.id)} />,
    },
    ...slices.map((slice): Column<ColdStartRow> => {
      const rows = points.find((point) => point.slice === slice)?.rows;
      return {
        ...{ id: slice, title: `${slice} (${grouped(rows)} rows)`, numeric: true },
        text: ({ row }) => {
          const point = of(row.id, slice);
          const { low, high } = point ?? {};
          const range = low === undefined ? '' : ` [${fixed(low, 4)}, ${fixed(high, 4)}]`;
          return fixed(point?.value, 4) + range;
        },
      };
    }),
  ];
}
