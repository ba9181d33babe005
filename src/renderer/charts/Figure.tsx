import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type DrawnFigure, drawFigure } from '../../core/api/drawing.ts';
import { colourOf, type FigureSpec, fileLegendOf, legendOf, type Range } from '../../core/api/figures.ts';
import { copyText } from '../components/copy.ts';
import { failsAlone } from '../components/ErrorBoundary.tsx';
import { fixed, signed } from '../format/format.ts';
import { ChartFrame } from './ChartFrame.tsx';
import type { ChartColours } from './colours.ts';
import {
  leaveCrosshair,
  nearestTo,
  nextPlace,
  pointAt,
  type Reading,
  readingOf,
  readLines,
  sharedDecimals,
  snapped,
  useCrosshair,
  useCrosshairAt,
} from './crosshair.ts';
import { isCopy, KEYS, MarkReader } from './MarkReader.tsx';
import { boxPath } from './painter.ts';
import { placeIn, tipPlace } from './pointer.ts';
import { useChartColours } from './use-chart-colours.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useWidth } from './use-width.ts';

interface FigureProps {
  spec: FigureSpec;
  /** The stretch of x that the user dragged over; null for all again, after a double click. */
  onZoom?(range: Range | null): void;
  controls?: ReactNode;
}

/** A figure of numbers, as wide as its place; drawn again when it says something else. */
export const Figure = failsAlone(DrawnSpec, ({ spec }) => spec.title);

function DrawnSpec({ spec, onZoom, controls }: FigureProps) {
  const shown = useSame(spec);
  const [place, width] = useWidth<HTMLDivElement>(0);
  const full = useFullScreen(shown.height);
  const colours = useChartColours();
  const { height } = full;
  const drawn = useMemo(
    () => (width > 0 ? drawFigure(shown, { width, height, colours, document }) : null),
    [shown, width, height, colours],
  );
  const body = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => body.current?.replaceChildren(...(drawn ? [drawn.svg] : [])), [drawn]);
  const at = useCrosshairAt(shown.crosshair);
  const lines = useMemo(() => readLines(shown), [shown]);
  const decimals = useMemo(() => decimalsOf(shown), [shown]);
  const values =
    shown.crosshair === undefined
      ? undefined
      : lines.map((line) =>
          fixed(Number((at === null ? lastOf(line) : pointAt(line, at, shown))?.y), decimals),
        );
  return (
    <ChartFrame
      title={shown.title}
      subtitle={shown.subtitle}
      fileName={shown.fileName}
      drawing={() => drawn && { width, height, svg: new XMLSerializer().serializeToString(drawn.svg) }}
      legend={legendOf(shown)}
      fileLegend={fileLegendOf(shown)}
      values={values}
      controls={controls}
      full={full}
    >
      <div ref={place} className="figure-place holds" style={{ height }}>
        <div ref={body} />
        {drawn && shown.crosshair !== undefined && (
          <Reader spec={shown} drawn={drawn} at={at} decimals={decimals} colours={colours} onZoom={onZoom} />
        )}
        {drawn && shown.crosshair === undefined && (
          <TitledMarks key={shown.title} title={shown.title} drawn={drawn} />
        )}
      </div>
    </ChartFrame>
  );
}

/** The same object as long as it says the same. */
function useSame<T>(value: T): T {
  const [kept, keep] = useState(value);
  if (kept === value || isSame(kept, value)) return kept;
  keep(value);
  return value;
}

