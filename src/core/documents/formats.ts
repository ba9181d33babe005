/**
 * What a request of a report states: its format, the columns about a row, its parts. The command line, the contract and the
 * window take their choices from here. A new format is a line of `REPORT_FORMATS` and its writer, listed in write.ts.
 */

/** Columns of a report's main table about a row itself, with their headings. */
export const FACT_TITLES = {
  model: 'Model',
  seeds: 'Seeds',
  dataset: 'Data set',
  device: 'Device',
  parameters: 'Parameters',
  time: 'Time',
  'peak-memory': 'Peak memory',
  energy: 'Energy',
  'list-time': 'Time a list',
  trials: 'Trials',
  'tuning-epochs': 'Tuning epochs',
  'tuning-time': 'Tuning time',
} as const;
export type FactColumn = keyof typeof FACT_TITLES;
export const FACT_COLUMNS = Object.keys(FACT_TITLES) as FactColumn[];

/** What a report may leave out, in the order of the page. */
export const PART_TITLES = {
  summary: 'Answer, table and figure',
  curves: 'Training curves',
  beside: 'Beside published results',
  cost: 'Models and cost',
  reproduction: 'Reproduction',
  'all-metrics': 'All metrics',
  differences: 'Differences and tests',
  charts: 'Charts of the metrics',
  'further-metrics': 'Further metrics',
  slices: 'Slices',
  protocol: 'Protocol and data set',
  'config-differences': 'What differs between configs',
  configs: 'Whole configs',
  environment: 'Environment',
} as const;
export type ReportPart = keyof typeof PART_TITLES;
export const REPORT_PARTS = Object.keys(PART_TITLES) as ReportPart[];
/** Two pages; the other parts are the appendix. */
export const USUAL_PARTS = ['curves', 'beside', 'cost', 'reproduction'] satisfies ReportPart[];
/** Parts that a reader may choose. */
export const CHOSEN_PARTS = REPORT_PARTS.filter((part) => part !== 'summary');
export const isAppendix = (part: ReportPart) =>
  part !== 'summary' && !(USUAL_PARTS as ReportPart[]).includes(part);

/** The class that a table in LaTeX is set for: an article in two columns, acmart or IEEEtran. */
export const LATEX_STYLES = ['article', 'acm', 'ieee'] as const;
export type LatexStyle = (typeof LATEX_STYLES)[number];

/** What rows are called: by model and what tells them apart, or by the names of their runs. */
export const ROW_NAMES = ['short', 'full'] as const;
export type RowNames = (typeof ROW_NAMES)[number];

interface FormatFacts {
  title: string;
  /** Of files, without the dot; the first one names new files, all are recognised. None where it is a folder. */
  extensions: readonly string[];
  mediaType: string;
  /** What the title of a report is called; null where the format has none. */
  titled: 'Title' | 'Caption' | null;
  /** Whether a report has a place for text of the user's own, such as a conclusion. */
  text: boolean;
  /** Whether the columns about a row can be chosen. */
  facts: boolean;
  /** Columns about a row where none were chosen. */
  usualFacts: readonly FactColumn[];
  /** Parts that can be left out. */
  parts: readonly ReportPart[];
  /** Parts that it has unless others are chosen; without a word, all. */
  usualParts?: readonly ReportPart[];
  /** Parts that it always has. */
  fixedParts: readonly ReportPart[];
  /** Whether a report can be a fragment or a document that stands alone. */
  standalone: boolean;
  /** What rows are called where nothing else was chosen. */
  names: RowNames;
  /** Whether several documents can be one report. */
  several: boolean;
  /** Whether a reader of the report sees its warnings. */
  warns: boolean;
}

const format = (
  title: string,
  extensions: FormatFacts['extensions'],
  mediaType: string,
  rest: Partial<FormatFacts> = {},
): FormatFacts => ({
  title,
  extensions,
  mediaType,
  titled: null,
  text: false,
  facts: false,
  usualFacts: ['model', 'seeds'],
  parts: [],
  fixedParts: [],
  standalone: false,
  several: false,
  names: 'full',
  warns: true,
  ...rest,
});

/** What a page has a place for. */
const PAGE: Partial<FormatFacts> = {
  titled: 'Title',
  text: true,
  facts: true,
  several: true,
  names: 'short',
  parts: CHOSEN_PARTS,
  usualParts: USUAL_PARTS,
  fixedParts: ['summary'],
};

export const REPORT_FORMATS = {
  table: format('Table for a terminal', ['txt'], 'text/plain', {
    fixedParts: ['all-metrics', 'differences', 'slices', 'protocol'],
  }),
  html: format('HTML, one file', ['html', 'htm'], 'text/html', PAGE),
  folder: format('HTML, a folder', [], 'text/html', PAGE),
  page: format('Interactive page, one file', ['html'], 'text/html', PAGE),
  md: format('Markdown', ['md'], 'text/markdown', {
    titled: 'Title',
    text: true,
    facts: true,
    several: true,
    names: 'short',
    parts: [
      'curves',
      'beside',
      'cost',
      'reproduction',
      'all-metrics',
      'differences',
      'charts',
      'slices',
      'protocol',
    ],
    usualParts: USUAL_PARTS,
    fixedParts: ['summary'],
  }),
  latex: format('LaTeX', ['tex'], 'application/x-tex', {
    titled: 'Caption',
    facts: true,
    names: 'short',
    // A paper's rows are models: a column of its own for the model comes only on request.
    usualFacts: [],
    fixedParts: ['all-metrics', 'protocol'],
    standalone: true,
    // They are comments of its source.
    warns: false,
  }),
  figures: format('Figures, one PDF', ['pdf'], 'application/pdf', {
    names: 'short',
    parts: CHOSEN_PARTS,
    fixedParts: ['summary'],
  }),
  csv: format('CSV', ['csv'], 'text/csv', { warns: false, several: true }),
  json: format('JSON', ['json'], 'application/json', { several: true }),
};

export type ReportFormat = keyof typeof REPORT_FORMATS;
export const FORMAT_NAMES = Object.keys(REPORT_FORMATS) as ReportFormat[];

/** Formats that the window writes: the terminal's table is only printed, and each figure of a screen is saved by itself. */
export type FileFormat = Exclude<ReportFormat, 'table' | 'figures'>;
export const FILE_FORMATS = FORMAT_NAMES.filter(
  (name): name is FileFormat => name !== 'table' && name !== 'figures',
);

/** Whether a report in this format has a part; `chosen` are those that its reader wants, by default the usual ones. */
export function showsPart(name: ReportFormat, part: ReportPart, chosen?: readonly ReportPart[]): boolean {
  const { parts, fixedParts, usualParts = parts } = REPORT_FORMATS[name];
  return fixedParts.includes(part) || (parts.includes(part) && (chosen ?? usualParts).includes(part));
}

/** In every page, by which an earlier report of ours is known. */
export const PAGE_MARK = '<meta name="generator" content="Tessera">';

/** What a report may have beside a comparison, each from a page of its own on, and what it is called. */
export const BESIDE_TITLES = {
  comparison: 'Comparison',
  study: 'Scaling study',
  sweep: 'Sweep',
  codebook: 'Codebook',
} as const;
export type BesideKind = keyof typeof BESIDE_TITLES;
export const BESIDE_KINDS = Object.keys(BESIDE_TITLES) as BesideKind[];

/** The format of a file by its extension, such as "tex"; null where there is none. */
export function formatOfExtension(extension: string): ReportFormat | null {
  return FORMAT_NAMES.find((name) => REPORT_FORMATS[name].extensions.includes(extension)) ?? null;
}
