import { agoText } from '../format/format.ts';
import { useNow } from '../state/now.ts';

/** How long ago a time in milliseconds is, kept up to date. */
export function Ago({ time }: { time: number | null }) {
  return agoText(time, useNow(60_000));
}