/** Whether two figures say the same; points that are one and the same array are not read. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  return left.length === Object.keys(b).length && left.every(([key, value]) => isSame(value, right[key]));
}

const lastOf = ({ points }: FigureSpec['series'][number]) => points.findLast(({ y }) => Number.isFinite(y));

const decimalsOf = (spec: FigureSpec) =>
  sharedDecimals(readLines(spec).map(({ points }) => ({ y: points.map(({ y }) => Number(y)) })));

/** What the marks of a figure say that have a title, in the order in which they were drawn. */
function TitledMarks({ title, drawn }: { title: string; drawn: DrawnFigure<Element> }) {
  const marks = useMemo(() => {
    const titles = [...drawn.svg.querySelectorAll('title')];
    let boxes: Box[] | null = null;
    return {
      marks: titles.length,
      element: (mark: number) => titles[mark]?.parentElement,
      label: (mark: number) => titles[mark]?.textContent ?? '',
      // Read once a drawing, and only where it is pointed at: the browser lays out for it.
      at: (x: number, y: number) => {
        boxes ??= boxesIn(drawn.svg, titles);
        return nearestBox(boxes, x, y);
      },
      place: (mark: number) => {
        const box = titles[mark]?.parentElement?.getBoundingClientRect();
        return box && box.width > 0 ? { x: box.right, y: box.bottom } : null;
      },
    };
  }, [drawn]);
  return (
    <MarkReader className="figure-reader" label={`Values of ${title}`} marks={marks} described>
      {(shown) => <Pointed element={shown === null ? undefined : marks.element(shown)} />}
    </MarkReader>
  );
}

/** Marks an element of the drawing. */
function Pointed({ element }: { element: Element | null | undefined }) {
  useLayoutEffect(() => {
    element?.setAttribute('data-pointed', 'true');
    return () => element?.removeAttribute('data-pointed');
  }, [element]);
  return null;
}

/** In the window, and its height in the drawing. */
type PointerAt = { x: number; y: number; height: number; isKey?: boolean };

interface ReaderProps {
  spec: FigureSpec;
  drawn: DrawnFigure;
  /** Where the crosshair is. */
  at: number | null;
  decimals: number;
  colours: ChartColours;
  onZoom?(range: Range | null): void;
}

/** The crosshair: a line at one x, a tile on each line, the values beside the pointer, or where arrow keys have led. A drag zooms. */
function Reader({ spec, drawn, at, decimals, colours, onZoom }: ReaderProps) {
  const { frame, domain } = drawn;
  const [pointer, setPointer] = useState<PointerAt | null>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const within = (event: MouseEvent) => Math.min(frame.right, Math.max(frame.left, placeIn(event).x));
  const onPointerMove = (event: PointerEvent) => {
    const x = within(event);
    if (drag) setDrag({ ...drag, to: x });
    setPointer({ x: event.clientX, y: event.clientY, height: placeIn(event).y });
    useCrosshair.setState({ name: spec.crosshair, x: snapped(spec, drawn, drawn.x.value(x)) });
  };
  const onPointerDown = (event: PointerEvent) => {
    if (!onZoom || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ from: within(event), to: within(event) });
  };
  const onPointerUp = () => {
    const [from, to] = drag ? [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)] : [0, 0];
    setDrag(null);
    if (to - from > 3) onZoom?.({ from: drawn.x.value(from), to: drawn.x.value(to) });
  };
  const onPointerLeave = () => {
    setPointer(null);
    leaveCrosshair(spec.crosshair);
  };
  const lead = (reader: Element, way: number) => {
    const next = nextPlace(spec, drawn, at, way);
    if (next === null) return;
    useCrosshair.setState({ name: spec.crosshair, x: next });
    const { left, top } = reader.getBoundingClientRect();
    setPointer({ x: left + drawn.x.place(next), y: top + frame.top, height: frame.top, isKey: true });
  };
  const reading = readingOf(spec, drawn, at);
  const lines = reading?.points.map(({ line, y }) => [line.label, fixed(y, decimals)] as const) ?? [];
  const onKeyDown = (event: KeyboardEvent) => {
    if (isCopy(event) && reading) {
      event.preventDefault();
      void copyText([reading.place, ...lines.map((line) => line.join('\t'))].join('\n'), 'Copied the values');
    }
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (way === undefined) return;
    event.preventDefault();
    lead(event.currentTarget, way);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`Values of ${spec.title}`}
      aria-valuemin={domain[0]}
      aria-valuemax={domain[1]}
      aria-valuenow={at ?? domain[1]}
      aria-valuetext={
        reading ? `${reading.place}: ${lines.map((line) => line.join(' ')).join(', ')}` : 'None'
      }
      className="figure-reader"
      onKeyDown={onKeyDown}
      onFocus={({ currentTarget }) => {
        if (currentTarget.matches(':focus-visible')) lead(currentTarget, -1);
      }}
      onBlur={onPointerLeave}
      onPointerMove={onPointerMove}
      onPointerDown={onPointerDown}
      onPointerUp={onPointerUp}
      onPointerLeave={onPointerLeave}
      onDoubleClick={() => onZoom?.(null)}
    >
      {reading && <Crosshair drawn={drawn} reading={reading} colours={colours} />}
      {drag && (
        <div
          className="figure-zoom"
          style={{
            left: Math.min(drag.from, drag.to),
            width: Math.abs(drag.to - drag.from),
            top: frame.top,
            height: frame.bottom - frame.top,
          }}
        />
      )}
      {reading && pointer && !drag && (
        <Values drawn={drawn} reading={reading} decimals={decimals} colours={colours} at={pointer} />
      )}
    </div>
  );
}

