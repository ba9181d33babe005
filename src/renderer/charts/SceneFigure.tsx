import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { ChartFrame } from './ChartFrame.tsx';
import type { ChartColours } from './colours.ts';
import { paintCanvas, type Size, svgMarkup } from './painter.ts';
import { placeIn, tipPlace } from './pointer.ts';
import type { ArrowKey, Scene } from './scene.ts';
import { useChartColours } from './use-chart-colours.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useWidth } from './use-width.ts';

export interface SceneFigureProps {
  title: string;
  fileName: string;
  /** What the marks are, for screen readers: "Codes of level 1". */
  label: string;
  height: number;
  /** The part that is seen at once, where the drawing is higher. */
  windowHeight?: number;
  /** Memoise it: the drawing is made again with each new function, size and theme. */
  scene(size: Size, colours: ChartColours): Scene;
  /** Marks that cannot be chosen are only described. */
  onChoose?(mark: number): void;
  /** Beside the words of the mark that is pointed at. */
  tip?(mark: number): ReactNode;
  controls?: ReactNode;
  /** What was drawn is out of date: the new one is on its way. */
  stale?: boolean;
}

const ARROWS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * A drawing on a canvas. The pointer or, once it has the focus, the arrow keys move over its marks, a click or Enter
 * chooses one; each is described in words. It can be saved as SVG and PNG.
 */
export function SceneFigure(props: SceneFigureProps) {
  const { title, fileName, label, windowHeight, scene: make, onChoose, tip, controls } = props;
  const full = useFullScreen(windowHeight ?? props.height);
  // What is higher than its window goes on being so.
  const height = Math.max(props.height, full.isFull ? full.height : 0);
  const id = useId();
  const [box, width] = useWidth<HTMLDivElement>(640);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<{ mark: number; x: number; y: number } | null>(null);
  const [active, setActive] = useState(0);
  const [focused, setFocused] = useState(false);
  const colours = useChartColours();
  const scene = useMemo(() => make({ width, height }, colours), [make, width, height, colours]);
  useEffect(() => paintCanvas(canvas.current, { width, height }, scene.paint), [scene, width, height]);

  const current = Math.min(active, scene.marks - 1);
  const shown =
    pointed && pointed.mark < scene.marks ? pointed.mark : focused && current >= 0 ? current : null;
  const markAt = (event: MouseEvent<HTMLElement>) => {
    const { x, y } = placeIn(event);
    return scene.at(x, y);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const mark = markAt(event);
    setPointed(mark === null ? null : { mark, x: event.clientX, y: event.clientY });
  };
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const mark = markAt(event);
    if (mark === null) return;
    setActive(mark);
    onChoose?.(mark);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = nextMark(scene, current, event.key);
    if (next !== null) setActive(Math.max(0, Math.min(scene.marks - 1, next)));
    else if ((event.key === 'Enter' || event.key === ' ') && current >= 0) onChoose?.(current);
    else return;
    setPointed(null);
    event.preventDefault();
  };
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      drawing={() => ({ width, height, svg: svgMarkup(scene.paint) })}
      controls={controls}
      full={full}
    >
      <div className="scrolls" style={windowHeight ? { maxHeight: full.height } : undefined}>
        {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles support them */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: it is a listbox */}
        <div
          ref={box}
          className="scene holds"
          // Without a mark there is nothing to choose from.
          role={current >= 0 ? 'listbox' : 'img'}
          aria-label={label}
          aria-activedescendant={current >= 0 ? `${id}-mark` : undefined}
          tabIndex={0}
          data-chooses={onChoose && shown !== null ? true : undefined}
          data-stale={props.stale ? true : undefined}
          style={{ height }}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setPointed(null)}
          onClick={onClick}
          onKeyDown={onKeyDown}
          onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
          onBlur={() => setFocused(false)}
        >
          <canvas ref={canvas} style={{ width, height }} />
          {shown !== null && (
            <svg className="scene-overlay" width={width} height={height} aria-hidden="true">
              <path d={scene.outline(shown)} />
            </svg>
          )}
          {current >= 0 && (
            <span
              id={`${id}-mark`}
              className="visually-hidden"
              role="option"
              aria-selected={scene.isChosen?.(current) ?? false}
              aria-posinset={current + 1}
              aria-setsize={scene.marks}
              tabIndex={-1}
            >
              {scene.label(current)}
            </span>
          )}
          {shown !== null && (
            <div
              className="scene-tip small"
              style={tipPlace(pointed ?? cornerOf(box.current))}
              aria-hidden="true"
            >
              <p>{scene.label(shown)}</p>
              {tip?.(shown)}
            </div>
          )}
        </div>
      </div>
    </ChartFrame>
  );
}

function nextMark(scene: Scene, mark: number, key: string): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return scene.marks - 1;
  if (!(key in ARROWS)) return null;
  return scene.move ? scene.move(mark, key as ArrowKey) : mark + ARROWS[key];
}

/** The drawing's lower edge, where descriptions stand while keys lead. */
function cornerOf(box: HTMLElement | null): { x: number; y: number } {
  const edge = box?.parentElement?.getBoundingClientRect();
  return { x: edge?.left ?? 0, y: (edge?.bottom ?? 0) - 12 };
}
