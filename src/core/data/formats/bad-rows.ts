import { UserError } from '../../errors.ts';
import { parseObject } from '../../files/json.ts';
import { clip } from '../../names.ts';
import { clickProblem } from '../clicks/problems.ts';
import type { PlannedFile, Source } from '../import/plan-types.ts';
import type { Role } from '../import/request.ts';
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

/**
 * Says where the records with these 0-based, ascending numbers are and what is wrong with them. `copied` leaves malformed
 * records uncounted, as a copy without them does.
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
  const look = (record: TextRecord) => {
    if (header) header = false;
    else if (!copied || recordProblem(file, record) === null) {
      if (number++ === numbers[found.length]) found.push(describe(file, record));
    }
    return found.length < numbers.length;
  };
  await eachRecord(file, path, look, signal);
  return found;
}

function describe(file: PlannedFile, { bytes, start, end, line }: TextRecord): BadRow {
  const text = bytes.toString('utf8', start, end);
  const where = { file: file.path, line };
  if (file.kind === 'sequences') return { ...where, problem: `a user without items: "${clip(text)}"` };
  const values = file.kind === 'json' ? jsonFields(text, file.columns) : splitFields(text, file.dialect);
  if (values === null) return { ...where, problem: `not a JSON object: "${clip(text)}"` };
  if (file.clicks !== null) {
    return { ...where, problem: clickProblem(file, values) ?? `cannot be read: "${clip(text)}"` };
  }
  const value = (role: Role) => values[file.columns.indexOf(file.roles[role] ?? '')] ?? '';
  for (const role of ['user', 'item'] as const) {
    if (file.roles[role] !== undefined && value(role) === '') return { ...where, problem: `no ${role}` };
  }
  const problem =
    (file.roles.rating !== undefined && ratingProblem(value('rating'))) ||
    (file.roles.time !== undefined && timeProblem(value('time'), file.timeUnit));
  if (problem) return { ...where, problem };
  return { ...where, problem: `cannot be read: "${clip(text)}"` };
}

/** What DuckDB reads as a FLOAT; JavaScript's numbers are more, such as 0x10. */
const FLOAT = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
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
  if (unit === 'date' || unit === 'yymmddhh') return `${text} is not a date`;
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
      window: 'correct the file, or tick "Leave out rows that cannot be read"',
    },
  });
}
