import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import {
  type ComparisonView,
  differenceOf,
  idsNote,
  type SliceComparison,
} from '../../../core/api/compare.ts';
import { metricDirection, metricLabel, signOf } from '../../../core/api/metrics.ts';
import { Figure } from '../../charts/Figure.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { MetricSelect } from '../../components/MetricSelect.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Table } from '../../components/Table.tsx';
import { fixed, grouped, rangeText, signedRange } from '../../format/format.ts';
import { ShareCurves } from '../../runs/ShareCurves.tsx';
import type { HidingRun } from '../../runs/share-figures.ts';
import { api } from '../../state/api.ts';
import { type DifferencePoint, differencesFigure, type SliceBar, slicesFigure } from './figures.ts';
import { RowName, useRowColours } from './rows.tsx';
import { type SliceKindName, slicesOf } from './slices-of.ts';

const KINDS: readonly SliceKindName[] = [
  ...(['item age', 'item popularity', 'history length', 'seen in training', 'seen ID prefix'] as const),
];
const FIRST_METRICS = ['test/ndcg@10', 'test/auc'];

/** How good each row is for popular and rare items, and for short and long histories. */
export function SlicesTab({ view }: { view: ComparisonView }) {
  const runs = useMemo(() => view.rows.flatMap((row) => row.runs.map(({ id }) => id)), [view]);
  const baseline = view.baseline === null ? null : view.rows[view.baseline].id;
  const { data, error, refetch } = useQuery(api.compare.slices.queryOptions({ input: { runs, baseline } }));
  const [chosen, setChosen] = useState<string | null>(null);
  const hiding = useHidingRuns(view);
  const rows = useMemo(() => (data ?? []).filter(({ slices }) => slices.length > 0), [data]);
  if (error) return <Problem query={{ error, refetch }} />;
  if (!data) return <p className="muted compare-wait">Counting the slices</p>;
  const metrics = [
    ...new Set(rows.flatMap(({ slices }) => slices.flatMap((slice) => Object.keys(slice.metrics)))),
  ];
  if (metrics.length === 0) {
    return (
      <EmptyState
        title="No slices"
        text="Slices are counted from the ranks of users and the data set, or from predicted clicks; these runs lack them."
      />
    );
  }
  const metric = chosen ?? FIRST_METRICS.find((name) => metrics.includes(name)) ?? metrics[0];
  const kinds = KINDS.filter((kind) => rows.some(({ slices }) => slices.some(({ by }) => by === kind)));
  return (
    <div className="compare-flow">
      <div className="toolbar compare-flow-toolbar">
        <MetricSelect metrics={metrics} value={metric} onValue={setChosen} />
      </div>
      <ShareCurves runs={hiding} />
      {kinds.map((kind) => (
        <SliceKind key={kind} kind={kind} view={view} rows={rows} metric={metric} />
      ))}
    </div>
  );
}

/** The rows with the means of all their metrics. */
function useHidingRuns(view: ComparisonView): HidingRun[] {
  const colours = useRowColours(view);
  return useMemo(
    () =>
      view.rows.map(({ id, name, cells, others }) => {
        const means = [
          ...view.columns.map((column, at) => [column.name, cells[at].mean] as const),
          ...view.otherColumns.map((column, at) => [column.name, others[at]] as const),
        ];
        const metrics = Object.fromEntries(
          means.flatMap(([metric, mean]) => (mean === null ? [] : [[metric, mean]])),
        );
        return { id, name, colour: colours.get(id) ?? '', metrics };
      }),
    [view, colours],
  );
}

interface SliceKindProps {
  kind: SliceKindName;
  view: ComparisonView;
  rows: readonly SliceComparison[];
  metric: string;
}

