import type { ReportTable, TableSection } from './types.ts';

/** A report of several tables: what stands in it, whatever its format. All texts are plain. */

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
  table?: ReportTable;
  /** HTML draws them, Markdown shows their files; the others leave them out. */
  figures?: DocumentFigure[];
  /** Lines after the table. */
  notes?: string[];
  /** Lines to be pasted into a terminal. */
  commands?: string[];
}

/** A section that is a table. */
export function tableSection({ title, notes, ...table }: TableSection): DocumentSection {
  return { title, table, notes };
}

export interface ReportDocument {
  title: string;
  sections: DocumentSection[];
  /** Everything as numbers, for JSON. */
  data: Record<string, unknown>;
}