type ReadProps = Pick<ReaderProps, 'drawn' | 'decimals' | 'colours'> & { reading: Reading };

function Crosshair({ drawn: { frame, x, y }, reading, colours }: Omit<ReadProps, 'decimals'>) {
  const left = x.place(reading.x);
  return (
    <>
      <svg className="wide tall" aria-hidden="true">
        <path d={`M${left} ${frame.top}V${frame.bottom}`} stroke={colours.muted} />
        {reading.points.map(({ line, x: across, y: up }) => (
          <path
            key={line.id}
            d={boxPath(x.place(across) - 4, y.place(up) - 4, 8, 8)}
            fill={colourOf(line.colour, colours)}
            stroke={colours.background}
          />
        ))}
      </svg>
      <span className="figure-tag strong" style={{ left, top: frame.bottom + 2 }} aria-hidden="true">
        {reading.text}
      </span>
    </>
  );
}

/** More would hide the figure. */
const MOST_VALUES = 8;

/** The lines nearest to the pointer: the value of each with its deviation, and how far it is from the largest of them. */
function Values({ drawn, reading, decimals, colours, at }: ReadProps & { at: PointerAt }) {
  const { place, points } = reading;
  if (points.length === 0) return null;
  const near = nearestTo(points, drawn, at.height, MOST_VALUES);
  return (
    <div className="scene-tip figure-values grid middle small" style={tipPlace(at)} aria-hidden="true">
      <strong className="whole">{place}</strong>
      {near.map(({ line, y, spread }, row) => (
        <p key={line.id}>
          <span className="run-tile" style={{ background: colourOf(line.colour, colours) }} />
          <span className="clip">{line.label}</span>
          <b>{fixed(y, decimals)}</b>
          <span className="muted">{Number.isFinite(spread) && `± ${fixed(spread, decimals)}`}</span>
          <span className="muted">{row > 0 && signed(y - near[0].y, decimals)}</span>
        </p>
      ))}
      {points.length > near.length && <span className="whole muted">{points.length - near.length} more</span>}
      {at.isKey && <span className="whole muted">{KEYS}</span>}
    </div>
  );
}

/** A mark is pointed at from so many pixels away. */
const REACH = 32;

/** In the drawing. */
type Box = Record<'left' | 'right' | 'top' | 'bottom', number>;

function boxesIn(figure: Element, titles: readonly Element[]): Box[] {
  const { left: x, top: y } = figure.getBoundingClientRect();
  return titles.map(({ parentElement }) => {
    const { left, right, top, bottom } = (parentElement ?? figure).getBoundingClientRect();
    return { left: left - x, right: right - x, top: top - y, bottom: bottom - y };
  });
}

/** The nearest to a place of the drawing, of several there the smallest; null where none is near. */
function nearestBox(boxes: readonly Box[], x: number, y: number): number | null {
  let best: { at: number; distance: number; size: number } | null = null;
  for (const [at, { left, right, top, bottom }] of boxes.entries()) {
    const distance = Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    const size = (right - left) * (bottom - top);
    if (distance > REACH) continue;
    if (!best || distance < best.distance || (distance === best.distance && size < best.size)) {
      best = { at, distance, size };
    }
  }
  return best?.at ?? null;
}
