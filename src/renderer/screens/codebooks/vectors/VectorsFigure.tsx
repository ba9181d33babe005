import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { isMac } from '../../../actions/keys.ts';
import { ChartFrame } from '../../../charts/ChartFrame.tsx';
import { type Painter, paintCanvas, type Size, svgMarkup } from '../../../charts/painter.ts';
import { placeIn } from '../../../charts/pointer.ts';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { useFullScreen } from '../../../charts/use-full-screen.ts';
import { useWidth } from '../../../charts/use-width.ts';
import { Button } from '../../../components/Button.tsx';
import { countText } from '../../../format/format.ts';
import { type ShownPart, useShownPart } from './use-shown-part.ts';
import { codeVectorAt, type MapLook, paintMap, pointAt, toMap, toScreen } from './vectors-drawing.ts';

const HEIGHT = 520;
/** A shape smaller than this was meant as a click. */
const SMALLEST_LASSO = 12;

export interface VectorsFigureProps {
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
export function VectorsFigure(props: VectorsFigureProps) {
  const { title, fileName, look, lasso } = props;
  const [box, width] = useWidth<HTMLDivElement>(640);
  const full = useFullScreen(HEIGHT);
  const { height } = full;
  const size = useMemo(() => ({ width, height }), [width, height]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useChartColours();
  const part = useShownPart(box, size);
  const { view, isWhole } = part;
  const { drawn, tip, handlers } = useMapPointer(props, part, size);
  const paint = useCallback(
    (painter: Painter) => paintMap(painter, look, view, size, colours),
    [look, view, size, colours],
  );
  useEffect(() => paintCanvas(canvas.current, size, paint), [size, paint]);
  const shape =
    drawn ?? lasso?.flatMap((_, at) => (at % 2 ? [] : toScreen(view, size, lasso[at], lasso[at + 1])));
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      drawing={() => ({ ...size, svg: svgMarkup(paint) })}
      full={full}
      controls={
        <>
          <span className="muted small">Drag around items, {isMac ? '⌘' : 'Ctrl'} + scroll to zoom</span>
          <Button kind="quiet" disabled={isWhole} onClick={part.showAll}>
            Show all
          </Button>
        </>
      }
    >
      <div
        ref={box}
        className="scene codebook-map holds"
        role="application"
        aria-label={`${title}: ${countText(look.map.items.length, 'item')}. Plus and minus zoom, arrow keys move, 0 shows all; the table of items lists what is selected.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
        tabIndex={0}
        style={{ height }}
        {...handlers}
        onKeyDown={part.onKeyDown}
      >
        <canvas ref={canvas} style={{ width, height }} />
        {shape && shape.length >= 6 && (
          <svg className="scene-overlay" width={width} height={height} aria-hidden="true">
            <polygon
              points={shape.join(' ')}
              fill="var(--accent)"
              fillOpacity={0.1}
              stroke="var(--accent)"
              strokeWidth={1.5}
            />
          </svg>
        )}
        {tip && !drawn && (
          <div
            className="scene-tip small"
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

/** What the pointer does: it describes points, draws a shape, moves the map with Shift, and chooses by a click. */
function useMapPointer(props: VectorsFigureProps, { view, moveBy }: ShownPart, size: Size) {
  const { look, onLasso, onItem, describe, onPoint } = props;
  const [drawn, setDrawn] = useState<number[] | null>(null);
  const [tip, setTip] = useState<{ text: string; x: number; y: number } | null>(null);
  const moving = useRef<{ x: number; y: number } | null>(null);
  const point = (x: number, y: number) => {
    const at = pointAt(look.map, view, size, x, y);
    const code = look.showCodes ? codeVectorAt(look.map, view, size, x, y) : null;
    onPoint(at);
    if (code !== null) setTip({ text: `Code vector ⟨${code}⟩`, x, y });
    else setTip(at === null ? null : { text: describe(at), x, y });
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { x, y } = placeIn(event);
    if (event.shiftKey) moving.current = { x, y };
    else setDrawn([x, y]);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const { x, y } = placeIn(event);
    if (moving.current) {
      moveBy(x - moving.current.x, y - moving.current.y);
      moving.current = { x, y };
    } else if (drawn) setDrawn([...drawn, x, y]);
    else point(x, y);
  };
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    moving.current = null;
    if (!drawn) return;
    setDrawn(null);
    if (extent(drawn) >= SMALLEST_LASSO) {
      const corners = thinned(drawn);
      onLasso(corners.flatMap((_, at) => (at % 2 ? [] : toMap(view, size, corners[at], corners[at + 1]))));
      return;
    }
    const { x, y } = placeIn(event);
    const at = pointAt(look.map, view, size, x, y);
    if (at === null) onLasso(null);
    else onItem(look.map.items[at]);
  };
  const onPointerLeave = () => setTip(null);
  const onPointerCancel = () => {
    moving.current = null;
    setDrawn(null);
  };
  const handlers = { onPointerDown, onPointerMove, onPointerUp, onPointerLeave, onPointerCancel };
  return { drawn, tip, handlers };
}

/** The longer side of the box around a shape. */
function extent(corners: readonly number[]): number {
  const along = (axis: number) => {
    const values = corners.filter((_, at) => at % 2 === axis);
    return Math.max(...values) - Math.min(...values);
  };
  return Math.max(along(0), along(1));
}

const MAX_CORNERS = 400;

function thinned(corners: readonly number[]): number[] {
  const count = corners.length / 2;
  const every = Math.ceil(count / MAX_CORNERS);
  return corners.filter((_, at) => Math.floor(at / 2) % every === 0);
}
