import { withCommas } from '../names.ts';
import type { ComparisonCell, MetricColumn } from './types.ts';

/** A written number with a real minus sign. */
export function withMinus(text: string): string {
  return text.replace('-', '−');
}

/** A number with fixed decimals; a dash where there is none. */
export function fixed(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return withMinus(value.toFixed(decimals).replace(/^-(?=0(\.0*)?$)/, ''));
}

/** With a sign: "+0.0012", "−0.0030", "0.0000". */
export function signed(value: number | null | undefined, decimals: number): string {
  const text = fixed(value, decimals);
  return /^[–−]/.test(text) || Number(text) === 0 ? text : `+${text}`;
}

/** Both ends of an interval with their signs: "+0.0012 to +0.0034"; a dash without one. */
export function signedRange(
  interval: readonly [number, number] | null | undefined,
  decimals: number,
): string {
  return interval ? interval.map((end) => signed(end, decimals)).join(' to ') : '–';
}

type MeanOfSeeds = Pick<ComparisonCell, 'mean' | 'std'>;

/** " ± 0.0003", or nothing for a single run. */
export function spreadText(cell: MeanOfSeeds, column: Pick<MetricColumn, 'decimals'>): string {
  return cell.std === null ? '' : ` ± ${fixed(cell.std, column.decimals)}`;
}

/** "0.0605" or "0.0605 ± 0.0003". */
export function meanAndSpread(cell: MeanOfSeeds, column: Pick<MetricColumn, 'decimals'>): string {
  return fixed(cell.mean, column.decimals) + spreadText(cell, column);
}

/** p-values: three decimals, and "< 0.001" below. */
export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined || Number.isNaN(p)) return '–';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Whole numbers in groups of three: 12,101. */
export function grouped(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : withMinus(withCommas(Math.round(value)));
}

/** Seconds as "48 s", "12 min 5 s" or "3 h 20 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const whole = Math.round(seconds);
  if (whole < 60) return `${seconds < 10 ? seconds.toFixed(1) : whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Bytes as "812 MiB" or "1.4 GiB". */
export function memoryText(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–';
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${fixed(bytes / 2 ** 30, 1)} GiB`;
}

/** Joules as "0.42 Wh" or "1.3 kWh". */
export function energyText(joules: number | null | undefined): string {
  if (joules === null || joules === undefined) return '–';
  const hours = joules / 3600;
  return hours < 1000 ? `${fixed(hours, hours < 10 ? 2 : 1)} Wh` : `${fixed(hours / 1000, 2)} kWh`;
}

/** Seconds as "0.213 ms". */
export function milliseconds(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? '–' : `${fixed(1000 * seconds, 3)} ms`;
}

/** Local time as "2026-01-02 03:04", of Unix milliseconds. */
export function timeText(time: number | null | undefined): string {
  if (time === null || time === undefined) return '–';
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Local time to the second, as "2026-01-02 03:04:05", of Unix milliseconds. */
export function clockText(time: number): string {
  return `${timeText(time)}:${String(new Date(time).getSeconds()).padStart(2, '0')}`;
}
