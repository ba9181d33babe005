import { z } from 'zod';
import {
  type BesideKind,
  type ComparisonView,
  FACT_COLUMNS,
  type FactColumn,
  REPORT_FORMATS,
  REPORT_PARTS,
  type ReportPart,
  type RowNames,
  USUAL_PARTS,
} from '../../../core/api/compare.ts';
import type { ApiClient } from '../../../core/api/contract.ts';
import { madeAs, type ReportFormatChoice } from '../../app/report-formats.ts';
import type { CompareRoute } from './compare-route.ts';

/** What the user writes: the title, and the text under it. */
export const reportTexts = z.object({ title: z.string(), text: z.string() });

/** What the user wants of a report. */
export interface ReportChoices extends z.output<typeof reportTexts> {
  format: ReportFormatChoice;
  metrics: string[];
  names: RowNames;
  facts: FactColumn[];
  parts: ReportPart[];
  /** Null for the most telling ones. */
  curves: string[] | null;
  published: string[];
  /** What else is in it, by `besideKey`. */
  also: string[];
  standalone: boolean;
}

/** What a report begins with: a saved comparison's, or a project's. */
export interface ReportTexts {
  name: string;
  notes: string;
}

export const textsOf = (texts: ReportTexts | undefined) => ({
  title: texts?.name ?? '',
  text: texts?.notes ?? '',
});

export function firstChoices(view: ComparisonView): Omit<ReportChoices, 'title' | 'text'> {
  return {
    format: 'html',
    metrics: view.columns.map(({ name }) => name),
    names: 'short',
    facts: ['model', 'seeds'],
    parts: [...USUAL_PARTS],
    curves: null,
    published: [],
    also: [],
    standalone: false,
  };
}

/** A comparison, study, sweep or tokeniser as one text. */
export const besideKey = (kind: BesideKind, id: string) => `${kind} ${id}`;

function besideOf(key: string): { kind: BesideKind; id: string } {
  const at = key.indexOf(' ');
  return { kind: key.slice(0, at) as BesideKind, id: key.slice(at + 1) };
}

/** The choices as the api asks for them. PDF is printed from the HTML report. */
export function reportRequest(
  route: CompareRoute,
  choices: ReportChoices,
): Parameters<ApiClient['compare']['report']>[0] {
  const { format, title, text, metrics, names, facts, parts, curves, published, also, standalone } = choices;
  return {
    runs: route.runs,
    baseline: route.baseline,
    labels: route.labels,
    practical: route.practical,
    metrics: metrics.length > 0 ? metrics : undefined,
    format: madeAs(format),
    title: title.trim() === '' ? undefined : title.trim(),
    text: text.trim() === '' ? undefined : text.trim(),
    names,
    facts: FACT_COLUMNS.filter((fact) => facts.includes(fact)),
    parts: REPORT_PARTS.filter((part) => parts.includes(part)),
    curves: curves ?? undefined,
    published,
    also: REPORT_FORMATS[madeAs(format)].several ? also.map(besideOf) : [],
    standalone,
  };
}
