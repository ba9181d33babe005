import { type CSSProperties, useMemo, useState } from 'react';
import {
  baselineName,
  bestFirst,
  type ComparedSlice,
  type ComparisonView,
  exactWords,
  FEWEST_USERS,
  type MetricColumn,
  metricColumn,
  nobodyHits,
  type SliceCell,
  type SliceGroup,
  type SliceLine,
} from '../../../core/api/compare.ts';
import { type Column, column, type Section, type TableSource, widthOf } from '../../components/columns.ts';
import { ScreenFoot } from '../../components/Statement.tsx';
import { ROW_HEIGHT, SECTION_HEIGHT, TableGrid } from '../../components/TableGrid.tsx';
import { capital, fixed, grouped, pValueText, rangeText, signed, signedRange } from '../../format/format.ts';

const TILES = 20;
/** Pixels of a bar to scroll by, where a system shows them. */
const SCROLLBAR = 16;
/** Pixels; a row's column takes its part of the room. */
const WIDTHS = {
  slice: 176,
  count: 72,
  range: 104,
  share: 120,
  baseline: 104,
  least: 138,
  most: 156,
  wide: 200,
  lone: 280,
};
/** Below it the share of the users goes. */
const NARROW = 1000;
/** From here on there is room for longer bars. */
const WIDE = 1900;
/** Half of a bar's room: as much as the baseline's value. */
const REACH = { usual: 23, wide: 48 };

/**
 * A line a slice, a column a row of the comparison with its difference from the baseline as a bar, or without one its value;
 * all bars share one scale. `alone`: the slices of the only row, whose other metrics have room beside it.
 */
export function sliceColumns(
  view: ComparisonView,
  groups: readonly SliceGroup[],
  { name, decimals }: MetricColumn,
  colours: ReadonlyMap<string, string>,
  tiles: ReadonlyMap<string, string>,
  room: number,
  alone: readonly ComparedSlice[] | null,
): Column<SliceLine>[] {
  const totals = new Set(groups.map(({ lines }) => lines.reduce((sum, { most }) => sum + most, 0)));
  const unit = groups[0]?.lines[0]?.unit ?? 'users';
  const order = columnOrder(view, name);
  const shareTitle = totals.size === 1 ? `of ${grouped([...totals][0])}` : 'Share';
  const isRange = groups.some(({ lines }) => lines.some(({ least, most }) => least !== most));
  const counts = isRange ? WIDTHS.range : WIDTHS.count;
  const share = room < NARROW ? 0 : WIDTHS.share;
  const taken = WIDTHS.slice + counts + share + WIDTHS.baseline;
  const even = Math.floor((room - taken) / Math.max(1, order.length - 1));
  const isWide = room >= WIDE;
  const most = isWide ? WIDTHS.wide : WIDTHS.most;
  const width = alone ? WIDTHS.lone : Math.max(WIDTHS.least, Math.min(most, even));
  const reach = isWide && width === most ? REACH.wide : REACH.usual;
  const values = groups.flatMap(({ lines }) =>
    lines.flatMap(({ cells }) => cells.map((cell) => cell?.value ?? 0)),
  );
  const largest = view.baseline === null ? Math.max(...values) : null;
  return [
    column<SliceLine, 'text'>('slice', 'Slice', 'text', ({ slice }) => slice, {
      ...{ width: WIDTHS.slice, grows: true, pinned: true, tip: ({ description }) => description },
      render: ({ slice, most }) => <span className={most === 0 ? 'muted' : 'strong'}>{capital(slice)}</span>,
    }),
    column<SliceLine, 'count'>('users', unit === 'rows' ? 'Rows' : 'Users', 'count', ({ most }) => most, {
      width: counts,
      text: ({ least, most }) => (least === most ? grouped(most) : `${grouped(least)} to ${grouped(most)}`),
    }),
    ...(share === 0
      ? []
      : [
          column<SliceLine, 'text'>('share', shareTitle, 'text', shareText, {
            width: share,
            render: (line) =>
              line.most === 0 ? <span className="muted">no users</span> : <Share of={line.share} />,
          }),
        ]),
    ...order.map((at): Column<SliceLine> => {
      const { id, name: title, isBaseline } = view.rows[at];
      const colour = colours.get(id);
      const mean = (line: SliceLine) => {
        const cell = line.cells[at];
        return cell && { mean: cell.value, std: cell.spread };
      };
      const value = (line: SliceLine) => line.cells[at]?.value;
      const look = { decimals, swatch: tiles.get(id), width: isBaseline ? WIDTHS.baseline : width };
      const details = {
        ...look,
        tip: ({ cells }: SliceLine) => tipOf(cells[at], decimals),
        render: (line: SliceLine) => (
          <SliceValue
            line={line}
            cell={line.cells[at]}
            decimals={decimals}
            colour={colour}
            isFirst={at === order[0]}
            isBaseline={isBaseline}
            isLone={alone !== null}
            largest={largest}
            reach={reach}
          />
        ),
      };
      return isBaseline
        ? column<SliceLine, 'metric'>(id, title, 'metric', value, details)
        : column<SliceLine, 'mean'>(id, title, 'mean', mean, details);
    }),
    ...(alone ? loneColumns(alone, name) : []),
  ];
}

