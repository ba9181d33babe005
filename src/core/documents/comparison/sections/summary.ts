/** The first two pages of a comparison's report: the answer, its table and figure, how it was measured, and what stands beside it. */

import { signOf } from '../../../evaluation/metrics-table.ts';
import { countText } from '../../../names.ts';
import { differenceOf, differenceScale } from '../../difference-scale.ts';
import type { DocumentSection, Forest, ForestMark } from '../../document.ts';
import { duration, fixed, grouped, pValue, signed } from '../../format.ts';
import { colourVariable } from '../../run-colours.ts';
import type { Comparison, ComparisonCell, ComparisonRow, ProtocolGroup, PublishedRow } from '../../types.ts';
import { baselineWords } from '../rows/baseline-words.ts';
import { cellMark, exactWords, footnoteLines, markedName } from '../rows/footnotes.ts';
import { bestFirst, leadColumns, statedOf } from '../rows/order.ts';
import { meanSeconds } from './differences.ts';
import { protocolFacts, protocolWords } from './protocol-line.ts';
import { differenceFigures, rowColours } from './report-charts.ts';
import { disagrees } from './verdict.ts';

/** Sections of the first page. */
export function summarySections(comparison: Comparison): DocumentSection[] {
  if (comparison.columns.length === 0) return [];
  return [mainSection(comparison), ...forestSection(comparison), ...protocolSections(comparison)];
}

/** The main metric with its difference and test, and a second metric with its p. */
function mainSection(comparison: Comparison): DocumentSection {
  const { rows, columns, protocols } = comparison;
  const shown = leadColumns(columns);
  const colourOf = rowColours(comparison);
  const ordered = bestFirst(comparison, shown[0]);
  const tested = rows.some(({ cells }) => cells[shown[0]].significance);
  const lines = ordered.map((row) => [
    { text: markedName(row), colour: colourOf(row) },
    String(row.runs.length),
    ...shown.flatMap((at, place) => {
      const cell = row.cells[at];
      const { decimals } = columns[at];
      const mean = {
        text: fixed(cell.mean, decimals),
        mark: cell.mark,
        // The page has no room for a second one.
        spread: cell.std === null || place > 0 ? undefined : fixed(cell.std, decimals),
        note: cellMark(cell),
      };
      if (!tested) return [mean];
      const p = row.isBaseline ? '' : pValue(cell.significance?.holm);
      if (place > 0) return [mean, p];
      return [mean, signed(cell.delta, decimals), intervalText(row, cell, decimals), p];
    }),
  ]);
  const main = columns[shown[0]];
  const headings = shown.flatMap((at, place) => {
    const { label } = columns[at];
    if (!tested) return [label];
    return place === 0 ? [label, 'Δ', INTERVAL, 'p'] : [label, 'p'];
  });
  const interval = headings.indexOf(INTERVAL);
  const order = [...new Set(ordered.map(({ protocol }) => protocol))];
  const members = order.map((at) => ({
    label: protocols[at].label,
    title: [datasetNames(rows, at), ...protocolWords(protocols[at].protocol)].join(' · '),
    count: protocols[at].rows.length,
  }));
  return {
    title: `Test results, sorted by ${main.label}`,
    part: 'summary',
    table: {
      headings: ['Model', 'Seeds', ...headings],
      textColumns: 2,
      numbers: [1],
      lines,
      forest: interval < 0 ? undefined : forestOf(comparison, shown[0], ordered, 2 + interval),
      groups: protocols.length > 1 ? { heading: 'Protocol', members } : undefined,
    },
    notes: [
      tableNote(comparison, shown, tested),
      ...disagreements(comparison, shown[0]),
      ...footnoteLines(comparison),
    ].filter((note) => note !== ''),
  };
}

const INTERVAL = '95 % interval';
/** Of the axis of differences. */
const TICKS = 4;

/** The differences of the rows to the baseline on one axis, in the column `at` of their table. */
function forestOf(
  comparison: Comparison,
  metric: number,
  rows: readonly ComparisonRow[],
  at: number,
): Forest {
  const { direction, decimals } = comparison.columns[metric];
  const colourOf = rowColours(comparison);
  const drawn = rows.map((row) =>
    row.isBaseline ? [] : differenceOf(row.runs[0].id, row.cells[metric].significance ?? undefined),
  );
  const marks = rows.map((row, line): ForestMark | null => {
    const [difference] = drawn[line];
    if (row.isBaseline) return 'baseline';
    return difference ? { ...difference, colour: colourVariable(colourOf(row)) } : null;
  });
  return { at, decimals, marks, scale: differenceScale(drawn.flat(), signOf(direction), TICKS) };
}

function intervalText(row: ComparisonRow, cell: ComparisonCell, decimals: number): string {
  if (row.isBaseline) return 'baseline';
  const ends = cell.significance?.interval.map((end) => signed(end, decimals));
  return ends ? `[${ends.join(', ')}]` : '–';
}

function datasetNames(rows: readonly ComparisonRow[], protocol: number): string {
  const names = rows.flatMap((row) => (row.protocol === protocol ? (row.runs[0].dataset?.name ?? []) : []));
  return [...new Set(names)].join(', ');
}

