import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { ChartFrame } from '../../charts/ChartFrame.tsx';
import { chartColours } from '../../charts/colours.ts';
import { canvasPng } from '../../charts/export.ts';
import { canvasPainter, svgFile } from '../../charts/painter.ts';
import { useWidth } from '../../charts/use-width.ts';
import { Button } from '../../components/Button.tsx';
import { useTheme } from '../../state/theme.ts';
import {
  codeVectorAt,
  type MapLook,
  type MapView,
  paintMap,
  pointAt,
  scaleOf,
  toMap,
  toScreen,
  WHOLE,
} from './map-drawing.ts';

const HEIGHT = 520;
const LARGEST_ZOOM = 60;
/** A shape smaller than this was meant as a click. */
const SMALLEST_LASSO = 12;

export interface MapFigureProps {
  title: string;
  fileName: string;
  look: MapLook;
  /** The shape that selects, where it was drawn on this map. */
  lasso: readonly number[] | null;
  onLasso(polygon: number[] | null): void;
  onItem(item: number): void;
  /** Words for a point. */
  describe(at: number): string;
  onPoint(at: number | null): void;
}

/**
 * Points to look at and to choose from: a drag draws a shape around some, with Shift it moves the map, the wheel
 * comes closer. Plus, minus, 0 and the arrow keys do the same.
 */
export function MapFigure(props: MapFigureProps) {
  const { title, fileName, look, lasso, onLasso, onItem, describe, onPoint } = props;
  const { map } = look;
  const [box, width] = useWidth<HTMLDivElement>(640);
  const size = useMemo(() => ({ width, height: HEIGHT }), [width]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  const colours = useMemo(chartColours, [theme]);
  const [view, setView] = useState<MapView>(WHOLE);
  const [drawn, setDrawn] = useState<number[] | null>(null);
  const [tip, setTip] = useState<{ text: string; x: number; y: number } | null>(null);
  const moving = useRef<{ x: number; y: number } | null>(null);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const pixelRatio = window.devicePixelRatio;
    element.width = Math.round(size.width * pixelRatio);
    element.height = Math.round(size.height * pixelRatio);
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    paintMap(canvasPainter(context), look, view, size, colours);
  }, [look, view, size, colours]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY / 400);
      setView((known) => zoomed(known, size, factor, event.clientX - left, event.clientY - top));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [box, size]);

  const placeOf = (event: PointerEvent<HTMLElement>): [number, number] => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const [x, y] = placeOf(event);
    if (event.shiftKey) moving.current = { x, y };
    else setDrawn([x, y]);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const [x, y] = placeOf(event);
    if (moving.current) {
      const scale = scaleOf(view, size);
      const { x: fromX, y: fromY } = moving.current;
      setView({ ...view, x: view.x - (x - fromX) / scale, y: view.y + (y - fromY) / scale });
      moving.current = { x, y };
    } else if (drawn) setDrawn([...drawn, x, y]);
    else point(x, y);
  };
  const point = (x: number, y: number) => {
    const at = pointAt(map, view, size, x, y);
    const code = look.showCodes ? codeVectorAt(map, view, size, x, y) : null;
    onPoint(at);
    if (code !== null) setTip({ text: `Code vector ⟨${code}⟩`, x, y });
    else setTip(at === null ? null : { text: describe(at), x, y });
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    moving.current = null;
    if (!drawn) return;
    setDrawn(null);
    const [x, y] = placeOf(event);
    if (extent(drawn) < SMALLEST_LASSO) {
      const at = pointAt(map, view, size, x, y);
      if (at !== null) onItem(map.items[at]);
      else onLasso(null);
      return;
    }
    onLasso(
      thinned(drawn).flatMap((_, at, corners) =>
        at % 2 === 0 ? toMap(view, size, corners[at], corners[at + 1]) : [],
      ),
    );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = movedByKey(view, size, event.key);
    if (!next) return;
    event.preventDefault();
    setView(next);
  };
  const shape = drawn
    ? drawn
    : (lasso?.flatMap((_, at) => (at % 2 === 0 ? toScreen(view, size, lasso[at], lasso[at + 1]) : [])) ??
      null);
  const files = () => {
    const element = canvas.current;
    const { background } = colours;
    return element
      ? {
          png: () => canvasPng(element, background),
          svg: () => svgFile(size, background, (painter) => paintMap(painter, look, view, size, colours)),
        }
      : null;
  };
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      files={files}
      controls={
        <>
          <span className="muted codebook-hint">Drag around items, scroll to come closer</span>
          <Button kind="quiet" disabled={view === WHOLE} onClick={() => setView(WHOLE)}>
            Show all
          </Button>
        </>
      }
    >
      <div
        ref={box}
        className="scene codebook-map"
        role="application"
        aria-label={`${title}: ${map.items.length} items. Plus and minus zoom, arrow keys move, 0 shows all; the table of items lists what is selected.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
        tabIndex={0}
        style={{ height: HEIGHT }}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setTip(null)}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} style={{ width, height: HEIGHT }} />
        {shape && shape.length >= 6 && (
          <svg className="codebook-lasso" width={width} height={HEIGHT} aria-hidden="true">
            <polygon points={shape.join(' ')} />
          </svg>
        )}
        {tip && !drawn && (
          <div
            className="scene-tip"
            aria-hidden="true"
            style={{
              position: 'absolute',
              top: tip.y + 14,
              ...(tip.x > width / 2 ? { right: width - tip.x + 10 } : { left: tip.x + 10 }),
            }}
          >
            <p>{tip.text}</p>
          </div>
        )}
      </div>
    </ChartFrame>
  );
}

function zoomed(
  view: MapView,
  size: { width: number; height: number },
  factor: number,
  x: number,
  y: number,
): MapView {
  const zoom = Math.max(1, Math.min(LARGEST_ZOOM, view.zoom * factor));
  if (zoom === 1) return WHOLE;
  const [fixedX, fixedY] = toMap(view, size, x, y);
  const scale = scaleOf({ ...view, zoom }, size);
  return { zoom, x: fixedX - (x - size.width / 2) / scale, y: fixedY + (y - size.height / 2) / scale };
}

function movedByKey(view: MapView, size: { width: number; height: number }, key: string): MapView | null {
  const step = 60 / scaleOf(view, size);
  const moves: Record<string, [number, number]> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, step],
    ArrowDown: [0, -step],
  };
  if (key in moves) return { ...view, x: view.x + moves[key][0], y: view.y + moves[key][1] };
  if (key === '+' || key === '=') return zoomed(view, size, 1.5, size.width / 2, size.height / 2);
  if (key === '-') return zoomed(view, size, 1 / 1.5, size.width / 2, size.height / 2);
  return key === '0' ? WHOLE : null;
}

/** The longer side of the box around a shape. */
function extent(corners: readonly number[]): number {
  const along = (axis: number) => {
    const values = corners.filter((_, at) => at % 2 === axis);
    return Math.max(...values) - Math.min(...values);
  };
  return Math.max(along(0), along(1));
}

const MOST_CORNERS = 400;

function thinned(corners: readonly number[]): number[] {
  const count = corners.length / 2;
  const every = Math.ceil(count / MOST_CORNERS);
  return corners.filter((_, at) => Math.floor(at / 2) % every === 0);
}
