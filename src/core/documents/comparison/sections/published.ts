/** A comparison beside published results. They have no values of single users: nothing here is tested for significance. */
import { UserError } from '../../../errors.ts';
import { protocolDifferences, splitOf } from '../../../evaluation/protocol.ts';
import {
  type DatasetMatch,
  footnotesOf,
  hasSplitOf,
  matchDataset,
  matchResult,
  type PublishedFootnote,
  type PublishedResult,
  type PublishedResults,
  type PublishedSource,
} from '../../../published/published-results.ts';
import { fixed, signed } from '../../format.ts';
import type {
  ComparedRun,
  Comparison,
  ComparisonRow,
  PublishedLine,
  PublishedSection,
  TableSection,
} from '../../types.ts';
import { metricColumn } from '../rows/columns.ts';
import { meanMetric } from '../rows/rows.ts';

export interface PublishedOptions {
  /** Id of a published data set that every row is taken to be of; else each row's own is found. */
  dataset?: string;
}

/**
 * The source's results for the data sets of the comparison's rows, each row under the result of its model with its
 * difference. Throws UserError where no row's data set is one of the source's, or for an unknown `dataset`.
 */
export function besidePublished(
  comparison: Comparison,
  published: PublishedResults,
  source: PublishedSource,
  options: PublishedOptions = {},
): PublishedSection[] {
  const known = Object.keys(source.results);
  if (options.dataset !== undefined && !known.includes(options.dataset)) {
    throw new UserError(
      `${source.id} has no results for "${options.dataset}"; its data sets: ${known.join(', ')}`,
    );
  }
  const sections = sectionsBeside(comparison, published, source, options.dataset);
  if (sections.length === 0) {
    throw new UserError({
      code: 'unsuitable-dataset',
      problem: `none of the compared runs is of a data set that ${source.id} has results for (${known.join(', ')})`,
      fix: { cli: 'say which one they are of with --published-dataset', window: 'say which one they are of' },
    });
  }
  return sections;
}

/** Every source that has results for the data set of at least one row, with its sections. */
export function allBesidePublished(
  comparison: Comparison,
  published: PublishedResults,
): { source: string; sections: PublishedSection[] }[] {
  return published.sources
    .map((source) => ({
      source: source.id,
      sections: sectionsBeside(comparison, published, source, undefined),
    }))
    .filter(({ sections }) => sections.length > 0);
}

/** All that a source has published, one section a data set. */
export function publishedSections(
  published: PublishedResults,
  source: PublishedSource,
): { dataset: string; section: PublishedSection }[] {
  return Object.keys(source.results).map((dataset) => ({
    dataset,
    section: sectionOf(published, source, dataset, [], new Map()),
  }));
}

function sectionsBeside(
  comparison: Comparison,
  published: PublishedResults,
  source: PublishedSource,
  dataset: string | undefined,
): PublishedSection[] {
  const matches = comparison.rows.map((row) => matchOf(published, row, dataset));
  const found = Object.keys(source.results).filter((id) => matches.some((match) => match?.id === id));
  return found.map((id) => {
    const rows = comparison.rows.filter((_, at) => matches[at]?.id === id);
    const how = new Map(rows.map((row) => [nameOf(row), matches[comparison.rows.indexOf(row)]?.how ?? '']));
    return sectionOf(published, source, id, rows, how);
  });
}

function nameOf({ runs: [run] }: ComparisonRow): string {
  return run.dataset?.name ?? '';
}

export function matchOf(
  published: PublishedResults,
  row: ComparisonRow,
  chosen?: string,
): DatasetMatch | null {
  if (chosen !== undefined) return { id: chosen, how: 'is taken to be it, as requested' };
  const { dataset } = row.runs[0];
  return dataset ? matchDataset(published, { name: dataset.name, ...dataset.statistics }) : null;
}

function sectionOf(
  { datasets }: PublishedResults,
  source: PublishedSource,
  id: string,
  rows: readonly ComparisonRow[],
  how: ReadonlyMap<string, string>,
): PublishedSection {
  const { marked, general } = footnotesOf(source, id);
  const matched = rows.map((row) => ({
    row,
    result: matchResult(source.results[id], { model: row.model, blocks: blocksOf(row) }),
  }));
  const lines = source.results[id].flatMap((result) => [
    publishedLine(source, result, marked),
    ...matched.filter((match) => match.result === result).flatMap(({ row }) => ourLines(source, result, row)),
  ]);
  return {
    source: source.title,
    where: source.where,
    dataset: datasets[id].title,
    protocol: source.protocol,
    columns: source.metrics.map((metric) => metricColumn(`test/${metric}`)),
    lines,
    footnotes: marked.map(({ text }) => text),
    remarks: [
      ...general.map(({ text }) => text),
      ...[...how].map(([name, text]) => `Data set ${name} ${text}.`),
      ...matched.flatMap(({ row, result }) => (result ? rowRemarks(source, result, row) : [])),
    ],
  };
}

