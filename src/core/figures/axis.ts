/** The numbers of an axis: how far it reaches, its ticks, how they are written and where they stand. Free of the DOM. */
import { timeInterval, utcInterval } from '@observablehq/plot';
import { ticks as evenTicks, extent } from 'd3-array';
import { clockText, withMinus } from '../documents/format.ts';
import type { FigureAxis } from './spec.ts';
import { textWidth } from './text.ts';

export const TICK_SIZE = 11;
const PADDING = 0.04;
/** Between two ticks of a row, in pixels. */
const GAP = 10;
/** A shorter axis has few ticks. */
const SHORT = 400;

const DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });
const DAY = 86_400_000;

type Domain = readonly [number, number];

const isTime = ({ kind }: FigureAxis) => kind === 'local' || kind === 'utc';

/** Whether a value has a place: what is not a number has none, nor what is not above 0 on a logarithmic axis. */
export const hasPlace = ({ kind }: FigureAxis, value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && (value > 0 || kind !== 'log');

/** How far an axis reaches: 4 % beyond the values, but not beyond a 0 that it begins or ends with. */
export function domainOf(axis: FigureAxis, values: readonly unknown[]): Domain {
  if (axis.domain) return axis.domain;
  const [low, high] = extent(values.filter((value) => hasPlace(axis, value)));
  if (low === undefined || high === undefined) return axis.kind === 'log' ? [1, 10] : [0, 1];
  if (axis.kind === 'log') {
    const edge = low === high ? 2 : (high / low) ** PADDING;
    return [low / edge, high * edge];
  }
  const [first, last] = axis.zero ? [Math.min(0, low), Math.max(0, high)] : [low, high];
  const edge = first === last ? Math.abs(first) / 10 || 1 : PADDING * (last - first);
  return [
    axis.zero && first === 0 ? 0 : first - edge,
    axis.zero && last === 0 && first < 0 ? 0 : last + edge,
  ];
}

export interface Scale {
  place(value: number): number;
  value(place: number): number;
}

const SCALES: Record<string, [forth: (value: number) => number, back: (value: number) => number]> = {
  log: [Math.log, Math.exp],
  symlog: [Math.log1p, Math.expm1],
};

/** From values to pixels, and back. */
export function scaleOf({ kind }: FigureAxis, [low, high]: Domain, [from, to]: Domain): Scale {
  const [forth, back] = SCALES[kind ?? 'numbers'] ?? [Number, Number];
  const [first, length] = [forth(low), forth(high) - forth(low) || 1];
  return {
    place: (value) => from + ((forth(value) - first) / length) * (to - from),
    value: (place) => back(first + ((place - from) / (to - from)) * length),
  };
}

export interface Tick {
  value: number;
  text: string;
}

/**
 * As many ticks as have room: three at most where the axis is short, and none that prints over its neighbour. `length` in
 * pixels; `isRow`: their texts stand side by side.
 */
export function ticksOf(axis: FigureAxis, domain: Domain, length: number, isRow: boolean): Tick[] {
  const most = isRow && length < SHORT ? 3 : Math.max(2, Math.min(isRow ? 8 : 6, length / (isRow ? 90 : 28)));
  const limit = axis.ticks && most > 3 ? axis.ticks.length : most;
  const { place } = scaleOf(axis, domain, [0, length]);
  for (let count = Math.floor(limit); count > 0; count--) {
    const values = valuesOf(axis, domain, count);
    const texts = textsOf(axis, values);
    const room = (at: number) => (isRow ? textWidth(texts[at], TICK_SIZE) + GAP : TICK_SIZE + 3);
    // Two ticks of one text would say that a stretch has no length.
    const fit = values.every(
      (value, at) =>
        at === 0 ||
        (texts[at] !== texts[at - 1] &&
          Math.abs(place(value) - place(values[at - 1])) >= (room(at) + room(at - 1)) / 2),
    );
    if (fit && (values.length <= limit || count === 1)) {
      return values.map((value, at) => ({ value, text: texts[at] }));
    }
  }
  return [];
}

function valuesOf(axis: FigureAxis, [low, high]: Domain, count: number): number[] {
  if (axis.ticks) {
    const within = axis.ticks.filter((tick) => tick >= low && tick <= high);
    const every = Math.ceil(within.length / Math.max(count, 2));
    return within.filter((_, at) => at % every === 0);
  }
  if (isTime(axis)) return timesOf(axis, low, high, count);
  if (axis.kind === 'log') return powersOf(low, high, count);
  const even = evenTicks(low, high, count);
  const whole = even.filter(Number.isInteger);
  // A stretch without two whole numbers still has ticks.
  return axis.whole && whole.length > 1 ? whole : even;
}

/** Powers of ten, with 2 and 5 between them where they are few; even numbers where not even these are two. */
function powersOf(low: number, high: number, count: number): number[] {
  const all = (digits: readonly number[]) => {
    const first = Math.floor(Math.log10(low));
    const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, at) => first + at);
    return powers
      .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
      .filter((value) => value >= low && value <= high);
  };
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const values = all(digits);
    if (values.length >= 2 && values.length <= Math.max(count, 2)) return values;
  }
  const powers = all([1]);
  const every = Math.ceil(powers.length / Math.max(count, 2));
  return powers.length >= 2 ? powers.filter((_, at) => at % every === 0) : evenTicks(low, high, count);
}

