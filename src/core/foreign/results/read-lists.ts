/** Recommendations that another program wrote, read from a file and matched with the ids of a data set. */
import { join } from 'node:path';
import { readColumn, readColumns } from '../../data/columns.ts';
import { type Duck, identifier, pathLiteral, withDuck } from '../../data/duck.ts';
import type { SniffedFile } from '../../data/formats/sniff.ts';
import { sourceSql } from '../../data/formats/source-sql.ts';
import { rolesByName } from '../../data/import/roles.ts';
import { offsetsOf } from '../../data/import/write.ts';
import { UserError } from '../../errors.ts';
import { countText } from '../../names.ts';
import { type ResultColumns, type ResultRole, resultColumns } from './columns.ts';
import type { IdFiles } from './request.ts';
import { hasArrays, type Source, sniffed, tableError, withSource } from './source.ts';

/** Lists of users, best first. */
export interface ResultLists {
  /** Dense ids, ascending. */
  users: Int32Array;
  /** Where the list of each user begins, and the end of the last one, [users + 1]. */
  offsets: Int32Array;
  /** Dense ids; -1 for one that the data set does not have. */
  items: Int32Array;
  /** Of each item; null where the file has ranks alone. */
  scores: Float64Array | null;
}

/** What a file holds besides. */
export interface ReadFacts {
  /** "csv", "trec", … */
  format: string;
  columns: ResultColumns;
  rows: number;
  /** Users of the file whom the data set does not have; their rows are left out. */
  unknownUsers: number;
  /** Items of the file that the data set does not have; they keep their places. */
  unknownItems: number;
  /** Rows of an item that is further up in the same list; they are left out. */
  doubledRows: number;
}

/** What a file is before it is read. */
export interface ResultFile {
  /** Empty where the format says which is which. */
  columns: string[];
  /** Null where a user has to say which column is what. */
  roles: ResultColumns | null;
  /** Whether it is of arrays, which may need files of ids, or be Semantic IDs. */
  arrays: boolean;
  /** Whether it looks like recommendations; "perhaps" where it might as well be interactions. */
  likeness: 'surely' | 'perhaps' | 'no';
}

/** Looks at the beginning of a file. Throws UserError for one that cannot be read. */
export async function resultFile(path: string): Promise<ResultFile> {
  const named = { columns: [], roles: { user: 'user', item: 'item' } };
  if (hasArrays(path)) return { ...named, arrays: true, likeness: 'perhaps' };
  const { file, format, packed } = await sniffed(path);
  if (packed) return { ...named, arrays: false, likeness: 'surely' };
  const roles = rolesOf(path, file);
  if (format === 'trec') return { columns: [], roles, arrays: false, likeness: 'surely' };
  const isLog = rolesByName(file.columns).time !== undefined;
  const order = roles?.rank ?? roles?.score ?? '';
  const isNamed = file.header !== false && !/rating|stars|value|weight/i.test(order);
  const likeness = roles === null || isLog ? 'no' : isNamed ? 'surely' : 'perhaps';
  return { columns: file.columns, roles, arrays: false, likeness };
}

