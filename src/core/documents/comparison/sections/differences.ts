import { meanOfKnown } from '../../../evaluation/metrics.ts';
import type { Significance } from '../../../evaluation/paired/types.ts';
import { protocolRows } from '../../../evaluation/protocol.ts';
import { MAX_EXACT } from '../../../evaluation/significance.ts';
import { grouped, pValue } from '../../format.ts';
import type { ComparedRun, Comparison, ProtocolGroup } from '../../types.ts';
import { baselineWords, familyWords } from '../rows/baseline-words.ts';
import { exactWords, footnoteLines, markedName } from '../rows/footnotes.ts';
import { tuningNote } from '../rows/tuning.ts';

/** A row of the table of differences. */
export interface DifferenceLine {
  row: string;
  metric: string;
  baseline: string;
  /** Of all values of the metric. */
  decimals: number;
  delta: number;
  percent: number | null;
  interval: readonly [number, number] | null;
  wilcoxon: string;
  t: string;
  wins: string;
  significant: boolean;
}

/** Every difference to the baseline, protocol by protocol and metric by metric; p-values are Holm-adjusted over the rows of a metric. */
export function differenceLines(comparison: Comparison): DifferenceLine[] {
  return comparison.protocols.flatMap((group) => linesOfProtocol(comparison, group));
}

function linesOfProtocol({ rows, columns }: Comparison, { baseline, rows: members }: ProtocolGroup) {
  if (baseline === null) return [];
  return columns.flatMap((column, at) =>
    members.flatMap((place): DifferenceLine[] => {
      const row = rows[place];
      const { delta, deltaPercent, significance } = row.cells[at];
      if (delta === null) return [];
      return [
        {
          row: markedName(row),
          metric: column.label,
          baseline: rows[baseline].name,
          decimals: column.decimals,
          delta,
          percent: deltaPercent,
          interval: significance?.interval ?? null,
          wilcoxon: wilcoxonText(significance),
          t: testText(significance),
          wins: significance
            ? [significance.wins, significance.ties, significance.losses].map(grouped).join(' / ')
            : '–',
          significant: significance?.significant ?? false,
        },
      ];
    }),
  );
}

/** Wilcoxon's p, named where it is the exact one or a sign test; a dash where the test is another. */
function wilcoxonText(tested: Significance | null): string {
  if (tested?.test !== 't') return '–';
  const { method, isSignTest, holm } = tested.wilcoxon;
  const names = [...(method === 'exact' ? ['exact'] : []), ...(isSignTest ? ['sign test'] : [])];
  return pValue(holm) + (names.length > 0 ? ` (${names.join(', ')})` : '');
}

/** The p of the t-test, or that of another that has it in its place. */
function testText(tested: Significance | null): string {
  if (tested?.test === 't') return pValue(tested.t.holm);
  return pValue(tested?.holm) + (tested === null ? '' : ' (DeLong)');
}

/** Which test decides: "paired t over users (AUC: DeLong), Wilcoxon's exact test where at most 20 differ". */
export function testWords(tests: readonly Significance[]): string {
  const units = [...new Set(tests.map(({ unit }) => unit))];
  const delong = tests.some(({ test }) => test === 'delong') ? ' (AUC: DeLong)' : '';
  return `paired t over ${units.join(' or ')}${delong}${exactWords(tests)}`;
}

/** Explains the marks in the main table, apart from best and second. */
export function markNotes(comparison: Comparison): string[] {
  const { rows } = comparison;
  const notes: string[] = [];
  const cells = rows.flatMap((row) => row.cells);
  if (rows.some((row) => row.runs.length > 1)) {
    notes.push('±: standard deviation over seeds (n − 1).');
  }
  const tests = cells.flatMap(({ significance }) => significance ?? []);
  if (tests.length > 0) {
    notes.push(
      `†: differs from ${baselineWords(comparison)}, ${testWords(tests)}, Holm over ${familyWords(comparison)}, p < 0.05.`,
    );
  }
  const tuning = tuningNote(rows);
  return [...notes, ...(tuning ? [tuning] : []), ...footnoteLines(comparison)];
}

/** How the differences were tested, for the foot of their table. */
export function testNote(comparison: Comparison): string | null {
  const { rows, resamples } = comparison;
  const tests = rows.flatMap((row) => row.cells.flatMap(({ significance }) => significance ?? []));
  if (tests.length === 0) return null;
  const [{ unit }] = tests;
  const counts = tests
    .filter((tested) => tested.unit === unit)
    .map(({ count }) => count)
    .sort((a, b) => a - b);
  const range = [...new Set([counts[0], counts[counts.length - 1]])].map(grouped).join(' to ');
  const exact = tests.some((one) => one.test === 't' && one.wilcoxon.method === 'exact')
    ? ` Wilcoxon is exact where at most ${MAX_EXACT} ${unit} differ, and then decides in place of t; else the normal approximation.`
    : '';
  const delong = tests.some(({ test }) => test === 'delong') ? " AUC: DeLong's test and interval." : '';
  const drawn = rows.some(({ runs }) => runs.length > 1) ? `${unit} and seeds` : unit;
  return (
    `Paired over ${range} ${unit} (mean over seeds first); interval: BCa bootstrap of ${drawn}, ` +
    `${grouped(resamples)} resamples; p: two-sided, Holm-adjusted over ${familyWords(comparison)}.${exact}${delong}`
  );
}

/** "full ranking …" in one line: the fields of a protocol with their values. */
export function protocolSentence(group: Pick<ProtocolGroup, 'label' | 'fingerprint' | 'protocol'>): string {
  if (!group.protocol) return `Protocol ${group.label}: not recorded.`;
  const fields = protocolRows(group.protocol).map(({ title, value }) => `${title}: ${value}`);
  return `Protocol ${group.label} (${group.fingerprint}): ${fields.join('; ')}.`;
}

type Cost = 'seconds' | 'peakMemory' | 'energy' | 'listSeconds';

/** Mean over the runs that state it; null where none does. */
export function meanCost(runs: readonly Pick<ComparedRun, Cost>[], cost: Cost): number | null {
  return meanOfKnown(runs.map((run) => run[cost]));
}

export const meanSeconds = (runs: readonly ComparedRun[]) => meanCost(runs, 'seconds');
