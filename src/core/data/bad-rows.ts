import { UserError } from '../errors.ts';
import { parseObject } from '../files/json.ts';
import { clip } from '../names.ts';
import { clickProblem } from './clicks/problems.ts';
import type { PlannedFile, Source } from './plan-types.ts';
import { eachRecord, recordProblem } from './records.ts';
import type { Role } from './request.ts';
import { isNumber } from './roles.ts';
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
  if (file.roles.rating !== undefined && !isNumber(value('rating'))) {
    return { ...where, problem: `rating "${clip(value('rating'))}" is not a number` };
  }
  if (file.roles.time !== undefined) return { ...where, problem: timeProblem(value('time'), file.timeUnit) };
  return { ...where, problem: `cannot be read: "${clip(text)}"` };
}

function timeProblem(value: string, unit: PlannedFile['timeUnit']): string {
  const text = `time "${clip(value)}"`;
  if (unit === 'date' || unit === 'yymmddhh') return `${text} is not a date`;
  return isNumber(value) ? `${text} is beyond the year 9999 in ${unit}` : `${text} is not a number`;
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