const STEPS = [
  ...['1 second', '5 seconds', '15 seconds', '30 seconds', '1 minute', '5 minutes', '15 minutes'],
  ...['30 minutes', '1 hour', '3 hours', '6 hours', '12 hours', '1 day', '2 days', '1 week', '2 weeks'],
  ...['1 month', '3 months', '6 months', '1 year', '2 years', '5 years', '10 years', '50 years'],
] as const;

/** Round times, the finest that are not too many. */
function timesOf({ kind }: FigureAxis, low: number, high: number, count: number): number[] {
  const interval = kind === 'utc' ? utcInterval : timeInterval;
  for (const step of STEPS) {
    // A step far too fine would be listed in full.
    if ((high - low) / shortest(step) > 40 * count) continue;
    const times = interval(step).range(new Date(low), new Date(high)).map(Number);
    if (times.length <= count) return times;
  }
  return [];
}

const UNITS: Record<string, number> = { second: 1e3, minute: 6e4, hour: 3.6e6, day: DAY, week: 7 * DAY };

function shortest(step: string): number {
  const [count, unit] = step.split(' ');
  const name = unit.replace(/s$/, '');
  return Number(count) * (UNITS[name] ?? (name === 'month' ? 28 * DAY : 365 * DAY));
}

function textsOf(axis: FigureAxis, values: readonly number[]): string[] {
  const { text } = axis;
  if (text) return values.map((value) => text(value));
  if (isTime(axis)) return timeTexts(axis, values);
  // What reaches over several powers of ten shares no decimals.
  if (axis.kind === 'log' && values[values.length - 1] >= 10 * values[0]) return values.map(numberText);
  const decimals = Math.max(0, ...values.map((value) => DIGITS.format(value).split('.')[1]?.length ?? 0));
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return values.map((value) => {
    const text = withMinus(format.format(value));
    if (!axis.signed) return text;
    return Math.abs(value) < 1e-12 ? '0' : value > 0 ? `+${text}` : text;
  });
}

/** As fine as they are apart: "13:04:05", "13:04" with the day at midnight, "01-31", "2026-01" or "2026". */
function timeTexts({ kind }: FigureAxis, values: readonly number[]): string[] {
  const texts = values.map((value) =>
    kind === 'utc' ? new Date(value).toISOString().slice(0, 19).replace('T', ' ') : clockText(value),
  );
  const end = (suffix: string) => texts.every((text) => text.endsWith(suffix));
  if (end('-01-01 00:00:00')) return texts.map((text) => text.slice(0, 4));
  if (end('-01 00:00:00')) return texts.map((text) => text.slice(0, 7));
  if (end('00:00:00')) return texts.map((text) => text.slice(5, 10));
  const clock = (text: string) => (end(':00') ? text.slice(11, 16) : text.slice(11));
  return texts.map((text) => (text.endsWith(' 00:00:00') ? text.slice(5, 10) : clock(text)));
}

/** "1,200", "0.0025": as it is, with six digits at most. */
export const numberText = (value: number): string => withMinus(DIGITS.format(value));

/** Where the crosshair is: whole where the axis counts and shows more than two of what it counts, as fine as can be seen. */
export function positionOf(axis: FigureAxis, x: number, [low, high]: Domain): { x: number; text: string } {
  const at = axis.whole && high - low >= 2 ? Math.round(x) : x;
  const digits = 3 + Math.ceil(Math.log10(Math.abs(at) / (high - low)));
  const short = Number.isInteger(at) ? at : Number(at.toPrecision(Math.min(7, Math.max(3, digits))));
  return { x: at, text: axis.text ? axis.text(at) : isTime(axis) ? clockText(at) : numberText(short) };
}
