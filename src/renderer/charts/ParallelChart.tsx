import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { clip, countText, withMinus } from '../format/format.ts';
import { ChartFrame, type ChartFrameProps } from './ChartFrame.tsx';
import type { ChartColours } from './colours.ts';
import { svgFiles } from './export.ts';
import { labelRows } from './label-rows.ts';
import { textWidth } from './painter.ts';
import { placeIn } from './pointer.ts';
import { tipPlace } from './tip-place.ts';
import { useChartColours } from './use-chart-colours.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useWidth } from './use-width.ts';

export interface ParallelAxis {
  id: string;
  label: string;
  /** One a line; words stand at places of their own. */
  values: readonly (number | string | null)[];
  /** Equal ratios are equally far apart; for numbers above 0. */
  log?: boolean;
}

export interface ParallelLine {
  id: string;
  label: string;
  colour: string;
  dashed?: boolean;
}

export interface ParallelChartProps extends Pick<ChartFrameProps, 'title' | 'fileName' | 'controls'> {
  axes: readonly ParallelAxis[];
  /** Aligned with the axes' values. */
  lines: readonly ParallelLine[];
  /** What a line is. Default: a run. */
  noun?: string;
}

const HEIGHT = 380;
const TOP = 44;
const LABEL_SIZE = 11;
const LABEL_ROW = 15;
/** Bold letters are wider. */
const BOLD = 1.1;
const BOTTOM = 20;
const SIDE = 64;
/** Half the width in which a drag belongs to an axis. */
const REACH = 14;

type Scale = { place(value: number | string | null): number | null; ticks: { at: number; text: string }[] };
type Range = [top: number, bottom: number];

/** Lines across one axis a quantity. Dragging along an axis keeps the lines that cross it there; a click shows all. */
export function ParallelChart({ title, fileName, controls, axes, lines, noun = 'run' }: ParallelChartProps) {
  const [box, width] = useWidth<HTMLDivElement>(800);
  const svg = useRef<SVGSVGElement>(null);
  const [ranges, setRanges] = useState<Record<string, Range>>({});
  const [over, setOver] = useState<{ id: string; x: number; y: number } | null>(null);
  const pointed = lines.findIndex(({ id }) => id === over?.id);
  const colours = useChartColours();
  const full = useFullScreen(HEIGHT);
  const { height } = full;
  const x = (at: number) =>
    axes.length > 1 ? SIDE + (at * (width - 2 * SIDE)) / (axes.length - 1) : width / 2;
  const rows = labelRows(
    axes.map((_, at) => x(at)),
    axes.map(({ label }) => BOLD * textWidth(label, LABEL_SIZE)),
  );
  const top = TOP + LABEL_ROW * Math.max(0, ...rows);
  const scales = useMemo(() => axes.map((axis) => scaleOf(axis, top, height)), [axes, top, height]);
  const chosen = (line: number) =>
    axes.every(({ id, values }, at) => {
      const range = ranges[id];
      const place = scales[at].place(values[line]);
      return !range || (place !== null && place >= range[0] && place <= range[1]);
    });
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      files={() => svgFiles(svg.current)}
      controls={controls}
      full={full}
    >
      <div ref={box}>
        <svg
          ref={svg}
          width={width}
          height={height}
          role="img"
          aria-label={`${title}: ${countText(lines.length, noun)} over ${axes.map(({ label }) => label).join(', ')}`}
          style={{ display: 'block', font: `${LABEL_SIZE}px var(--font)` }}
        >
          {lines.map(({ id, colour, dashed }, line) => (
            <path
              key={id}
              d={pathOf(axes.map(({ values }, at) => [x(at), scales[at].place(values[line])]))}
              fill="none"
              stroke={colour}
              strokeWidth={over?.id === id ? 3 : 1.75}
              strokeDasharray={dashed ? '5 4' : undefined}
              strokeOpacity={chosen(line) && (over === null || over.id === id) ? 0.95 : 0.14}
              onPointerMove={({ clientX, clientY }) => setOver({ id, x: clientX, y: clientY })}
              onPointerLeave={() => setOver(null)}
            />
          ))}
          {axes.map((axis, at) => (
            <Axis
              key={axis.id}
              axis={axis}
              scale={scales[at]}
              x={x(at)}
              top={top}
              row={rows[at]}
              height={height}
              last={at > 0 && at === axes.length - 1}
              colours={colours}
              range={ranges[axis.id]}
              onRange={(range) =>
                setRanges(({ [axis.id]: _, ...rest }) => (range ? { ...rest, [axis.id]: range } : rest))
              }
            />
          ))}
        </svg>
      </div>
      {over && pointed >= 0 && (
        <div className="scene-tip" style={tipPlace(over)} aria-hidden="true">
          <p>
            <strong>{lines[pointed].label}</strong>
          </p>
          {axes.map(({ id, label, values }) => (
            <p key={id}>
              {label}: {values[pointed] ?? '–'}
            </p>
          ))}
        </div>
      )}
    </ChartFrame>
  );
}

interface AxisProps {
  axis: ParallelAxis;
  scale: Scale;
  x: number;
  /** Where the axis begins, and the row of its label above. */
  top: number;
  row: number;
  /** Of the chart. */
  height: number;
  /** Its tick texts stand at the left, for there is no room at the right. */
  last: boolean;
  colours: ChartColours;
  range: Range | undefined;
  onRange(range: Range | null): void;
}

