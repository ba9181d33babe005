/** How the window writes numbers and times. A dash stands for what is not there. */

import { calendarDays } from '../../core/api/clock.ts';
import { duration as durationText, fixed, timeText } from '../../core/api/numbers.ts';

export { aboutText, untilText } from '../../core/api/clock.ts';
export {
  capital,
  clip,
  clockText,
  countText,
  csvLines,
  duration as durationText,
  escapeLatex,
  escapeMarkdown,
  fixed,
  grouped,
  pValue as pValueText,
  signed,
  signedRange,
  someNames,
  timeText,
  withMinus,
} from '../../core/api/numbers.ts';

const NONE = '–';

interface Mean {
  mean: number;
  std: number | null;
}

/** A metric with fixed decimals; "0.0512 ± 0.0007" for the mean of several seeds. */
export function meanText(cell: Mean | undefined, decimals = 4): string {
  if (!cell || !Number.isFinite(cell.mean)) return cell ? 'NaN' : NONE;
  const mean = fixed(cell.mean, decimals);
  return cell.std === null ? mean : `${mean} ± ${fixed(cell.std, decimals)}`;
}

/** The same with the number of seeds: "0.0512 ± 0.0007 (5)". */
export function metricText(cell: (Mean & { count: number }) | undefined, decimals = 4): string {
  const counted = cell && Number.isFinite(cell.mean) && cell.std !== null;
  return meanText(cell, decimals) + (counted ? ` (${cell.count})` : '');
}

/** A duration that need not be exact: "< 1 s", "12 min". */
export function shortTime(seconds: number | null | undefined): string {
  if (typeof seconds === 'number' && seconds < 1) return '< 1 s';
  return durationText(seconds).replace(/(?<=^[1-9]\d min) .*| 0 s$/, '');
}

/** "1.4 GB", in powers of ten as file managers do. */
export function bytesText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return NONE;
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** "2026-01-02 03:04" as a data set has it: its days are those of UTC. */
export const utcText = (time: number | null) =>
  time === null ? NONE : new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** How long ago, as "now", "12 min", "3 h", "yesterday", "4 days"; from a month on the day, as "2026-01-02". */
export function agoText(time: number | null | undefined, now: number): string {
  if (time === null || time === undefined) return NONE;
  const minutes = Math.floor((now - time) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const days = calendarDays(time, now);
  if (days === 0 || minutes < 360) return `${Math.floor(minutes / 60)} h`;
  if (days === 1) return 'yesterday';
  return days < 30 ? `${days} days` : timeText(time).slice(0, 10);
}

/** "12,101.5": with fixed decimals and in groups of three. */
export function decimalText(value: number | undefined, decimals: number): string {
  const [whole, part] = fixed(value, decimals).split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...(part === undefined ? [] : [part])].join('.');
}

/** " [0.0490, 0.0534]", to stand behind a value; empty without an interval. */
export function rangeText(interval: readonly [number, number] | null | undefined): string {
  return interval ? ` [${fixed(interval[0], 4)}, ${fixed(interval[1], 4)}]` : '';
}

/** Whether every word that is searched for occurs somewhere in the text, whatever the capitals. */
export function hasWords(text: string, search: string): boolean {
  const lower = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/** "0.0512 [1]": a text with the numbers of its footnotes. */
export function markedText(text: string, marks: readonly number[]): string {
  return [text, ...marks.map((mark) => `[${mark}]`)].join(' ');
}

/** A Semantic ID, or what is known of one: ⟨12⟩⟨201⟩⟨·⟩. */
export function idText(codes: readonly (number | null)[], collisionToken = 0): string {
  const text = codes.map((code) => `⟨${code ?? '·'}⟩`).join('');
  return collisionToken > 0 ? `${text}⟨+${collisionToken}⟩` : text;
}

/** A step has to run this long before its time left is worth a word. */
const TELLS_AFTER_SECONDS = 2;

/** "34 %, about 12 s left" of a step that has run for so many seconds; the next steps come on top. */
export function shareDoneText(fraction: number, seconds: number): string {
  const left = (seconds / fraction) * (1 - fraction);
  const isTelling = seconds > TELLS_AFTER_SECONDS && fraction > 0.02 && fraction < 1;
  return `${Math.round(100 * fraction)} %${isTelling ? `, about ${durationText(left)} left` : ''}`;
}
