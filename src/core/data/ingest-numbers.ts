import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { actionsSql } from './actions.ts';
import { takeRejects } from './bad-rows.ts';
import { type Duck, identifier } from './duck.ts';
import type { PlannedFile } from './plan.ts';
import { countIds, type IngestContext, type Ingested } from './raw-tables.ts';
import { readText, secondsSql } from './source-sql.ts';

const CHUNK_BYTES = 4 * 2 ** 20;
/** Whole numbers that are written as they print, and fit the columns. */
const PLAIN_ID = /^(0|[1-9]\d{0,8})$/;

/**
 * The fast way for the usual case: ids that are plain whole numbers, and no bad row. Leaves the same tables as the way
 * over text, with u and i as integers, or nothing and null where the case is another.
 *
 * An id is text, so "007" must not become 7. Every text DuckDB takes for a number n is at least as long as n printed,
 * but for exponents ("1e2"). So where the file has no letter e and the lengths of all ids add up to those of the
 * numbers printed, every id is its number printed. Adding lengths costs a third of printing and comparing every row.
 */
export async function ingestWholeNumbers(
  files: readonly PlannedFile[],
  paths: readonly string[],
  { duck, onFraction }: IngestContext,
): Promise<Ingested | null> {
  if (!files.every((file, index) => isCandidate(file) && !hasExponent(paths[index]))) return null;
  const { rating, time } = files[0].roles;
  const columns = ['u INTEGER', 'i INTEGER', 'length USMALLINT'];
  if (rating !== undefined) columns.push('r FLOAT');
  if (time !== undefined) columns.push('t DOUBLE');
  const { actions } = files[0];
  if (actions.length > 0) columns.push('a UTINYINT');
  await duck.run(`CREATE TABLE raw (${columns.join(', ')})`);
  const result = {
    hasRating: rating !== undefined,
    hasTime: time !== undefined,
    actions,
    badRows: 0,
    examples: [],
  };
  for (const [index, file] of files.entries()) {
    const fraction = (done: number) => onFraction((index + done) / files.length);
    if (!(await insertNumbers(duck, file, paths[index], fraction))) return giveUp(duck);
  }
  if (!(await allFinite(duck, result))) return giveUp(duck);
  await countIds(duck, 'raw', 'source_u', 'source_i');
  if (!(await idsAreTheirNumbers(duck))) return giveUp(duck);
  await duck.run('CREATE VIEW source AS SELECT * EXCLUDE (length), rowid AS row FROM raw');
  return result;
}

async function giveUp(duck: Duck): Promise<null> {
  for (const table of ['raw', 'source_u', 'source_i']) await duck.run(`DROP TABLE IF EXISTS ${table}`);
  return null;
}

function isCandidate(file: PlannedFile): boolean {
  const at = (name: string | undefined) => file.columns.indexOf(name ?? '');
  const [user, item] = [at(file.roles.user), at(file.roles.item)];
  return (
    file.kind === 'delimited' &&
    file.rows.every((row) => PLAIN_ID.test(row[user] ?? '') && PLAIN_ID.test(row[item] ?? '')) &&
    (file.roles.time === undefined || file.timeUnit !== 'date')
  );
}

/** Whether the letter e occurs after the first line, which may be a header. */
function hasExponent(path: string): boolean {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  try {
    for (let first = true; ; first = false) {
      const bytes = buffer.subarray(0, readSync(file, buffer));
      if (bytes.length === 0) return false;
      const from = first ? bytes.indexOf('\n') : 0;
      if (bytes.indexOf('e', from) >= 0 || bytes.indexOf('E', from) >= 0) return true;
    }
  } finally {
    closeSync(file);
  }
}

/** False where DuckDB rejected a row or gave up. */
async function insertNumbers(
  duck: Duck,
  file: PlannedFile,
  path: string,
  onFraction: (fraction: number) => void,
) {
  const { user, item, rating, time } = file.roles;
  const u = identifier(user ?? '');
  const i = identifier(item ?? '');
  const select = [`TRY_CAST(${u} AS INTEGER), TRY_CAST(${i} AS INTEGER), strlen(${u}) + strlen(${i})`];
  const types: Record<string, string> = {};
  for (const [name, type] of [
    [rating, 'FLOAT'],
    [time, 'DOUBLE'],
  ]) {
    if (name !== undefined && type !== undefined) types[name] = type;
  }
  if (rating !== undefined) select.push(identifier(rating));
  if (time !== undefined) select.push(secondsSql(identifier(time), file.timeUnit));
  if (file.actions.length > 0) select.push(actionsSql(file.actions));
  try {
    await duck.run(
      `INSERT INTO raw SELECT ${select.join(', ')} FROM ${readText(file, path, [], { types })}`,
      onFraction,
    );
  } catch (error) {
    // Mixed line ends, and pairs of ids too long for "length", are for the way over text.
    if (/invalid state|out of range/.test(messageOf(error))) return false;
    throw error;
  }
  return (await takeRejects(duck)).length === 0;
}

/** A sum is finite only where every value is, and is three times as fast as looking at every value. */
async function allFinite(duck: Duck, { hasRating, hasTime }: Ingested): Promise<boolean> {
  const conditions = ['count(u) = count(*)', 'count(i) = count(*)'];
  if (hasRating) conditions.push('count(r) = count(*) AND isfinite(sum(r))');
  if (hasTime) conditions.push('count(t) = count(*) AND isfinite(sum(t))');
  const { fine } = await duck.row<{ fine: boolean | null }>(
    `SELECT ${conditions.join(' AND ')} AS fine FROM raw`,
  );
  return fine === true;
}

async function idsAreTheirNumbers(duck: Duck): Promise<boolean> {
  const printed = (table: string) => `(SELECT sum(n * strlen(id::VARCHAR)) FROM ${table})`;
  const { same } = await duck.row<{ same: boolean | null }>(
    `SELECT (SELECT sum(length) FROM raw) = ${printed('source_u')} + ${printed('source_i')} AS same`,
  );
  return same === true;
}
