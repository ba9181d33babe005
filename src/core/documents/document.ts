/** A report, whatever its format. All texts are plain; each writer escapes them. */
import type { FigureSpec } from '../figures/spec.ts';
import type { Recipe } from '../reproduce/recipe.ts';
import type { Difference, DifferenceScale } from './difference-scale.ts';
import type { LatexStyle, ReportPart } from './formats.ts';
import type { PageData } from './page/page-types.ts';
import type { Setting } from './paper/fit.ts';
import type { TableSection } from './types.ts';

/** The answer of a comparison in words. */
export interface Verdict {
  /** The fact. */
  lead: string;
  /** Its limit: by which metrics it holds. Empty where nothing was tested. */
  limit: string;
  /** The numbers behind it. */
  details: string[];
}

/** Whose number a cell of a paper has: places among its blocks, and among the rows and columns of a block's comparison. */
export interface CellOrigin {
  block: number;
  row: number;
  column: number;
  /** Null for all users. */
  slice: string | null;
}

/** A cell with more than its text. */
export interface MarkedCell {
  text: string;
  mark?: 'best' | 'second' | null;
  /** Marked with a dagger; a note under the table names the test. */
  significant?: boolean;
  /** Standard deviation over seeds. */
  spread?: string;
  /** Marks of its footnotes, such as " [a]". */
  note?: string;
  /** On pages: index of its colour in the charts, and a word beside it. */
  colour?: number;
  tag?: string;
  origin?: CellOrigin;
}

export type Cell = string | MarkedCell;

/** What a row of a forest shows: a difference in a CSS colour, what is published, or that it is the baseline. */
export type ForestMark = 'baseline' | (Difference & { colour: string }) | { published: number };

/** An axis of differences, and how its cells are drawn. */
export interface ForestAxis {
  scale: DifferenceScale;
  decimals: number;
  /** Pixels. Default: what a page of A4 has room for. */
  width?: number;
  height?: number;
}

/** A column whose intervals a page draws on one axis. */
export interface Forest extends ForestAxis {
  /** Its place among the columns. */
  at: number;
  /** One a line. */
  marks: readonly (ForestMark | null)[];
}

export interface DocumentTable {
  headings: readonly string[];
  /** The first columns are text, the others numbers. */
  textColumns: number;
  /** Places among the first columns that hold numbers as well. */
  numbers?: readonly number[];
  lines: readonly (readonly Cell[])[];
  /** Places among the other columns that hold words. */
  words?: readonly number[];
  /** Headings are names of rows, which may be long. */
  named?: boolean;
  forest?: Forest;
  /** Over the columns behind those of text: titles of groups of them, the widest groups first. */
  heads?: readonly (readonly { title: string; count: number }[])[];
  /** Consecutive lines that belong together, under a title or with a label in a column of this heading. */
  groups?: { heading: string; members: readonly { label: string; title: string; count: number }[] };
}

/** A figure under words of the report's; it is drawn when it is written. */
export interface DocumentFigure {
  caption: string;
  spec: FigureSpec;
}

/** A figure as those of a section; none where there is nothing to draw. */
export function figure(caption: string, spec: FigureSpec | null): DocumentFigure[] {
  return spec === null ? [] : [{ caption, spec }];
}

/** Names with their values, under a title where there are several blocks. */
export interface FactBlock {
  title?: string;
  facts: readonly (readonly [name: string, value: string])[];
}

export interface DocumentSection {
  title: string;
  /** Only a page shows its title. LaTeX captions its table with the title of the report. */
  isBare?: boolean;
  /** On pages, its facts stand in a box. */
  isBox?: boolean;
  /** A paragraph of a paper, which LaTeX sets as text. */
  isProse?: boolean;
  /** Left out where the format or the reader does without it. */
  part?: ReportPart;
  /** Sentences before the table. */
  text?: readonly string[];
  table?: DocumentTable;
  /** HTML draws them, Markdown shows their files; the others leave them out. */
  figures?: readonly DocumentFigure[];
  /** A page has them in a table already. */
  areInTable?: boolean;
  /** Lines after the table. */
  notes?: readonly string[];
  /** In place of the notes where a table stands by itself. */
  caption?: readonly string[];
  /** A page shows them in place of notes, other formats where there are no notes. */
  blocks?: readonly FactBlock[];
  /** Lines to be pasted into a terminal. */
  commands?: readonly string[];
  /** A table across both columns of a paper. */
  paper?: PaperLook;
}

