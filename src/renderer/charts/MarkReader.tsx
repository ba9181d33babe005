import {
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  useId,
  useRef,
  useState,
} from 'react';
import { copyText } from '../components/copy.ts';
import { placeIn, tipPlace } from './pointer.ts';
import type { ArrowKey, Scene } from './scene.ts';

/** What keys do with the values of a drawing. */
export const KEYS = '← → move · C copies';
export const isCopy = ({ key, ctrlKey, metaKey }: KeyboardEvent) => key === 'c' && !ctrlKey && !metaKey;

export interface MarkReaderProps {
  className: string;
  /** What the marks are, for screen readers: "Codes of level 1". */
  label: string;
  marks: Pick<Scene, 'marks' | 'at' | 'label' | 'isChosen' | 'move'> & {
    /** Where a mark is in the window, to describe it there while keys lead. Default: below the drawing. */
    place?(mark: number): { x: number; y: number } | null;
  };
  /** Pixels. */
  height?: number;
  /** Marks that cannot be chosen are only described. */
  onChoose?(mark: number): void;
  /** Beside the words of the mark that is pointed at. */
  tip?(mark: number): ReactNode;
  /** What was drawn is out of date: the new one is on its way. */
  stale?: boolean;
  /** The mark that is pointed at is described beside it. */
  described?: boolean;
  /** The mark that keys go on from, where the owner knows it. */
  active?: number | null;
  onPoint?(mark: number | null): void;
  /** An arrow led there. */
  onMove?(mark: number): void;
  /** Enter or a double click. Default: as a click. */
  onOpen?(mark: number): void;
  /** The drawing, the mark that is read marked in it. */
  children(shown: number | null): ReactNode;
}

const ARROWS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/**
 * How every drawing of marks is read: the pointer or, once it has the focus, the arrow keys move over them, a click or
 * Enter chooses one; each is described in words.
 */
export function MarkReader(props: MarkReaderProps) {
  const { marks, label, height, onChoose, onPoint, onMove, onOpen = onChoose, tip } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<{ mark: number; x: number; y: number } | null>(null);
  const [own, setActive] = useState(0);
  const [focused, setFocused] = useState(false);

  const current = Math.min(props.active ?? own, marks.marks - 1);
  const shown =
    pointed && pointed.mark < marks.marks ? pointed.mark : focused && current >= 0 ? current : null;
  const markAt = (event: MouseEvent<HTMLElement>) => {
    const { x, y } = placeIn(event);
    return marks.at(x, y);
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
    const next = nextMark(marks, current, event.key);
    if (next !== null) {
      const mark = Math.max(0, Math.min(marks.marks - 1, next));
      setActive(mark);
      onMove?.(mark);
    } else if (isCopy(event) && props.described && current >= 0)
      void copyText(marks.label(current), 'Copied the values');
    else if (onOpen && (event.key === 'Enter' || event.key === ' ') && current >= 0) onOpen(current);
    else return;
    setPointed(null);
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles support them
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a listbox
    <div
      ref={box}
      className={props.className}
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
      {props.children(shown)}
      {current >= 0 && (
        <span
          id={`${id}-mark`}
          className="visually-hidden"
          role="option"
          aria-selected={marks.isChosen?.(current) ?? false}
          aria-posinset={current + 1}
          aria-setsize={marks.marks}
          tabIndex={-1}
        >
          {marks.label(current)}
        </span>
      )}
      {props.described && shown !== null && (
        <div
          className="scene-tip small"
          style={tipPlace(pointed ?? marks.place?.(shown) ?? cornerOf(box.current))}
          aria-hidden="true"
        >
          <p>{marks.label(shown)}</p>
          {tip?.(shown)}
          {!pointed && <p className="muted">{onOpen ? `${KEYS} · Enter opens` : KEYS}</p>}
        </div>
      )}
    </div>
  );
}

function nextMark(marks: MarkReaderProps['marks'], mark: number, key: string): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return marks.marks - 1;
  if (!(key in ARROWS)) return null;
  return marks.move ? marks.move(mark, key as ArrowKey) : mark + ARROWS[key];
}

/** The drawing's lower edge, where descriptions stand while keys lead. */
function cornerOf(box: HTMLElement | null): { x: number; y: number } {
  const edge = box?.closest('.scrolls')?.getBoundingClientRect();
  return { x: edge?.left ?? 0, y: (edge?.bottom ?? 0) - 12 };
}
