/** Which columns the table of metrics has, and how wide they are. */

export interface MetricLayout {
  /** Widths in pixels, cells padded by 8. */
  columns: { id: string; width: number }[];
  /** Width of the forest, which is one of them. */
  forest: number;
  /** Whether there is room for the difference in percent. */
  hasPercent: boolean;
  /** Width of the whole table. */
  total: number;
}

const RUN = { narrow: 200, usual: 196, long: 240 };
const FOREST = { least: 164, most: 720 };
/** Rows from which names have more room and rows less. */
export const MANY_ROWS = 13;
/** Below it the percentage goes, and the table scrolls sideways under its names. */
const NARROW = 1100;

/** `width`: of the table's place; `others`: metrics beside the main one. The forest takes what the rest leaves. */
export function metricLayout(width: number, others: number, rows: number): MetricLayout {
  const hasPercent = width >= NARROW;
  const run = hasPercent ? (rows >= MANY_ROWS ? RUN.long : RUN.usual) : RUN.narrow;
  const before = [
    { id: 'run', width: run },
    { id: 'seeds', width: 44 },
    { id: 'mean', width: 132 },
    { id: 'delta', width: 68 },
    ...(hasPercent ? [{ id: 'percent', width: 54 }] : []),
    { id: 'interval', width: 132 },
  ];
  const after = [
    { id: 'p', width: 64 },
    { id: 'verdict', width: 126 },
    ...Array.from({ length: others }, (_, at) => [
      { id: `mean ${at}`, width: 132 },
      { id: `delta ${at}`, width: 98 },
    ]).flat(),
  ];
  const fixed = [...before, ...after].reduce((total, column) => total + column.width, 0);
  const forest = Math.max(FOREST.least, Math.min(FOREST.most, width - fixed));
  const columns = [...before, { id: 'forest', width: forest }, ...after];
  return { columns, forest, hasPercent, total: fixed + forest };
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
