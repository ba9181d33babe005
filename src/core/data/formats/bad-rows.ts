import { UserError } from '../../errors.ts';
import { parseObject } from '../../files/json.ts';
import { clip } from '../../names.ts';
import { MISSING_NUMBERS } from '../import/feature-roles.ts';
import type { PlannedFile, Source } from '../import/plan-types.ts';
import { isNumber } from '../import/roles.ts';
import { needsIds, type RowColumn, rowColumns } from '../import/row-columns.ts';
import { eachRecord, recordProblem } from './records.ts';
import { splitFields, type TextRecord } from './text.ts';

/** How many bad rows are shown; all are counted. */
export const SHOWN_BAD_ROWS = 5;

export interface BadRow {
  file: string;
  /** 1-based line of the file; of Parquet the row. */
  line: number;
  problem: string;
}

export interface BadRows {
  badRows: number;
  /** The first bad rows of the first files that have some. */
  examples: BadRow[];
}

/** The bad rows of all parts together. */
export function allBadRows(parts: readonly (BadRows | null)[]): BadRows {
  const present = parts.filter((part) => part !== null);
  return {
    badRows: present.reduce((sum, part) => sum + part.badRows, 0),
    examples: present.flatMap((part) => part.examples),
  };
}

/**
 * Says where the records with these 0-based, ascending numbers are and what is wrong with them. With `copied` the numbers
 * are of a copy without malformed records.
 */
export async function locateRecords(
  { file, path, signal }: Source,
  numbers: readonly number[],
  copied: boolean,
): Promise<BadRow[]> {
  if (file.kind === 'parquet') {
    return numbers.map((row) => ({ file: file.path, line: row + 1, problem: 'a value that cannot be read' }));
  }
  const found: BadRow[] = [];
  let header = file.header;
  let number = 0;
  const inspect = (record: TextRecord) => {
    if (header) header = false;
    else if (!copied || recordProblem(file, record) === null) {
      if (number++ === numbers[found.length]) found.push(describe(file, record));
    }
    return found.length < numbers.length;
  };
  await eachRecord(file, path, inspect, signal);
  return found;
}

function describe(file: PlannedFile, { bytes, start, end, line }: TextRecord): BadRow {
  const text = bytes.toString('utf8', start, end);
  const where = { file: file.path, line };
  if (file.kind === 'sequences') return { ...where, problem: `a user without items: "${clip(text)}"` };
  const values = file.kind === 'json' ? jsonFields(text, file.columns) : splitFields(text, file.dialect);
  if (values === null) return { ...where, problem: `not a JSON object: "${clip(text)}"` };
  const columns = rowColumns(file);
  for (const column of BLAMED.flatMap((role) => columns.filter((one) => one.role === role))) {
    const problem = valueProblem(file, column, values[file.columns.indexOf(column.name)] ?? '');
    if (problem !== null) return { ...where, problem };
  }
  return { ...where, problem: `cannot be read: "${clip(text)}"` };
}

/** Roles whose values make a row bad, in the order in which they are looked at. */
const BLAMED = ['label', 'dense', 'user', 'item', 'rating', 'time'] as const;

/** What is wrong with a value, or null. */
function valueProblem(file: PlannedFile, { name, role }: RowColumn, value: string): string | null {
  const text = value.trim();
  if (role === 'rating') return ratingProblem(value);
  if (role === 'time') return timeProblem(value, file.timeUnit);
  if (role === 'label') {
    const known = /^(true|false)$/i.test(text) || (isNumber(text) && [0, 1].includes(Number(text)));
    return known ? null : `label ${name} "${clip(text)}" is neither 0 nor 1`;
  }
  if (role === 'dense') {
    const fine = FLOAT.test(text) && Number.isFinite(Number(text));
    const missing = MISSING_NUMBERS.some((word) => word === text.toLowerCase());
    return fine || missing ? null : `${name} "${clip(text)}" is not a number`;
  }
  if (file.clicks === null) return value === '' ? `no ${role}` : null;
  return text === '' && needsIds(file) ? `no ${name}` : null;
}

/** What DuckDB reads as a FLOAT; JavaScript's numbers are more, such as 0x10. */
const FLOAT = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
const MAX_FLOAT = 3.4028235e38;

/** What is wrong with a rating, or null. */
function ratingProblem(value: string): string | null {
  const text = `rating "${clip(value)}"`;
  if (!FLOAT.test(value)) return `${text} is not a number`;
  return Math.abs(Number(value)) > MAX_FLOAT ? `${text} is too large` : null;
}

const LAST_SECOND = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
const PER_SECOND: Record<string, number> = {
  seconds: 1,
  milliseconds: 1e3,
  microseconds: 1e6,
  nanoseconds: 1e9,
};

/** What is wrong with a time, or null where it is not the time. */
function timeProblem(value: string, unit: PlannedFile['timeUnit']): string | null {
  const text = `time "${clip(value)}"`;
  if (unit === 'date') return `${text} is not a date`;
  if (unit === 'yymmddhh') return `${text} is not an hour such as 14102100`;
  if (!FLOAT.test(value)) return `${text} is not a number`;
  return Math.abs(Number(value)) / (PER_SECOND[unit ?? 'seconds'] ?? 1) > LAST_SECOND
    ? `${text} is beyond the year 9999 in ${unit}`
    : null;
}

function jsonFields(text: string, columns: readonly string[]): string[] | null {
  const object = parseObject(text);
  return object && columns.map((name) => String(object[name] ?? ''));
}

/** "ratings.csv:12: time "x" is not a number" */
export function badRowText({ file, line, problem }: BadRow): string {
  return `${file}:${line}: ${problem}`;
}

/** The one line an import with bad rows fails with. */
export function badRowsError(count: number, examples: readonly BadRow[]): UserError {
  const others = examples.slice(1);
  const more =
    count === 1
      ? 'the only bad row'
      : `${count} bad rows in all${others.length > 0 ? `, next in line ${others.map((row) => row.line).join(', ')}` : ''}`;
  return new UserError({
    code: 'bad-rows',
    problem: `${badRowText(examples[0])} (${more})`,
    fix: {
      cli: 'correct the file, or leave bad rows out with --skip-bad-rows',
      window: 'correct the file, or tick "Skip rows that cannot be read"',
    },
  });
}
