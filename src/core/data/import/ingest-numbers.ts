import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CancelledError, UserError } from '../../errors.ts';
import { type Duck, identifier } from '../duck.ts';
import { count, countIds, type IngestedInteractions } from '../formats/raw-tables.ts';
import { countRecords } from '../formats/records.ts';
import { actionsSql, LAST_SECOND, secondsSql, sourceSql } from '../formats/source-sql.ts';
import type { PlannedFile, Source } from './plan-types.ts';

const CHUNK_BYTES = 2 ** 18;
/** Whole numbers that are written as they print, and fit the columns. */
const PLAIN_ID = /^(0|[1-9]\d{0,8})$/;
const PLAIN_SECONDS = /^(0|[1-9]\d{0,9})$/;
/** Of exponents and of hexadecimal. */
const LETTERS = Buffer.from('eExX');
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** How columns are read as numbers, and how the reading proves that no id was written another way ("007"). */
interface Reading {
  /**
   * Where every column is used and lines end in one byte: the bytes of all files without headers, all of which then
   * belong to a value, a separator or a line end. Otherwise null, and the lengths of the ids are added up.
   */
  bytes: number | null;
  /** Whether the times are read as whole seconds of 32 bits; only where bytes are counted. */
  wholeSeconds: boolean;
}

/**
 * The fast way for the usual case: ids that are plain whole numbers, and no bad row. Leaves the same tables as the way
 * over text, with u and i as integers, or nothing and null where the case is another.
 *
 * An id is text, so "007" must not become 7. Every text DuckDB takes for a number n is at least as long as n printed,
 * but for exponents ("1e2") and hexadecimal ("0xFFFFFFF"). So where the file has no letter e or x and the lengths of
 * all ids add up to those of the numbers printed, every id is its number printed. Adding lengths costs a third of
 * printing and comparing every row. Where every column is used and lines end in one byte, the size of the file says
 * how long the numbers are, and they need not be read as text at all.
 */
export async function ingestWholeNumbers(
  sources: readonly Source[],
  duck: Duck,
): Promise<IngestedInteractions | null> {
  const files = sources.map(({ file }) => file);
  const paths = sources.map(({ path }) => path);
  if (!files.every((file, index) => isCandidate(file) && !hasLetters(paths[index]))) return null;
  const reading = readingOf(files, paths);
  const { rating, time } = files[0].roles;
  const columns = ['u INTEGER', 'i INTEGER', 'length USMALLINT'];
  if (rating !== undefined) columns.push('r FLOAT');
  if (time !== undefined) columns.push(reading.wholeSeconds ? 't UINTEGER' : 't DOUBLE');
  const { actions } = files[0];
  if (actions.length > 0) columns.push('a UTINYINT');
  await duck.run(`CREATE TABLE raw (${columns.join(', ')})`);
  const result: IngestedInteractions = {
    kind: 'interactions',
    hasRating: rating !== undefined,
    hasTime: time !== undefined,
    wholeSeconds: reading.wholeSeconds,
    actions,
    events: [],
    badRows: 0,
    examples: [],
  };
  for (const source of sources) {
    if (!(await insertNumbers(duck, source, reading))) return fallBackToText(duck);
  }
  if (!(await allFinite(duck, result))) return fallBackToText(duck);
  await countIds(duck, 'raw', 'source_u', 'source_i');
  if (!(await areTheirNumbers(duck, files[0], reading))) return fallBackToText(duck);
  await duck.run('CREATE VIEW source AS SELECT * EXCLUDE (length), rowid AS row FROM raw');
  return result;
}

async function fallBackToText(duck: Duck): Promise<null> {
  for (const table of ['raw', 'source_u', 'source_i']) await duck.run(`DROP TABLE IF EXISTS ${table}`);
  return null;
}

function isCandidate(file: PlannedFile): boolean {
  const at = (name: string | undefined) => file.columns.indexOf(name ?? '');
  const [user, item] = [at(file.roles.user), at(file.roles.item)];
  return (
    file.kind === 'delimited' &&
    file.side === null &&
    file.rows.every((row) => PLAIN_ID.test(row[user] ?? '') && PLAIN_ID.test(row[item] ?? '')) &&
    (file.roles.time === undefined || !['date', 'yymmddhh'].includes(file.timeUnit))
  );
}

/** Whether one of LETTERS occurs after the first line, which may be a header. */
function hasLetters(path: string): boolean {
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  try {
    for (let first = true; ; first = false) {
      const bytes = buffer.subarray(0, readSync(file, buffer));
      if (bytes.length === 0) return false;
      const from = first ? bytes.indexOf('\n') : 0;
      if (LETTERS.some((letter) => bytes.indexOf(letter, from) >= 0)) return true;
    }
  } finally {
    closeSync(file);
  }
}

function readingOf(files: readonly PlannedFile[], paths: readonly string[]): Reading {
  const [{ roles, dialect }] = files;
  const used = [roles.user, roles.item, roles.rating, roles.time].filter((name) => name !== undefined);
  let bytes: number | null = 0;
  for (const [index, file] of files.entries()) {
    const whole = file.columns.length === used.length && file.columns.every((name) => used.includes(name));
    const body = whole && file.dialect.separator === dialect.separator ? bodyBytes(file, paths[index]) : null;
    bytes = bytes === null || body === null ? null : bytes + body;
  }
  return { bytes, wholeSeconds: bytes !== null && files.every(hasPlainSeconds) };
}

