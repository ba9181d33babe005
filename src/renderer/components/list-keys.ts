import type { KeyboardEvent } from 'react';

/** Where a key leads in a list whose search field has the focus, at its ends around; null for any other key. */
export function listStep(
  {
    key,
    nativeEvent,
  }: Pick<KeyboardEvent, 'key'> & { nativeEvent: Pick<globalThis.KeyboardEvent, 'isComposing'> },
  at: number,
  count: number,
): number | null {
  const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (step === 0 || count === 0 || nativeEvent.isComposing) return null;
  return (at + step + count) % count;
}
