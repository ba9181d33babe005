/** Recommendations that another program wrote, read from a file and matched with the ids of a data set. */
import { dirname, join } from 'node:path';
import { readColumn, readColumns } from '../../data/columns.ts';
import { asNoRoom, type Duck, literal, withDuck } from '../../data/duck.ts';
import { withEvenLines } from '../../data/formats/even-lines.ts';
import type { SniffedFile } from '../../data/formats/sniff.ts';
import { isNameless } from '../../data/formats/sniff.ts';
import { plainPath } from '../../data/import/prepare.ts';
import { rolesByName } from '../../data/import/roles.ts';
import { offsetsOf } from '../../data/import/write.ts';
import { UserError } from '../../errors.ts';
import { withScratch } from '../../files/scratch.ts';
import { countText } from '../../names.ts';
import { arrayLists, hasArrays } from './arrays.ts';
import {
  noRow,
  orderReadings,
  PART_ROLES,
  type Part,
  partOf,
  type Reading,
  type ResultColumns,
  type RoleMap,
} from './columns.ts';
import { denseColumn, idFile, readDenseIds, strangeIds } from './dense-ids.ts';
import { type BadRows, GIVEN, type Given, type ListOrder, listOrder } from './given-rows.ts';
import { FIRST_USERS, type ReadFacts, type ResultLists, type UsersBehind } from './lists.ts';
import type { IdFiles } from './request.ts';
import { requireFile, type Source, sourceOf, tableError } from './source.ts';

/** One of the results that a file holds: of a model, a fold or a seed, where it names several. */
export interface ReadResult {
  part: Part;
  lists: ResultLists;
  facts: ReadFacts;
  behind: UsersBehind;
}

/** What a file is before it is read. */
export interface ResultFile {
  /** Empty where the format says which is which. */
  columns: string[];
  /** Null where a user has to say which column is what. */
  roles: ResultColumns | null;
  /** Where several columns could order the lists, each of them with its first values. */
  readings: (Reading & { first: string })[];
  /** Whether it is of arrays, which may need files of ids, or be Semantic IDs. */
  arrays: boolean;
  /** Whether it looks like recommendations; "perhaps" where it might as well be interactions. */
  likeness: 'surely' | 'perhaps' | 'no';
}

/** Enough to tell scores from ranks. */
const FIRST_VALUES = 5;

/** Looks at the beginning of a file. Throws UserError for one that cannot be read. */
export async function resultFile(path: string): Promise<ResultFile> {
  if (hasArrays(path))
    return {
      columns: [],
      roles: { user: 'user', item: 'item' },
      readings: [],
      arrays: true,
      likeness: 'perhaps',
    };
  const { file, columns, roles } = await sourceOf(path);
  if (columns.length === 0) return { columns, roles, readings: [], arrays: false, likeness: 'surely' };
  const readings = (roles === null ? orderReadings(columns) : []).map((one) => {
    const at = columns.indexOf(one.column);
    return {
      ...one,
      first: file.rows
        .slice(0, FIRST_VALUES)
        .map((row) => row[at] ?? '')
        .join(', '),
    };
  });
  const isLog = rolesByName(columns).time !== undefined;
  const order = roles?.rank ?? roles?.score ?? '';
  const isNamed = !isNameless(file) && !/rating|stars|value|weight/i.test(order);
  const likeness = roles === null || isLog ? 'no' : isNamed ? 'surely' : 'perhaps';
  return { columns, roles, readings, arrays: false, likeness: readings.length > 0 ? 'surely' : likeness };
}

export interface ListsRequest {
  datasetDir: string;
  map: RoleMap;
  ids: IdFiles;
  /** Whether the smallest score is the best. */
  ascending: boolean;
  /** Leaves rows out that cannot be read. */
  skipBadRows: boolean;
}

/** Throws UserError for a file that cannot be read as lists of recommendations of the data set's users. */
export function readLists(path: string, request: ListsRequest, signal?: AbortSignal): Promise<ReadResult[]> {
  const { datasetDir, map, ids, ascending, skipBadRows } = request;
  return withScratch(async (folder) => {
    requireFile(path);
    if (hasArrays(path))
      return [{ part: {}, ...arrayLists(path, ids, await readDenseIds(datasetDir), ascending), behind: {} }];
    const source = await sourceOf(path, map, ascending);
    const scratch = join(folder, 'rows');
    const plain = await plainPath(source.file, scratch, signal);
    const read = async (duck: Duck) => {
      await duck.run(GIVEN);
      const load = (from: string) => source.load(duck, from, scratch);
      const given = await withEvenLines(source.file, plain, `${scratch}.even`, load, signal).catch(
        (error) => {
          throw tableError(path, source.file.columns, asNoRoom(error, dirname(scratch)));
        },
      );
      const unreadRows = await check(duck, source.file, given, skipBadRows);
      const order = await listOrder(duck, path, given, ascending);
      await match(duck, path, datasetDir, order);
      const read = await results(duck, path, source, order);
      return unreadRows === 0
        ? read
        : read.map((result) => ({ ...result, facts: { ...result.facts, unreadRows } }));
    };
    return withDuck(read, { signal, temporaryDirectory: join(folder, 'spill') });
  });
}

