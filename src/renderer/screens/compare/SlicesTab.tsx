import * as Plot from '@observablehq/plot';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ComparisonView, SliceComparison } from '../../../core/api/compare.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { Button } from '../../components/Button.tsx';
import { Select } from '../../components/controls.tsx';
import { copyChoices } from '../../components/copy.ts';
import type { Column } from '../../components/data-table-types.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Menu } from '../../components/Menu.tsx';
import { Problem } from '../../components/Problem.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { fixed, grouped, metricTitle } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { RowName, useRowColours } from './rows.tsx';

const KINDS = ['item popularity', 'history length'] as const;
type Kind = (typeof KINDS)[number];

/** How good each row is for popular and rare items, and for short and long histories. */
export function SlicesTab({ view }: { view: ComparisonView }) {
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const { data, error, refetch } = useQuery(api.compare.slices.queryOptions({ input: { runs } }));
  const [chosen, setChosen] = useState<string | null>(null);
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="muted compare-wait">Counting the slices</p>;
  const rows = data.filter(({ slices }) => slices.length > 0);
  const metrics = [
    ...new Set(rows.flatMap(({ slices }) => slices.flatMap((slice) => Object.keys(slice.metrics)))),
  ];
  if (metrics.length === 0) {
    return (
      <EmptyState title="No slices">
        <p>
          Slices are counted from the ranks of the users and from the data set; these runs lack one of them.
        </p>
      </EmptyState>
    );
  }
  const metric = chosen ?? (metrics.includes('test/ndcg@10') ? 'test/ndcg@10' : metrics[0]);
  return (
    <div className="compare-flow">
      <div className="toolbar compare-flow-toolbar">
        <Select
          aria-label="Metric"
          value={metric}
          choices={metrics.map((name) => ({ value: name, label: metricTitle(name) }))}
          onValue={setChosen}
        />
      </div>
      {KINDS.map((kind) => (
        <SliceKind key={kind} kind={kind} view={view} rows={rows} metric={metric} />
      ))}
    </div>
  );
}

interface SliceKindProps {
  kind: Kind;
  view: ComparisonView;
  rows: readonly SliceComparison[];
  metric: string;
}

interface Bar {
  id: string;
  name: string;
  slice: string;
  value: number;
}

function SliceKind({ kind, view, rows, metric }: SliceKindProps) {
  const colours = useRowColours(view);
  const bars = useMemo(
    () =>
      view.rows.flatMap(({ id, name }): Bar[] =>
        slicesOf(rows, id, kind).flatMap(({ slice, metrics }) =>
          Number.isFinite(metrics[metric]) ? [{ id, name, slice, value: metrics[metric] }] : [],
        ),
      ),
    [view, rows, kind, metric],
  );
  const options = useMemo(
    (): Plot.PlotOptions => ({
      height: 220,
      marginLeft: 52,
      fx: { label: null, domain: [...new Set(bars.map(({ slice }) => slice))], padding: 0.15 },
      x: { axis: null, domain: [...new Set(bars.map(({ name }) => name))] },
      y: { label: null, grid: true, zero: true, ticks: 5 },
      marks: [
        Plot.barY(bars, {
          fx: 'slice',
          x: 'name',
          y: 'value',
          fill: (bar: Bar) => colours.get(bar.id),
          title: (bar: Bar) => `${bar.name}, ${bar.slice}: ${fixed(bar.value, 4)}`,
        }),
        Plot.ruleY([0]),
      ],
    }),
    [bars, colours],
  );
  const title = `${metricTitle(metric)} by ${kind}`;
  const columns = sliceColumns(rows, kind, metric, colours);
  return (
    <section className="compare-section">
      <PlotFigure
        title={title}
        description={`${title}, ${view.rows.length} runs`}
        fileName={title.replaceAll(/[^A-Za-z0-9@]+/g, '-')}
        options={options}
        controls={
          <Menu
            trigger={
              <Button kind="quiet" aria-label={`Copy ${title}`}>
                Copy
              </Button>
            }
            choices={copyChoices(columns, () => view.rows)}
          />
        }
      />
      <StaticTable label={title} columns={columns} rows={view.rows} rowKey={({ id }) => id} />
    </section>
  );
}

function slicesOf(rows: readonly SliceComparison[], id: string, kind: Kind) {
  return (rows.find((row) => row.id === id)?.slices ?? []).filter(({ by }) => by === kind);
}

function sliceColumns(
  rows: readonly SliceComparison[],
  kind: Kind,
  metric: string,
  colours: ReadonlyMap<string, string>,
): Column<ComparisonView['rows'][number]>[] {
  const [first] = rows;
  return [
    {
      id: 'name',
      title: 'Run',
      text: (row) => row.name,
      render: (row) => <RowName row={row} colour={colours.get(row.id)} />,
    },
    ...slicesOf(rows, first.id, kind).map(
      ({ slice, users }): Column<ComparisonView['rows'][number]> => ({
        id: slice,
        title: `${slice} (${grouped(users)} users)`,
        numeric: true,
        text: (row) => {
          const own = slicesOf(rows, row.id, kind).find((known) => known.slice === slice);
          return fixed(own?.metrics[metric], 4);
        },
      }),
    ),
  ];
}
