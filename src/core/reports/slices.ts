import { clickSlices, measureSlice, selectRows } from '../evaluation/click-slices.ts';
import { parseClickMetric } from '../evaluation/predictions.ts';
import { comparisonKey } from '../evaluation/protocol.ts';
import type { SliceResult } from '../evaluation/slices.ts';
import { type PairedPredictions, pairPredictions, testClickMetric } from './click-pairing.ts';
import { metricColumn } from './columns.ts';
import { fixed, grouped, pValue, signed } from './format.ts';
import { adjustColumn } from './pairing.ts';
import type {
  ComparedRun,
  ComparedSlice,
  Comparison,
  MetricColumn,
  Significance,
  TableSection,
} from './types.ts';

/** Kinds of slices in the order in which they are shown. */
export const SLICE_KINDS = [
  'all',
  'item age',
  'item popularity',
  'history length',
  'seen in training',
  'seen ID prefix',
] as const satisfies readonly SliceResult['by'][];

const TESTED = ['test/auc', 'test/logloss'].map(metricColumn);
const RESAMPLES = 1000;

/**
 * Slices of rows of click predictions, one list a row, with the differences to the baseline's row where both are of one
 * protocol; none of a row whose runs keep no predictions of the same test rows.
 */
export function compareClickSlices(
  rows: readonly { runs: readonly ComparedRun[] }[],
  baseline: number | null,
): ComparedSlice[][] {
  const compared = rows.map(({ runs }, at) => {
    const base = baseline === null || baseline === at ? null : rows[baseline].runs;
    return rowSlices(runs, base && sameProtocol(base[0], runs[0]) ? base : null);
  });
  for (const by of SLICE_KINDS) {
    const family = compared.flat().filter((slice) => slice.by === by);
    for (const { name } of TESTED) adjustColumn(family.map(({ differences }) => differences?.[name] ?? null));
  }
  return compared;
}

function sameProtocol(one: ComparedRun, other: ComparedRun): boolean {
  return Boolean(
    one.protocol &&
      other.protocol &&
      comparisonKey(one.protocol) === comparisonKey(other.protocol) &&
      !one.seenHeldOut === !other.seenHeldOut,
  );
}

function rowSlices(runs: readonly ComparedRun[], base: readonly ComparedRun[] | null): ComparedSlice[] {
  const seeds = pairPredictions(runs, [], 'test')?.baseline;
  if (!seeds) return [];
  const pair = base && pairPredictions(base, runs, 'test');
  return clickSlices(seeds[0]).map((slice) => {
    const measured = measureSlice(seeds, slice);
    if (!pair) return measured;
    const of = (all: PairedPredictions['row']) => all.map((one) => selectRows(one, slice.members));
    return { ...measured, differences: testSlice({ baseline: of(pair.baseline), row: of(pair.row) }) };
  });
}

function testSlice(pair: PairedPredictions): Record<string, Significance> {
  const tested = TESTED.flatMap((column): [string, Significance][] => {
    const metric = parseClickMetric(column.name);
    const test = metric && testClickMetric(pair, metric, column, { resamples: RESAMPLES, seed: 1 });
    return test ? [[column.name, test]] : [];
  });
  return Object.fromEntries(tested);
}

const KIND_TITLES: Record<SliceResult['by'], string> = {
  all: 'over all rows',
  'item age': "by the item's training rows",
  'item popularity': 'by popularity of the item',
  'history length': 'by length of the history',
  'seen in training': 'by what training has shown of the target after the last item',
  'seen ID prefix': "by how much of the target's Semantic ID was seen after the last item's",
};

/** The tables of the slices, a metric in the slices of one kind each, for the metrics among the comparison's columns that slices have. */
export function sliceSections(comparison: Comparison): TableSection[] {
  const { columns, slices = [] } = comparison;
  return columns.flatMap((column) =>
    SLICE_KINDS.flatMap((by) => {
      const lines = sliceLines(comparison, slices, column, by);
      if (lines.length === 0) return [];
      const tested = slices.flat().some(({ differences }) => differences?.[column.name]);
      const estimated = tested || slices.flat().some(({ intervals }) => intervals?.[column.name]);
      const unit = slices.flat()[0].unit === 'rows' ? 'Rows' : 'Users';
      const headings = [
        ...['Slice', unit, 'Run', column.label],
        ...(estimated ? ['95 % interval'] : []),
        ...(tested ? ['Difference', '95 % interval', 'p'] : []),
      ];
      return [
        {
          title: `${column.label} ${KIND_TITLES[by]}`,
          headings,
          textColumns: 3,
          lines: lines.map((line) => line.slice(0, headings.length)),
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
      const own = slices[at].find((slice) => slice.by === by && slice.slice === name);
      return own && column.name in own.metrics ? [sliceCells(row.name, own, column)] : [];
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
export function sliceNote({ slices = [], rows, baseline }: Comparison): string | null {
  const all = slices.flat();
  if (!all.some(({ intervals }) => intervals)) return null;
  const intervals =
    'Slices: 95 % intervals over rows, what a row adds averaged over the seeds first (± is the standard deviation over ' +
    "seeds): DeLong's of the AUC, BCa bootstrap of the log-loss.";
  if (baseline === null || !all.some(({ differences }) => differences)) return intervals;
  return (
    `${intervals} Differences to ${rows[baseline].name}: DeLong's test of the AUC, paired t of the log-loss, p Holm-adjusted ` +
    'over the rows and slices of one table; †: p < 0.05.'
  );
}
