import { throwIfCancelled } from '../../errors.ts';
import { actionColumns } from '../actions.ts';
import { type Duck, identifier } from '../duck.ts';
import { SHOWN_BAD_ROWS } from '../formats/bad-rows.ts';
import { count, countIds, type IngestContext, type IngestedInteractions } from '../formats/raw-tables.ts';
import { actionsSql, LAST_SECOND, secondsSql, sourceSql } from '../formats/source-sql.ts';
import { ingestWholeNumbers } from './ingest-numbers.ts';
import { badRowsOf, type Inserted, insertRecords } from './insert.ts';
import type { PlannedFile, Source } from './plan-types.ts';
import { prepareText } from './prepare.ts';

/**
 * Reads the interactions of all files into the table raw (u, i, and where there are such columns r, t, a), in file order:
 * rowid is the order of the source. Values that do not parse are NULL there; the view "source" leaves their rows out.
 * source_u and source_i have the ids of "source" and how often each occurs (id, n).
 */
export async function ingest(
  files: readonly PlannedFile[],
  context: IngestContext,
): Promise<IngestedInteractions> {
  const sources: Source[] = [];
  for (const [index, file] of files.entries()) {
    const onFraction = (fraction: number) => context.onFraction((index + fraction) / files.length);
    const key = `interactions${index}`;
    sources.push({ ...(await prepareText(file, context.staging, key, context.signal)), onFraction });
  }
  return (await ingestWholeNumbers(sources, context.duck)) ?? ingestTexts(sources, context.duck);
}

async function ingestTexts(sources: readonly Source[], duck: Duck): Promise<IngestedInteractions> {
  const { roles, actions } = sources[0].file;
  const hasRating = roles.rating !== undefined;
  const hasTime = roles.time !== undefined;
  const columns = [
    'u VARCHAR',
    'i VARCHAR',
    ...(hasRating ? ['r FLOAT'] : []),
    ...(hasTime ? ['t DOUBLE'] : []),
    ...(actions.length > 0 ? ['a UTINYINT'] : []),
  ];
  await duck.run(`CREATE TABLE raw (${columns.join(', ')})`);
  const bad = badCondition(hasRating, hasTime);
  const result: IngestedInteractions = {
    hasRating,
    hasTime,
    wholeSeconds: false,
    actions,
    badRows: 0,
    examples: [],
  };
  for (const source of sources) {
    throwIfCancelled(source.signal);
    const first = await count(duck, 'raw');
    const inserted = await insert(duck, source);
    const { total, examples } = await badRowsOf(
      duck,
      source,
      inserted,
      badRecords(source, inserted, bad, first),
    );
    result.badRows += total;
    result.examples.push(...examples);
  }
  result.examples.length = Math.min(result.examples.length, SHOWN_BAD_ROWS);
  const where = result.badRows > 0 ? `WHERE NOT (${bad})` : '';
  await duck.run(`CREATE VIEW source AS SELECT *, rowid AS row FROM raw ${where}`);
  await countIds(duck, 'source', 'source_u', 'source_i');
  return result;
}

/** Characters that count as blank around and between the ids of a sequence line. */
const BLANKS = `' ' || chr(9) || chr(12) || chr(13)`;
const TRIMMED = `trim(line, ${BLANKS})`;

function insert(duck: Duck, source: Source): Promise<Inserted> {
  const { file } = source;
  if (file.kind === 'sequences') {
    return insertRecords(duck, source, {
      columns: ['line'],
      insert: (from) =>
        `INSERT INTO raw SELECT tokens[1], unnest(tokens[2:]) FROM
         (SELECT string_split_regex(${TRIMMED}, '\\s+') AS tokens FROM ${from} WHERE ${TRIMMED} <> '')`,
      count: (from) => `SELECT count(*) AS n FROM ${from} WHERE ${TRIMMED} <> ''`,
    });
  }
  const { user, item, rating, time } = file.roles;
  const roles = [user, item, rating, time].filter((name) => name !== undefined);
  const select = [user, item].map((name) => identifier(name ?? ''));
  if (rating !== undefined) select.push(`TRY_CAST(${identifier(rating)} AS FLOAT)`);
  if (time !== undefined) select.push(secondsSql(identifier(time), file.timeUnit));
  if (file.actions.length > 0) select.push(actionsSql(file.actions));
  return insertRecords(duck, source, {
    columns: [...new Set([...roles, ...actionColumns(file.actions)])],
    insert: (from) => `INSERT INTO raw SELECT ${select.join(', ')} FROM ${from}`,
  });
}

function badCondition(hasRating: boolean, hasTime: boolean): string {
  const conditions = [`u IS NULL OR u = '' OR i IS NULL OR i = ''`];
  if (hasRating) conditions.push('r IS NULL OR NOT isfinite(r)');
  if (hasTime) conditions.push(`t IS NULL OR NOT abs(t) <= ${LAST_SECOND}`);
  return conditions.join(' OR ');
}

/** A query for the 0-based numbers of the bad records of a file, whose rows start at `first`. */
function badRecords({ file }: Source, { path, copied }: Inserted, bad: string, first: number): string {
  if (file.kind !== 'sequences')
    return `SELECT rowid - ${first} AS record FROM raw WHERE rowid >= ${first} AND (${bad})`;
  const lines = `SELECT row_number() OVER () - 1 AS record, ${TRIMMED} AS line FROM ${sourceSql(file, path, [], { copied })} WHERE ${TRIMMED} <> ''`;
  return `SELECT record FROM (${lines}) WHERE NOT regexp_matches(line, '\\s')`;
}
