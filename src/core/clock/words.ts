/** How times to come are written, in the window and in a terminal. A dash stands for what nobody knows. */
import { timeText } from '../documents/format.ts';
import { countText, withCommas } from '../names.ts';
import type { Clock, Counts, Done, Span } from './clock.ts';

const NONE = '–';
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** "48 s", "8 min", "1 h 20 min", "14 h", "3 days": an estimate is no more exact than that. */
export function aboutText(seconds: number): string {
  if (seconds < 1) return '< 1 s';
  if (seconds < 89.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 600)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return seconds < 2 * DAY
    ? `${Math.round(seconds / HOUR)} h`
    : `${withCommas(Math.round(seconds / DAY))} days`;
}

/** Whether no run alike is known: it may be anything from the one to the other. */
export const isRough = ({ low, high }: Span) => Number.isFinite(high) && high > low;

/** "8 min", "5 to 20 min", "at least 8 min"; a dash where nothing is known. */
export function spanText(span: Span | null): string {
  if (span === null) return NONE;
  const { low, high } = span;
  if (high === low) return aboutText(low);
  if (!Number.isFinite(high)) return low > 0 ? `at least ${aboutText(low)}` : NONE;
  const [from, to] = [aboutText(rounded(low, Math.floor)), aboutText(rounded(high, Math.ceil))];
  const [number, unit] = from.split(' ');
  if (from === to) return to;
  return /^\d+ \S+$/.test(from) && to.endsWith(` ${unit}`) && to.split(' ').length === 2
    ? `${number} to ${to}`
    : `${from} to ${to}`;
}

/** A rough number has one digit: it is rounded away from the middle. */
function rounded(seconds: number, round: (value: number) => number): number {
  const unit = seconds < MINUTE ? 1 : seconds < HOUR ? MINUTE : HOUR;
  const value = seconds / unit;
  const step = value < 10 ? 1 : value < 30 ? 5 : 10;
  return round(value / step) * step * unit;
}

/** "19:10", "tomorrow 00:25", "Thu 00:25", "2026-12-24 00:25". */
export function untilText(time: number, now: number): string {
  const text = timeText(time);
  const days = calendarDays(now, time);
  const clock = text.slice(11);
  if (days === 0) return clock;
  if (Math.abs(days) === 1) return `${days > 0 ? 'tomorrow' : 'yesterday'} ${clock}`;
  return days > 1 && days < 7 ? `${DAYS[new Date(time).getDay()]} ${clock}` : text;
}

/** Midnights between two times. */
export function calendarDays(from: number, to: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(to) - midnight(from)) / (1000 * DAY));
}

/** "17:14"; "after 18:03" where what comes first, or the run itself, is unknown; "17:10 to 17:40" where it is rough. */
export function endText(ends: Span | null, now: number): string {
  if (ends === null) return NONE;
  const [low, high] = [untilText(now + 1000 * ends.low, now), untilText(now + 1000 * ends.high, now)];
  if (!Number.isFinite(ends.high)) return ends.low > 0 ? `after ${low}` : NONE;
  if (low === high) return low;
  const isOneDay = low.slice(0, -5) === high.slice(0, -5);
  return `${low} to ${isOneDay ? high.slice(-5) : high}`;
}

/** "about 20:52", "between 20:52 and 21:40", "after 20:52"; empty where nothing is known. */
export function whenText(span: Span, now: number): string {
  const text = endText(span, now);
  if (text === NONE || text.startsWith('after ')) return text === NONE ? '' : text;
  return text.includes(' to ') ? `between ${text.replace(' to ', ' and ')}` : `about ${text}`;
}

/** "1 running, 11 waiting", "7 paused; nothing is waiting", "Nothing is running". */
export function countsText({ running, waiting, paused, silent }: Counts): string {
  if (running + waiting + silent === 0)
    return paused > 0 ? `${withCommas(paused)} paused; nothing is waiting` : 'Nothing is running';
  const counts = [
    [running, 'running'],
    [waiting, 'waiting'],
    [paused, 'paused'],
    [silent, 'without contact'],
  ] as const;
  return counts.flatMap(([count, word]) => (count > 0 ? [`${withCommas(count)} ${word}`] : [])).join(', ');
}

function withoutEstimate(runs: number, evaluations: number): string {
  const what = [
    ...(runs > 0 ? [countText(runs, 'run')] : []),
    ...(evaluations > 0 ? [countText(evaluations, 'evaluation')] : []),
  ];
  return what.length === 0
    ? ''
    : `${what.join(' and ')} ${runs + evaluations === 1 ? 'has' : 'have'} no estimate`;
}

/** When some runs are done, as a sentence: "At least until 20:47; 10 runs have no estimate." Empty where nothing is to be said. */
export function doneText({ ends, unknown, evaluations, elsewhere }: Done, now: number): string {
  if (ends === null) return '';
  const open = [
    withoutEstimate(unknown, evaluations),
    elsewhere > 0
      ? `${countText(elsewhere, 'run')} ${elsewhere === 1 ? 'waits' : 'wait'} for another machine`
      : '',
  ].filter((part) => part !== '');
  const when = whenText(ends, now).replace(/^after /, 'At least until ');
  if (Number.isFinite(ends.high)) return `Done ${when}.`;
  const [first = '', ...rest] = when === '' ? open : [when, ...open];
  return `${[first, ...rest].join('; ')}.`;
}

/** The same of a queue; while it is paused, of what trains. */
export function queueText(clock: Clock, now: number): string {
  const done = doneText(clock, now);
  if (!clock.isPaused) return done;
  const trains =
    done === ''
      ? ''
      : ` What is running ends ${whenText(clock.ends ?? { low: 0, high: 0 }, now) || 'at an unknown time'}.`;
  return `The queue is paused.${trains}`;
}

/** When a run begins: "immediately", "about 20:52", "after 20:52". */
export function beginText(begins: Span | null, now: number): string {
  if (begins === null) return 'when the queue is resumed';
  if (begins.low === 0) return begins.high === 0 ? 'immediately' : 'after what is in the queue';
  return whenText(begins, now);
}

/** What a run waits for: "starts after sasrec-sample, about 9 min". `after`: the name of the run before it. */
export function startText(begins: Span | null, after: string | null): string {
  if (begins === null) return 'does not start by itself';
  const { low, high } = begins;
  if (high === 0) return 'starts immediately';
  const time = low === high ? `, about ${aboutText(low)}` : low > 0 ? `, ${spanText(begins)}` : '';
  return `starts after ${after ?? 'what is in the queue'}${time}`;
}
