import { untilText } from '../../format/format.ts';
import type { RunEnd } from '../../runs/queue-time.ts';

/** "18:03", or "after 18:03" where something unknown comes first. */
export function endText(end: RunEnd | undefined, now: number): string {
  if (!end) return '–';
  const at = (seconds: number) => untilText(now + 1000 * seconds, now);
  if (end.seconds !== null && !end.atLeast) return at(end.seconds);
  return end.seconds === null && end.after === 0 ? '–' : `after ${at(end.seconds ?? end.after)}`;
}