function hasPlainSeconds({ columns, roles, timeUnit, rows }: PlannedFile): boolean {
  const at = columns.indexOf(roles.time ?? '');
  return at >= 0 && timeUnit === 'seconds' && rows.every((row) => PLAIN_SECONDS.test(row[at] ?? ''));
}

/** Bytes of a file without its header, a line feed at its end counted; null where lines end in two bytes. */
function bodyBytes({ header }: PlannedFile, path: string): number | null {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(CHUNK_BYTES);
    const feed = head.subarray(0, readSync(file, head)).indexOf('\n');
    if (feed < 1 || head[feed - 1] === CARRIAGE_RETURN) return null;
    const { size } = fstatSync(file);
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return size - (header ? feed + 1 : 0) + (last[0] === LINE_FEED ? 0 : 1);
  } finally {
    closeSync(file);
  }
}

/** Column types to read with, and what to select into raw. "length" is of the columns that are read as text. */
function selection({ roles, actions, timeUnit }: PlannedFile, { bytes, wholeSeconds }: Reading) {
  const [u, i] = [roles.user ?? '', roles.item ?? ''];
  const types = new Map<string, string>();
  const texts: string[] = [];
  const counted = bytes !== null;
  const select: string[] = [];
  for (const id of [u, i]) {
    if (counted) types.set(id, 'INTEGER');
    else texts.push(id);
    select.push(counted ? identifier(id) : `TRY_CAST(${identifier(id)} AS INTEGER)`);
  }
  const { rating, time } = roles;
  if (rating !== undefined) {
    if (counted) texts.push(rating);
    else types.set(rating, 'FLOAT');
    select.push(`TRY_CAST(${identifier(rating)} AS FLOAT)`);
  }
  if (time !== undefined) {
    if (counted && !wholeSeconds) texts.push(time);
    else types.set(time, wholeSeconds ? 'UINTEGER' : 'DOUBLE');
    select.push(wholeSeconds ? identifier(time) : secondsSql(identifier(time), timeUnit));
  }
  if (actions.length > 0) select.push(actionsSql(actions));
  const length = texts.map((name) => `strlen(${identifier(name)})`).join(' + ') || '0';
  select.splice(2, 0, length);
  return { types, select };
}

/** False where not every record could be read. */
async function insertNumbers(duck: Duck, source: Source, reading: Reading): Promise<boolean> {
  const { file, path, signal, onFraction } = source;
  const { types, select } = selection(file, reading);
  // Where bytes are counted, that leaves no room for a lost record.
  const counting = reading.bytes === null ? countRecords(file, path, signal) : null;
  const inserting = duck.run(
    `INSERT INTO raw SELECT ${select.join(', ')} FROM ${sourceSql(file, path, [], { types })}`,
    onFraction,
  );
  const [inserted, counted] = await Promise.allSettled([inserting, counting]);
  if (counted.status === 'rejected') throw counted.reason;
  if (inserted.status === 'rejected') {
    if (inserted.reason instanceof UserError || inserted.reason instanceof CancelledError)
      throw inserted.reason;
    return false;
  }
  return (
    counted.value === null || (counted.value.flawless && counted.value.records === inserted.value.rowsChanged)
  );
}

/** A sum is finite only where every value is, and is three times as fast as looking at every value. */
async function allFinite(
  duck: Duck,
  { hasRating, hasTime, wholeSeconds }: IngestedInteractions,
): Promise<boolean> {
  const conditions = ['count(u) = count(*)', 'count(i) = count(*)'];
  if (hasRating) conditions.push('count(r) = count(*) AND isfinite(sum(r))');
  if (hasTime) {
    const inRange = ` AND min(t) >= ${-LAST_SECOND} AND max(t) <= ${LAST_SECOND}`;
    conditions.push(`count(t) = count(*)${wholeSeconds ? '' : inRange}`);
  }
  const { fine } = await duck.row<{ fine: boolean | null }>(
    `SELECT ${conditions.join(' AND ')} AS fine FROM raw`,
  );
  return fine === true;
}

/** Whether every whole number was written as it prints: see ingestWholeNumbers. */
async function areTheirNumbers(
  duck: Duck,
  { columns, dialect }: PlannedFile,
  { bytes, wholeSeconds }: Reading,
): Promise<boolean> {
  const printed = (table: string) => `(SELECT sum(n * strlen(id::VARCHAR)) FROM ${table})`;
  const { texts, ids } = await duck.row<{ texts: number; ids: number }>(
    `SELECT (SELECT sum(length) FROM raw)::DOUBLE AS texts, (${printed('source_u')} + ${printed('source_i')})::DOUBLE AS ids`,
  );
  if (bytes === null) return texts === ids;
  const between = (columns.length - 1) * Buffer.byteLength(dialect.separator) + 1;
  const times = wholeSeconds ? await timeDigits(duck) : 0;
  return bytes === texts + ids + times + between * (await count(duck, 'raw'));
}

/** Digits of all times printed. */
async function timeDigits(duck: Duck): Promise<number> {
  const { from, to } = await duck.row<{ from: number; to: number }>(
    'SELECT min(t) AS "from", max(t) AS "to" FROM raw',
  );
  const digits = [`count(*) * ${String(from).length}`];
  for (let more = String(from).length; more < String(to).length; more++) {
    digits.push(`count(*) FILTER (t >= ${10 ** more})`);
  }
  const { sum } = await duck.row<{ sum: bigint }>(`SELECT ${digits.join(' + ')} AS sum FROM raw`);
  return Number(sum);
}
