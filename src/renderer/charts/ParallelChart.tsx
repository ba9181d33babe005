import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { TICK_SIZE } from '../../core/api/drawing.ts';
import { type ChartColours, colourOf, type FigureColour } from '../../core/api/figures.ts';
import { failsAlone } from '../components/ErrorBoundary.tsx';
import { countText } from '../format/format.ts';
import { ChartFrame, type ChartFrameProps } from './ChartFrame.tsx';
import { MarkReader } from './MarkReader.tsx';
import { textWidth } from './painter.ts';
import {
  type Kept,
  keeps,
  keptBetween,
  keptBeyond,
  labelRows,
  lineAt,
  type ParallelAxis,
  type ParallelPoints,
  type ParallelScale,
  parallelScale,
  valueText,
} from './parallel.ts';
import { placeIn } from './pointer.ts';
import { useChartColours } from './use-chart-colours.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useWidth } from './use-width.ts';

interface ParallelLine {
  id: string;
  label: string;
  colour: FigureColour;
  dashed?: boolean;
}

interface ParallelChartProps extends Pick<ChartFrameProps, 'title' | 'fileName' | 'controls'> {
  axes: readonly ParallelAxis[];
  /** Aligned with the axes' values. */
  lines: readonly ParallelLine[];
  /** What a line is. Default: a run, each with its name in the legend. */
  noun?: string;
}

const HEIGHT = 380;
const TOP = 36;
const LABEL_ROW = 15;
const BOTTOM = 16;
const SIDE = 72;
/** Half the width in which a drag belongs to an axis. */
const REACH = 14;

/** Lines across one axis a quantity, read one by one. A drag or arrow keys along an axis keep what crosses it there. */
export const ParallelChart = failsAlone(Lines, ({ title }) => title);

function Lines({ title, fileName, controls, axes, lines, noun }: ParallelChartProps) {
  const [box, width] = useWidth<HTMLDivElement>(800);
  const svg = useRef<SVGSVGElement>(null);
  const axesSvg = useRef<SVGSVGElement>(null);
  const [kept, keep] = useState<Record<string, Kept>>({});
  const colours = useChartColours();
  const full = useFullScreen(HEIGHT);
  const { height } = full;
  const x = (at: number) => axisPlace(at, axes.length, width);
  const rows = labelRows(
    axes.map((_, at) => x(at)),
    axes.map(({ label }) => textWidth(label, TICK_SIZE, true)),
  );
  const top = TOP + LABEL_ROW * Math.max(0, ...rows);
  const scales = useMemo(
    () => axes.map((axis) => parallelScale(axis, top, height - BOTTOM)),
    [axes, top, height],
  );
  const marks = useMemo(() => {
    const places = axes.map((_, at) => axisPlace(at, axes.length, width));
    const points = lines.map((_, line) =>
      axes.map(({ values }, at) => [places[at], scales[at].place(values[line])] as const),
    );
    return {
      marks: lines.length,
      paths: points.map(pathOf),
      at: (x: number, y: number) => lineAt(points, x, y),
      label: (line: number) =>
        [
          lines[line].label,
          ...axes.map((axis) => `${axis.label}: ${valueText(axis, axis.values[line])}`),
        ].join('\n'),
    };
  }, [axes, lines, scales, width]);
  const isKept = (line: number) =>
    axes.every(({ id, values }, at) => keeps(scales[at], kept[id], values[line]));
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      drawing={() => svg.current && { width, height, svg: drawnOf(svg.current, axesSvg.current) }}
      legend={noun === undefined ? lines.map(legendEntry) : []}
      controls={controls}
      full={full}
    >
      <div ref={box} className="holds">
        <MarkReader
          className="scene holds"
          label={`${title}: ${countText(lines.length, noun ?? 'run')} over ${axes.map(({ label }) => label).join(', ')}`}
          marks={marks}
          described
        >
          {(over) => (
            <svg
              ref={svg}
              className="block"
              width={width}
              height={height}
              fontSize={TICK_SIZE}
              aria-hidden="true"
            >
              {lines.map(({ id, colour, dashed }, line) => (
                <path
                  key={id}
                  d={marks.paths[line]}
                  fill="none"
                  stroke={colourOf(colour, colours)}
                  strokeWidth={over === line ? 3 : 2}
                  strokeDasharray={dashed ? '5 4' : undefined}
                  strokeOpacity={isKept(line) && (over === null || over === line) ? 0.95 : 0.14}
                />
              ))}
            </svg>
          )}
        </MarkReader>
        {/* biome-ignore lint/a11y/useSemanticElements: a drawing cannot hold a fieldset */}
        <svg
          ref={axesSvg}
          className="scene-overlay parallel-axes"
          width={width}
          height={height}
          fontSize={TICK_SIZE}
          role="group"
          aria-label={`Axes of ${title}`}
        >
          {axes.map((axis, at) => (
            <Axis
              key={axis.id}
              axis={axis}
              scale={scales[at]}
              x={x(at)}
              top={top}
              labelY={top - 20 - LABEL_ROW * rows[at]}
              bottom={height - BOTTOM}
              colours={colours}
              kept={kept[axis.id]}
              onKeep={(range) =>
                keep(({ [axis.id]: _, ...rest }) => (range ? { ...rest, [axis.id]: range } : rest))
              }
            />
          ))}
        </svg>
      </div>
    </ChartFrame>
  );
}

