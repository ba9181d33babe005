/** A paper as a window shows it: its source, its tables as they will be, and where each number comes from. */
import { leadColumns } from '../../../../core/documents/comparison/rows/order.ts';
import { testWords } from '../../../../core/documents/comparison/sections/differences.ts';
import { protocolWords } from '../../../../core/documents/comparison/sections/protocol-line.ts';
import { verdictOf } from '../../../../core/documents/comparison/sections/verdict.ts';
import {
  type Cell,
  type CellOrigin,
  type DocumentSection,
  markedCell,
} from '../../../../core/documents/document.ts';
import { fixed, grouped, pValue, signed } from '../../../../core/documents/format.ts';
import type { PaperBlock } from '../../../../core/documents/paper/blocks.ts';
import type { Paper } from '../../../../core/documents/paper/paper-document.ts';
import { countText } from '../../../../core/names.ts';
import { PAPER_PARTS, type PaperPart, type PaperStyle } from '../../../../core/plans/choices.ts';
import type {
  NumberFacts,
  PaperRuns,
  PaperTable,
  PlanEntry,
  PlanPaper,
} from '../../../../core/plans/plan-views.ts';
import type { Store } from '../../../../core/store/store.ts';
import { documentOfPlan, modelKey, type PlanSoFar, planFile, planPaper } from './plan-paper.ts';
import { openKnown } from './plan-progress.ts';
import { type BlockState, doneRuns, type RowState } from './plan-state.ts';

export async function paperView(
  store: Store,
  {
    plan: id,
    style: asked,
    without: leftOut,
  }: { plan: string; style?: PaperStyle; without?: readonly PaperPart[] },
  { signal }: { signal?: AbortSignal } = {},
): Promise<PlanPaper> {
  const open = await openKnown(store, store.plans.find(id));
  const paper = await planPaper(store, open, { signal });
  const style = asked ?? open.written.plan.paper.style;
  const without = leftOut ?? paper.without ?? [];
  const document = documentOfPlan(paper, style, without);
  const text = planFile(document, style, false);
  const numbers = new Numbers(paper, open.state);
  // The source of a table begins behind that of the one before it.
  let from = 0;
  const lines = text.split('\n');
  const tables = document.sections.flatMap((section): PaperTable[] => {
    if (!section.table || section.isProse) return [];
    const table = tableOf(section, numbers);
    const source = linesOfRows(lines, table, from);
    from = Math.max(from, ...source.map((line) => (line ?? -1) + 1));
    return [{ ...table, source }];
  });
  const prose = document.sections
    .filter(({ isProse }) => isProse)
    .map(({ title, text: paragraphs = [], notes = [] }) => ({
      ...{ title, text: paragraphs.join(' ') },
      notes: [...notes],
    }));
  const diverged = paper.diverged.map((line) => `Diverged: ${line}`);
  const warnings = [...diverged, ...new Set(paper.blocks.flatMap(({ comparison }) => comparison.warnings))];
  return {
    ...{ style, text, tables, prose, warnings, numbers: numbers.all, missing: [...paper.missing] },
    parts: partsOf(paper, without),
    compared: comparedBy(paper, open),
  };
}

/** Rows that the plan names by their models alone are named as in every comparison. */
function comparedBy({ blocks }: Paper, { written: { plan }, state }: PlanSoFar): PaperRuns {
  const named = state.flatMap(({ rows }) =>
    rows.flatMap((row) => {
      const [run] = doneRuns(row);
      const { name } = plan.models[row.entry];
      return run === undefined || name === undefined ? [] : [[run, name] as const];
    }),
  );
  const rows = blocks.flatMap(({ comparison }) => comparison.rows);
  const based = blocks.flatMap(({ comparison }) => comparison.rows[comparison.baseline ?? -1] ?? []);
  return {
    runs: [...new Set(rows.flatMap(({ runs }) => runs.map(({ id }) => id)))],
    baseline: based[0]?.runs[0].id ?? null,
    metrics: [...plan.metrics],
    labels: Object.fromEntries(named),
  };
}

/** What the tables may have, and why they cannot have some of it. */
function partsOf({ blocks, rows }: Paper, without: readonly PaperPart[]): PlanPaper['parts'] {
  const cells = blocks.flatMap(({ comparison }) => comparison.rows.flatMap((row) => row.cells));
  const absent: Record<PaperPart, string | null> = {
    trials: rows.some(({ trials }) => trials != null) ? null : 'nothing is tuned',
    spread: cells.some(({ std }) => std !== null) ? null : 'one seed each',
    significance: cells.some(({ significance }) => significance) ? null : 'nothing is tested',
    slices: blocks.some(({ comparison }) => comparison.slices) ? null : 'the plan names none',
    second: cells.some(({ mark }) => mark === 'second') ? null : 'no row is second',
    zero: null,
    measured: null,
  };
  return PAPER_PARTS.map((part) => ({
    ...{ part, absent: absent[part] },
    isShown: absent[part] === null && !without.includes(part),
  }));
}

/** The answer of its first table; null where there is none to give. */
export function saidBy({ blocks: [first] }: Paper): PlanEntry['says'] {
  const verdict = first && verdictOf(first.comparison, leadColumns(first.comparison.columns));
  return verdict ? { fact: verdict.lead, limit: verdict.limit } : null;
}

