/** Tables of a paper: models as rows, data sets and splits as groups of columns, metrics and slices as columns. */
import { footnoteMark, markText } from '../comparison/rows/footnotes.ts';
import { testNote } from '../comparison/sections/differences.ts';
import { SLICE_KINDS, type SliceCell, sliceGroups } from '../comparison/sections/slice-table.ts';
import { sliceNote } from '../comparison/sections/slices.ts';
import { type Cell, type DocumentSection, type MarkedCell, markedCell } from '../document.ts';
import { fixed } from '../format.ts';
import type { LatexStyle } from '../formats.ts';
import type { ComparisonRow } from '../types.ts';
import type { PaperBlock, PaperRow, Pending } from './blocks.ts';
import { captionOf } from './caption.ts';
import { type Columns, type Fitted, fitted, NAME_EMS, textEms, valueEms } from './fit.ts';
import { pared, type Without } from './parts.ts';

export interface PaperOptions {
  style: LatexStyle;
  label: string;
  /** Stands in the caption before what that says about data and protocol. */
  title?: string;
  /** What the baseline is called. */
  baseline: string | null;
  /** Columns about a row itself, with their texts. */
  facts?: readonly { title: string; textOf(row: ComparisonRow): string }[];
  /** Left out of the tables. */
  without?: Without;
}

/** A group of columns of a block: all users, or the slices of one kind. */
interface Group {
  block: PaperBlock;
  /** Null for all users. */
  title: string | null;
  headings: string[];
  /** Of a row of the block's comparison, aligned with the headings. */
  cellsOf(row: number): Cell[];
}

const ABSENT = '–';
const [TO_COME, DIVERGED]: readonly Pending[] = ['to come', 'diverged'];

/** One section a table, in the order of the blocks: as many as it takes to fit the page. */
export function paperSections(
  blocks: readonly PaperBlock[],
  rows: readonly PaperRow[],
  options: PaperOptions,
): DocumentSection[] {
  const notes = notesOf(blocks);
  const groups = blocks.map((block, at) => groupsOf(block, notes, at, options.without));
  const left = leftColumns(blocks, rows, options, notes);
  const text = left.map(({ heading, texts }, at) => {
    const ems = Math.max(...[heading, ...texts].map(textEms));
    return at === 0 ? Math.min(NAME_EMS, ems) : ems;
  });
  const wide = groups.map((all) => all.map((group) => columnsOf(group, rows)));
  const tables = fitted(options.style, text, wide);
  // The comments about a block belong to the first table that shows it.
  const explained = new Set<PaperBlock>();
  return tables.map((table, at) => {
    const shown = new Set(table.groups.map(({ item }) => item.block));
    const newBlocks = [...shown].filter((block) => !explained.has(block));
    for (const block of newBlocks) explained.add(block);
    return sectionOf(table, { left, rows, options, notes, newBlocks }, at);
  });
}

/** The footnotes of all blocks, each once. */
function notesOf(blocks: readonly PaperBlock[]): string[] {
  return [...new Set(blocks.flatMap(({ comparison }) => comparison.footnotes))];
}

interface LeftColumn {
  heading: string;
  texts: string[];
}

function leftColumns(
  blocks: readonly PaperBlock[],
  rows: readonly PaperRow[],
  { facts = [], without = [] }: PaperOptions,
  notes: readonly string[],
): LeftColumn[] {
  const found = rows.map(({ key }) =>
    blocks.flatMap(({ comparison, keys }) => {
      const row = comparison.rows[keys.indexOf(key)];
      return row ? [{ row, footnotes: comparison.footnotes }] : [];
    }),
  );
  const markOf = (at: number) => {
    const own = found[at].flatMap(({ row, footnotes }) =>
      row.notes.map((note) => notes.indexOf(footnotes[note])),
    );
    return markText([...new Set(own)].sort((a, b) => a - b));
  };
  const hasTrials = !without.includes('trials') && rows.some(({ trials }) => trials != null);
  return [
    { heading: 'Model', texts: rows.map(({ name }, at) => name + markOf(at)) },
    ...(hasTrials ? [{ heading: 'Trials', texts: rows.map(trialsText) }] : []),
    ...facts.map(({ title, textOf }) => ({
      heading: title,
      texts: found.map(([first]) => (first ? textOf(first.row) : ABSENT)),
    })),
  ];
}

