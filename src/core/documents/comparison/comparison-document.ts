import { modelTitle } from '../../model-facts.ts';
import { countText } from '../../names.ts';
import { type DocumentSection, type DocumentTable, type ReportDocument, tableSection } from '../document.ts';
import {
  duration,
  energyText,
  fixed,
  grouped,
  memoryText,
  milliseconds,
  signed,
  signedRange,
} from '../format.ts';
import { FACT_TITLES, type FactColumn, REPORT_FORMATS, type ReportFormat } from '../formats.ts';
import { blocksOfComparison } from '../paper/blocks.ts';
import { paperSections } from '../paper/paper-table.ts';
import type { Comparison, ComparisonRow, WriteOptions } from '../types.ts';
import { paragraphs } from '../writers/text.ts';
import { cellMark, markedName } from './rows/footnotes.ts';
import { leadColumns } from './rows/order.ts';
import { tuningOf } from './rows/tuning.ts';
import { backgroundSections } from './sections/background.ts';
import { comparisonJson, comparisonRecords } from './sections/data.ts';
import {
  type DifferenceLine,
  differenceLines,
  markNotes,
  meanCost,
  meanSeconds,
  testNote,
} from './sections/differences.ts';
import { doubtsSection } from './sections/doubts.ts';
import { practicalSections } from './sections/practical.ts';
import { publishedTable } from './sections/published.ts';
import { curveSection, metricCharts, rowColours } from './sections/report-charts.ts';
import { reproductionSection } from './sections/reproduction.ts';
import { sliceNote, sliceSections } from './sections/slices.ts';
import { besideSection, costSection, summarySections } from './sections/summary.ts';
import { verdictOf } from './sections/verdict.ts';
import { windowSections } from './sections/windows.ts';

/** Makes a comparison a document. Its columns about a row depend on the format unless they were chosen. */
export function comparisonDocument(
  comparison: Comparison,
  format: ReportFormat,
  options: WriteOptions,
): ReportDocument {
  const { title, text, curves, facts = REPORT_FORMATS[format].usualFacts } = options;
  const { warnings, overview = [], published } = comparison;
  const isPaper = format === 'latex';
  return {
    stem: 'comparison',
    title: title ?? usualTitle(comparison),
    isUntitled: title === undefined,
    text: paragraphs(text),
    verdict: verdictOf(comparison, leadColumns(comparison.columns)),
    warnings,
    sections: [
      ...summarySections(comparison),
      curveSection(comparison, curves),
      ...besideSection(comparison, comparison.beside ?? []),
      costSection(comparison),
      ...doubtsSection(comparison),
      ...reproductionSection(comparison),
      ...(isPaper ? paperTables(comparison, { ...options, facts }) : [resultSection(comparison, facts)]),
      ...(isPaper ? [] : windowSections(comparison)),
      ...differenceSections(comparison),
      ...(isPaper ? [] : practicalSections(comparison)),
      ...(isPaper ? [] : slicesWithNote(comparison)),
      ...[...overview, ...published.map(publishedTable)].map(tableSection),
      metricCharts(comparison),
      ...furtherMetrics(comparison),
      ...backgroundSections(comparison),
    ],
    data: comparisonJson(comparison),
    records: comparisonRecords(comparison),
  };
}

/** "Comparison of 8 models on Beauty" */
function usualTitle({ rows }: Comparison): string {
  const datasets = [...new Set(rows.flatMap(({ runs: [run] }) => run.dataset?.name ?? []))];
  const on = datasets.length === 1 ? ` on ${datasets[0]}` : '';
  const models = new Set(rows.map(({ model }) => model)).size;
  const what = models === rows.length ? countText(models, 'model') : countText(rows.length, 'configuration');
  return `Comparison of ${what}${on}`;
}

/** Seeds of a row: "–", "42", or "3: 1, 2, 3" with the count first. */
function seedText({ seeds, runs }: ComparisonRow): string {
  if (seeds.length === 0) return runs.length > 1 ? String(runs.length) : '–';
  return seeds.length === 1 ? String(seeds[0]) : `${seeds.length}: ${seeds.join(', ')}`;
}

/** As a paper has it: protocols side by side, slices as columns. */
function paperTables(comparison: Comparison, options: WriteOptions): DocumentSection[] {
  const { title, style = 'article', label = 'tab:comparison', labels, facts = [] } = options;
  const { blocks, rows } = blocksOfComparison(comparison, labels);
  const { baseline } = comparison;
  const keys = blocks.flatMap((block) =>
    block.comparison.rows.map((row, at) => ({ row, key: block.keys[at] })),
  );
  const base = keys.find(({ row }) => row.isBaseline)?.key;
  return paperSections(blocks, rows, {
    ...{ style, label, title },
    baseline: baseline === null ? null : (rows.find(({ key }) => key === base)?.name ?? null),
    facts: facts.map((fact) => ({ title: FACT_TITLES[fact], textOf: FACT_TEXTS[fact] })),
  });
}

