import { type PointerEvent, useState } from 'react';

/**
 * Rows that stay as they are while the pointer is pressed on them: a list that changes between press and release takes
 * the row away from under the click, which is then lost or meant for another row.
 */
export function useHeldRows<Rows>(rows: Rows): [Rows, (event: PointerEvent) => void] {
  const [held, setHeld] = useState<{ rows: Rows } | null>(null);
  const hold = ({ button }: PointerEvent) => {
    if (button !== 0) return;
    setHeld({ rows });
    const over = new AbortController();
    // The click follows the release, and is for the rows that were pressed.
    const release = () => {
      over.abort();
      setTimeout(() => setHeld(null));
    };
    for (const end of ['pointerup', 'pointercancel'])
      window.addEventListener(end, release, { signal: over.signal });
  };
  return [held?.rows ?? rows, hold];
}
