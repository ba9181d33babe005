/** Axes of parallel coordinates, and which of their values are kept. Free of the DOM. */

import { domainOf, scaleOf, type Tick, ticksOf } from '../../core/api/drawing.ts';
import type { FigureAxis } from '../../core/api/figures.ts';
import { settingText } from '../../core/api/models.ts';
import { clip } from '../format/format.ts';

export type Value = number | string | null;

export interface ParallelAxis {
  id: string;
  label: string;
  /** One a line; words stand at places of their own. */
  values: readonly Value[];
  /** Equal ratios are equally far apart; for numbers above 0. */
  log?: boolean;
  /** A number as it is written. Default: as it was set. */
  text?(value: number): string;
}

/** A value as it was set, or as its axis writes it. */
export function valueText({ text }: ParallelAxis, value: Value): string {
  if (value === null) return '–';
  return typeof value === 'number' && text ? text(value) : settingText(value);
}

/** From one value of an axis to another one; of words the names. */
export type Kept = readonly [from: number | string, to: number | string];

export interface ParallelScale {
  /** Every value there is once, from the foot of the axis to its head. */
  values: readonly (number | string)[];
  place(value: Value): number | null;
  ticks: (Tick & { place: number })[];
}

/** As many values stand at an axis themselves, where they are so many pixels apart. */
const MAX_OWN = 6;
const APART = 18;
const NAME_LENGTH = 14;

/** Numbers from the smallest to the largest, upwards; words in the order in which they come. */
export function parallelScale(axis: ParallelAxis, top: number, bottom: number): ParallelScale {
  const { values, log } = axis;
  const present = [...new Set(values.filter((value) => value !== null))];
  if (present.some((value) => typeof value === 'string')) {
    const words = [...new Set(present.map(String))];
    const at = (word: string) => bottom - ((bottom - top) * (words.indexOf(word) + 0.5)) / words.length;
    const ticks = words.map((word, value) => ({ value, text: clip(word, NAME_LENGTH), place: at(word) }));
    return { values: words, place: (value) => (value === null ? null : at(String(value))), ticks };
  }
  const numbers = present.map(Number).sort((a, b) => a - b);
  const drawn: FigureAxis = { kind: log ? 'log' : 'numbers', whole: numbers.every(Number.isInteger) };
  const domain = domainOf(drawn, numbers);
  const { place } = scaleOf(drawn, domain, [bottom, top]);
  const own = numbers.every((value, at) => at === 0 || place(numbers[at - 1]) - place(value) >= APART);
  // What was measured differs in its last digits; what was set is told as it was set.
  const wereSet = numbers.every((value) => Number.isInteger(value) || Number(value.toPrecision(2)) === value);
  const few = numbers.length <= MAX_OWN && own && wereSet;
  const ticks = few
    ? numbers.map((value) => ({ value, text: valueText(axis, value) }))
    : ticksOf({ ...drawn, text: axis.text }, domain, bottom - top, false);
  return {
    values: numbers,
    place: (value) => (value === null ? null : place(Number(value))),
    ticks: ticks.map((tick) => ({ ...tick, place: place(tick.value) })),
  };
}

/** Whether a value is among those that are kept. */
export function keeps({ values }: ParallelScale, kept: Kept | undefined, value: Value): boolean {
  if (!kept) return true;
  // On an axis of words a number is the word that it is written as.
  const at = values.map(String).indexOf(String(value));
  return value !== null && at >= values.indexOf(kept[0]) && at <= values.indexOf(kept[1]);
}

/** The values between two places of an axis; null where there are none. */
export function keptBetween({ values, place }: ParallelScale, a: number, b: number): Kept | null {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  const within = values.filter((value) => (place(value) ?? -1) >= low && (place(value) ?? -1) <= high);
  return within.length > 0 ? [within[0], within[within.length - 1]] : null;
}

/** One value further up (1) or down (−1), or with one more there; without any before, from that end of the axis. */
export function keptBeyond(
  { values }: ParallelScale,
  kept: Kept | undefined,
  way: 1 | -1,
  grow: boolean,
): Kept {
  const last = values.length - 1;
  const within = (at: number) => Math.max(0, Math.min(last, at));
  if (!kept) return way > 0 ? [values[0], values[0]] : [values[last], values[last]];
  const [from, to] = kept.map((value) => values.indexOf(value));
  if (grow) return way > 0 ? [kept[0], values[within(to + 1)]] : [values[within(from - 1)], kept[1]];
  if (from + way < 0 || to + way > last) return kept;
  return [values[from + way], values[to + way]];
}

/** Where a line crosses each axis, from left to right; null where it has no value. */
export type ParallelPoints = readonly (readonly [x: number, y: number | null])[];

/** As far above or below a line it is pointed at. */
const LINE_REACH = 8;

/** The line nearest to a place; null where none is near. */
export function lineAt(lines: readonly ParallelPoints[], x: number, y: number): number | null {
  let [nearest, least]: [number | null, number] = [null, LINE_REACH];
  for (const [line, points] of lines.entries()) {
    const after = points.findIndex(([axis]) => axis >= x);
    const [x1, y1] = points[after] ?? [0, null];
    const [x0, y0] = points[after - 1] ?? [0, null];
    if (y0 === null || y1 === null) continue;
    const away = Math.abs(y0 + ((y1 - y0) * (x - x0)) / (x1 - x0) - y);
    if (away < least) [nearest, least] = [line, away];
  }
  return nearest;
}

/** Between two labels of one row, in pixels. */
const GAP = 8;

/** The row of each label, 0 for the lowest one, so that none prints over another: `centres` from left to right. */
export function labelRows(centres: readonly number[], widths: readonly number[]): number[] {
  const ends: number[] = [];
  return centres.map((centre, at) => {
    const free = ends.findIndex((end) => end + GAP <= centre - widths[at] / 2);
    const row = free < 0 ? ends.length : free;
    ends[row] = centre + widths[at] / 2;
    return row;
  });
}