export function blocksOf({ runs: [run] }: ComparisonRow): number | undefined {
  const blocks = run.config?.blocks;
  return typeof blocks === 'number' ? blocks : undefined;
}

function publishedLine(
  { metrics }: PublishedSource,
  { model, id, values }: PublishedResult,
  footnotes: readonly PublishedFootnote[],
): PublishedLine {
  const ofModel = (note: PublishedFootnote) => note.models === undefined || note.models.includes(model);
  const marks = (test: (note: PublishedFootnote) => boolean) =>
    footnotes.flatMap((note, at) => (ofModel(note) && test(note) ? [at + 1] : []));
  return {
    kind: 'published',
    name: model,
    model: id,
    marks: marks((note) => note.metrics === undefined),
    cells: values.map((value, at) => ({
      value,
      difference: null,
      percent: null,
      marks: marks((note) => note.metrics?.includes(metrics[at]) ?? false),
    })),
  };
}

/** A row of the comparison, and its last epoch where the one shown was selected on the test items. */
function ourLines(source: PublishedSource, result: PublishedResult, row: ComparisonRow): PublishedLine[] {
  const line = (split: string, name: string): PublishedLine => ({
    kind: 'ours',
    name,
    model: row.model,
    marks: [],
    cells: source.metrics.map((metric, at) => {
      const value = meanMetric(row.runs, `${split}/${metric}`);
      const published = result.values[at];
      if (value === null || published === null || !hasSplitOf(source, splitOf(row.runs[0].protocol)))
        return { value, difference: null, percent: null, marks: [] };
      const difference = value - published;
      return { value, difference, percent: (100 * difference) / published, marks: [] };
    }),
  });
  const hasFinal = row.runs.some(({ metrics }) =>
    Object.keys(metrics).some((name) => name.startsWith('final/')),
  );
  return [line('test', row.name), ...(hasFinal ? [line('final', `${row.name}, last epoch`)] : [])];
}

/** Where a row and the result it stands under were made differently, as far as both say; whole sentences. */
export function rowRemarks(source: PublishedSource, result: PublishedResult, row: ComparisonRow): string[] {
  const [run] = row.runs;
  const remarks: string[] = [];
  const blocks = blocksOf(row);
  if (result.blocks !== undefined && blocks !== undefined && blocks !== result.blocks) {
    remarks.push(`${row.name} has ${blocks} blocks, the published ${result.model} ${result.blocks}.`);
  }
  if (!run.protocol) return [...remarks, `The protocol of ${row.name} was not recorded.`];
  const differences = statedDifferences(source, run.protocol);
  if (differences.length > 0) {
    remarks.push(`${row.name} is measured differently than published (${differences.join('; ')}).`);
  }
  return remarks;
}

/** Where a protocol differs from the source's, as far as both state it. */
export function statedDifferences({ states }: PublishedSource, protocol: ComparedRun['protocol']): string[] {
  if (!protocol) return [];
  const stated = Object.entries(protocol).filter(([field]) => Object.hasOwn(states, field));
  return protocolDifferences(Object.fromEntries(stated), states);
}

/** A section as a table, with its source and its notes under it. */
export function publishedTable(section: PublishedSection): TableSection {
  return {
    title: publishedTitle(section),
    headings: ['Published', ...section.columns.map(({ label }) => label)],
    textColumns: 1,
    lines: section.lines.map((line) => publishedCells(section, line)),
    notes: [publishedSource(section), ...publishedNotes(section)],
  };
}

/** Cells of a line as text: "SASRec [1]", "0.1594"; of ours "ours: run", "0.1610 (+1.0 %)". */
function publishedCells({ columns }: PublishedSection, line: PublishedLine): string[] {
  const name = line.kind === 'ours' ? `ours: ${line.name}` : markedText(line.name, line.marks);
  const cells = line.cells.map(({ value, percent, marks }, at) => {
    const text = fixed(value, columns[at].decimals);
    return percent === null ? markedText(text, marks) : `${text} (${signed(percent, 1)} %)`;
  });
  return [name, ...cells];
}

/** "SASRec [1] [3]" */
export function markedText(text: string, marks: readonly number[]): string {
  return [text, ...marks.map((mark) => `[${mark}]`)].join(' ');
}

/** "[1] …", one line a footnote, then the remarks. */
export function publishedNotes({
  footnotes,
  remarks,
}: Pick<PublishedSection, 'footnotes' | 'remarks'>): string[] {
  return [...footnotes.map((text, at) => `[${at + 1}] ${text}`), ...remarks];
}

/** Title of a section. */
export function publishedTitle({ source, dataset }: Pick<PublishedSection, 'source' | 'dataset'>): string {
  return `Published: ${source}, ${dataset}`;
}

/** Where the numbers come from and how they were made. */
function publishedSource({ where, protocol }: PublishedSection): string {
  return `Source: ${where}. Protocol: ${protocol}. In brackets: ours against the published value; not tested.`;
}
