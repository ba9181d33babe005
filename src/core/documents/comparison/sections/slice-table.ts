/** The slices of a comparison as a table: a line a slice, a value a row, and in words who leads where. */
import { signOf } from '../../../evaluation/metrics-table.ts';
import type { ComparedSlice } from '../../../evaluation/paired/types.ts';
import { capital } from '../../../names.ts';
import type { Verdict } from '../../document.ts';
import { signed } from '../../format.ts';
import type { ComparisonRow, MetricColumn } from '../../types.ts';

/** Kinds of slices in the order in which they are shown. */
export const SLICE_KINDS = [
  'all',
  'item age',
  'item popularity',
  'history length',
  'new in time',
  'seen in training',
  'seen ID prefix',
] as const satisfies readonly ComparedSlice['by'][];

export const KIND_TITLES: Record<ComparedSlice['by'], string> = {
  all: 'over all rows',
  'item age': "by the item's training rows",
  'item popularity': 'by popularity of the item',
  'history length': 'by length of the history',
  'new in time': 'by whether training knew user and item',
  'seen in training': 'by what training has shown after the last item',
  'seen ID prefix': "by how much of the target's Semantic ID was seen after the last item's",
};

type SliceKind = ComparedSlice['by'];
type Difference = NonNullable<ComparedSlice['differences']>[string];

export interface SliceCell {
  value: number;
  /** Of the row in the slice, or rows of a click log. */
  users: number;
  /** Over seeds; null for one. */
  spread: number | null;
  /** 95 % interval of the value, where it has one. */
  interval: readonly [number, number] | null;
  /** From the baseline; null where it was not tested. */
  difference: Difference | null;
  /** The difference as a share of the baseline's value, without a baseline or one of 0 null. */
  share: number | null;
  place: 'best' | 'second' | null;
}

export interface SliceLine {
  /** Unique among all lines. */
  key: string;
  by: SliceKind;
  slice: string;
  description: string;
  unit: 'users' | 'rows';
  /** Rows that were trained on other interactions may have more or fewer in a slice. */
  least: number;
  most: number;
  /** Of all in its group, from 0 to 1. */
  share: number;
  /** Aligned with the rows of the comparison; null where a row has no such slice, or nobody is in it. */
  cells: (SliceCell | null)[];
}

export interface SliceGroup {
  by: SliceKind;
  title: string;
  lines: SliceLine[];
  /** Indexes of the rows without such slices. */
  missing: number[];
}

interface Compared {
  rows: readonly Pick<ComparisonRow, 'name' | 'isBaseline' | 'protocol'>[];
  /** Aligned with the rows. */
  slices: readonly (readonly ComparedSlice[])[];
  column: Pick<MetricColumn, 'name' | 'direction' | 'decimals'>;
}

/** Every kind of slices that has the metric, in the order in which they are shown. */
export function sliceGroups({ rows, slices, column }: Compared): SliceGroup[] {
  return SLICE_KINDS.flatMap((by) => {
    const own = slices.map((all) => all.filter((slice) => slice.by === by));
    const all = own.flat();
    if (!all.some(({ metrics }) => column.name in metrics)) return [];
    const baselines = rows.map((row) =>
      rows.findIndex(({ isBaseline, protocol }) => isBaseline && protocol === row.protocol),
    );
    const names = [...new Set(all.map(({ slice }) => slice))];
    const total = Math.max(...own.map((list) => list.reduce((sum, { users }) => sum + users, 0)));
    const lines = names.map((slice): SliceLine => {
      const members = own.map((list) => list.find((one) => one.slice === slice));
      const present = members.flatMap((one) => one ?? []);
      const [{ description, unit = 'users' }] = present;
      const counts = present.map(({ users }) => users);
      const cells = members.map((one, at) =>
        cellOf(one, column.name, members[baselines[at]]?.metrics[column.name]),
      );
      return {
        ...{ key: `${by} ${slice}`, by, slice, description, unit },
        ...{ least: Math.min(...counts), most: Math.max(...counts), share: Math.max(...counts) / total },
        cells: placed(cells, rows, signOf(column.direction)),
      };
    });
    const missing = [...rows.keys()].filter((row) => own[row].length === 0);
    return [{ by, title: capital(KIND_TITLES[by]), lines, missing }];
  });
}

function cellOf(
  slice: ComparedSlice | undefined,
  metric: string,
  base: number | undefined,
): SliceCell | null {
  const value = slice?.metrics[metric];
  if (slice === undefined || value === undefined || !Number.isFinite(value)) return null;
  const difference = slice.differences?.[metric] ?? null;
  return {
    value,
    users: slice.users,
    spread: slice.spreads?.[metric] ?? null,
    interval: slice.intervals?.[metric] ?? null,
    difference,
    share: difference && base ? difference.difference / Math.abs(base) : null,
    place: null,
  };
}

/** Marks the best value and the second of each protocol, of three or more rows that are not all the same; 0 is neither. */
function placed(
  cells: readonly (SliceCell | null)[],
  rows: Compared['rows'],
  sign: 1 | -1,
): (SliceCell | null)[] {
  return cells.map((cell, at) => {
    const peers = cells.flatMap((peer, row) =>
      peer && rows[row].protocol === rows[at].protocol ? [peer.value] : [],
    );
    const [best, second] = [...new Set(peers)].sort((a, b) => sign * (b - a));
    if (!cell || cell.value === 0 || peers.length < 3 || second === undefined) return cell;
    return { ...cell, place: cell.value === best ? 'best' : cell.value === second ? 'second' : null };
  });
}