/** "20", or "7–20" where its searches ended by a rule at different times. */
function trialsText({ trials }: PaperRow): string {
  if (!trials?.length) return ABSENT;
  return [...new Set([Math.min(...trials), Math.max(...trials)])].join('–');
}

function groupsOf(block: PaperBlock, notes: readonly string[], at: number, without: Without = []): Group[] {
  const { columns, rows, footnotes } = block.comparison;
  const all: Group = {
    block,
    title: null,
    headings: columns.map(({ label }) => label),
    cellsOf: (row) =>
      rows[row].cells.map(({ mean, mark, significance, std, note }, column) => ({
        text: fixed(mean, columns[column].decimals),
        mark,
        significant: significance?.significant,
        spread: std === null ? undefined : fixed(std, columns[column].decimals),
        note: note === undefined ? '' : markText([notes.indexOf(footnotes[note])]),
        origin: { block: at, row, column, slice: null },
      })),
  };
  const groups = [all, ...(without.includes('slices') ? [] : sliceGroupsOf(block, at))];
  return groups.map((group) => ({
    ...group,
    cellsOf: (row) => group.cellsOf(row).map((cell) => pared(cell, without)),
  }));
}

/** Slices are columns of the main metric: of every metric they would be tables of their own. */
function sliceGroupsOf(block: PaperBlock, at: number): Group[] {
  const { columns, rows, slices = [] } = block.comparison;
  const [column] = columns;
  if (!column || slices.length === 0) return [];
  const titles: Record<string, string> = {
    'item popularity': 'target',
    'history length': 'history',
    'new in time': 'newness',
    'seen in training': 'last step',
    'seen ID prefix': 'ID',
    'item age': 'item',
  };
  const order: readonly string[] = SLICE_KINDS;
  return (
    sliceGroups({ rows, slices, column })
      // That is the column of all users.
      .filter(({ by }) => by !== 'all')
      .toSorted((a, b) => order.indexOf(a.by) - order.indexOf(b.by))
      .map(({ by, lines }) => ({
        block,
        title: `${column.label} by ${titles[by] ?? by}`,
        headings: lines.map(({ slice }) => slice),
        cellsOf: (row) =>
          lines.map(({ cells, slice }) => {
            const value = sliceValue(cells[row], column.decimals);
            const origin = { block: at, row, column: 0, slice };
            return typeof value === 'string' ? value : { ...value, origin };
          }),
      }))
  );
}

function sliceValue(cell: SliceCell | null, decimals: number): Cell {
  if (cell === null) return ABSENT;
  return {
    text: fixed(cell.value, decimals),
    mark: cell.place,
    significant: cell.difference?.significant,
    spread: cell.spread === null ? undefined : fixed(cell.spread, decimals),
  };
}

/** The cell of a row of the table in a group; what is still to come, or diverged, is named, and never 0. */
function cellAt({ block, headings, cellsOf }: Group, key: string): Cell[] {
  const row = block.keys.indexOf(key);
  if (row >= 0) return cellsOf(row);
  return headings.map(() => block.pending?.get(key) ?? ABSENT);
}

function columnsOf(group: Group, rows: readonly PaperRow[]): Columns<Group> {
  const cells = rows.map(({ key }) => cellAt(group, key));
  const ems = group.headings.map((heading, at) =>
    Math.max(textEms(heading), ...cells.map((line) => valueEms(markedCell(line[at])))),
  );
  return { item: group, ems, title: group.title ?? blockTitle(group.block) };
}

const blockTitle = ({ dataset, split }: PaperBlock) => [dataset, split].filter(Boolean).join(', ');

interface Shared {
  left: readonly LeftColumn[];
  rows: readonly PaperRow[];
  options: PaperOptions;
  notes: readonly string[];
  /** Blocks that no earlier table shows. */
  newBlocks: readonly PaperBlock[];
}

