import * as Plot from '@observablehq/plot';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { clockText } from '../format/format.ts';
import { useTheme } from '../state/theme.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { themeColour } from './colours.ts';
import { canvasPng, svgBlob } from './export.ts';

export interface Curve {
  /** Unique in the chart. */
  id: string;
  label: string;
  colour: string;
  /** Growing. */
  x: readonly number[];
  /** NaN makes a gap. */
  y: readonly number[];
  /** Drawn lightly and left out of the legend: what a smoothed curve is made of. */
  faint?: boolean;
}

export interface LineChartProps {
  title: string;
  fileName: string;
  /** Memoise them: the chart takes new data with each new array. */
  curves: readonly Curve[];
  xLabel: string;
  /** x in Unix milliseconds. */
  time?: boolean;
  logarithmic?: boolean;
  /** The vertical axis begins at 0. */
  fromZero?: boolean;
  height?: number;
  /** The stretch the user dragged over, to be asked for in more detail; null for all again (double click). */
  onZoom?(range: { from: number; to: number } | null): void;
  controls?: ReactNode;
}

const HEIGHT = 240;
const SHORT = 60;

/** Curves that may grow while they are looked at. Dragging zooms, a double click shows all again. */
export function LineChart(props: LineChartProps) {
  const {
    title,
    fileName,
    curves,
    xLabel,
    time = false,
    logarithmic = false,
    fromZero = false,
    height = HEIGHT,
    controls,
  } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const theme = useTheme((state) => state.theme);
  const onZoom = useRef(props.onZoom);
  onZoom.current = props.onZoom;
  const data = useMemo(() => alignedData(curves, time, logarithmic), [curves, time, logarithmic]);
  const newest = useRef(data);
  newest.current = data;
  const drawn = curves.map(({ id, label, colour, faint }) => `${id} ${label} ${colour} ${faint}`).join('\n');

  // biome-ignore lint/correctness/useExhaustiveDependencies: new curves or colours need a new chart, new points do not
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const options = chartOptions(
      { curves, xLabel, time, logarithmic, fromZero, height },
      element.clientWidth,
      (range) => onZoom.current?.(range),
    );
    const made = new uPlot(options, newest.current, element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [drawn, xLabel, time, logarithmic, fromZero, height, theme]);

  useEffect(() => chart.current?.setData(data), [data]);

  const files = () => {
    const canvas = place.current?.querySelector('canvas');
    if (!canvas) return null;
    const background = themeColour('--background');
    return {
      png: () => canvasPng(canvas, background),
      svg: () => curvesSvg(props, canvas.clientWidth, background),
    };
  };
  return (
    <ChartFrame title={title} fileName={fileName} files={files} controls={controls}>
      <div ref={place} role="img" aria-label={`${title}: ${curves.map(({ label }) => label).join(', ')}`} />
    </ChartFrame>
  );
}

/** One x axis for all curves, as uPlot wants it: null where a curve has no point that can be drawn. */
function alignedData(curves: readonly Curve[], time: boolean, logarithmic: boolean): uPlot.AlignedData {
  if (curves.length === 0) return [[]];
  const tables = curves.map(
    ({ x, y }): uPlot.AlignedData => [
      time ? x.map((value) => value / 1000) : [...x],
      y.map((value) => (Number.isFinite(value) && (value > 0 || !logarithmic) ? value : null)),
    ],
  );
  return uPlot.join(tables);
}

function zeroRange(_: uPlot, _min: number, max: number): uPlot.Range.MinMax {
  return [0, max > 0 ? 1.05 * max : 1];
}

/** A curve of few points shows them: of one alone there would be nothing to see. */
function isShort({ data }: uPlot, series: number): boolean {
  let count = 0;
  for (const value of data[series]) if (value !== null && ++count > SHORT) return false;
  return true;
}

type Drawing = Pick<LineChartProps, 'curves' | 'xLabel'> & {
  time: boolean;
  logarithmic: boolean;
  fromZero: boolean;
  height: number;
};

const MINUTE = 60;
const DAY = 86_400;

/** Ticks of a time axis in Unix seconds, as fine as they are apart: "13:04:05", "13:04" or "01-31". */
function timeTicks(_: uPlot, seconds: number[], _axis: number, _space: number, apart: number): string[] {
  return seconds.map((value) => {
    const text = clockText(1000 * value);
    if (apart >= DAY) return text.slice(5, 10);
    return apart >= MINUTE ? text.slice(11, 16) : text.slice(11);
  });
}