/**
 * Rows without user, item or number, of which nothing can be said: those that were left out, where `skip` says so. Throws UserError, with
 * number and text of the first, where it does not.
 */
async function check(
  duck: Duck,
  { path, columns }: SniffedFile,
  { columns: { score, rank }, rejected }: Given,
  skip: boolean,
): Promise<number> {
  const order = score === undefined ? 'rank' : 'score';
  const wrong = `${order} IS NULL OR isnan(${order})`;
  const nameless = `coalesce("user", '') = '' OR coalesce(item, '') = ''`;
  const kinds: [rows: string, what: string][] = [
    [nameless, 'without a user or an item'],
    [wrong, `with a "${score ?? rank}" that is not a number`],
  ];
  if (rejected && !skip)
    throw badRows(
      `${noRow(path, rejected.line, columns)}${rejected.alike > 1 ? `; ${countText(rejected.alike - 1, 'line')} more like it` : ''}`,
      rejected,
    );
  let left = rejected?.alike ?? 0;
  for (const [wanted, what] of kinds) {
    const [first] = await duck.rows<BadRows>(
      `SELECT line, concat_ws(', ', "user", item, coalesce(text, ${order}::VARCHAR)) AS text, (SELECT count(*) FROM given WHERE ${wanted})::DOUBLE AS alike
       FROM given WHERE ${wanted} ORDER BY line LIMIT 1`,
    );
    const rows = first && `${path}: ${countText(first.alike, 'row')} ${what}, the first is row ${first.line}`;
    if (first && !skip) throw badRows(rows, first);
    if (first) await duck.run(`DELETE FROM given WHERE ${wanted}`);
    left += first?.alike ?? 0;
  }
  const [bad] = await duck.rows<Record<'rows' | 'commas' | 'groups', number>>(
    `SELECT count(*)::DOUBLE AS rows, count(grouped)::DOUBLE AS commas,
       count(*) FILTER (WHERE grouped <> '')::DOUBLE AS groups FROM given`,
  );
  if (bad.rows === 0) throw new UserError(`${path}: there are no rows${left > 0 ? ' that can be read' : ''}`);
  if (bad.groups > 0 && bad.groups === bad.commas) {
    const [{ grouped }] = await duck.rows<{ grouped: string }>(
      `SELECT grouped FROM given WHERE grouped <> '' ORDER BY line LIMIT 1`,
    );
    throw new UserError(
      `${path}: "${grouped}" may be ${grouped.replaceAll(',', '')} or ${grouped.replace(',', '.')}; write numbers without commas`,
    );
  }
  return left;
}

const badRows = (what: string, { text }: BadRows): UserError =>
  new UserError({
    code: 'bad-rows',
    problem: `${what} ("${text.trim().slice(0, 80)}")`,
    fix: {
      cli: 'correct the file, or leave them out with --skip-bad-rows',
      window: 'correct the file, or leave them out',
    },
  });

/** Finds the dense ids. Throws UserError where no user or no item is of the data set. */
async function match(duck: Duck, path: string, datasetDir: string, { value }: ListOrder): Promise<void> {
  await duck.run(
    `CREATE TABLE matched AS SELECT line, part, given."user", given.item, score, rank, ${value} AS value, users.${denseColumn('users')} AS u, items.${denseColumn('items')} AS i FROM given
     LEFT JOIN ${idFile(datasetDir, 'users')} AS users ON users.id = given."user"
     LEFT JOIN ${idFile(datasetDir, 'items')} AS items ON items.id = given.item`,
  );
  await duck.run('DROP TABLE given');
  const [found] = await duck.rows<Record<'users' | 'items', number>>(
    'SELECT count(u)::DOUBLE AS users, count(i)::DOUBLE AS items FROM matched',
  );
  for (const kind of ['users', 'items'] as const) {
    if (found[kind] > 0) continue;
    const column = kind === 'users' ? 'matched."user"' : 'matched.item';
    const [{ id, known }] = await duck.rows<{ id: string; known: string | null }>(
      `SELECT ${column} AS id, (SELECT min(id) FROM ${idFile(datasetDir, kind)} WHERE id = regexp_replace(${column}, '\\.0+$', '')) AS known FROM matched ORDER BY line LIMIT 1`,
    );
    throw strangeIds(path, kind, id, (other) => other === known);
  }
}

/** More are not models, folds or seeds: some other number of each row is called so. */
const MOST_RESULTS = 100;

/** 'columns "model", "seed"' */
const toldParts = (columns: ResultColumns) =>
  `columns ${
    PART_ROLES.flatMap((role) => columns[role] ?? [])
      .map((name) => `"${name}"`)
      .join(', ') || 'of model, fold and seed'
  }`;

