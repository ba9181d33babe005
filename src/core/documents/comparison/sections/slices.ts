/** The tables of the slices of a comparison. */
import { idsNote } from '../../../evaluation/familiarity.ts';
import type { ComparedSlice } from '../../../evaluation/paired/types.ts';
import { FEWEST_USERS } from '../../../evaluation/significance.ts';
import type { SliceResult } from '../../../evaluation/slices.ts';
import { fixed, grouped, pValue, signed } from '../../format.ts';
import type { Comparison, MetricColumn, TableSection } from '../../types.ts';
import { baselineWords } from '../rows/baseline-words.ts';
import { exactWords, markedName } from '../rows/footnotes.ts';
import { KIND_TITLES, SLICE_KINDS } from './slice-table.ts';

/** The tables of the slices, a metric in the slices of one kind each, for the metrics among the comparison's columns that slices have. */
export function sliceSections(comparison: Comparison): TableSection[] {
  const { columns, slices = [] } = comparison;
  return columns.flatMap((column) =>
    SLICE_KINDS.flatMap((by) => {
      const lines = sliceLines(comparison, slices, column, by);
      if (lines.length === 0) return [];
      const tested = slices.flat().some(({ differences }) => differences?.[column.name]);
      const estimated = slices.flat().some(({ intervals }) => intervals?.[column.name]);
      const unit = slices.flat()[0].unit === 'rows' ? 'Rows' : 'Users';
      const cells = [
        ...['Slice', unit, 'Run', column.label].map((heading) => ({ heading, shown: true })),
        { heading: '95 % interval', shown: estimated },
        ...['Difference', '95 % interval', 'p'].map((heading) => ({ heading, shown: tested })),
      ];
      const shown = (_: unknown, at: number) => cells[at].shown;
      return [
        {
          title: `${column.label} ${KIND_TITLES[by]}${idsNote(slices.flat().filter((slice) => slice.by === by))}`,
          headings: cells.map(({ heading }) => heading).filter(shown),
          textColumns: 3,
          lines: lines.map((line) => line.filter(shown)),
        },
      ];
    }),
  );
}

function sliceLines(
  { rows }: Comparison,
  slices: readonly ComparedSlice[][],
  column: MetricColumn,
  by: SliceResult['by'],
): string[][] {
  const names = new Set(slices.flat().flatMap((slice) => (slice.by === by ? [slice.slice] : [])));
  return [...names].flatMap((name) =>
    rows.flatMap((row, at) => {
      const match = slices[at].find((slice) => slice.by === by && slice.slice === name);
      return match && column.name in match.metrics ? [sliceCells(markedName(row), match, column)] : [];
    }),
  );
}

function sliceCells(row: string, slice: ComparedSlice, { name, decimals }: MetricColumn): string[] {
  const { metrics, intervals, spreads, differences } = slice;
  const spread = spreads ? ` ± ${fixed(spreads[name], decimals)}` : '';
  const difference = differences?.[name];
  return [
    ...[slice.slice, grouped(slice.users), row, fixed(metrics[name], decimals) + spread],
    rangeText(intervals?.[name], (end) => fixed(end, decimals)),
    signed(difference?.difference, decimals) + (difference?.significant ? '†' : ''),
    rangeText(difference?.interval, (end) => signed(end, decimals)),
    pValue(difference?.holm),
  ];
}

function rangeText(interval: readonly [number, number] | undefined, text: (end: number) => string): string {
  return interval ? interval.map(text).join(' to ') : '–';
}

/** How the intervals and tests of slices were made; null where there are none. */
export function sliceNote(comparison: Comparison): string | null {
  const { slices = [] } = comparison;
  const all = slices.flat();
  const estimated = all.some(({ intervals }) => intervals);
  const tests = all.flatMap(({ differences = {} }) => Object.values(differences));
  if (!estimated && tests.length === 0) return null;
  const intervals =
    'Slices: 95 % intervals over rows, clustered by user, per-row contributions averaged over seeds (± is the standard deviation over ' +
    "seeds): DeLong's of the AUC, BCa bootstrap of the log-loss.";
  if (tests.length === 0) return intervals;
  const base = baselineWords(comparison);
  const how = estimated
    ? `${intervals} Differences to ${base}: DeLong's test of the AUC, paired t of the log-loss`
    : `Slices: each row's users are cut by the interactions that it was trained on. Differences to ${base} are over the users of a slice, averaged over the seeds first, by the paired t with its 95 % intervals${exactWords(tests)}, where both rows have the same users in the slice, ${FEWEST_USERS} or more`;
  return `${how}, p Holm-adjusted over the rows and slices of one table; †: p < 0.05.`;
}