function rolesOf(path: string, file: SniffedFile): ResultColumns | null {
  try {
    return resultColumns(path, file, {});
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Throws UserError for a file that cannot be read as lists of recommendations of the data set's users. */
export async function readLists(
  path: string,
  { datasetDir, map, ids }: { datasetDir: string; map: Partial<Record<ResultRole, string>>; ids?: IdFiles },
  signal?: AbortSignal,
): Promise<{ lists: ResultLists; facts: ReadFacts }> {
  const read = ({ file, format }: Source, plain: string) => {
    const named = resultColumns(path, file, map);
    const use = async (duck: Duck) => {
      await load(duck, { path, plain }, file, named);
      const isGuess = !file.header && map.score === undefined;
      const columns = isGuess && (await ranksForScores(duck, named)) ? ranked(named) : named;
      const rows = await check(duck, path, columns);
      const { knownRows, ...matched } = await match(duck, path, datasetDir);
      const lists = await listsOf(duck, columns);
      const doubledRows = knownRows - lists.items.length;
      return { lists, facts: { format, columns, rows, ...matched, doubledRows } };
    };
    return withDuck(use, { signal });
  };
  return withSource(path, ids, read, signal);
}

/** Rows of the file as they stand: `line`, and as text `user` and `item`; numbers where they are any. */
async function load(
  duck: Duck,
  { path, plain }: { path: string; plain: string },
  file: SniffedFile,
  { user, item, score, rank }: ResultColumns,
): Promise<void> {
  const wanted = [user, item, score, rank].filter((name) => name !== undefined);
  const number = (name: string | undefined) => {
    if (name === undefined) return 'NULL::DOUBLE';
    const text = `trim(${identifier(name)})`;
    // Decimals may have a comma, as spreadsheets write them.
    return `coalesce(TRY_CAST(${text} AS DOUBLE), TRY_CAST(replace(${text}, ',', '.') AS DOUBLE))`;
  };
  const source = sourceSql(file, plain, wanted);
  try {
    await duck.run(
      `CREATE TABLE given AS SELECT row_number() OVER () AS line, trim(${identifier(user)}) AS "user",
         trim(${identifier(item)}) AS item, ${number(score)} AS score, ${number(rank)} AS rank FROM ${source}`,
    );
  } catch (error) {
    throw tableError(path, file.columns, error);
  }
}

/** Whether an unnamed number counts the places of every list, from 0 or 1: then it is the rank, and becomes it. */
async function ranksForScores(duck: Duck, { rank }: ResultColumns): Promise<boolean> {
  if (rank !== undefined) return false;
  const [{ other }] = await duck.rows<{ other: number }>(
    `SELECT count(*)::DOUBLE AS other FROM (
       SELECT score, row_number() OVER of_user AS place, min(score) OVER (PARTITION BY "user") AS least FROM given
       WINDOW of_user AS (PARTITION BY "user" ORDER BY line))
     WHERE least NOT IN (0, 1) OR score IS DISTINCT FROM place - 1 + least`,
  );
  if (other > 0) return false;
  await duck.run('UPDATE given SET rank = score, score = NULL');
  return true;
}

const ranked = ({ user, item, score }: ResultColumns): ResultColumns => ({ user, item, rank: score });

/** Throws UserError for rows without user, item or number: nothing could be said of them. Returns how many rows there are. */
async function check(duck: Duck, path: string, { score, rank }: ResultColumns): Promise<number> {
  const order = rank === undefined ? 'score' : 'rank';
  const name = rank ?? score;
  const [bad] = await duck.rows<{
    rows: number;
    nameless: number;
    wordy: number;
    nameAt: number;
    wordAt: number;
  }>(
    `SELECT count(*)::DOUBLE AS rows,
       count(*) FILTER (WHERE coalesce("user", '') = '' OR coalesce(item, '') = '')::DOUBLE AS nameless,
       min(line) FILTER (WHERE coalesce("user", '') = '' OR coalesce(item, '') = '')::DOUBLE AS "nameAt",
       count(*) FILTER (WHERE ${order} IS NULL OR isnan(${order}))::DOUBLE AS wordy,
       min(line) FILTER (WHERE ${order} IS NULL OR isnan(${order}))::DOUBLE AS "wordAt" FROM given`,
  );
  if (bad.rows === 0) throw new UserError(`${path}: there are no rows`);
  if (bad.nameless > 0)
    throw new UserError(
      `${path}: ${countText(bad.nameless, 'row')} without a user or an item, the first is row ${bad.nameAt}`,
    );
  if (bad.wordy > 0)
    throw new UserError(
      `${path}: ${countText(bad.wordy, 'row')} whose "${name}" is no number, the first is row ${bad.wordAt}`,
    );
  return bad.rows;
}

/** Finds the dense ids. Throws UserError where no user or no item is of the data set. */
async function match(duck: Duck, path: string, datasetDir: string) {
  const ids = (file: 'users' | 'items', dense: string) =>
    `(SELECT id, ${identifier(dense)} AS dense FROM read_parquet(${pathLiteral(join(datasetDir, `${file}.parquet`))}))`;
  await duck.run(
    `CREATE TABLE matched AS SELECT line, "user", item, score, rank, users.dense AS u, items.dense AS i FROM given
     LEFT JOIN ${ids('users', 'user')} AS users ON users.id = given."user"
     LEFT JOIN ${ids('items', 'item')} AS items ON items.id = given.item`,
  );
  const [found] = await duck.rows<
    Record<'knownRows' | 'users' | 'unknownUsers' | 'items' | 'unknownItems', number>
  >(
    `SELECT count(u)::DOUBLE AS "knownRows", count(DISTINCT u)::DOUBLE AS users, count(DISTINCT "user") FILTER (WHERE u IS NULL)::DOUBLE AS "unknownUsers",
       count(DISTINCT i)::DOUBLE AS items, count(DISTINCT item) FILTER (WHERE i IS NULL)::DOUBLE AS "unknownItems" FROM matched`,
  );
  for (const kind of ['users', 'items'] as const) {
    if (found[kind] > 0) continue;
    const column = kind === 'users' ? '"user"' : 'item';
    const [{ id }] = await duck.rows<{ id: string }>(
      `SELECT ${column} AS id FROM given ORDER BY line LIMIT 1`,
    );
    throw new UserError(
      `${path}: none of its ${kind} is in the data set ("${id}" is not); write the ids of the imported files, and not those that your program numbers by itself`,
    );
  }
  const { knownRows, unknownUsers, unknownItems } = found;
  return { knownRows, unknownUsers, unknownItems };
}

/** Lists with the best first, and no item twice. Equal scores stay as the file has them. */
async function listsOf(duck: Duck, { score, rank }: ResultColumns): Promise<ResultLists> {
  const best = rank === undefined ? 'score DESC, line' : 'rank, line';
  await duck.run(
    `CREATE TABLE kept AS SELECT u, coalesce(i, -1) AS i, score, rank, line FROM matched WHERE u IS NOT NULL
     QUALIFY row_number() OVER (PARTITION BY u, item ORDER BY ${best}) = 1`,
  );
  const counted = 'SELECT u::INTEGER, count(*)::INTEGER FROM kept GROUP BY u ORDER BY u';
  const [users, counts] = await readColumns(duck, counted, [Int32Array, Int32Array]);
  const of = (column: string) => `SELECT ${column} FROM kept ORDER BY u, ${best}`;
  const items = await readColumn(duck, of('i::INTEGER'), Int32Array);
  const scores =
    score === undefined || rank !== undefined ? null : await readColumn(duck, of('score'), Float64Array);
  return { users, offsets: offsetsOf(counts), items, scores };
}