type PartCounts = Record<'rows' | 'knownRows' | 'unknownUsers' | 'unknownItems' | 'disagreeing', number>;

async function results(
  duck: Duck,
  path: string,
  { format }: Source,
  { columns, hasRanks }: ListOrder,
): Promise<ReadResult[]> {
  const disagreeing = hasRanks
    ? `SELECT part, count(DISTINCT u) AS users FROM (
         SELECT part, u, score > lag(score) OVER (PARTITION BY part, u ORDER BY rank, score DESC) AS rises FROM matched WHERE u IS NOT NULL)
       WHERE rises GROUP BY part`
    : 'SELECT NULL::VARCHAR AS part, 0 AS users WHERE false';
  const parts = await duck.rows<PartCounts & { part: string | null }>(
    `SELECT counts.* EXCLUDE (line), coalesce(users, 0)::DOUBLE AS disagreeing FROM (
       SELECT part, count(*)::DOUBLE AS rows, count(u)::DOUBLE AS "knownRows",
         count(DISTINCT "user") FILTER (WHERE u IS NULL)::DOUBLE AS "unknownUsers",
         count(DISTINCT item) FILTER (WHERE i IS NULL)::DOUBLE AS "unknownItems", min(line) AS line
       FROM matched GROUP BY part) AS counts
     LEFT JOIN (${disagreeing}) AS turned ON turned.part IS NOT DISTINCT FROM counts.part ORDER BY counts.line`,
  );
  if (parts.length > MOST_RESULTS)
    throw new UserError(
      `${path}: the ${toldParts(columns)} would make ${countText(parts.length, 'result')} of it, and ${MOST_RESULTS} are the most; rename what tells no results apart`,
    );
  const read: ReadResult[] = [];
  for (const { part, knownRows, ...counts } of parts) {
    const { lists, length } = await listsOf(duck, part);
    const facts = { format, columns, ...counts, doubledRows: knownRows - length };
    read.push({ part: partOf(part), lists, facts, behind: await usersBehind(duck, part, hasRanks) });
  }
  return read;
}

/** The first users of a result behind what was counted in its rows. */
async function usersBehind(duck: Duck, part: string | null, hasRanks: boolean): Promise<UsersBehind> {
  const rows = `(SELECT * FROM matched WHERE part IS NOT DISTINCT FROM ${textOrNull(part)})`;
  const known = `(SELECT * FROM ${rows} WHERE u IS NOT NULL)`;
  const sources = {
    unknownUsers: `${rows} WHERE u IS NULL`,
    unknownItems: `${known} WHERE i IS NULL`,
    doubledRows: `(SELECT "user", line, count(*) OVER (PARTITION BY u, item) AS n FROM ${known}) WHERE n > 1`,
    ...(hasRanks
      ? {
          disagreeing: `(SELECT "user", line, score > lag(score) OVER (PARTITION BY u ORDER BY rank, score DESC) AS rises FROM ${known}) WHERE rises`,
        }
      : {}),
  };
  const found: UsersBehind = {};
  for (const [count, source] of Object.entries(sources) as [keyof typeof sources, string][]) {
    const first = `SELECT "user" FROM ${source} GROUP BY "user" ORDER BY min(line) LIMIT ${FIRST_USERS}`;
    found[count] = (await duck.rows<{ user: string }>(first)).map(({ user }) => user);
  }
  return found;
}

const textOrNull = (text: string | null) => (text === null ? 'NULL' : literal(text));

/** Lists with the best first, and no item twice. Equal scores stay as the file has them. */
async function listsOf(duck: Duck, part: string | null): Promise<{ lists: ResultLists; length: number }> {
  await duck.run(
    `CREATE OR REPLACE TABLE kept AS SELECT u, coalesce(any_value(i), -1) AS i, max(value) AS value, min(line) AS line FROM matched
     WHERE u IS NOT NULL AND part IS NOT DISTINCT FROM ${textOrNull(part)}
     GROUP BY u, CASE WHEN i IS NULL THEN item END, i`,
  );
  const counted = 'SELECT u::INTEGER, count(*)::INTEGER FROM kept GROUP BY u ORDER BY u';
  const [users, counts] = await readColumns(duck, counted, [Int32Array, Int32Array]);
  const of = (column: string) => `SELECT ${column} FROM kept ORDER BY u, value DESC, line`;
  const items = await readColumn(duck, of('i::INTEGER'), Int32Array);
  const scores = await readColumn(duck, of('value'), Float64Array);
  const offsets = offsetsOf(counts);
  const list = (at: number) => {
    const [from, to] = [offsets[at], offsets[at + 1]];
    return { items: items.subarray(from, to), scores: scores.subarray(from, to) };
  };
  return { lists: { users, list }, length: items.length };
}
