import type { FigureSpec } from '../../../core/api/figures.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { RunRecord, SliceResult } from '../../../core/api/runs.ts';
import { fixed, grouped, rangeText } from '../../format/format.ts';

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

/** One metric of a run in every slice of its users, or of its rows. */
export function slicesFigure(
  { name }: Pick<RunRecord, 'name'>,
  slices: readonly SliceResult[],
  metric: string,
  colour: string,
): FigureSpec {
  const names = barOrder(slices);
  const ofRows = slices.some(({ unit }) => unit === 'rows');
  return {
    title: ofRows
      ? "By the item's age and popularity, and by length of the history"
      : 'By popularity of the held-out item, length of the history, and what training has shown',
    description: `${metricLabel(metric)} of ${name} by slice`,
    fileName: `${name}-slices`,
    height: BAR * names.length + 50,
    along: 'x',
    x: { label: metricLabel(metric), zero: true },
    y: { kind: 'names', names },
    rules: [{ axis: 'x', at: 0 }],
    series: [
      {
        id: metric,
        colour,
        bars: true,
        points: slices.map(({ slice, metrics, intervals, users, unit }) => ({
          x: metrics[metric] ?? Number.NaN,
          y: slice,
          low: intervals?.[metric]?.[0],
          high: intervals?.[metric]?.[1],
          label: metric in metrics ? fixed(metrics[metric], 3) : 'none',
          tip: `${slice}: ${fixed(metrics[metric], 4)}${rangeText(intervals?.[metric])}\n${grouped(users)} ${unit ?? 'users'}`,
        })),
      },
    ],
  };
}