function SliceKind({ kind, view, rows, metric }: SliceKindProps) {
  const colours = useRowColours(view);
  const bars = view.rows.flatMap(({ id, name }): SliceBar[] =>
    slicesOf(rows, id, kind).flatMap(({ slice, metrics, intervals }) => {
      const [low, high] = intervals?.[metric] ?? [];
      return Number.isFinite(metrics[metric]) ? [{ id, name, slice, value: metrics[metric], low, high }] : [];
    }),
  );
  const points = view.rows.flatMap(({ id, name }) =>
    slicesOf(rows, id, kind).flatMap(({ slice, differences }): DifferencePoint[] =>
      differenceOf(id, differences?.[metric]).map((difference) => ({ ...difference, name, slice })),
    ),
  );
  const tested = points.length > 0;
  const ofRows = rows.some(({ slices }) => slices.some(({ unit }) => unit === 'rows'));
  const title = `${metricLabel(metric)} by ${kind}${idsNote(rows.flatMap(({ id }) => slicesOf(rows, id, kind)))}`;
  const columns = sliceColumns(rows, kind, metric, colours);
  return (
    <section className="compare-section">
      <div className="compare-charts">
        <Figure
          spec={slicesFigure(title, bars, colours, tested ? view.rows.length - 1 : 0)}
          controls={<CopyMenu what={title} columns={columns} rows={() => view.rows} />}
        />
        {tested && view.baseline !== null && (
          <Figure
            spec={differencesFigure({
              title: `${metricLabel(metric)}: difference to ${view.rows[view.baseline].name}`,
              subtitle: '95 % interval',
              description: `${metricLabel(metric)}: difference to ${view.rows[view.baseline].name}`,
              fileName: `slices-difference-${metricLabel(metric)}`,
              points,
              colours,
              sign: signOf(metricDirection(metric)),
            })}
          />
        )}
      </div>
      <Table label={title} columns={columns} rows={view.rows} rowKey={({ id }) => id} />
      {tested && (
        <p className="muted compare-prose">
          Below a value: {ofRows ? 'its 95 % interval' : '95 % interval of its difference to the baseline'}{' '}
          over the {ofRows ? 'rows' : 'users'} of the slice. †: differs from the baseline, p &lt; 0.05, Holm
          over the rows and slices of this table
          {ofRows ? '' : '; not tested are slices of few users, or of other users than the baseline’s'}.
          Arrows: further away.
        </p>
      )}
    </section>
  );
}

/** Rows that were trained on other interactions may have more or fewer users in a slice. */
function countRange(slices: SliceComparison['slices'], name: string): string {
  const counts = slices.flatMap(({ slice, users }) => (slice === name ? [users] : []));
  const ends = new Set([Math.min(...counts), Math.max(...counts)]);
  return [...ends].map(grouped).join(' to ');
}

function sliceColumns(
  rows: readonly SliceComparison[],
  kind: SliceKindName,
  metric: string,
  colours: ReadonlyMap<string, string>,
): Column<ComparisonView['rows'][number]>[] {
  const all = rows.flatMap(({ id }) => slicesOf(rows, id, kind));
  return [
    column('name', 'Run', 'text', (row) => row.name, {
      render: (row) => <RowName row={row} colour={colours.get(row.id)} />,
    }),
    ...[...Map.groupBy(all, ({ slice }) => slice)].map(
      ([slice, [{ unit = 'users' }]]): Column<ComparisonView['rows'][number]> => {
        const ofRow = ({ id }: { id: string }) =>
          slicesOf(rows, id, kind).find((entry) => entry.slice === slice);
        const difference = (row: { id: string }) => ofRow(row)?.differences?.[metric];
        const title = `${slice} (${countRange(all, slice)} ${unit})`;
        return column(slice, title, 'metric', (row) => ofRow(row)?.metrics[metric], {
          text: (row) => fixed(ofRow(row)?.metrics[metric], 4) + (difference(row)?.significant ? '†' : ''),
          detail: (row) => {
            const { interval } = difference(row) ?? {};
            return unit === 'users' && interval
              ? signedRange(interval, 4)
              : rangeText(ofRow(row)?.intervals?.[metric]);
          },
        });
      },
    ),
  ];
}
