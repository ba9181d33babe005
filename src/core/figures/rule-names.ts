/** Names of upright rules above a figure whose values lie, in as many lines as keep them apart. Free of the DOM. */
import { type Scale, TICK_SIZE } from './axis.ts';
import type { FigureSpec } from './spec.ts';
import { textWidth } from './text.ts';

/** Pixels between two names in a line. */
const APART = 10;

export interface RuleName {
  at: number;
  label: string;
  /** Counted from the lowest. */
  line: number;
  /** Pixels from the rule to the middle of its name. */
  shift: number;
}

/** Centred over their rules as far as the drawing reaches, from the left; each in the lowest line that has room. */
export function ruleNames(
  { rules = [] }: Pick<FigureSpec, 'rules'>,
  scale: Pick<Scale, 'place'>,
  width: number,
): RuleName[] {
  const ends: number[] = [];
  const named = rules.flatMap(({ axis, at, label }) => (axis === 'x' && label ? [{ at, label }] : []));
  return named
    .sort((a, b) => a.at - b.at)
    .map(({ at, label }) => {
      const half = textWidth(label, TICK_SIZE) / 2;
      const place = scale.place(at);
      const middle = Math.max(half, Math.min(width - half, place));
      const free = ends.findIndex((end) => end + APART <= middle - half);
      const line = free < 0 ? ends.length : free;
      ends[line] = middle + half;
      return { at, label, line, shift: middle - place };
    });
}