/** What stands beside the only row: what belongs to a slice, and the metrics that are not drawn. */
function loneColumns(slices: readonly ComparedSlice[], drawn: string): Column<SliceLine>[] {
  const names = [...new Set(slices.flatMap(({ metrics }) => Object.keys(metrics)))];
  const sliceOf = (line: SliceLine) => slices.find(({ by, slice }) => by === line.by && slice === line.slice);
  return [
    ...names
      .filter((name) => name !== drawn)
      .map((name) => {
        const { label, decimals } = metricColumn(name);
        return column<SliceLine, 'metric'>(name, label, 'metric', (line) => sliceOf(line)?.metrics[name], {
          ...{ decimals, width: 88 },
        });
      }),
    column('description', 'What it is', 'text', ({ description }) => description, { width: 400 }),
  ];
}

/** With what the bars say, as numbers: the kind of slices, and of each row its difference from the baseline and p. */
export function copiedColumns(
  view: ComparisonView,
  columns: readonly Column<SliceLine>[],
): Column<SliceLine>[] {
  const tests = view.rows.flatMap(({ name, isBaseline }, at): Column<SliceLine>[] => {
    if (isBaseline) return [];
    const of = ({ cells }: SliceLine) => cells[at]?.difference;
    return [
      column(`${name} Δ`, `${name} Δ`, 'signed', (line) => of(line)?.difference),
      column(`${name} p`, `${name} p, Holm`, 'p', (line) => of(line)?.holm),
    ];
  });
  return [column('by', 'By', 'text', ({ by }) => by), ...columns, ...tests];
}

const shareText = ({ share }: SliceLine) => `${fixed(100 * share, 1)} %`;

/** The baseline, then the rows from the best by the metric on. */
function columnOrder(view: ComparisonView, metric: string): number[] {
  const main = view.columns.findIndex(({ name }) => name === metric);
  const sorted = main < 0 ? view.rows : bestFirst(view, main);
  const order = sorted.map((row) => view.rows.indexOf(row));
  return order.sort((a, b) => Number(view.rows[b].isBaseline) - Number(view.rows[a].isBaseline));
}

/** Twenty tiles, those of the slice filled. */
function Share({ of }: { of: number }) {
  const filled = of > 0 ? Math.max(1, Math.round(of * TILES)) : 0;
  return <span className="slice-share" style={{ '--filled': filled } as CSSProperties} />;
}

interface SliceValueProps {
  line: SliceLine;
  cell: SliceCell | null;
  decimals: number;
  colour: string | undefined;
  isFirst: boolean;
  isBaseline: boolean;
  /** No other row stands beside it. */
  isLone: boolean;
  /** Of all values, what a bar is drawn to; null where differences are drawn. */
  largest: number | null;
  /** Half of its room, in pixels. */
  reach: number;
}

function SliceValue(props: SliceValueProps) {
  const { line, cell, decimals, colour, isFirst, isBaseline, isLone, largest, reach } = props;
  if (nobodyHits(line)) return isFirst ? <span className="muted">no hits</span> : null;
  if (!cell) return null;
  const { value, place, difference } = cell;
  const text = fixed(value, decimals);
  const quiet = difference !== null && !difference.significant;
  return (
    <span className="row end">
      <span className={quiet ? 'muted' : undefined}>
        {place === 'best' ? <strong>{text}</strong> : place === 'second' ? <u>{text}</u> : text}
      </span>
      {difference && (
        <span className="visually-hidden">
          {signed(difference.difference, decimals)}, {quiet ? 'not significant' : 'significant'}
        </span>
      )}
      {!isBaseline && (
        <svg width={2 * reach} height={ROW_HEIGHT} aria-hidden="true">
          {largest === null ? (
            <line x1={reach} x2={reach} y1={0} y2={ROW_HEIGHT} stroke="var(--line-strong)" />
          ) : (
            <Bar from={0} length={(2 * reach * value) / largest} colour={colour} />
          )}
          {cell.share !== null && (
            <Difference share={cell.share} reach={reach} colour={colour} hollow={quiet} />
          )}
        </svg>
      )}
      {isLone && cell.interval && <span className="small muted">{rangeText(cell.interval)}</span>}
    </span>
  );
}

/** A difference as large as the baseline's value fills its side; a larger one is cut. */
function Difference({
  share,
  reach,
  ...look
}: Pick<BarProps, 'colour' | 'hollow'> & { share: number; reach: number }) {
  const length = Math.max(2, reach * Math.min(1, Math.abs(share)));
  return <Bar from={share < 0 ? reach - length : reach} length={length} {...look} />;
}