const TICK = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** Ticks as they are: with three decimals, as uPlot writes them, 0.0025 would stand as 0.003. Null has no room. */
function numberTicks(_: uPlot, values: (number | null)[]): string[] {
  return values.map((value) => (value === null ? '' : TICK.format(value)));
}

/** Four significant digits, as a legend has room for. */
function shortNumber(_: uPlot, value: number | null): string {
  return value === null || value === undefined ? '–' : String(Number(value.toPrecision(4)));
}

function positionText(x: number | null, time: boolean): string {
  if (x === null || x === undefined) return '–';
  return time ? clockText(1000 * x) : String(Number(x.toPrecision(7)));
}

function chartOptions(
  { curves, xLabel, time, logarithmic, fromZero, height }: Drawing,
  width: number,
  onZoom: (range: { from: number; to: number } | null) => void,
): uPlot.Options {
  const line = { stroke: themeColour('--line'), width: 1 };
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = {
    stroke: themeColour('--text-muted'),
    font,
    labelFont: font,
    grid: line,
    ticks: { ...line, size: 4 },
  };
  const factor = time ? 1000 : 1;
  return {
    width,
    height,
    scales: { x: { time }, y: { distr: logarithmic ? 3 : 1, ...(fromZero ? { range: zeroRange } : {}) } },
    axes: [
      {
        ...axis,
        label: xLabel,
        labelSize: 18,
        labelGap: 0,
        size: 34,
        values: time ? timeTicks : numberTicks,
      },
      { ...axis, size: 64, values: numberTicks },
    ],
    series: [
      { label: xLabel, value: (_, x) => positionText(x, time) },
      ...curves.map(({ label, colour, faint }) => ({
        label,
        value: shortNumber,
        stroke: faint ? `${colour}55` : colour,
        width: faint ? 1 : 1.5,
        spanGaps: true,
        points: { show: isShort, size: 5, fill: colour },
        class: faint ? 'legend-faint' : undefined,
      })),
    ],
    cursor: { drag: { x: true, y: false, setScale: true }, focus: { prox: 16 } },
    focus: { alpha: 0.3 },
    hooks: {
      setSelect: [
        (chart) => {
          const { left, width: selected } = chart.select;
          if (selected <= 0) return;
          const [from, to] = [chart.posToVal(left, 'x'), chart.posToVal(left + selected, 'x')];
          onZoom({ from: from * factor, to: to * factor });
        },
      ],
      ready: [(chart) => chart.over.addEventListener('dblclick', () => onZoom(null))],
    },
  };
}

/** The same curves as vectors, for a file. */
function curvesSvg(
  { curves, xLabel, time, logarithmic, height = HEIGHT }: LineChartProps,
  width: number,
  background: string,
): Blob {
  const points = curves.flatMap(({ id, label, faint, x, y }) =>
    x.map((value, at) => ({
      id,
      curve: label,
      opacity: faint ? 0.33 : 1,
      x: time ? new Date(value) : value,
      y: Number.isFinite(y[at]) ? y[at] : null,
    })),
  );
  const figure = Plot.plot({
    width,
    height,
    x: { label: xLabel, type: time ? 'time' : 'linear' },
    y: { label: null, type: logarithmic ? 'log' : 'linear', grid: true },
    color: { domain: curves.map(({ label }) => label), range: curves.map(({ colour }) => colour) },
    marks: [
      Plot.line(points, { x: 'x', y: 'y', z: 'id', stroke: 'curve', strokeOpacity: 'opacity' }),
      Plot.text(
        points.filter(({ opacity }) => opacity === 1),
        Plot.selectLast({
          x: 'x',
          y: 'y',
          z: 'curve',
          text: 'curve',
          fill: 'curve',
          textAnchor: 'end',
          dy: -6,
        }),
      ),
    ],
  });
  // An element that is nowhere has no size to read.
  const host = document.createElement('div');
  host.style.cssText = 'position: absolute; visibility: hidden;';
  host.append(figure);
  document.body.append(host);
  try {
    return svgBlob(figure as unknown as SVGSVGElement, background);
  } finally {
    host.remove();
  }
}
