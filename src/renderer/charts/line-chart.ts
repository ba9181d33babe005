/** The options of uPlot for curves: what is drawn, and what the pointer does. No React here. */
import uPlot from 'uplot';
import { clockText, withMinus } from '../format/format.ts';
import { themeColour } from './colours.ts';
import { drawEndLabels, type EndLabel, endLabelRoom } from './end-labels.ts';

export interface Curve {
  /** Unique in the chart. */
  id: string;
  label: string;
  colour: string;
  /** Growing. */
  x: readonly number[];
  /** NaN makes a gap. */
  y: readonly number[];
  /** What the curve is the mean of lies between these, a value for each x. */
  band?: { low: readonly number[]; high: readonly number[] };
  /** Drawn lightly and left out of the legend: what a smoothed curve is made of. */
  faint?: boolean;
}

/** A place on the x axis that is worth a mark, such as the epoch that was chosen. */
export interface ChartMark {
  x: number;
  label: string;
}

export interface Range {
  from: number;
  to: number;
}

export interface Drawing {
  curves: readonly Curve[];
  xLabel: string;
  /** x in Unix milliseconds. */
  time: boolean;
  /** x counts something: no ticks in between. */
  whole: boolean;
  logarithmic: boolean;
  /** The vertical axis begins at 0. */
  fromZero: boolean;
  height: number;
  /** What of x is shown; null for all there is. */
  range: Range | null;
  mark: ChartMark | null;
  /** Charts of one name share their crosshair. */
  sync: string;
}

/** What lies under the crosshair. */
export interface Hover {
  x: number;
  /** A value for each curve that is not faint, in their order; null where it has no point. */
  values: (number | null)[];
  /** Pixels in the plot, where the pointer is over this chart; else the crosshair is that of another chart. */
  pointer: { left: number; top: number } | null;
}

export interface ChartHandlers {
  onZoom(range: Range | null): void;
  onHover(hover: Hover | null): void;
}

/** More curves than this are named at their ends, not above the chart. */
export const KEYS = 4;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const TICK_FONT = 11;
const BAND = '29';
const TICK = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });
const COUNTS = [1, 2, 5]
  .flatMap((digit) => Array.from({ length: 12 }, (_, power) => digit * 10 ** power))
  .sort((a, b) => a - b);

/** Between ticks of a time axis: its labels have no parts of a second. */
const SECONDS = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  1800,
  3600,
  7200,
  21_600,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
];

/** One x axis for all curves, as uPlot wants it: null where a curve has no point that can be drawn. */
export function alignedData(
  curves: readonly Curve[],
  { time, logarithmic }: Pick<Drawing, 'time' | 'logarithmic'>,
): uPlot.AlignedData {
  if (curves.length === 0) return [[]];
  const drawable = (value: number) => (Number.isFinite(value) && (value > 0 || !logarithmic) ? value : null);
  const tables = curves.map(({ x, y, band }): uPlot.AlignedData => {
    const place = time ? x.map((value) => value / 1000) : [...x];
    return [place, ...[y, ...(band ? [band.low, band.high] : [])].map((values) => values.map(drawable))];
  });
  return uPlot.join(tables);
}

/** Where each curve stands among the series of uPlot, the first of which is x. */
function seriesIndexes(curves: readonly Curve[]): number[] {
  let next = 1;
  return curves.map(({ band }) => {
    const index = next;
    next += band ? 3 : 1;
    return index;
  });
}

/** Ticks of a time axis in Unix seconds, as fine as they are apart: "13:04:05", "13:04" or "01-31"; the day at midnight. */
function timeTicks(_: uPlot, seconds: number[], _axis: number, _space: number, apart: number): string[] {
  return seconds.map((value) => {
    const text = clockText(1000 * value);
    if (apart >= DAY || (apart >= HOUR && text.endsWith('00:00:00'))) return text.slice(5, 10);
    return apart >= MINUTE ? text.slice(11, 16) : text.slice(11);
  });
}

