/** Curves of the runs of a comparison, under the names and in the colours of its rows. */
import { useMemo } from 'react';
import type { ComparedCurve, ComparisonView } from '../../../core/api/compare.ts';
import { type Curve, meanCurve, type NamedSeries } from '../../../core/api/figures.ts';

const NO_CURVES: ComparedCurve[] = [];

/** The curves under the names of their runs, in the colours of their rows. */
export function useNamedSeries(
  curves: readonly ComparedCurve[] = NO_CURVES,
  view: ComparisonView,
  colours: ReadonlyMap<string, string>,
): NamedSeries[] {
  return useMemo(
    () =>
      curves.map((curve) => {
        const row = view.rows.find(({ runs: members }) => members.some(({ id }) => id === curve.run));
        const run = row?.runs.find(({ id }) => id === curve.run);
        return {
          ...curve,
          id: curve.run,
          label: run?.name ?? curve.run,
          colour: colours.get(row?.id ?? '') ?? '',
        };
      }),
    [curves, view, colours],
  );
}

/** A curve for each row: its run's, or the mean of its seeds. */
export function rowMeans(
  all: readonly Curve[],
  view: ComparisonView,
  colours: ReadonlyMap<string, string>,
): Curve[] {
  return view.rows.flatMap((row) => {
    const seeds = all.filter(({ id, faint }) => !faint && row.runs.some((run) => run.id === id));
    if (seeds.length < 2) return seeds;
    return [
      meanCurve(seeds, {
        id: row.id,
        label: `${row.name}, ${seeds.length} seeds`,
        colour: colours.get(row.id) ?? '',
      }),
    ];
  });
}

/** What the rows without a curve reach by the metric, as models that are fitted in one go. */
export function rowLevels(
  { rows, columns, otherColumns }: ComparisonView,
  series: readonly NamedSeries[],
  metric: string,
  colours: ReadonlyMap<string, string>,
) {
  const named = ({ name }: { name: string }) => name === metric;
  const [column, other] = [columns.findIndex(named), otherColumns.findIndex(named)];
  return rows.flatMap(({ id, name, runs, cells, others }) => {
    const value = column >= 0 ? cells[column].mean : (others[other] ?? null);
    const hasCurve = series.some((one) => runs.some((run) => run.id === one.id));
    return hasCurve || value === null ? [] : [{ id, label: name, colour: colours.get(id) ?? '', value }];
  });
}
