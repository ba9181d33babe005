import { ArrowDown, ArrowUp, GripVertical, type LucideIcon } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { Button } from './Button.tsx';

interface MoveButtonsProps {
  name: string;
  /** Place in the list, and the last place there is. */
  at: number;
  last: number;
  onMove(to: number): void;
}

const KEYS = 'Alt and an arrow key, or Alt and Home or End';

/** Alt and an arrow key move an entry by one, Alt with Home and End to where the list begins and ends. */
function keysOf({ at, last, onMove }: MoveButtonsProps) {
  return (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
    if (!event.altKey || to === undefined) return;
    event.preventDefault();
    onMove(Math.max(0, Math.min(last, to)));
  };
}

/** What an entry is dragged by; the keys work on it as well. */
export function MoveGrip(props: MoveButtonsProps) {
  return (
    <Button
      kind="quiet"
      className="icon-button grip"
      icon={GripVertical}
      aria-label={`Move ${props.name}`}
      title={`Drag, or ${KEYS}`}
      onKeyDown={keysOf(props)}
    />
  );
}

/** Moves an entry of a list up and down; so do the keys. */
export function MoveButtons(props: MoveButtonsProps) {
  const { name, at, last, onMove } = props;
  const onKeyDown = keysOf(props);
  const button = (to: number, way: string, arrow: LucideIcon) => (
    <Button
      kind="quiet"
      className="icon-button"
      icon={arrow}
      title={`Move ${way} (${KEYS})`}
      aria-label={`Move ${name} ${way}`}
      // Not disabled, so that the focus stays on it where the list ends.
      aria-disabled={to < 0 || to > last}
      onClick={() => to < 0 || to > last || onMove(to)}
      onKeyDown={onKeyDown}
    />
  );
  return (
    <>
      {button(at - 1, 'up', ArrowUp)}
      {button(at + 1, 'down', ArrowDown)}
    </>
  );
}