/** Lines and axes as one drawing. */
function drawnOf(lines: SVGSVGElement, axes: SVGSVGElement | null): string {
  const whole = lines.cloneNode(true) as SVGSVGElement;
  whole.append(...(axes?.cloneNode(true).childNodes ?? []));
  return new XMLSerializer().serializeToString(whole);
}

const axisPlace = (at: number, count: number, width: number) =>
  count > 1 ? SIDE + (at * (width - 2 * SIDE)) / (count - 1) : width / 2;

const legendEntry = ({ id, label, colour, dashed = false }: ParallelLine) => {
  return { id, label, colour, dashed, shape: 'tile' as const };
};

interface AxisProps {
  axis: ParallelAxis;
  scale: ParallelScale;
  x: number;
  top: number;
  /** Of its label. */
  labelY: number;
  bottom: number;
  colours: ChartColours;
  kept: Kept | undefined;
  onKeep(kept: Kept | null): void;
}

function Axis({ axis, scale, x, top, labelY, bottom, colours, kept, onKeep }: AxisProps) {
  const start = useRef<number | null>(null);
  const placeOf = (event: PointerEvent) => Math.min(bottom, Math.max(top, top + placeIn(event).y));
  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = placeOf(event);
    onKeep(null);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (start.current === null) return;
    const place = placeOf(event);
    if (Math.abs(start.current - place) > 3) onKeep(keptBetween(scale, start.current, place));
  };
  const onPointerUp = () => {
    start.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    if (key === 'ArrowUp' || key === 'ArrowDown') {
      onKeep(keptBeyond(scale, kept, key === 'ArrowUp' ? 1 : -1, shiftKey));
    } else if (kept && (key === 'Escape' || key === 'Delete')) onKeep(null);
    else return;
    event.preventDefault();
  };
  const halo = {
    stroke: colours.background,
    strokeWidth: 4,
    strokeLinejoin: 'round',
    paintOrder: 'stroke',
  } as const;
  const [from, to] = (kept ?? []).map((value) => scale.place(value) ?? bottom);
  return (
    <g>
      <line x1={x} x2={x} y1={top} y2={bottom} stroke={colours.lineStrong} />
      <text x={x} y={labelY} textAnchor="middle" fill={colours.text} fontWeight={600} {...halo}>
        {axis.label}
      </text>
      {scale.ticks.map(({ place, text }) => (
        <text key={text} x={x - 7} y={place + 4} textAnchor="end" fill={colours.muted} {...halo}>
          {text}
        </text>
      ))}
      {kept && (
        <rect
          x={x - 5}
          width={10}
          y={to - 5}
          height={from - to + 10}
          fill={colours.muted}
          fillOpacity={0.35}
        />
      )}
      <rect
        role="slider"
        tabIndex={0}
        aria-label={`Keep values of ${axis.label}`}
        aria-orientation="vertical"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, scale.values.length - 1)}
        aria-valuenow={kept ? scale.values.indexOf(kept[0]) : 0}
        aria-valuetext={kept ? kept.map((value) => valueText(axis, value)).join(' to ') : 'All'}
        x={x - REACH}
        width={2 * REACH}
        y={top}
        height={bottom - top}
        fill="transparent"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onKeyDown={onKeyDown}
      />
    </g>
  );
}

/** A line with a gap where a value is missing. */
function pathOf(points: ParallelPoints): string {
  let drawing = false;
  return points
    .map(([x, y]) => {
      const command = y === null ? '' : `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      drawing = y !== null;
      return command;
    })
    .join('');
}
