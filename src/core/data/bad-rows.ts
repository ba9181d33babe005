import { createReadStream } from 'node:fs';
import { UserError } from '../errors.ts';
import { clickProblem } from './clicks/problems.ts';
import type { Duck } from './duck.ts';
import type { PlannedFile } from './plan-types.ts';
import type { Role } from './request.ts';
import { isNumber } from './roles.ts';
import { clip } from './sniff.ts';
import { RecordSplitter, splitFields, type TextRecord } from './text.ts';

/** How many bad rows are shown; all are counted. */
export const SHOWN_BAD_ROWS = 5;

export interface BadRow {
  file: string;
  /** 1-based line of the file; of Parquet the row; null where it could not be found. */
  line: number | null;
  problem: string;
}

/** A line that is no row: wrong number of columns, an open quote, bytes that are no text. */
export interface Reject {
  /** Byte offset of the line in the plain file. */
  offset: number;
  problem: string;
}

const REJECTS_SQL = `SELECT line_byte_position AS start, first(error_type::VARCHAR ORDER BY byte_position) AS kind,
  first(error_message ORDER BY byte_position) AS message FROM reject_errors GROUP BY start ORDER BY start`;

/** Takes what the last scan rejected out of DuckDB. */
export async function takeRejects(duck: Duck): Promise<Reject[]> {
  const rows = await duck.rows<{ start: bigint; kind: string; message: string }>(REJECTS_SQL);
  await duck.run('DROP TABLE reject_errors');
  await duck.run('DROP TABLE reject_scans');
  return rows.map(({ start, kind, message }) => ({
    // DuckDB counts bytes from 1.
    offset: Number(start) - 1,
    problem: rejectProblem(kind, message),
  }));
}

function rejectProblem(kind: string, message: string): string {
  const columns = /Columns: (\d+) Found: (\d+)/.exec(message);
  if (columns !== null)
    return `${kind.startsWith('TOO') ? 'more' : 'fewer'} columns than the ${columns[1]} expected`;
  if (kind === 'UNQUOTED VALUE') return 'a quote that is not closed, or text after a closing quote';
  if (kind === 'INVALID ENCODING')
    return 'bytes that are not UTF-8 (for Latin-1 text choose the encoding latin-1)';
  if (kind.startsWith('LINE SIZE')) return 'the line is too long';
  return clip(message, 100);
}

interface Wanted {
  /** 0-based numbers of accepted records, ascending. */
  records: number[];
  rejects: Reject[];
}

/** Finds the lines of bad rows by reading the plain file again. Only done when there are some to show. */
export async function locateBadRows(file: PlannedFile, path: string, wanted: Wanted): Promise<BadRow[]> {
  if (file.kind === 'parquet') {
    return wanted.records.map((row) => ({
      file: file.path,
      line: row + 1,
      problem: 'a value that cannot be read',
    }));
  }
  const rejected = new Set(wanted.rejects.map((reject) => reject.offset));
  const records = new Set(wanted.records);
  const lines = new Map<number, number>();
  const found: BadRow[] = [];
  let header = file.header;
  let accepted = 0;
  let rejectedBlank: number | null = null;
  const splitter = new RecordSplitter(file.dialect, (record) => {
    if ((file.kind === 'delimited' ? record.text : record.text.trim()) === '') {
      // DuckDB takes empty lines before a rejected row for its beginning.
      if (rejected.has(record.offset)) rejectedBlank = record.offset;
      return;
    }
    const reject = rejectedBlank ?? (rejected.has(record.offset) ? record.offset : null);
    rejectedBlank = null;
    if (header) header = false;
    else if (reject !== null) lines.set(reject, record.line);
    else if (records.has(accepted++)) found.push(describe(file, record));
  });
  await readPieces(path, (piece) => splitter.push(piece));
  splitter.end();
  const missing = wanted.rejects.filter((reject) => !lines.has(reject.offset));
  if (missing.length > 0) await countLines(path, missing, lines);
  for (const { offset, problem } of wanted.rejects) {
    found.push({ file: file.path, line: lines.get(offset) ?? null, problem });
  }
  return found.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, SHOWN_BAD_ROWS);
}

async function readPieces(path: string, use: (piece: string) => void): Promise<void> {
  for await (const piece of createReadStream(path, { encoding: 'latin1', highWaterMark: 2 ** 20 }))
    use(piece as string);
}

/** Lines of byte offsets where records could not be separated, by counting line ends. */
async function countLines(
  path: string,
  rejects: readonly Reject[],
  lines: Map<number, number>,
): Promise<void> {
  let line = 1;
  let offset = 0;
  await readPieces(path, (piece) => {
    let from = 0;
    for (const reject of rejects) {
      const until = reject.offset - offset;
      if (until < from || until >= piece.length) continue;
      line += feeds(piece.slice(from, until));
      lines.set(reject.offset, line);
      from = until;
    }
    line += feeds(piece.slice(from));
    offset += piece.length;
  });
}

function feeds(text: string): number {
  return text.split('\n').length - 1;
}

function describe(file: PlannedFile, record: TextRecord): BadRow {
  const text = Buffer.from(record.text, 'latin1').toString('utf8');
  const where = { file: file.path, line: record.line };
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
  try {
    const object = JSON.parse(text) as Record<string, unknown>;
    return columns.map((name) => String(object[name] ?? ''));
  } catch {
    return null;
  }
}

/** "ratings.csv:12: time "x" is not a number" */
export function badRowText({ file, line, problem }: BadRow): string {
  return `${file}${line === null ? '' : `:${line}`}: ${problem}`;
}

/** The one line an import with bad rows fails with. */
export function badRowsError(count: number, examples: readonly BadRow[]): UserError {
  const others = examples.slice(1).filter((row) => row.line !== null);
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
