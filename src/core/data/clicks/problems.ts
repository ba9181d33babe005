import { clip } from '../../names.ts';
import type { PlannedFile } from '../import/plan-types.ts';
import { isNumber } from '../import/roles.ts';
import { columnsOf } from './check.ts';

/** Texts that stand for a missing number. */
export const MISSING_NUMBERS = ['', 'null', 'na', 'nan', 'none'] as const;

/** Why a row of a click log is bad, or null where it is not known. `values` are its fields as text. */
export function clickProblem(file: PlannedFile, values: readonly string[]): string | null {
  const value = (column: string) => (values[file.columns.indexOf(column)] ?? '').trim();
  for (const column of columnsOf(file, 'label')) {
    const text = value(column).toLowerCase();
    const given = text !== '' && isNumber(text) ? Number(text) : text;
    if (given !== 0 && given !== 1 && text !== 'true' && text !== 'false')
      return `label ${column} "${clip(value(column))}" is neither 0 nor 1`;
  }
  for (const column of columnsOf(file, 'dense')) {
    const text = value(column);
    if (!MISSING_NUMBERS.some((missing) => missing === text.toLowerCase()) && !isNumber(text))
      return `${column} "${clip(text)}" is not a number`;
  }
  const apart = columnsOf(file, 'label').length === 0 ? columnsOf(file, 'user', 'item') : [];
  for (const column of apart) if (value(column) === '') return `no ${column}`;
  if (file.roles.time === undefined) return null;
  const kinds: Record<string, string> = { date: 'a date', yymmddhh: 'an hour such as 14102100' };
  return `time "${clip(value(file.roles.time))}" is not ${kinds[file.timeUnit] ?? 'a number'}`;
}
