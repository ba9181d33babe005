/** Rows of a file of recommendations as a table of DuckDB: what readers write, and what of it orders the lists. */
import { DOUBLE, type DuckDBValue, VARCHAR } from '@duckdb/node-api';
import { type Duck, identifier } from '../../data/duck.ts';
import type { SniffedFile } from '../../data/formats/sniff.ts';
import { sourceSql } from '../../data/formats/source-sql.ts';
import { UserError } from '../../errors.ts';
import { PART_ROLES, type Part, partKey, type ResultColumns } from './columns.ts';

/** Rows in their order: `line` from 1; `score` and `rank` are NULL where a file has none; `part` says which of several results a row is of, `text` what of a table is meant to be the number. */
export const GIVEN = `CREATE TABLE given (line DOUBLE, "user" VARCHAR, item VARCHAR, score DOUBLE, rank DOUBLE, part VARCHAR, grouped VARCHAR, text VARCHAR)`;
const TYPES = [DOUBLE, VARCHAR, VARCHAR, DOUBLE, DOUBLE, VARCHAR, VARCHAR, VARCHAR];

/** A row that a reader gives. Values of no use are null. */
export interface GivenRow {
  user: string;
  item: string | null;
  score?: number | null;
  rank?: number | null;
  /** Model, fold and seed where several results may be in the file. */
  part?: Part;
}

/** What a reader knows of the rows that it has written. */
export interface Given {
  /** Under the names of the file. */
  columns: ResultColumns;
  /** Whether the number is called neither score nor rank. */
  unnamed: boolean;
  /** Lines that are no rows: the first, and how many there are. */
  rejected?: BadRows;
}

/** Rows that cannot be read in the same way: how many, and number and text of the first. */
export type BadRows = {
  alike: number;
  line: number;
  text: string;
};

/** A user whose items stand in two lists of one result: nobody can say which are the recommendations. */
export const twoLists = (path: string, user: string) =>
  new UserError(
    `${path}: user "${user}" has two lists; write one for each, or say by a column "model", "fold" or "seed" what tells them apart`,
  );

/** Writes rows that a reader gives one by one. */
export async function appendRows(duck: Duck, rows: AsyncIterable<GivenRow>): Promise<void> {
  async function* values(): AsyncGenerator<DuckDBValue[]> {
    let line = 0;
    for await (const { user, item, score, rank, part } of rows)
      yield [
        ++line,
        user.trim(),
        item?.trim() ?? null,
        score ?? null,
        rank ?? null,
        partKey(part),
        null,
        null,
      ];
  }
  await duck.append('given', TYPES, values());
}

/** Digits in threes, of which nobody can say whether the comma parts thousands or decimals. */
const GROUPED = `'[-+]?[1-9]\\d{0,2}(,\\d{3})+'`;

/** Writes the rows of a table, and tells which lines are none. Decimals may have a comma, as spreadsheets write them. */
export async function copyRows(
  duck: Duck,
  file: SniffedFile,
  plain: string,
  columns: ResultColumns,
): Promise<BadRows | undefined> {
  const { user, item, score, rank } = columns;
  const text = (name: string | undefined) => (name === undefined ? 'NULL' : `trim(${identifier(name)})`);
  const number = (name: string | undefined) =>
    name === undefined
      ? 'NULL::DOUBLE'
      : `CASE WHEN contains(${text(name)}, '_') THEN NULL
           ELSE coalesce(TRY_CAST(${text(name)} AS DOUBLE), TRY_CAST(replace(${text(name)}, ',', '.') AS DOUBLE)) END`;
  const parts = PART_ROLES.filter((role) => columns[role] !== undefined);
  const part =
    parts.length === 0 ? 'NULL' : `json_array(${PART_ROLES.map((role) => text(columns[role]))})::VARCHAR`;
  const order = text(score ?? rank);
  const wanted = [...new Set([user, item, score, rank, ...parts.map((role) => columns[role])])];
  const source = sourceSql(
    file,
    plain,
    wanted.filter((name) => name !== undefined),
    { rejects: true },
  );
  await duck.run(
    `INSERT INTO given SELECT row_number() OVER (), ${text(user)}, ${text(item)}, ${number(score)}, ${number(rank)}, ${part},
       CASE WHEN contains(${order}, ',') THEN CASE WHEN regexp_full_match(${order}, ${GROUPED}) THEN ${order} ELSE '' END END, ${order} FROM ${source}`,
  );
  if (file.kind !== 'delimited') return undefined;
  const [first] = await duck.rows<BadRows>(
    `SELECT count(DISTINCT line)::DOUBLE AS alike, min(line)::DOUBLE AS line, arg_min(csv_line, line) AS text FROM reject_errors`,
  );
  return first.alike > 0 ? first : undefined;
}