function tableOf(
  { table, paper, text = [], notes = [] }: DocumentSection,
  numbers: Numbers,
): Omit<PaperTable, 'source'> {
  if (!table) throw new Error('a section without a table');
  return {
    caption: paper?.caption ?? text.join(' '),
    heads: (table.heads ?? []).map((groups) => groups.map((group) => ({ ...group }))),
    headings: [...table.headings],
    textColumns: table.textColumns,
    lines: table.lines.map((line) => line.map((cell) => numbers.cell(cell))),
    notes: [...(paper?.notes ?? notes)],
  };
}

/** The first line behind `from`, and then behind the row before it, that has all that a row says. */
function linesOfRows(lines: readonly string[], { lines: rows }: Pick<PaperTable, 'lines'>, from: number) {
  let next = from;
  return rows.map((row) => {
    const texts = row.filter(({ number }) => number !== null).map(({ text }) => text);
    const found = texts.length === 0 ? -1 : lines.findIndex((line, at) => at >= next && hasAll(line, texts));
    if (found < 0) return null;
    next = found + 1;
    return found;
  });
}

function hasAll(line: string, texts: readonly string[]): boolean {
  let at = 0;
  return texts.every((text) => {
    const found = line.indexOf(text, at);
    at = found + text.length;
    return found >= 0;
  });
}

/** The numbers of a paper in the order of its tables. */
class Numbers {
  readonly all: NumberFacts[] = [];
  readonly #blocks: readonly PaperBlock[];
  readonly #state: readonly BlockState[];

  constructor({ blocks }: Paper, state: readonly BlockState[]) {
    this.#blocks = blocks;
    this.#state = state;
  }

  cell(cell: Cell): PaperTable['lines'][number][number] {
    const { text, mark = null, significant = false, spread = null, note = '', origin } = markedCell(cell);
    const shown = { text, mark, significant, spread, note };
    if (!origin) return { ...shown, number: null };
    this.all.push(this.#factsOf(origin, text));
    return { ...shown, number: this.all.length - 1 };
  }

  #factsOf(origin: CellOrigin, text: string): NumberFacts {
    const block = this.#blocks[origin.block];
    const { rows, columns, protocols } = block.comparison;
    const row = rows[origin.row];
    const { label, decimals } = columns[origin.column];
    const cell = row.cells[origin.column];
    const own = row.runs.map(({ name }) => name);
    const place = [block.dataset, block.split].filter(Boolean).join(', ');
    const print = row.runs[0].dataset?.fingerprint.slice(0, 12) ?? 'unknown';
    const values = cell.values.map((value) => fixed(value, decimals)).join(', ');
    const value =
      origin.slice === null
        ? ([
            'Value',
            cell.std === null ? text : `${text} ± ${fixed(cell.std, decimals)}`,
            cell.values.length > 1
              ? `mean of ${countText(cell.values.length, 'seed')}: ${values}`
              : 'one run',
          ] as const)
        : (['Value', text, origin.slice] as const);
    return {
      ...{ text, row: row.name, block: place, runs: row.runs.map(({ id }) => id) },
      column: origin.slice === null ? label : `${label}, ${origin.slice}`,
      facts: [
        [...value],
        ...(origin.slice === null ? testFacts(block, origin) : []),
        this.#chosenBy(block, origin.row),
        ['Runs', own.join(', '), row.isBaseline ? 'the baseline' : ''],
        ['Data', print, protocolWords(protocols[row.protocol].protocol).slice(0, 3).join(', ')],
      ],
    };
  }

  #chosenBy(block: PaperBlock, at: number): NumberFacts['facts'][number] {
    const rows = this.#state.flatMap(({ dataset, title, rows }) =>
      dataset.name === block.dataset && title === block.split ? rows : [],
    );
    const row: RowState | undefined = rows.find(({ entry }) => modelKey(entry) === block.keys[at]);
    if (!row) return ['Chosen by', 'unknown', 'of another program'];
    const { searched } = row;
    if (!searched) return ['Chosen by', 'as given', 'not tuned'];
    const best = searched.best === null ? 'unknown' : `validation ${fixed(searched.best, 4)}`;
    return ['Chosen by', best, `best of ${countText(searched.trials.total, 'trial')}`];
  }
}

function testFacts({ comparison }: PaperBlock, { row, column }: CellOrigin): NumberFacts['facts'] {
  const { rows, columns, baseline } = comparison;
  if (baseline === null || baseline === row) return [];
  const { significance } = rows[row].cells[column];
  const name = `From ${rows[baseline].name}`;
  if (!significance) return [[name, '–', 'not tested: not paired with the baseline']];
  const { difference, interval, count, unit, holm } = significance;
  const { decimals } = columns[column];
  const [low, high] = interval.map((end) => signed(end, decimals));
  const p = pValue(holm);
  const tested = rows.filter((other) => other.cells[column].significance).length;
  return [
    [name, signed(difference, decimals), `[${low}, ${high}] 95 %, over ${grouped(count)} ${unit}`],
    [
      'Test',
      p.startsWith('<') ? `p ${p}` : `p = ${p}`,
      `${testWords([significance])}, Holm over ${countText(tested, 'row')}: ${significance.significant ? '' : 'no '}†`,
    ],
  ];
}
