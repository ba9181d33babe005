import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { fixed } from '../format/format.ts';
import { useTheme } from '../state/theme.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { themeColour } from './colours.ts';
import { sharedDecimals } from './curve-shapes.ts';
import { curvesSvg } from './curves-svg.ts';
import { canvasPng } from './export.ts';
import {
  alignedData,
  type ChartMark,
  type Curve,
  chartOptions,
  type Drawing,
  type Hover,
  KEYS,
  positionText,
  type Range,
} from './line-chart.ts';
import { useFullScreen } from './use-full-screen.ts';

export interface LineChartProps extends Partial<Omit<Drawing, 'curves' | 'xLabel'>> {
  title: string;
  /** Behind the title: what is measured on. */
  subtitle?: string;
  fileName: string;
  /** Memoise them: the chart takes new data with each new array. */
  curves: readonly Curve[];
  xLabel: string;
  mark?: ChartMark | null;
  /** The stretch the user dragged over, to be asked for in more detail; null for all again (double click). */
  onZoom?(range: Range | null): void;
  controls?: ReactNode;
}

const HEIGHT = 240;

/** Curves that may grow while they are looked at. Dragging zooms, a double click shows all again. */
export function LineChart(props: LineChartProps) {
  const { title, subtitle, fileName, curves, controls } = props;
  const place = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const full = useFullScreen(props.height ?? HEIGHT);
  const drawing = { ...drawingOf(props), height: full.height };
  const shown = useMemo(() => curves.filter(({ faint }) => !faint), [curves]);
  const decimals = useMemo(() => sharedDecimals(shown), [shown]);
  useChart(place, drawing, { onZoom: props.onZoom, onHover: setHover });
  const files = () => {
    const canvas = place.current?.querySelector('canvas');
    if (!canvas) return null;
    const background = themeColour('--background');
    return {
      png: () => canvasPng(canvas, background),
      svg: () => curvesSvg(drawing, canvas.clientWidth, background),
    };
  };
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      fileName={fileName}
      files={files}
      full={full}
      controls={
        <>
          <CurveKey curves={shown} decimals={decimals} hover={hover} />
          {controls}
        </>
      }
    >
      <div className="line-chart">
        <div
          ref={place}
          role="img"
          aria-label={`${title}: ${shown.map(({ label }) => label).join(', ')}; by ${drawing.xLabel.toLowerCase()}`}
        />
        {hover?.pointer && <ChartTip hover={hover} curves={shown} decimals={decimals} drawing={drawing} />}
      </div>
    </ChartFrame>
  );
}

function drawingOf(props: LineChartProps): Drawing {
  const { curves, xLabel, time = false, whole = false, logarithmic = false, fromZero = false } = props;
  const { height = HEIGHT, range = null, mark = null, sync = props.title } = props;
  return { curves, xLabel, time, whole, logarithmic, fromZero, height, range, mark, sync };
}

/** Keeps a uPlot chart in an element: made again when curves, axes or colours change, while new points only update it. */
function useChart(
  place: RefObject<HTMLDivElement | null>,
  drawing: Drawing,
  handlers: { onZoom?: (range: Range | null) => void; onHover(hover: Hover | null): void },
): void {
  const { curves, xLabel, time, whole, logarithmic, fromZero, height, range, mark, sync } = drawing;
  const chart = useRef<uPlot | null>(null);
  const theme = useTheme((state) => state.theme);
  const latest = useRef(handlers);
  latest.current = handlers;
  const data = useMemo(() => alignedData(curves, { time, logarithmic }), [curves, time, logarithmic]);
  const newest = useRef(data);
  newest.current = data;
  const drawn = JSON.stringify([
    curves.map(({ id, label, colour, faint, band }) => [id, label, colour, faint, band !== undefined]),
    range,
    mark,
  ]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new curves or colours need a new chart, new points do not
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const options = chartOptions(drawing, element.clientWidth, {
      onZoom: (stretch) => latest.current.onZoom?.(stretch),
      onHover: (hover) => latest.current.onHover(hover),
    });
    const made = new uPlot(options, newest.current, element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [drawn, xLabel, time, whole, logarithmic, fromZero, height, sync, theme]);

  useEffect(() => chart.current?.setData(data), [data]);
}

const lastOf = ({ y }: Curve) => y.findLast((value) => Number.isFinite(value)) ?? null;

interface CurveKeyProps {
  curves: readonly Curve[];
  /** Of every value. */
  decimals: number;
  hover: Hover | null;
}

/** What the colours are, each with its value under the crosshair, else its last one. */
function CurveKey({ curves, decimals, hover }: CurveKeyProps) {
  if (curves.length > KEYS) return null;
  return (
    <ul className="curve-key">
      {curves.map((curve, at) => (
        <li key={curve.id} title={curve.label}>
          <span className="run-tile" style={{ background: curve.colour }} aria-hidden="true" />
          {curves.length > 1 && <span className="muted clip">{curve.label}</span>}
          <span className="curve-value">{fixed(hover ? hover.values[at] : lastOf(curve), decimals)}</span>
        </li>
      ))}
    </ul>
  );
}

interface ChartTipProps extends CurveKeyProps {
  hover: Hover;
  drawing: Drawing;
}

/** The values under the pointer, the largest first, and how far two are apart. */
function ChartTip({ hover, curves, decimals, drawing: { xLabel, time } }: ChartTipProps) {
  const { x, values, pointer } = hover;
  const rows = curves
    .map((curve, at) => ({ curve, value: values[at] ?? null }))
    .filter(({ value }) => value !== null)
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  if (rows.length === 0 || !pointer) return null;
  const [first, second] = rows.map(({ value }) => value ?? 0);
  return (
    <div className="chart-tip" style={{ left: pointer.left, top: pointer.top }} aria-hidden="true">
      <p>
        <strong>
          {xLabel} {positionText(x, time)}
        </strong>
      </p>
      {rows.map(({ curve, value }) => (
        <p key={curve.id}>
          <span className="run-tile" style={{ background: curve.colour }} />
          <span className="clip">{curve.label}</span>
          <b>{fixed(value, decimals)}</b>
        </p>
      ))}
      {rows.length === 2 && (
        <p className="muted">
          <span />
          Difference
          <b>{fixed(first - second, decimals)}</b>
        </p>
      )}
    </div>
  );
}