function Axis({ axis, scale, x, top, row, height, last, colours, range, onRange }: AxisProps) {
  const start = useRef<number | null>(null);
  const placeOf = (event: PointerEvent<SVGRectElement>) =>
    Math.min(height - BOTTOM, Math.max(top, top + placeIn(event).y));
  const onPointerDown = (event: PointerEvent<SVGRectElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = placeOf(event);
    onRange(null);
  };
  const onPointerMove = (event: PointerEvent<SVGRectElement>) => {
    if (start.current === null) return;
    const [a, b] = [start.current, placeOf(event)];
    if (Math.abs(a - b) > 3) onRange([Math.min(a, b), Math.max(a, b)]);
  };
  return (
    <g>
      <line x1={x} x2={x} y1={top} y2={height - BOTTOM} stroke={colours.lineStrong} />
      <text x={x} y={top - 22 - LABEL_ROW * row} textAnchor="middle" fill={colours.text} fontWeight={600}>
        {axis.label}
      </text>
      {scale.ticks.map(({ at, text }) => (
        <text
          key={text}
          x={last ? x + 7 : x - 7}
          y={at + 4}
          textAnchor={last ? 'start' : 'end'}
          fill={colours.muted}
          stroke={colours.background}
          strokeWidth={6}
          strokeLinejoin="round"
          paintOrder="stroke"
        >
          {text}
        </text>
      ))}
      {range && (
        <rect
          x={x - 5}
          width={10}
          y={range[0]}
          height={range[1] - range[0]}
          fill={colours.muted}
          fillOpacity={0.35}
        />
      )}
      <rect
        x={x - REACH}
        width={2 * REACH}
        y={top}
        height={height - top - BOTTOM}
        fill="transparent"
        style={{ cursor: 'ns-resize', touchAction: 'none' }}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => {
          start.current = null;
        }}
      />
    </g>
  );
}

/** Numbers from the smallest to the largest, upwards; words in the order in which they come. */
function scaleOf({ values, log }: ParallelAxis, top: number, height: number): Scale {
  const present = values.filter((value) => value !== null);
  const span = height - top - BOTTOM;
  if (present.some((value) => typeof value === 'string')) {
    const words = [...new Set(present.map(String))];
    const at = (word: string) =>
      height - BOTTOM - (span * (words.indexOf(word) + 0.5)) / Math.max(1, words.length);
    return {
      place: (value) => (value === null ? null : at(String(value))),
      ticks: words.map((word) => ({ at: at(word), text: clip(word, 12) })),
    };
  }
  const numbers = [...new Set(present.map(Number))].sort((a, b) => a - b);
  const scaled = log ? Math.log : (value: number) => value;
  const [low, high] = [numbers[0], numbers[numbers.length - 1]].map(scaled);
  const at = (value: number) =>
    high > low ? height - BOTTOM - (span * (scaled(value) - low)) / (high - low) : top + span / 2;
  const few = fewValues(numbers, at);
  const ticks = few ?? (log ? logTicks(numbers, at) : evenTicks(numbers));
  const textOf = few || log ? numberText : betweenText(numbers);
  return {
    place: (value) => (value === null ? null : at(Number(value))),
    ticks: ticks.map((value) => ({ at: at(value), text: textOf(value) })),
  };
}

/** As many values stand at an axis themselves. */
const MAX_OWN = 6;

/** Ascending values themselves where they are few and stand apart, else null. */
function fewValues(numbers: readonly number[], at: (value: number) => number): readonly number[] | null {
  const apart = numbers.every((value, place) => place === 0 || at(numbers[place - 1]) - at(value) >= 18);
  return numbers.length <= MAX_OWN && apart ? numbers : null;
}

/** The ends of ascending numbers and the powers of ten between them. */
function logTicks(numbers: readonly number[], at: (value: number) => number): number[] {
  const [low, high] = [numbers[0], numbers[numbers.length - 1]];
  const powers = Array.from({ length: 30 }, (_, place) => 10 ** (place - 15)).filter(
    (power) => at(low) - at(power) >= 18 && at(power) - at(high) >= 18,
  );
  return [low, ...powers, high];
}

/** Five from the smallest to the largest of ascending numbers. */
function evenTicks(numbers: readonly number[]): number[] {
  const [low, high] = [numbers[0], numbers[numbers.length - 1]];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low));
  // What counts something has no ticks in between.
  return numbers.every(Number.isInteger) ? [...new Set(ticks.map(Math.round))] : ticks;
}

/** What lies between values has as many decimals as its neighbours. */
function betweenText(numbers: readonly number[]): (value: number) => string {
  const range = numbers[numbers.length - 1] - numbers[0];
  const decimals = Math.min(6, 2 - Math.floor(Math.log10(range)));
  if (decimals <= 0 || numbers.every(Number.isInteger)) return numberText;
  return (value) => withMinus(value.toFixed(decimals));
}

function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 10_000) return withMinus(String(value));
  return withMinus(
    Math.abs(value) >= 10_000
      ? value.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 })
      : String(Number(value.toPrecision(3))),
  );
}

/** A line with a gap where a value is missing. */
function pathOf(points: readonly [number, number | null][]): string {
  let drawing = false;
  return points
    .map(([x, y]) => {
      const command = y === null ? '' : `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      drawing = y !== null;
      return command;
    })
    .join('');
}
