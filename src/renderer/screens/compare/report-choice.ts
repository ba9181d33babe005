import {
  type ComparisonView,
  FACT_COLUMNS,
  type FactColumn,
  REPORT_PARTS,
  type ReportPart,
} from '../../../core/api/compare.ts';
import type { ApiClient } from '../../../core/api/contract.ts';
import type { ComparePlace } from './compare-place.ts';

export const FORMATS = [
  { value: 'html', label: 'HTML, one file' },
  { value: 'pdf', label: 'PDF' },
  { value: 'md', label: 'Markdown' },
  { value: 'latex', label: 'LaTeX' },
  { value: 'csv', label: 'CSV' },
  { value: 'json', label: 'JSON' },
] as const;
export type Format = (typeof FORMATS)[number]['value'];

/** What the user wants of a report. */
export interface ReportChoices {
  format: Format;
  title: string;
  metrics: string[];
  facts: FactColumn[];
  parts: ReportPart[];
  /** Null for the most telling ones. */
  curves: string[] | null;
  published: string[];
  standalone: boolean;
}

export const FACT_TITLES: Record<FactColumn, string> = {
  model: 'Model',
  seeds: 'Seeds',
  dataset: 'Data set',
  device: 'Device',
  parameters: 'Parameters',
  time: 'Time',
};

export const PART_TITLES: Record<ReportPart, string> = {
  differences: 'Differences and tests',
  charts: 'Charts of the metrics',
  curves: 'Training curves',
  'further-metrics': 'Further metrics',
  slices: 'Slices',
  protocol: 'Protocol and data set',
  'config-differences': 'What differs between configs',
  configs: 'Whole configs',
  environment: 'Environment',
};

/** Parts that a format has; CSV and JSON carry everything always. */
export const PARTS_OF: Record<Format, readonly ReportPart[]> = {
  html: REPORT_PARTS,
  pdf: REPORT_PARTS,
  md: ['differences', 'slices', 'protocol'],
  latex: [],
  csv: [],
  json: [],
};

export const hasFacts = (format: Format) => format !== 'csv' && format !== 'json';
export const hasTitle = (format: Format) => format === 'html' || format === 'pdf' || format === 'latex';

export function firstChoices(view: ComparisonView): ReportChoices {
  return {
    format: 'html',
    title: '',
    metrics: view.columns.map(({ name }) => name),
    facts: ['model', 'seeds'],
    // Slices are long, and of click predictions take a while.
    parts: REPORT_PARTS.filter((part) => part !== 'slices'),
    curves: null,
    published: [],
    standalone: false,
  };
}

/** The choices as the api asks for them. PDF is printed from the HTML report. */
export function reportRequest(
  place: ComparePlace,
  choices: ReportChoices,
): Parameters<ApiClient['compare']['report']>[0] {
  const { format, title, metrics, facts, parts, curves, published, standalone } = choices;
  return {
    runs: place.runs,
    baseline: place.baseline,
    metrics: metrics.length > 0 ? metrics : undefined,
    format: format === 'pdf' ? 'html' : format,
    title: title.trim() === '' ? undefined : title.trim(),
    facts: FACT_COLUMNS.filter((fact) => facts.includes(fact)),
    parts: REPORT_PARTS.filter((part) => parts.includes(part)),
    curves: curves ?? undefined,
    published,
    standalone,
  };
}