/** How a table of a paper is set, and what stands above it, under it and in its source. */
export interface PaperLook {
  style: LatexStyle;
  setting: Setting;
  label: string;
  caption: string;
  notes: readonly string[];
  comments: readonly string[];
}

export interface ReportDocument {
  /** What a file of it is called, before the day. */
  stem: string;
  title: string;
  /** Nobody has chosen the title: formats that are pasted into other texts leave it out. */
  isUntitled?: boolean;
  /** The answer: its fact, its limit and the numbers behind it. */
  verdict?: Verdict | null;
  /** What it says in one line, where it has no verdict. */
  answer?: string;
  /** Paragraphs under the title. */
  text?: readonly string[];
  /** What a reader must know before reading the numbers; whole sentences. */
  warnings?: string[];
  sections: readonly DocumentSection[];
  /** Documents of their own, each from a new page on. */
  chapters?: readonly ReportDocument[];
  /** What a page that answers questions by itself holds of it. */
  page?: PageData | null;
  /** What makes its runs again: pages carry it. */
  recipe?: Recipe;
  /** Everything as numbers, for JSON. */
  data: unknown;
  /** The same for CSV, by column name; without, the tables of the sections. */
  records?: readonly Record<string, string>[];
}

/** A name as a part of a file's name, with the letters of any script. */
export function fileSafe(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '-');
}

/** A section that is a table. */
export function tableSection({ title, notes, ...table }: TableSection): DocumentSection {
  return { title, table, notes };
}

export function markedCell(cell: Cell): MarkedCell {
  return typeof cell === 'string' ? { text: cell } : cell;
}

/** Whether a column holds numbers, which stand on the right. */
export function isNumeric({ textColumns, numbers = [], words = [] }: DocumentTable, at: number): boolean {
  return (at >= textColumns || numbers.includes(at)) && !words.includes(at);
}

/** The lines of each group; all lines together where there are none. */
export function linesByGroup({ lines, groups }: DocumentTable): (readonly Cell[])[][] {
  let end = 0;
  return (groups?.members ?? [{ count: lines.length }]).map(({ count }) => {
    end += count;
    return lines.slice(end - count, end);
  });
}

/** The same table with the label of its group in every line, behind the columns of text. */
export function withGroupColumn(table: DocumentTable): DocumentTable {
  const { headings, textColumns, lines, groups } = table;
  if (!groups) return table;
  const labels = groups.members.flatMap(({ label, count }) => Array<string>(count).fill(label));
  return {
    ...table,
    headings: headings.toSpliced(textColumns, 0, groups.heading),
    textColumns: textColumns + 1,
    lines: lines.map((line, at) => line.toSpliced(textColumns, 0, labels[at])),
  };
}

/** The same section with the titles of its groups of columns in the heading of each column. */
export function withPlainHeads(section: DocumentSection): DocumentSection {
  const { table } = section;
  if (!table?.heads) return section;
  const { heads, headings, textColumns } = table;
  const titles = heads.map((groups) =>
    groups.flatMap(({ title, count }) => Array<string>(count).fill(title)),
  );
  const plain = headings.map((heading, at) =>
    at < textColumns ? heading : [...titles.map((all) => all[at - textColumns]), heading].join(', '),
  );
  return { ...section, table: { ...table, headings: plain, heads: undefined } };
}

/** The notes under a section's table, else its facts; `best` and `second` say how the writer shows these. */
export function noteLines(
  { table, blocks = [], notes }: DocumentSection,
  best: string,
  second: string,
): string[] {
  const marks = table?.lines.some((line) => line.some((cell) => markedCell(cell).mark));
  const facts = blocks.flatMap((block) => block.facts.map(([name, value]) => `${name}: ${value}`));
  return [...(marks ? [`${best}: best of its protocol. ${second}: second.`] : []), ...(notes ?? facts)];
}
