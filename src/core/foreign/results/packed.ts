/** Lists that programs write one a user (JSON, nested Parquet, several items in a row or a cell), as rows of user, item, and score or rank. */
import { constants } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { identifier, pathLiteral, withDuck } from '../../data/duck.ts';
import type { SniffedFile } from '../../data/formats/sniff.ts';
import { sourceSql } from '../../data/formats/source-sql.ts';
import { UserError } from '../../errors.ts';
import { csvCell } from '../../files/csv.ts';
import { isObject } from '../../files/json.ts';
import { pythonJson } from '../trackers/told.ts';
import { isNamed, notARow } from './columns.ts';

type Values = Record<string, unknown>;

/** An item of a list; without a score and a rank its place counts. */
interface Packed {
  item: unknown;
  score?: unknown;
  rank?: unknown;
}

/** Whether a text file begins as JSON with lists, and not with one row a line. */
export function packsJson(text: string): boolean {
  const start = text.replace(/^\ufeff/, '').trimStart();
  if (!/^[[{]/.test(start)) return false;
  const keys = start.slice(0, 2000).matchAll(/"([^"]+)"\s*:/g);
  const namesUser = [...keys].some(([, key]) => isNamed('user', key));
  const first = pythonJson(start.split(/\r?\n/, 1)[0]);
  if (start.startsWith('[')) return namesUser;
  // Such a line goes on, beyond the sample or on the next one: it is no row.
  if (!isObject(first)) return namesUser || /^\{\s*"[^"]*"\s*:\s*[[{]/.test(start);
  const record = opened(first);
  const values = Object.values(first);
  return userOf(record) === undefined
    ? values.length > 0 && values.every((value) => typeof value === 'object' && value !== null)
    : listOf(record) !== undefined;
}

export async function packsParquet(path: string): Promise<boolean> {
  const rows = await withDuck((duck) =>
    duck.rows<{ column_type: string }>(`DESCRIBE SELECT * FROM read_parquet(${pathLiteral(path)})`),
  );
  return rows.some(({ column_type }) => /\[\d*\]|^(STRUCT|MAP)/.test(column_type));
}

/** Of a table with one row a user, SQL of the list; null where it has other rows. */
export function packedColumns({ columns, header, rows }: SniffedFile): { user: string; list: string } | null {
  const users = columns.filter((column) => isNamed('user', column));
  const others = columns.filter((column) => !users.includes(column));
  if (!header || users.length !== 1 || others.length === 0) return null;
  const [user] = users;
  if (!others.every(namesList)) return null;
  const numbers = others.map((column) => Number(/\d+$/.exec(column)?.[0] ?? Number.NaN));
  const stems = new Set(others.map((column) => column.replace(/\d+$/, '')));
  if (others.length > 1 && stems.size === 1 && numbers.every(Number.isFinite)) {
    const ordered = others.toSorted((a, b) => numbers[others.indexOf(a)] - numbers[others.indexOf(b)]);
    return { user, list: `[${ordered.map(identifier).join(', ')}]` };
  }
  const cell = rows[0]?.[columns.indexOf(others[0])] ?? '';
  if (others.length > 1 || partsOf(cell).length < 2) return null;
  return { user, list: `string_split_regex(trim(${identifier(others[0])}, ' []()'), '${PARTS.source}')` };
}

/** Other columns with several words or numbers describe users. */
const namesList = (column: string) =>
  isNamed('item', column.replace(/[_ -]?\d+$/, '')) ||
  /^(rec|top|pred)|recommend|list|label|candidate/i.test(column);

const PARTS = /[\s,;|"\x27]+/;
const partsOf = (cell: string) => cell.split(PARTS).filter((part) => /[^[\]()]/.test(part));

/** Writes the rows of such a table as CSV. */
export async function unpackColumns(
  file: SniffedFile,
  plain: string,
  { user, list }: { user: string; list: string },
  to: string,
): Promise<string[]> {
  await withDuck((duck) =>
    duck.run(
      `COPY (SELECT "user", item, row_number() OVER (PARTITION BY line ORDER BY place) AS rank FROM (
         SELECT line, "user", unnest(list) AS item, generate_subscripts(list, 1) AS place FROM (
           SELECT row_number() OVER () AS line, ${identifier(user)} AS "user", ${list} AS list
           FROM ${sourceSql(file, plain, file.columns)})) WHERE item <> '' ORDER BY line, place)
       TO ${pathLiteral(to)} (FORMAT csv, HEADER true)`,
    ),
  );
  return ['user', 'item', 'rank'];
}

/** Writes nested Parquet as lines of JSON. */
export async function unpackParquet(path: string, to: string): Promise<void> {
  await withDuck((duck) =>
    duck.run(`COPY (SELECT * FROM read_parquet(${pathLiteral(path)})) TO ${pathLiteral(to)} (FORMAT json)`),
  );
}

export const TREC_COLUMNS = ['user', 'constant', 'item', 'rank', 'score', 'name'];

/** Writes the rows of a run of TREC as CSV; returns their columns. Throws UserError, which names `path`, for a line that is no row. */
export async function unpackTrec(path: string, plain: string, to: string): Promise<string[]> {
  const columns = ['user', 'item', 'rank', 'score'];
  async function* lines() {
    yield `${columns.join(',')}\n`;
    let at = 0;
    for await (const line of createInterface({
      input: createReadStream(plain),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      at++;
      if (line.trim() === '') continue;
      const [user, , item, rank, score, name, ...more] = line.trim().split(/\s+/);
      if (name === undefined || more.length > 0) throw notARow(path, at, TREC_COLUMNS);
      yield `${[user, item, rank, score].map(csvCell).join(',')}\n`;
    }
  }
  await pipeline(lines, createWriteStream(to));
  return columns;
}

/**
 * Writes the rows of JSON as CSV; returns their columns. Throws UserError, which names `path`, for what is no list of a user,
 * and for a document, or a line, of more than `most` bytes: more are no text of Node.
 */
export async function unpackJson(
  path: string,
  plain: string,
  to: string,
  most: number = constants.MAX_STRING_LENGTH,
): Promise<string[]> {
  const lists = listsIn(path, plain, most);
  const { value: first } = await lists.next();
  const [one] = first?.items ?? [];
  const order = one?.rank !== undefined ? 'rank' : one?.score !== undefined ? 'score' : null;
  const columns = ['user', 'item', order ?? 'rank'];
  async function* lines() {
    yield `${columns.join(',')}\n`;
    if (first) yield linesOf(first, order);
    for await (const list of lists) yield linesOf(list, order);
  }
  await pipeline(lines, createWriteStream(to));
  return columns;
}

interface UserList {
  user: string;
  items: Packed[];
}

const cellOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? csvCell(String(value)) : '';

function linesOf({ user, items }: UserList, order: 'rank' | 'score' | null): string {
  const value = (item: Packed, at: number) => (order === null ? at + 1 : item[order]);
  return items
    .map((item, at) => `${csvCell(user)},${cellOf(item.item)},${cellOf(value(item, at))}\n`)
    .join('');
}

/** Of lines with a record each, or of one document: a list of records, or lists by user. */
async function* listsIn(path: string, plain: string, most: number): AsyncGenerator<UserList, undefined> {
  const tooLong = () => {
    const problem = `one JSON document of more than ${Math.floor(most / 2 ** 20)} MiB cannot be read`;
    return new UserError(`${path}: ${problem}; write a line of JSON for each user`);
  };
  async function* chunks() {
    let line = 0;
    for await (const chunk of createReadStream(plain) as AsyncIterable<Buffer>) {
      const end = chunk.lastIndexOf('\n');
      line = end < 0 ? line + chunk.length : chunk.length - end;
      if (line > most) throw tooLong();
      yield chunk;
    }
  }
  const lines = createInterface({ input: Readable.from(chunks()), crlfDelay: Number.POSITIVE_INFINITY });
  const whole: string[] = [];
  let [number, length] = [0, 0];
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const record = whole.length === 0 ? pythonJson(line) : null;
    if (isObject(record) && userOf(opened(record)) !== undefined) yield listOfRecord(path, record, number);
    else if (number === 1 || whole.length > 0) {
      length += line.length + 1;
      if (length > most) throw tooLong();
      whole.push(line);
    } else throw new UserError(`${path}:${number}: no list of a user`);
  }
  if (whole.length === 0) return;
  const document = pythonJson(whole.join('\n'));
  if (Array.isArray(document))
    for (const [at, record] of document.entries()) yield listOfRecord(path, record, at + 1);
  else if (isObject(document))
    for (const [user, list] of Object.entries(document)) yield { user, items: itemsOf(list) };
  else throw new UserError(`${path}: cannot be read as JSON; write ${extname(path) || 'it'} again`);
}

function listOfRecord(path: string, value: unknown, number: number): UserList {
  const record = isObject(value) ? opened(value) : {};
  const user = userOf(record);
  if (user === undefined) throw new UserError(`${path}: entry ${number} does not say whose list it is`);
  const list = listOf(record);
  const scores = Object.entries(record).find(
    ([key, own]) => isNamed('score', key) && Array.isArray(own),
  )?.[1];
  return { user, items: list === undefined ? itemsOf([record]) : itemsOf(list, scores) };
}

/** A record whose user stands within a part of it, with the values of its parts. */
function opened(record: Values): Values {
  if (userOf(record) !== undefined) return record;
  return Object.assign({}, ...Object.values(record).filter(isObject)) as Values;
}

function userOf(record: Values): string | undefined {
  const value = Object.entries(record).find(([key]) => isNamed('user', key))?.[1];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function listOf(record: Values): unknown {
  return Object.entries(record).find(
    ([key, value]) => typeof value === 'object' && value !== null && !isNamed('score', key),
  )?.[1];
}

/** Ids, pairs of id and score, records, or scores by id. */
function itemsOf(list: unknown, scores?: unknown): Packed[] {
  if (isObject(list)) return Object.entries(list).map(([item, score]) => ({ item, score }));
  if (!Array.isArray(list)) return [{ item: list }];
  return list.map((one: unknown, at): Packed => {
    if (Array.isArray(one)) return { item: one[0], score: one[1] };
    if (!isObject(one)) return { item: one, score: Array.isArray(scores) ? scores[at] : undefined };
    const of = (role: 'item' | 'score' | 'rank') =>
      Object.entries(one).find(([key]) => isNamed(role, key))?.[1];
    return { item: of('item'), score: of('score'), rank: of('rank') };
  });
}
