/** A report of several tables: what stands in it, whatever its format. All texts are plain. */

export interface DocumentTable {
  headings: string[];
  /** Leading columns that are words; the others are set like numbers. */
  words: number;
  rows: string[][];
}

/** An SVG with the classes of the report's style sheet. */
export interface DocumentFigure {
  caption: string;
  svg: string;
  /** As wide as the page. */
  wide?: boolean;
}

export interface DocumentSection {
  title: string;
  /** Sentences before the table. */
  text?: string[];
  table?: DocumentTable;
  /** HTML draws them, Markdown shows their files; the others leave them out. */
  figures?: DocumentFigure[];
  /** Lines after the table. */
  notes?: string[];
  /** Lines to be pasted into a terminal. */
  commands?: string[];
}

export interface ReportDocument {
  title: string;
  sections: DocumentSection[];
  /** Everything as numbers, for JSON. */
  data: Record<string, unknown>;
}
