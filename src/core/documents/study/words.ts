/** Numbers and sentences of scaling studies, as every report and the terminal put them. */

import { settingText } from '../../setting-value.ts';
import type { StudyLaw } from '../../studies/analysis.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { fixed } from '../format.ts';

const UNITS = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** 1.25e12 → "1.25 T". */
export function amount(value: number): string {
  const place = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${Number((value / 1000 ** place).toPrecision(3))} ${UNITS[place]}`;
}

/** Significant digits, without an exponent where it can be read. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e6 || magnitude < 1e-3)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

export const range = ([low, high]: readonly [number, number]) =>
  `${shortNumber(low)} to ${shortNumber(high)}`;

/** "L(N) = 5.9 + (1200 / N)^0.71"; a dash where none was fitted. */
export function lawFormula({ axis, fit }: StudyLaw): string {
  if (!fit) return '–';
  const { e, x0, alpha } = fit.law;
  const symbol = axis === 'parameters' ? 'N' : 'D';
  return `L(${symbol}) = ${shortNumber(e)} + (${shortNumber(x0)} / ${symbol})^${shortNumber(alpha)}`;
}

/** Whether the law predicted the largest size, in one sentence; null where it was not tried. */
export function predictionText({ heldOut }: StudyLaw): string | null {
  if (!heldOut) return null;
  const { label, measured, predicted, interval, inside } = heldOut;
  return (
    `Fitted without ${label}, the law predicts ${fixed(predicted, 4)} there (95 %: ${fixed(interval[0], 4)} to ` +
    `${fixed(interval[1], 4)}); measured ${fixed(measured, 4)}, ${inside ? 'inside' : 'outside'}.`
  );
}

/** "learningRate=0.001 dropout=0.2" */
export function settingsText(settings: SweepTrial['settings']): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${settingText(value)}`)
    .join(' ');
}
