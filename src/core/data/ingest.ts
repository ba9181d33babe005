import { messageOf, throwIfCancelled } from '../errors.ts';
import { actionColumns } from './actions.ts';
import { locateBadRows, type Reject, SHOWN_BAD_ROWS, takeRejects } from './bad-rows.ts';
import { type Duck, identifier } from './duck.ts';
import { ingestWholeNumbers } from './ingest-numbers.ts';
import type { PlannedFile } from './plan-types.ts';
import { prepareText } from './prepare.ts';
import { count, countIds, type IngestContext, type IngestedInteractions } from './raw-tables.ts';
import { actionsSql, LAST_SECOND, readLines, readText, secondsSql } from './source-sql.ts';

/**
 * Reads the interactions of all files into the table raw (u, i, and where there are such columns r, t, a), in file order:
 * rowid is the order of the source. Values that do not parse are NULL there; the view "source" leaves their rows out.
 * source_u and source_i have the ids of "source" and how often each occurs (id, n).
 */
export async function ingest(
  files: readonly PlannedFile[],
  context: IngestContext,
): Promise<IngestedInteractions> {
  const paths: string[] = [];
  for (const [index, file] of files.entries()) {
    paths.push(await prepareText(file, context.staging, `interactions${index}`, context.signal));
  }
  return (await ingestWholeNumbers(files, paths, context)) ?? ingestTexts(files, paths, context);
}

async function ingestTexts(files: readonly PlannedFile[], paths: readonly string[], context: IngestContext) {
  const { duck } = context;
  const hasRating = files[0].roles.rating !== undefined;
  const hasTime = files[0].roles.time !== undefined;
  const columns = [
    'u VARCHAR',
    'i VARCHAR',
    ...(hasRating ? ['r FLOAT'] : []),
    ...(hasTime ? ['t DOUBLE'] : []),
    ...(files[0].actions.length > 0 ? ['a UTINYINT'] : []),
  ];
  await duck.run(`CREATE TABLE raw (${columns.join(', ')})`);
  const bad = badCondition(hasRating, hasTime);
  const result: IngestedInteractions = {
    hasRating,
    hasTime,
    wholeSeconds: false,
    actions: files[0].actions,
    badRows: 0,
    examples: [],
  };
  for (const [index, file] of files.entries()) {
    throwIfCancelled(context.signal);
    const onFraction = (fraction: number) => context.onFraction((index + fraction) / files.length);
    const first = await count(duck, 'raw');
    const rejects = await insert(duck, file, paths[index], onFraction);
    const { badRecords, total } = await findBad(duck, file, paths[index], bad, first);
    result.badRows += rejects.length + total;
    if (rejects.length + total > 0 && result.examples.length < SHOWN_BAD_ROWS) {
      const wanted = { records: badRecords, rejects: rejects.slice(0, SHOWN_BAD_ROWS) };
      result.examples.push(...(await locateBadRows(file, paths[index], wanted)));
    }
  }
  result.examples.length = Math.min(result.examples.length, SHOWN_BAD_ROWS);
  const where = result.badRows > 0 ? `WHERE NOT (${bad})` : '';
  await duck.run(`CREATE VIEW source AS SELECT *, rowid AS row FROM raw ${where}`);
  await countIds(duck, 'source', 'source_u', 'source_i');
  return result;
}

async function insert(duck: Duck, file: PlannedFile, path: string, onFraction: (fraction: number) => void) {
  if (file.kind === 'sequences') {
    await duck.run(
      `INSERT INTO raw SELECT tokens[1], unnest(tokens[2:]) FROM
       (SELECT string_split_regex(trim(line, ${BLANKS}), '\\s+') AS tokens FROM ${readLines(path)} WHERE trim(line, ${BLANKS}) <> '')`,
      onFraction,
    );
    return [];
  }
  const { user, item, rating, time } = file.roles;
  const roles = [user, item, rating, time].filter((name) => name !== undefined);
  const used = [...new Set([...roles, ...actionColumns(file.actions)])];
  const select = [user, item].map((name) => identifier(name ?? ''));
  if (rating !== undefined) select.push(`TRY_CAST(${identifier(rating)} AS FLOAT)`);
  if (time !== undefined) select.push(secondsSql(identifier(time), file.timeUnit));
  if (file.actions.length > 0) select.push(actionsSql(file.actions));
  return insertSelect(duck, `INSERT INTO raw SELECT ${select.join(', ')}`, file, path, used, onFraction);
}

/** Characters that count as blank around and between the ids of a sequence line. */
const BLANKS = `' ' || chr(9) || chr(13)`;

/** Runs "INSERT … SELECT …" over a file and returns the lines that were no rows. */
export async function insertSelect(
  duck: Duck,
  select: string,
  file: PlannedFile,
  path: string,
  columns: readonly string[],
  onFraction?: (fraction: number) => void,
): Promise<Reject[]> {
  try {
    await duck.run(`${select} FROM ${readText(file, path, columns)}`, onFraction);
  } catch (error) {
    // Files with mixed line ends stop DuckDB's strict reader.
    if (file.kind !== 'delimited' || !/invalid state/.test(messageOf(error))) throw error;
    await duck.run(`${select} FROM ${readText(file, path, columns, { strict: false })}`, onFraction);
  }
  return file.kind === 'delimited' ? takeRejects(duck) : [];
}

function badCondition(hasRating: boolean, hasTime: boolean): string {
  const conditions = [`u IS NULL OR u = '' OR i IS NULL OR i = ''`];
  if (hasRating) conditions.push('r IS NULL OR NOT isfinite(r)');
  if (hasTime) conditions.push(`t IS NULL OR NOT abs(t) <= ${LAST_SECOND}`);
  return conditions.join(' OR ');
}

/** The first bad records of the rows from `first` on, as 0-based record numbers of the file, and how many there are. */
async function findBad(duck: Duck, file: PlannedFile, path: string, bad: string, first: number) {
  if (file.kind === 'sequences') {
    const sql = `SELECT n - 1 AS record FROM (SELECT row_number() OVER () AS n, line FROM ${readLines(path)} WHERE trim(line, ${BLANKS}) <> '')
      WHERE NOT regexp_matches(trim(line, ${BLANKS}), '\\s')`;
    return badNumbers(duck, sql);
  }
  return badNumbers(duck, `SELECT rowid - ${first} AS record FROM raw WHERE rowid >= ${first} AND (${bad})`);
}

async function badNumbers(duck: Duck, sql: string): Promise<{ badRecords: number[]; total: number }> {
  const { total } = await duck.row<{ total: bigint }>(`SELECT count(*) AS total FROM (${sql})`);
  if (total === 0n) return { badRecords: [], total: 0 };
  const rows = await duck.rows<{ record: bigint }>(`${sql} ORDER BY record LIMIT ${SHOWN_BAD_ROWS}`);
  return { badRecords: rows.map((row) => Number(row.record)), total: Number(total) };
}