/** Text of each column about a row; time is the mean over seeds. */
const FACT_TEXTS: Record<FactColumn, (row: ComparisonRow) => string> = {
  model: (row) => modelTitle(row.model),
  seeds: seedText,
  dataset: ({ runs: [run] }) => run.dataset?.name ?? '–',
  device: ({ runs: [run] }) => run.device ?? '–',
  parameters: ({ runs: [run] }) => grouped(run.parameters),
  time: ({ runs }) => duration(meanSeconds(runs)),
  'peak-memory': ({ runs }) => memoryText(meanCost(runs, 'peakMemory')),
  energy: ({ runs }) => energyText(meanCost(runs, 'energy')),
  'list-time': ({ runs }) => milliseconds(meanCost(runs, 'listSeconds')),
  trials: (row) => grouped(tuningOf(row)?.trials ?? null),
  'tuning-epochs': (row) => grouped(tuningOf(row)?.epochs ?? null),
  'tuning-time': (row) => duration(tuningOf(row)?.seconds ?? null),
};
const NUMERIC_FACTS: readonly FactColumn[] = [
  ...(['parameters', 'time', 'peak-memory', 'energy', 'list-time'] as const),
  ...(['trials', 'tuning-epochs', 'tuning-time'] as const),
];

/** The main table: a line a row, with the chosen columns about it and its value of every metric. */
export function resultSection(comparison: Comparison, facts: readonly FactColumn[]): DocumentSection {
  const { columns, rows } = comparison;
  const colourOf = rowColours(comparison);
  const lines = rows.map((row) => [
    {
      text: markedName(row),
      colour: colourOf(row),
      tag: row.isBaseline && rows.length > 1 ? 'baseline' : undefined,
    },
    ...facts.map((fact) => FACT_TEXTS[fact](row)),
    ...row.cells.map((cell, at) => ({
      text: fixed(cell.mean, columns[at].decimals),
      mark: cell.mark,
      significant: cell.significance?.significant,
      spread: cell.std === null ? undefined : fixed(cell.std, columns[at].decimals),
      note: cellMark(cell),
    })),
  ]);
  const table = {
    headings: [
      facts.length > 0 ? 'Run' : 'Model',
      ...facts.map((fact) => FACT_TITLES[fact]),
      ...columns.map(({ label }) => label),
    ],
    textColumns: 1 + facts.length,
    numbers: facts.flatMap((fact, at) => (NUMERIC_FACTS.includes(fact) ? [1 + at] : [])),
    lines,
    groups: protocolGroups(comparison),
  };
  return { title: 'All metrics', part: 'all-metrics', isBare: true, table, notes: markNotes(comparison) };
}

function protocolGroups({ protocols }: Comparison): DocumentTable['groups'] {
  if (protocols.length === 1) return undefined;
  const members = protocols.map(({ label, fingerprint, rows }) => ({
    label,
    title: `Protocol ${label} · ${fingerprint ?? 'not recorded'}`,
    count: rows.length,
  }));
  return { heading: 'Protocol', members };
}

/** One a baseline; how all were tested stands under the last. */
function differenceSections(comparison: Comparison): DocumentSection[] {
  const note = testNote(comparison);
  const parts = [...Map.groupBy(differenceLines(comparison), ({ baseline }) => baseline)];
  return parts.map(([baseline, lines], at) => ({
    title: `Difference to ${baseline}`,
    part: 'differences',
    table: differenceTable(lines),
    notes: note && at === parts.length - 1 ? [`${note} †: p < 0.05.`] : [],
  }));
}

function differenceTable(lines: readonly DifferenceLine[]): DocumentTable {
  return {
    headings: [
      ...['Run', 'Metric', 'Difference', '%', '95 % interval'],
      ...['p, Wilcoxon', 'p, t', 'Wins / ties / losses'],
    ],
    textColumns: 2,
    lines: lines.map(
      ({ row, metric, decimals, delta, significant, percent, interval, wilcoxon, t, wins }) => [
        ...[row, metric, { text: signed(delta, decimals), significant }],
        ...[signed(percent, 1), signedRange(interval, decimals), wilcoxon, t, wins],
      ],
    ),
  };
}

/** Prints the note once, under the last table, and puts it into the caption of every table. */
function slicesWithNote(comparison: Comparison): DocumentSection[] {
  const note = sliceNote(comparison);
  const notes = note ? [note] : [];
  return sliceSections(comparison).map((section, at, all) => ({
    ...tableSection(section),
    part: 'slices',
    notes: at === all.length - 1 ? notes : [],
    caption: notes,
  }));
}

function furtherMetrics({ otherColumns, rows }: Comparison): DocumentSection[] {
  if (otherColumns.length === 0) return [];
  const table = {
    headings: ['Metric', ...rows.map(({ name }) => name)],
    textColumns: 1,
    named: true,
    lines: otherColumns.map(({ label, decimals }, at) => [
      label,
      ...rows.map(({ others }) => fixed(others[at], decimals)),
    ]),
  };
  return [{ title: 'Further metrics', part: 'further-metrics', table }];
}
