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

/** A drawing of marks in a frame: it can be saved as SVG and PNG, and fill the window. */
export function SceneFigure(props: SceneFigureProps) {
  const { title, fileName, windowHeight, scene: make, controls, height: usual, ...box } = props;
  const full = useFullScreen(windowHeight ?? usual);
  // What is higher than its window goes on being so.
  const height = Math.max(usual, full.isFull ? full.height : 0);
  const [frame, width] = useWidth<HTMLDivElement>(640);
  const colours = useChartColours();
  const scene = useMemo(
    () => ({ ...make({ width, height }, colours), width, height }),
    [make, width, height, colours],
  );
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      drawing={() => ({ width, height, svg: svgMarkup(scene.paint) })}
      controls={controls}
      full={full}
    >
      <div className="scrolls" style={windowHeight ? { maxHeight: full.height } : undefined}>
        <div ref={frame}>
          <SceneBox {...box} scene={scene} described />
        </div>
      </div>
    </ChartFrame>
  );
}

interface SceneBoxProps extends Pick<SceneFigureProps, 'label' | 'onChoose' | 'tip' | 'stale'> {
  scene: Scene & Size;
  /** The mark that is pointed at is described beside it. */
  described?: boolean;
  /** The mark that keys go on from, where the owner knows it. */
  active?: number | null;
  /** A mark that is ringed until another one is. */
  held?: number | null;
  onPoint?(mark: number | null): void;
  /** An arrow led there. */
  onMove?(mark: number): void;
  /** Enter or a double click. Default: as a click. */
  onOpen?(mark: number): void;
}

/**
 * A drawing on a canvas. The pointer or, once it has the focus, the arrow keys move over its marks, a click or Enter
 * chooses one; each is described in words.
 */
export function SceneBox(props: SceneBoxProps) {
  const { scene, label, onChoose, onPoint, onMove, onOpen = onChoose, tip, held } = props;
  const { width, height } = scene;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<{ mark: number; x: number; y: number } | null>(null);
  const [own, setActive] = useState(0);
  const [focused, setFocused] = useState(false);
  useEffect(() => paintCanvas(canvas.current, { width, height }, scene.paint), [scene, width, height]);

  const current = Math.min(props.active ?? own, scene.marks - 1);
  const shown =
    pointed && pointed.mark < scene.marks ? pointed.mark : focused && current >= 0 ? current : null;
  const markAt = (event: MouseEvent<HTMLElement>) => {
    const { x, y } = placeIn(event);
    return scene.at(x, y);
  };
  const point = (mark: number | null, x: number, y: number) => {
    setPointed(mark === null ? null : { mark, x, y });
    if (mark !== (pointed?.mark ?? null)) onPoint?.(mark);
  };
  const act = (perform: ((mark: number) => void) | undefined) => (event: MouseEvent<HTMLElement>) => {
    const mark = markAt(event);
    if (mark === null) return;
    setActive(mark);
    perform?.(mark);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const next = nextMark(scene, current, event.key);
    if (next !== null) {
      const mark = Math.max(0, Math.min(scene.marks - 1, next));
      setActive(mark);
      onMove?.(mark);
    } else if ((event.key === 'Enter' || event.key === ' ') && current >= 0) onOpen?.(current);
    else return;
    setPointed(null);
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles support them
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a listbox
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
      onPointerMove={(event: PointerEvent<HTMLElement>) => point(markAt(event), event.clientX, event.clientY)}
      onPointerLeave={() => point(null, 0, 0)}
      onClick={act(onChoose)}
      onDoubleClick={onOpen === onChoose ? undefined : act(onOpen)}
      onKeyDown={onKeyDown}
      onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
      onBlur={() => setFocused(false)}
    >
      <canvas ref={canvas} style={{ width, height }} />
      <svg className="scene-overlay" width={width} height={height} aria-hidden="true">
        {held != null && held < scene.marks && <path d={scene.outline(held)} />}
        {shown !== null && shown !== held && <path d={scene.outline(shown)} />}
      </svg>
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
      {props.described && shown !== null && (
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
  const edge = box?.closest('.scrolls')?.getBoundingClientRect();
  return { x: edge?.left ?? 0, y: (edge?.bottom ?? 0) - 12 };
}