/** Ticks as they are: with three decimals, as uPlot writes them, 0.0025 would stand as 0.003. Null has no room. */
function numberTicks(_: uPlot, values: (number | null)[]): string[] {
  return values.map((value) => (value === null ? '' : withMinus(TICK.format(value))));
}

/** Equal decimals on one axis. */
function valueTicks(_: uPlot, values: (number | null)[]): string[] {
  const decimals = Math.max(
    ...values.map((value) => (value === null ? 0 : (TICK.format(value).split('.')[1]?.length ?? 0))),
  );
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return values.map((value) => (value === null ? '' : withMinus(format.format(value))));
}

export function positionText(x: number, time: boolean): string {
  return time ? clockText(1000 * x) : withMinus(TICK.format(Number(x.toPrecision(7))));
}

/** A single point is shown: there is no line to see. */
function isAlone({ data }: uPlot, series: number): boolean {
  let count = 0;
  for (const value of data[series]) if (value !== null && value !== undefined && ++count > 1) return false;
  return true;
}

function zeroRange(_: uPlot, _min: number, max: number): uPlot.Range.MinMax {
  return [0, max > 0 ? 1.05 * max : 1];
}

function chartAxes({ xLabel, time, whole }: Drawing): uPlot.Axis[] {
  const font = `${TICK_FONT}px ${getComputedStyle(document.body).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: themeColour('--text-faint'),
    font,
    labelFont: font,
    ticks: { show: false },
  };
  return [
    {
      ...axis,
      label: xLabel,
      labelSize: 16,
      labelGap: 0,
      size: 26,
      grid: { show: false },
      border: { show: true, stroke: themeColour('--line-strong'), width: 1 },
      values: time ? timeTicks : numberTicks,
      ...(whole ? { incrs: COUNTS } : time ? { incrs: SECONDS } : {}),
    },
    { ...axis, size: 56, grid: { stroke: themeColour('--line'), width: 1 }, values: valueTicks },
  ];
}

function chartSeries({ curves, xLabel }: Drawing): uPlot.Series[] {
  const hidden = { width: 0, points: { show: false } };
  return [
    { label: xLabel },
    ...curves.flatMap(({ label, colour, faint, band }): uPlot.Series[] => [
      {
        label,
        stroke: faint ? `${colour}55` : colour,
        width: faint ? 1 : 2,
        // What is no number is a gap: alignment leaves undefined where another curve has a point, which is none.
        spanGaps: false,
        points: { show: isAlone, size: 6, fill: colour },
      },
      ...(band ? [hidden, hidden] : []),
    ]),
  ];
}

function chartBands(curves: readonly Curve[]): uPlot.Band[] {
  const indexes = seriesIndexes(curves);
  return curves.flatMap(({ band, colour }, at): uPlot.Band[] =>
    band ? [{ series: [indexes[at] + 2, indexes[at] + 1], fill: `${colour}${BAND}` }] : [],
  );
}

/** Draws the mark as a dotted line with its words, and a diamond on each curve that has a point there. */
function drawMark(chart: uPlot, mark: ChartMark, curves: readonly Curve[]): void {
  const { ctx, bbox } = chart;
  const ratio = uPlot.pxRatio;
  const left = chart.valToPos(mark.x, 'x', true);
  if (left < bbox.left || left > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = themeColour('--text-muted');
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(left, bbox.top);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  const at = chart.data[0].indexOf(mark.x);
  let highest = bbox.top + bbox.height;
  for (const [curve, index] of seriesIndexes(curves).entries()) {
    const value = chart.data[index]?.[at];
    if (value === null || value === undefined || curves[curve].faint) continue;
    const top = chart.valToPos(value, 'y', true);
    highest = Math.min(highest, top);
    ctx.beginPath();
    for (const [dx, dy] of [
      [0, -5],
      [5, 0],
      [0, 5],
      [-5, 0],
    ])
      ctx.lineTo(left + dx * ratio, top + dy * ratio);
    ctx.closePath();
    ctx.fillStyle = themeColour('--background');
    ctx.strokeStyle = themeColour('--text');
    ctx.fill();
    ctx.stroke();
  }
  // At the foot where the curves are at the head.
  const isFree = highest > bbox.top + 3 * TICK_FONT * ratio;
  drawWords(
    chart,
    mark.label,
    left,
    isFree ? bbox.top + (2 + TICK_FONT) * ratio : bbox.top + bbox.height - 6 * ratio,
  );
  ctx.restore();
}

/** Words beside a place; what lies beneath does not cross them. */
function drawWords({ ctx, bbox }: uPlot, words: string, left: number, baseline: number): void {
  const ratio = uPlot.pxRatio;
  ctx.font = `${TICK_FONT * ratio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.fillStyle = themeColour('--text-muted');
  ctx.strokeStyle = themeColour('--background');
  ctx.lineWidth = 4 * ratio;
  ctx.lineJoin = 'round';
  const fits = left + ctx.measureText(words).width + 8 * ratio < bbox.left + bbox.width;
  ctx.textAlign = fits ? 'left' : 'right';
  const x = left + (fits ? 6 : -6) * ratio;
  ctx.strokeText(words, x, baseline);
  ctx.fillText(words, x, baseline);
}

/** None where the names stand above the chart. */
function endLabels(curves: readonly Curve[]): EndLabel[] {
  const indexes = seriesIndexes(curves);
  const named = curves.flatMap(({ label, colour, faint }, at) =>
    faint ? [] : [{ label, colour, series: indexes[at] }],
  );
  return named.length > KEYS ? named : [];
}

function hoverOf(chart: uPlot, curves: readonly Curve[]): Hover | null {
  const { idx, left, top, event } = chart.cursor;
  if (idx === null || idx === undefined || left === undefined || left < 0) return null;
  const indexes = seriesIndexes(curves);
  const shown = indexes.filter((_, at) => !curves[at].faint);
  return {
    x: chart.data[0][idx],
    values: shown.map((index) => chart.data[index]?.[idx] ?? null),
    pointer: event ? { left, top: top ?? 0 } : null,
  };
}

export function chartOptions(
  drawing: Drawing,
  width: number,
  { onZoom, onHover }: ChartHandlers,
): uPlot.Options {
  const { curves, time, logarithmic, fromZero, height, range, mark, sync } = drawing;
  const factor = time ? 1000 : 1;
  const names = endLabels(curves);
  const room = names.length > 0 ? endLabelRoom(names, TICK_FONT) : 20;
  return {
    width,
    height,
    padding: [8, room, 0, 0],
    legend: { show: false },
    scales: {
      x: { time, ...(range ? { range: [range.from / factor, range.to / factor] } : {}) },
      y: { distr: logarithmic ? 3 : 1, ...(fromZero ? { range: zeroRange } : {}) },
    },
    axes: chartAxes(drawing),
    series: chartSeries(drawing),
    bands: chartBands(curves),
    cursor: {
      sync: { key: sync },
      drag: { x: true, y: false, setScale: false },
      focus: { prox: 16 },
      y: false,
      points: { size: 7 },
    },
    focus: { alpha: 0.4 },
    hooks: {
      setCursor: [(chart) => onHover(hoverOf(chart, curves))],
      setSelect: [
        (chart) => {
          const { left, width: selected } = chart.select;
          if (selected <= 0) return;
          const [from, to] = [chart.posToVal(left, 'x'), chart.posToVal(left + selected, 'x')];
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          onZoom({ from: from * factor, to: to * factor });
        },
      ],
      draw: [
        (chart) => drawEndLabels(chart, names, TICK_FONT),
        ...(mark ? [(chart: uPlot) => drawMark(chart, { ...mark, x: mark.x / factor }, curves)] : []),
      ],
      ready: [(chart) => chart.over.addEventListener('dblclick', () => onZoom(null))],
    },
  };
}
