/** Which columns the table of metrics has, and how wide they are. */

export interface MetricLayout {
  run: number;
  forest: number;
  /** Whether there is room for the difference in percent. */
  hasPercent: boolean;
  /** Of the whole table. */
  total: number;
}

/** Pixels, cells padded by 8. */
const WIDTHS = {
  seeds: 44,
  mean: 132,
  delta: 68,
  percent: 54,
  interval: 132,
  p: 64,
  verdict: 126,
  otherMean: 132,
  otherDelta: 98,
} as const;

const RUN = { narrow: 200, usual: 196, long: 240 };
const FOREST = { least: 164, most: 720 };
/** Rows from which names have more room and rows less. */
export const MANY_ROWS = 13;
/** Below it the percentage goes, and the table scrolls sideways under its names. */
const NARROW = 1100;

/** `width`: of the table's place; `others`: metrics beside the main one. */
export function metricLayout(width: number, others: number, rows: number): MetricLayout {
  const hasPercent = width >= NARROW;
  const run = hasPercent ? (rows >= MANY_ROWS ? RUN.long : RUN.usual) : RUN.narrow;
  const fixed = sum(columnWidths({ run, hasPercent, forest: 0 }, others));
  const forest = Math.max(FOREST.least, Math.min(FOREST.most, width - fixed));
  return { run, forest, hasPercent, total: fixed + forest };
}

/** Of each column in turn. */
export function columnWidths(
  { run, forest, hasPercent }: Omit<MetricLayout, 'total'>,
  others: number,
): number[] {
  const { seeds, mean, delta, percent, interval, p, verdict, otherMean, otherDelta } = WIDTHS;
  const further = Array.from({ length: others }, () => [otherMean, otherDelta]).flat();
  return [
    run,
    seeds,
    mean,
    delta,
    ...(hasPercent ? [percent] : []),
    interval,
    forest,
    p,
    verdict,
    ...further,
  ];
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