/** What orders the lists of a file, the larger the better: SQL of a row of `given`. */
export interface ListOrder {
  value: string;
  /** As it is told: the columns, with the number under what it was found to be. */
  columns: ResultColumns;
  /** Whether ranks stand beside the scores that order. */
  hasRanks: boolean;
}

/**
 * Scores order where there are any, else ranks. A number without a name is a rank where each list counts 0..n−1 or 1..n by it.
 * Throws UserError where such a number may be either, and where each rank is there several times.
 */
export async function listOrder(
  duck: Duck,
  path: string,
  { columns, unnamed }: Given,
  ascending: boolean,
): Promise<ListOrder> {
  const { score, rank } = columns;
  const byScore = { value: ascending ? '-score' : 'score', columns, hasRanks: rank !== undefined };
  const byRank = (named: ResultColumns) => ({ value: '-rank', columns: named, hasRanks: false });
  if (score === undefined) {
    await refuseRepeatedRanks(duck, path);
    return byRank(columns);
  }
  if (!unnamed || ascending) return byScore;
  const { isCount, isDown } = await countedLists(duck);
  if (!isCount) return byScore;
  if (isDown)
    throw new UserError(
      `${path}: "${score}" counts every list down to 1 or 0, so it may be a score or a rank; say --map score=${score} or --map rank=${score}`,
    );
  await duck.run('UPDATE given SET rank = score, score = NULL');
  const { score: _, ...others } = columns;
  return byRank({ ...others, rank: score });
}

/** Whether the number of every list counts its places from 0 or 1, in any order of rows; and whether all rows are in falling order. */
async function countedLists(duck: Duck): Promise<{ isCount: boolean; isDown: boolean }> {
  const [found] = await duck.rows<{ others: number; down: number; several: number }>(
    `SELECT count(*) FILTER (WHERE NOT coalesce(counts, false))::DOUBLE AS others, count(*) FILTER (WHERE n > 1 AND falls)::DOUBLE AS down,
       count(*) FILTER (WHERE n > 1)::DOUBLE AS several
     FROM (SELECT count(*) AS n, bool_and(coalesce(score < before, true)) AS falls,
         min(score) IN (0, 1) AND max(score) = min(score) + count(*) - 1 AND count(DISTINCT score) = count(*)
           AND bool_and(score = floor(score)) AS counts
       FROM (SELECT part, "user", score, lag(score) OVER (PARTITION BY part, "user" ORDER BY line) AS before FROM given)
       GROUP BY part, "user")`,
  );
  const { others, down, several } = found;
  return { isCount: others === 0 && several > 0, isDown: several > 0 && down === several };
}

async function refuseRepeatedRanks(duck: Duck, path: string): Promise<void> {
  const [{ least, most, same }] = await duck.rows<{ least: number; most: number; same: boolean }>(
    `SELECT min(least)::DOUBLE AS least, max(most)::DOUBLE AS most, bool_and(ranks = top) AS same FROM (
       SELECT min(n) AS least, max(n) AS most, count(*) AS ranks, max(rank) - min(rank) + 1 AS top FROM (
         SELECT part, "user", rank, count(*) AS n FROM given GROUP BY part, "user", rank) GROUP BY part, "user")`,
  );
  if (least > 1 && least === most && same)
    throw new UserError(
      `${path}: each rank of each user is there ${least} times, as where lists of ${least} models, folds or seeds are in one file; write a file each, or a column "model", "fold" or "seed"`,
    );
}
