import { ACTIONS, type ActionName } from './actions.ts';
import { identifier, literal, pathLiteral } from './duck.ts';
import type { PlannedFile } from './plan-types.ts';
import type { TimeUnit } from './request.ts';

/** Longest line DuckDB accepts: one user's whole history may stand on it. */
const MAX_LINE_BYTES = 16 * 2 ** 20;

interface ReadOptions {
  /** False reads files with mixed line ends, too. */
  strict?: boolean;
  /** SQL types of delimited columns that are not to be text. */
  types?: Record<string, string>;
}

/** SQL that reads a file with its columns as text. Lines that are no rows go to DuckDB's reject_errors. */
export function readText(
  file: PlannedFile,
  path: string,
  columns: readonly string[],
  { strict = true, types = {} }: ReadOptions = {},
): string {
  if (file.kind === 'parquet') {
    const list = columns.map((name) => `CAST(${identifier(name)} AS VARCHAR) AS ${identifier(name)}`);
    return `(SELECT ${list.join(', ')} FROM read_parquet(${pathLiteral(path)}))`;
  }
  if (file.kind === 'json') {
    const texts = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
    return `read_json(${pathLiteral(path)}, format = 'newline_delimited', ignore_errors = true, compression = 'uncompressed', columns = {${texts}})`;
  }
  const { separator, quoted } = file.dialect;
  const typed = file.columns.map((name) => `${literal(name)}: '${types[name] ?? 'VARCHAR'}'`).join(', ');
  const quote = quoted ? `'"'` : `''`;
  const options = [
    `columns = {${typed}}`,
    'auto_detect = false',
    // Whatever its name ends in, the file has been unpacked.
    `compression = 'none'`,
    `header = ${file.header}`,
    `delim = ${literal(separator)}`,
    `quote = ${quote}, escape = ${quote}`,
    `strict_mode = ${strict}`,
    'store_rejects = true',
  ];
  return `read_csv(${pathLiteral(path)}, ${options.join(', ')})`;
}

/** SQL that reads a text file as one column "line"; an empty line is NULL, so that row numbers are line numbers. */
export function readLines(path: string): string {
  const options = `auto_detect = false, compression = 'none', header = false, delim = '', quote = '', escape = ''`;
  return `read_csv(${pathLiteral(path)}, columns = {'line': 'VARCHAR'}, ${options}, max_line_size = ${MAX_LINE_BYTES})`;
}

/** The end of the year 9999 in Unix seconds: what lies beyond it, either way, is no time of an interaction. */
export const LAST_SECOND = 253_402_300_799;

/** SQL for Unix seconds out of a text column; NULL or not finite where it does not parse. */
export function secondsSql(column: string, unit: TimeUnit): string {
  if (unit === 'date') return `epoch(TRY_CAST(${column} AS TIMESTAMPTZ))`;
  if (unit === 'yymmddhh') return `epoch(try_strptime('20' || trim(${column}), '%Y%m%d%H'))`;
  const perSecond = { seconds: '', milliseconds: ' / 1e3', microseconds: ' / 1e6', nanoseconds: ' / 1e9' };
  return `TRY_CAST(${column} AS DOUBLE)${perSecond[unit]}`;
}

/** SQL for the bits of text columns: an action was done where its column is "1" (or "true"). */
export function actionsSql(actions: readonly ActionName[]): string {
  const terms = ACTIONS.filter(({ name }) => actions.includes(name)).map(
    ({ bit, column }) => `CASE WHEN lower(${identifier(column)}) IN ('1', 'true') THEN ${bit} ELSE 0 END`,
  );
  return `(${terms.join(' + ')})::UTINYINT`;
}