/** Whether somebody is in a slice, and nobody's list has the target: every value is 0. */
export function nobodyHits({ cells }: SliceLine): boolean {
  return cells.some(Boolean) && cells.every((cell) => !cell || cell.value === 0);
}

interface Leader {
  line: SliceLine;
  row: number;
}

/**
 * Who leads where, by the corrected tests and never by the largest number alone: a row that is better than the baseline and the
 * best of those, or the baseline where all that were tested are worse. Null where nothing was tested, or under several protocols.
 * `line`: the slice that it begins with.
 */
export function sliceVerdict(
  { rows, column }: Omit<Compared, 'slices'>,
  groups: readonly SliceGroup[],
): (Verdict & { line: string }) | null {
  const [baseline = -1, ...others] = [...rows.keys()].filter((row) => rows[row].isBaseline);
  const tested = groups
    .flatMap(({ lines }) => lines)
    .filter(({ cells }) => cells.some((cell) => cell?.difference));
  if (baseline < 0 || others.length > 0 || tested.length === 0) return null;
  const sign = signOf(column.direction);
  const found = groups.map(({ lines }) =>
    lines.flatMap((line): Leader[] => {
      const row = leaderOf(line, baseline, sign);
      return row === null ? [] : [{ line, row }];
    }),
  );
  const base = rows[baseline].name;
  const most = Math.max(...found.map((leaders) => new Set(leaders.map(({ row }) => row)).size));
  const leaders = found.find((list) => new Set(list.map(({ row }) => row)).size === most) ?? [];
  if (most === 0) {
    const [line] = tested.toSorted((a, b) => b.share - a.share);
    return {
      lead: `No run is better than ${base} in any slice`,
      limit: 'by the corrected tests',
      details: [],
      line: line.key,
    };
  }
  const widest = leaders.toSorted((a, b) => b.line.share - a.line.share);
  const first = widest.find(({ row }) => row !== baseline) ?? widest[0];
  const second = widest.find(({ row }) => row !== first.row);
  const ofRow = (row: number) => leaders.filter((one) => one.row === row).map(({ line }) => line);
  const own = ofRow(first.row);
  return {
    lead: `${rows[first.row].name} leads ${placesText(own)}, ${shareWords(own)}`,
    limit: second ? `${rows[second.row].name} leads ${placesText(ofRow(second.row))}` : '',
    details: differenceText(first, column, base),
    line: first.line.key,
  };
}

function leaderOf({ cells }: SliceLine, baseline: number, sign: 1 | -1): number | null {
  const gains = cells.map((cell) => (cell?.difference?.significant ? sign * cell.difference.difference : 0));
  const best = gains.indexOf(Math.max(...gains));
  if (gains[best] > 0) return best;
  const tested = cells.flatMap((cell, at) => (cell?.difference && at !== baseline ? [gains[at]] : []));
  return tested.length > 0 && tested.every((gain) => gain < 0) ? baseline : null;
}

function differenceText(
  { line, row }: Leader,
  { decimals }: Pick<MetricColumn, 'decimals'>,
  base: string,
): string[] {
  const difference = line.cells[row]?.difference;
  if (!difference) return [];
  const [low, high] = difference.interval.map((end) => signed(end, decimals));
  const where = capital(place(line));
  return [`${where}, ${signed(difference.difference, decimals)} over ${base} (${low} to ${high}).`];
}

const SEEN: Record<string, string> = {
  'transition seen': 'where the same step was in training',
  'pair seen': 'where both items, but not this step, were in one training history',
  'pair unseen': 'where the two items were never seen together',
};

/** "on head items" */
function place({ by, slice, unit }: SliceLine): string {
  if (by === 'item popularity') return unit === 'rows' ? `in ${slice} of popularity` : `on ${slice} items`;
  if (by === 'history length') return unit === 'rows' ? `with a ${slice}` : `on ${slice} histories`;
  if (by === 'new in time')
    return `of ${slice === 'both known' || slice === 'both new' ? `${slice.slice(5)} users and items` : `${slice}s`}`;
  if (by === 'seen ID prefix') return `where training has shown ${slice}`;
  if (by === 'item age' && slice === 'unseen') return 'on items without a training row';
  if (by === 'item age') return `on items with ${slice} training rows`;
  return SEEN[slice] ?? `over ${slice}`;
}

/** Not made before it is needed: that alone takes a start of the program 10 ms. */
const listed = (parts: readonly string[]) => new Intl.ListFormat('en').format(parts);

/** "on tail and cold items" */
function placesText(lines: readonly SliceLine[]): string {
  const areItems = lines.every(({ by, unit }) => by === 'item popularity' && unit !== 'rows');
  if (areItems) return `on ${listed(lines.map(({ slice }) => slice))} items`;
  return listed(lines.map(place));
}

/** "4 users in 5" */
function shareWords(lines: readonly SliceLine[]): string {
  const [{ unit }] = lines;
  const share = lines.reduce((sum, line) => sum + line.share, 0);
  if (share > 0.975) return `nearly all ${unit}`;
  const [parts, of] = [2, 3, 4, 5, 10]
    .map((whole) => [Math.max(1, Math.min(whole - 1, Math.round(share * whole))), whole] as const)
    .reduce((best, next) => (away(next, share) < away(best, share) - 0.01 ? next : best));
  return share < 0.05 ? `few ${unit}` : `${parts} ${parts === 1 ? unit.slice(0, -1) : unit} in ${of}`;
}

const away = ([parts, of]: readonly [number, number], share: number) => Math.abs(parts / of - share);
