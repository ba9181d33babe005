import { ACTIONS, type ActionName } from '../actions.ts';
import { identifier, literal, pathLiteral } from '../duck.ts';
import type { TimeUnit } from '../import/request.ts';
import type { SniffedFile } from './sniff.ts';

/** Longest line DuckDB accepts: one user's whole history may stand on it. */
const MAX_LINE_BYTES = 16 * 2 ** 20;

interface ReadOptions {
  /** Whether it is a copy of `copyRecords`: without header, and one way of ending lines. */
  copied?: boolean;
  /** Whether lines of delimited text that are no rows are noted in `reject_errors` instead of failing the statement. */
  rejects?: boolean;
  /** SQL types of delimited columns that are not to be text. */
  types?: ReadonlyMap<string, string>;
}

/**
 * SQL that reads a file with its columns as text; of sequences one column "line". A line of delimited text that is no row
 * fails the statement, one of JSON is a row of NULLs.
 */
export function sourceSql(
  file: SniffedFile,
  path: string,
  columns: readonly string[],
  { copied = false, rejects = false, types = new Map() }: ReadOptions = {},
): string {
  if (file.kind === 'parquet') {
    const list = columns.map((name) => `CAST(${identifier(name)} AS VARCHAR) AS ${identifier(name)}`);
    return `(SELECT ${list.join(', ')} FROM read_parquet(${pathLiteral(path)}))`;
  }
  if (file.kind === 'json') {
    const texts = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
    return `read_json(${pathLiteral(path)}, format = 'newline_delimited', ignore_errors = true, compression = 'uncompressed', columns = {${texts}})`;
  }
  // Whatever its name ends in, the file has been unpacked.
  const options = ['auto_detect = false', `compression = 'none'`];
  // Only a single thread never takes a line end within quotes for the end of a row.
  if (copied) options.push(`new_line = '\\n'`, 'parallel = false');
  if (rejects) options.push('store_rejects = true');
  if (file.kind === 'sequences') {
    options.push(`columns = {'line': 'VARCHAR'}`, 'header = false', `delim = '', quote = '', escape = ''`);
    options.push(`max_line_size = ${MAX_LINE_BYTES}`);
  } else {
    const { separator, quoted } = file.dialect;
    const typed = file.columns.map((name) => `${literal(name)}: '${types.get(name) ?? 'VARCHAR'}'`);
    const quote = quoted ? `'"'` : `''`;
    options.push(`columns = {${typed.join(', ')}}`, `header = ${file.header && !copied}`);
    options.push(`delim = ${literal(separator)}`, `quote = ${quote}, escape = ${quote}`);
  }
  return `read_csv(${pathLiteral(path)}, ${options.join(', ')})`;
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