function sectionOf({ setting, groups }: Fitted<Group>, shared: Shared, at: number): DocumentSection {
  const { left, rows, options, notes, newBlocks } = shared;
  const blocks = [...new Set(groups.map(({ item }) => item.block))];
  const lines = rows.map(({ key }, row) => [
    ...left.map(({ texts }) => texts[row]),
    ...groups.flatMap(({ item, columns }) => {
      const cells = cellAt(item, key);
      return columns.map((column) => cells[column]);
    }),
  ]);
  // A table of some blocks has their rows alone.
  const isThere = rows.map(({ key }) =>
    blocks.some((block) => block.keys.includes(key) || block.pending?.has(key)),
  );
  const shown = lines.filter((_, row) => isThere[row]);
  const marks = new Set(shown.flatMap((line) => line.flatMap(noteMarks)));
  const hasPending = shown.some((line) => line.includes(TO_COME));
  return {
    title: blocks.map(blockTitle).join(' and '),
    part: 'all-metrics',
    isBare: true,
    table: {
      headings: [
        ...left.map(({ heading }) => heading),
        ...groups.flatMap(({ item, columns }) => columns.map((column) => item.headings[column])),
      ],
      heads: headsOf(groups, blocks),
      textColumns: left.length,
      numbers: left.flatMap(({ heading }, place) => (heading === 'Trials' ? [place] : [])),
      lines: shown,
    },
    paper: {
      ...{ style: options.style, setting },
      label: at === 0 ? options.label : `${options.label}-${at + 1}`,
      caption: captionOf(blocks, {
        title: options.title,
        baseline: options.baseline,
        hasTrials: left.some(({ heading }) => heading === 'Trials'),
        hasPending,
        hasDiverged: shown.some((line) => line.includes(DIVERGED)),
        without: options.without,
      }),
      notes: notes.flatMap((text, place) =>
        marks.has(footnoteMark(place)) ? [`[${footnoteMark(place)}] ${text}`] : [],
      ),
      comments: commentsOf(newBlocks),
    },
  };
}

/** The letters of the footnotes that a cell names. */
function noteMarks(cell: Cell): string[] {
  const { text, note = '' }: MarkedCell = markedCell(cell);
  const named = /\[([a-z\d, ]+)\]$/.exec(note === '' ? text : note)?.[1];
  return named?.split(', ') ?? [];
}

function headsOf(groups: Fitted<Group>['groups'], blocks: readonly PaperBlock[]) {
  const titleOf = headTitles(blocks);
  const ofBlocks = blocks.map((block) => ({
    title: titleOf(block),
    count: groups.reduce((sum, { item, columns }) => sum + (item.block === block ? columns.length : 0), 0),
  }));
  const hasSlices = groups.some(({ item }) => item.title !== null);
  const ofGroups = groups.map(({ item, columns }) => ({
    title: item.title ?? 'All users',
    count: columns.length,
  }));
  return [...(blocks.length > 1 ? [ofBlocks] : []), ...(hasSlices ? [ofGroups] : [])];
}

/** What all blocks of a table share is in its caption. */
function headTitles(blocks: readonly PaperBlock[]): (block: PaperBlock) => string {
  const count = (of: (block: PaperBlock) => string) => new Set(blocks.map(of)).size;
  if (count(({ dataset }) => dataset) === 1) return ({ split }) => split;
  if (count(({ split }) => split) === 1) return ({ dataset }) => dataset;
  return blockTitle;
}

/** What the reader of the source is told beside the caption; once where it is of several blocks. */
function commentsOf(blocks: readonly PaperBlock[]): string[] {
  const said = blocks.flatMap((block) => {
    const { comparison } = block;
    const notes = [testNote(comparison), sliceNote(comparison)].filter((note) => note !== null);
    return [...comparison.warnings, ...notes].map((text) => ({ text, title: blockTitle(block) }));
  });
  return [...Map.groupBy(said, ({ text }) => text)].map(
    ([text, of]) => `${[...new Set(of.map(({ title }) => title))].join(' and ')}: ${text}`,
  );
}