/** How to read the table; only what is in it. */
function tableNote(comparison: Comparison, shown: readonly number[], tested: boolean): string {
  const { rows } = comparison;
  const seeds = rows.some(({ runs }) => runs.length > 1) ? '±: standard deviation over seeds. ' : '';
  if (!tested) return seeds.trim();
  const tests = rows.flatMap(({ cells }) => shown.flatMap((at) => cells[at].significance ?? []));
  const by = [...new Set(tests.map(({ unit }) => (unit === 'users' ? 'user by user' : 'row by row')))].join(
    ' or ',
  );
  const kinds = [...new Set(tests.map(({ test }) => (test === 'delong' ? 'DeLong (AUC)' : 'paired t')))].join(
    ', ',
  );
  return `${seeds}Δ: from ${baselineWords(comparison)}, ${by}, with its 95 % interval, hollow where that crosses 0; p: ${kinds}${exactWords(tests)}, Holm over ${testedWords(comparison, shown[0])}.`;
}

/** "3 rows", or of several protocols "2 and 3 rows". */
function testedWords({ rows, protocols }: Comparison, metric: number): string {
  const counts = protocols.flatMap(({ rows: members }) => {
    const count = members.filter((row) => rows[row].cells[metric].significance).length;
    return count > 0 ? [count] : [];
  });
  const last = countText(counts.at(-1) ?? 0, 'row');
  return [...counts.slice(0, -1).map(grouped), last].join(' and ');
}

/** Rows whose interval leaves out zero while the corrected test finds nothing: counted as not significant. */
function disagreements({ rows, columns }: Comparison, at: number): string[] {
  const found = rows.filter(({ cells }) => disagrees(cells[at]) && !cells[at].significance?.significant);
  if (found.length === 0) return [];
  const names = found.map(({ name }) => name).join(', ');
  return [
    `For ${names} the 95 % interval of ${columns[at].label} excludes 0 but the corrected test is not significant: counted as not significant.`,
  ];
}

function forestSection(comparison: Comparison): DocumentSection[] {
  const [main] = leadColumns(comparison.columns);
  const figures = differenceFigures(
    comparison,
    main,
    (baseline) =>
      `Difference from ${baseline} in ${comparison.columns[main].label}, 95 % interval; hollow: crosses zero`,
  );
  return figures.length === 0
    ? []
    : [{ title: figures[0].caption, part: 'summary', figures, areInTable: true }];
}

/** The protocols of the table, a box each: that of the baseline first. */
function protocolSections(comparison: Comparison): DocumentSection[] {
  const { rows, protocols, baseline } = comparison;
  const first = baseline === null ? 0 : rows[baseline].protocol;
  const rest = protocols.filter((_, at) => at !== first);
  return [protocols[first], ...rest].map((group) => protocolSection(comparison, group));
}

function protocolSection({ rows, protocols }: Comparison, group: ProtocolGroup): DocumentSection {
  const [first] = group.rows.map((row) => rows[row].runs[0]);
  const dataset = first.dataset;
  const counts = dataset?.statistics;
  const fact = (name: string, value: string | null | undefined) => (value ? [[name, value] as const] : []);
  return {
    title: protocols.length > 1 ? `Protocol ${group.label}` : 'Protocol',
    part: 'summary',
    isBox: true,
    blocks: [
      {
        facts: [
          ...fact('Data', dataset?.name),
          ...fact('Size', counts && `${grouped(counts.users)} users, ${grouped(counts.items)} items`),
          ...fact('Fingerprint', group.fingerprint ?? 'not recorded'),
          ...fact('Interactions', counts && grouped(counts.interactions)),
          ...protocolFacts(group.protocol),
        ],
      },
    ],
  };
}

/** What others have printed of the same models: the paper's own number, and the range of those who ran it again. */
export function besideSection(comparison: Comparison, beside: readonly PublishedRow[][]): DocumentSection[] {
  const { rows, columns } = comparison;
  const [main] = leadColumns(columns);
  if (main === undefined) return [];
  const { name, label, decimals } = columns[main];
  const colourOf = rowColours(comparison);
  const lines = bestFirst(comparison, main).flatMap((row) => {
    const { mean, std } = row.cells[main];
    if (mean === null) return [];
    const { paper, reruns } = statedOf(beside[rows.indexOf(row)] ?? [], name);
    if (!paper && reruns.length === 0) return [];
    const value = ({ values }: PublishedRow) => fixed(values[name], decimals);
    const ends = [...new Set([reruns.at(0), reruns.at(-1)].flatMap((one) => (one ? [value(one)] : [])))];
    return [
      [
        { text: row.name, colour: colourOf(row) },
        { text: fixed(mean, decimals), spread: std === null ? undefined : fixed(std, decimals) },
        paper ? value(paper) : '–',
        ends.join(' to ') || '–',
        [...new Set(reruns.map(({ title }) => title))].join('; '),
      ],
    ];
  });
  if (lines.length === 0) return [];
  return [
    {
      title: `Beside published results, ${label}`,
      part: 'beside',
      table: {
        headings: ['Model', 'Ours', 'Paper of the model', 'Run by others', 'By'],
        textColumns: 1,
        words: [4],
        lines,
      },
      notes: ['Published values are single numbers of other code and cannot be tested against ours.'],
    },
  ];
}

/** What was trained and what it took. */
export function costSection(comparison: Comparison): DocumentSection {
  const { rows, columns } = comparison;
  const colourOf = rowColours(comparison);
  const [main] = leadColumns(columns);
  const ordered = main === undefined ? rows : bestFirst(comparison, main);
  const lines = ordered.map((row) => [
    { text: row.name, colour: colourOf(row) },
    row.fullName,
    row.runs[0].device ?? '–',
    grouped(row.runs[0].parameters),
    duration(meanSeconds(row.runs)),
  ]);
  return {
    title: 'Models and cost',
    part: 'cost',
    table: {
      headings: ['Model', 'Run', 'Device', 'Parameters', 'Time'],
      textColumns: 3,
      lines,
    },
    notes: rows.some(({ runs }) => runs.length > 1) ? ['Time: mean over seeds.'] : [],
  };
}
