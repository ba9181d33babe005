/** Which columns the table of metrics has, and how wide they are. */

export interface MetricLayout {
  /** Widths in pixels, cells padded by 8. */
  columns: { id: string; width: number }[];
  /** Width of the forest, which is one of them. */
  forest: number;
  /** Whether there is room for the difference in percent. */
  hasPercent: boolean;
  /** Whether a row was tested: else interval, p and verdict are left out. */
  hasTests: boolean;
  /** Width of the whole table. */
  total: number;
}

const RUN = { narrow: 200, under: 264, usual: 196, long: 240, marked: 320, most: 440 };
const FOREST = { least: 164, most: 720 };
/** Rows from which names have more room and rows less. */
export const MANY_ROWS = 13;
/** Below it the percentage goes, and the table scrolls sideways under its names. */
const NARROW = 1100;
/** The same where names have chips and marks. */
const MARKED_NARROW = 1400;

interface Told {
  /** Whether a row was tested. */
  hasTests?: boolean;
  /** Whether a row is of another program. */
  isMarked?: boolean;
}

/** `width`: of the table's place; `beside`: metrics beside the main one. The forest takes what the rest leaves, and the names what it leaves. */
export function metricLayout(
  width: number,
  beside: number,
  rows: number,
  { hasTests = true, isMarked = false }: Told = {},
): MetricLayout {
  const isWide = width >= NARROW;
  const hasPercent = width >= (isMarked ? MARKED_NARROW : NARROW);
  const tested = (id: string, width: number) => (hasTests ? [{ id, width }] : []);
  const before = [
    { id: 'seeds', width: 44 },
    { id: 'mean', width: 132 },
    { id: 'delta', width: 68 },
    ...(hasPercent ? [{ id: 'percent', width: 54 }] : []),
    ...tested('interval', 132),
  ];
  const after = [
    ...tested('p', 64),
    ...tested('verdict', 126),
    ...Array.from({ length: beside }, (_, at) => [
      { id: `mean ${at}`, width: 132 },
      { id: `delta ${at}`, width: 98 },
    ]).flat(),
  ];
  const others = [...before, ...after].reduce((total, column) => total + column.width, 0);
  const room = Math.max(RUN.usual, Math.min(isMarked ? RUN.marked : RUN.long, width - others - FOREST.least));
  const isLong = isMarked || rows >= MANY_ROWS;
  const run = isWide ? (isLong ? room : RUN.usual) : isLong ? RUN.under : RUN.narrow;
  const forest = Math.max(FOREST.least, Math.min(FOREST.most, width - others - run));
  const names = Math.max(run, Math.min(RUN.most, width - others - forest));
  const columns = [{ id: 'run', width: names }, ...before, { id: 'forest', width: forest }, ...after];
  return { columns, forest, hasPercent, hasTests, total: others + names + forest };
}

/** How many metrics stand beside the main one: at least `least`, and of `all` as many as leave the forest all the room it takes. */
export function metricsBeside(
  width: number,
  { least, all, rows }: Record<'least' | 'all' | 'rows', number>,
): number {
  let count = least;
  while (count < all && metricLayout(width, count + 1, rows).forest === FOREST.most) count++;
  return count;
}