interface BarProps {
  /** Pixels. */
  from: number;
  length: number;
  colour: string | undefined;
  hollow?: boolean;
}

function Bar({ from, length, colour, hollow = false }: BarProps) {
  const look = hollow ? { fill: 'none', stroke: colour } : { fill: colour };
  const inset = hollow ? 0.5 : 0;
  return (
    <rect
      x={from + inset}
      y={ROW_HEIGHT / 2 - 4 + inset}
      width={length - 2 * inset}
      height={8 - 2 * inset}
      {...look}
    />
  );
}

function tipOf(cell: SliceCell | null, decimals: number): string {
  if (!cell) return '';
  const { value, interval, difference, share } = cell;
  const own = fixed(value, decimals) + rangeText(interval);
  if (!difference) return own;
  const percent = share === null ? '' : `, ${signed(100 * share, 1)} %`;
  const from = `${signed(difference.difference, decimals)}${percent}`;
  return `${own}: ${from} (95 % interval ${signedRange(difference.interval, decimals)}), p ${pValueText(difference.holm)}`;
}

interface SliceTableProps {
  label: string;
  columns: readonly Column<SliceLine>[];
  groups: readonly SliceGroup[];
  /** Width of its place. */
  room: number;
  /** Behind the title of each group. */
  notes: readonly string[];
  /** Key of the line whose differences are drawn below. */
  focused: string;
  onFocus(key: string): void;
}

/** As high as all its lines: the page scrolls. */
export function SliceTable({ label, columns, groups, room, notes, focused, onFocus }: SliceTableProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const source = useMemo(() => sourceOf(groups, notes, closed, setClosed), [groups, notes, closed]);
  const selection = useMemo(() => new Set([focused]), [focused]);
  const sideways = columns.reduce((sum, one) => sum + widthOf(one), 0) > room ? SCROLLBAR : 0;
  const height =
    ROW_HEIGHT * (source.total + 1 - groups.length) + SECTION_HEIGHT * groups.length + 2 + sideways;
  return (
    <div style={{ height }}>
      <TableGrid
        label={label}
        columns={columns}
        rows={source}
        rowKey={({ key }) => key}
        selection={selection}
        onSelect={(keys) => {
          const key = [...keys].at(-1);
          if (key !== undefined) onFocus(key);
        }}
      />
    </div>
  );
}

function sourceOf(
  groups: readonly SliceGroup[],
  notes: readonly string[],
  closed: ReadonlySet<string>,
  onClosed: (closed: ReadonlySet<string>) => void,
): TableSource<SliceLine> {
  const entries = groups.flatMap(({ by, title, lines }, at): (Section | SliceLine)[] => {
    const open = !closed.has(by);
    const keys = lines.map(({ key }) => key);
    const head = { label: title, count: lines.length, detail: notes[at], open, keys };
    return [head, ...(open ? lines : [])];
  });
  const isSection = (entry: Section | SliceLine): entry is Section => 'keys' in entry;
  const sections = entries.map((entry) => (isSection(entry) ? entry : undefined));
  return {
    total: entries.length,
    row: (index) => {
      const entry = entries[index];
      return entry && !isSection(entry) ? entry : undefined;
    },
    section: (index) => sections[index],
    toggle: (index) => {
      const group = groups.find(({ title }) => title === sections[index]?.label);
      if (!group) return;
      const next = new Set(closed);
      if (!next.delete(group.by)) next.add(group.by);
      onClosed(next);
    },
  };
}

/** How to read the table: only what is in it. */
export function SliceNotes({ view, groups }: { view: ComparisonView; groups: readonly SliceGroup[] }) {
  const lines = groups.flatMap((group) => group.lines);
  const tests = lines.flatMap(({ cells }) => cells.flatMap((cell) => cell?.difference ?? []));
  const ofUsers = lines.some(({ unit }) => unit === 'users');
  const has = (significant: boolean) => tests.some((test) => test.significant === significant);
  return (
    <ScreenFoot>
      {view.baseline === null && <span>Bar: the value, full width the largest of all.</span>}
      {tests.length > 0 && (
        <>
          <span>Bar: difference from {baselineName(view)}, full width ±100 % of its value.</span>
          {has(true) && (
            <span>
              <span className="run-tile" style={{ background: 'var(--text-muted)' }} aria-hidden="true" />p
              &lt; 0.05
            </span>
          )}
          {has(false) && (
            <span>
              <span className="run-tile hollow" aria-hidden="true" />
              not significant
            </span>
          )}
          <span>
            {ofUsers
              ? `Paired t${exactWords(tests)}, Holm by kind; no test below ${FEWEST_USERS} users.`
              : 'Tests over rows, Holm by kind.'}
          </span>
        </>
      )}
    </ScreenFoot>
  );
}
