import type { KeyboardEvent } from 'react';
import { Button } from './Button.tsx';

interface MoveButtonsProps {
  name: string;
  /** Place in the list, and the last place there is. */
  at: number;
  last: number;
  onMove(to: number): void;
}

/** Moves an entry of a list up and down; so do Alt and an arrow key, and Alt with Home and End. */
export function MoveButtons({ name, at, last, onMove }: MoveButtonsProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: last }[event.key];
    if (!event.altKey || to === undefined) return;
    event.preventDefault();
    onMove(Math.max(0, Math.min(last, to)));
  };
  const button = (to: number, way: string, arrow: string) => (
    <Button
      kind="quiet"
      aria-label={`Move ${name} ${way}`}
      // Not disabled, so that the focus stays on it where the list ends.
      aria-disabled={to < 0 || to > last}
      onClick={() => to < 0 || to > last || onMove(to)}
      onKeyDown={onKeyDown}
    >
      {arrow}
    </Button>
  );
  return (
    <>
      {button(at - 1, 'up', '↑')}
      {button(at + 1, 'down', '↓')}
    </>
  );
}
