/** The document of a plan: its tables, models over data sets, figures, and a paragraph of methods. */

import type { PaperStyle } from '../../plans/choices.ts';
import { leadColumns } from '../comparison/rows/order.ts';
import { practicalSections } from '../comparison/sections/practical.ts';
import { differenceFigures } from '../comparison/sections/report-charts.ts';
import { type DocumentSection, fileSafe, type ReportDocument, withPlainHeads } from '../document.ts';
import { rankSections } from './average-ranks.ts';
import type { PaperBlock, PaperRow } from './blocks.ts';
import { type MethodFacts, methodsSection } from './methods.ts';
import { paperSections } from './paper-table.ts';
import type { Without } from './parts.ts';

export interface Paper {
  title: string;
  /** With results. */
  blocks: readonly PaperBlock[];
  rows: readonly PaperRow[];
  /** Name of the row that the others are tested against; null for none. */
  baseline: string | null;
  facts: MethodFacts;
  label: string;
  caption?: string;
  without?: Without;
  /** What is missing, a line each. */
  missing: readonly string[];
  /** What diverged, a line each. */
  diverged: readonly string[];
}

/** `without` replaces what the plan leaves out of its tables. */
export function paperDocument(paper: Paper, style: PaperStyle, without = paper.without): ReportDocument {
  const { title, blocks, rows, baseline, facts, label, caption, missing, diverged } = paper;
  const isLatex = style === 'acm' || style === 'ieee';
  const tables = paperSections(blocks, rows, {
    ...{ style: isLatex ? style : 'article', label, title: caption, baseline, without },
  });
  const warnings = [
    ...missing.map((line) => `Missing: ${line}.`),
    ...diverged.map((line) => `Diverged: ${line}.`),
  ];
  const sections = [
    // A comment of the source: a paper has no place for it.
    ...(isLatex && warnings.length > 0 ? [{ title: 'Missing', text: warnings }] : []),
    ...(isLatex ? tables : tables.map(asPlain)),
    ...(isLatex ? [] : blocks.flatMap(practicalTables)),
    ...rankSections(blocks, rows, isLatex ? { style, label } : null),
    ...(blocks.length > 0 ? [methodsSection(blocks, rows, facts)] : []),
    ...blocks.flatMap(figureSection),
  ];
  return { stem: fileSafe(title), title, isUntitled: isLatex, warnings, sections, data: null };
}

/** With its caption as a sentence before it, for formats that have none. */
function asPlain(section: DocumentSection): DocumentSection {
  const { paper, part: _, ...rest } = withPlainHeads(section);
  return { ...rest, isBare: false, text: paper ? [paper.caption] : [], notes: paper?.notes ?? [] };
}

/** What differences come to in practice, where the plan asks for it; a paper has a sentence of it. */
const practicalTables = ({ comparison, dataset, split }: PaperBlock): DocumentSection[] =>
  practicalSections(comparison).map((section) => ({
    ...section,
    title: `${section.title}: ${dataset}, ${split}`,
  }));

/** Differences to the baseline in the first metric. */
export function figureSection({ comparison, dataset, split }: PaperBlock): DocumentSection[] {
  const { columns } = comparison;
  const [main] = leadColumns(columns);
  if (main === undefined) return [];
  const figures = differenceFigures(
    comparison,
    main,
    (baseline) =>
      `${dataset}, ${split}: difference from ${baseline} in ${columns[main].label}, 95 % interval; hollow: crosses zero`,
  );
  return figures.length === 0 ? [] : [{ title: `${dataset}, ${split}`, figures }];
}
