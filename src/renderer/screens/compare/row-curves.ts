/** Curves of the runs of a comparison, under the names and in the colours of its rows. */
import { useMemo } from 'react';
import type { ComparedCurve, ComparisonView } from '../../../core/api/compare.ts';
import { meanCurve, type NamedSeries } from '../../charts/curve-shapes.ts';
import type { Curve } from '../../charts/line-chart.ts';

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
