/** The side columns of items, and the kind of each. */
import { join } from 'node:path';
import { readColumn, readTexts } from '../data/columns.ts';
import { type Duck, identifier, literal, pathLiteral, withDuck } from '../data/duck.ts';
import { readSummary } from '../data/read.ts';
import { UserError } from '../errors.ts';
import { type ContentConfig, columnNames } from './config.ts';

export interface TextColumn {
  name: string;
  /** [items]; '' where an item has none. */
  values: string[];
}

export interface NumberColumn {
  name: string;
  /** [items]; NaN where an item has none. */
  values: Float64Array;
}

export interface ItemColumns {
  items: number;
  text: TextColumn[];
  categories: TextColumn[];
  numbers: NumberColumn[];
}

type Kind = 'text' | 'categories' | 'numbers' | 'identifier';

/** Columns of every items file that describe nothing. */
const INTERNAL_COLUMNS = new Set(['item', 'id', 'interactions']);

/** From this share of plain numbers on a column is one of numbers; the rest counts as missing. */
const NUMBERS_SHARE = 0.9;
/** Values of fewer words on average are names, not text. */
const WORDS_OF_TEXT = 3;
/** Names of which more than this share are different tell items apart and say nothing of them. */
const DISTINCT_SHARE = 0.8;

/**
 * The columns that `config` names, or else those found: columns of numbers; lists joined by "|" and names that items
 * share as categories; values of several words as text. Columns of identifiers are left out.
 * @throws UserError where a named column is not there, or nothing is left
 */
export async function readItemColumns(
  datasetDir: string,
  config: Pick<ContentConfig, 'textColumns' | 'categoryColumns' | 'numberColumns'>,
): Promise<ItemColumns> {
  const { name: dataset, statistics } = readSummary(datasetDir);
  return withItems(datasetDir, async (duck, file, known) => {
    const requested = {
      text: columnNames(config.textColumns),
      categories: columnNames(config.categoryColumns),
      numbers: columnNames(config.numberColumns),
    };
    const missing = Object.values(requested)
      .flatMap((names) => names ?? [])
      .find((name) => !known.includes(name));
    if (missing !== undefined) {
      const there = known.length > 0 ? `there are: ${known.join(', ')}` : 'it has none';
      throw new UserError(`data set "${dataset}" has no item column "${missing}"; ${there}`);
    }
    const named = new Set(Object.values(requested).flatMap((names) => names ?? []));
    const kinds = new Map<string, Kind>();
    for (const name of known) if (!named.has(name)) kinds.set(name, await kindOf(duck, file, name));
    const chosen = (kind: 'text' | 'categories' | 'numbers') =>
      requested[kind] ?? known.filter((name) => kinds.get(name) === kind);
    const texts = (names: string[]) =>
      Promise.all(names.map(async (name) => ({ name, values: await textsOf(duck, file, name) })));
    const columns = {
      items: statistics.catalogueItems,
      text: await texts(chosen('text')),
      categories: await texts(chosen('categories')),
      numbers: await Promise.all(
        chosen('numbers').map(async (name) => ({ name, values: await numbersOf(duck, file, name) })),
      ),
    };
    if (columns.text.length + columns.categories.length + columns.numbers.length > 0) return columns;
    throw new UserError(
      `data set "${dataset}" has no item texts or categories to make vectors from: import it with an items file, ` +
        'or set content=vectors or content=run',
    );
  });
}

/** Names of the columns that may describe items. */
export function itemColumnNames(datasetDir: string): Promise<string[]> {
  return withItems(datasetDir, async (_duck, _file, known) => known);
}

/** Whether a data set has columns that item vectors could be made of. */
export async function describesItems(datasetDir: string): Promise<boolean> {
  return withItems(datasetDir, async (duck, file, known) => {
    for (const name of known) if ((await kindOf(duck, file, name)) !== 'identifier') return true;
    return false;
  });
}

/** The columns of categories that are found; none where the data set has none. */
export async function readCategoryColumns(datasetDir: string): Promise<TextColumn[]> {
  return withItems(datasetDir, async (duck, file, known) => {
    const columns: TextColumn[] = [];
    for (const name of known) {
      if ((await kindOf(duck, file, name)) !== 'categories') continue;
      columns.push({ name, values: await textsOf(duck, file, name) });
    }
    return columns;
  });
}

/** `known` are the columns that may describe items. */
async function withItems<T>(
  datasetDir: string,
  use: (duck: Duck, file: string, known: string[]) => Promise<T>,
): Promise<T> {
  return withDuck(async (duck) => {
    const file = `read_parquet(${pathLiteral(join(datasetDir, 'items.parquet'))})`;
    const described = await duck.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${file}`);
    return await use(
      duck,
      file,
      described.map((row) => row.column_name).filter((name) => !INTERNAL_COLUMNS.has(name)),
    );
  });
}

/** A column of text as written, '' for none. */
function textsOf(duck: Duck, file: string, name: string): Promise<string[]> {
  return readTexts(duck, `SELECT coalesce(${identifier(name)}::VARCHAR, '') FROM ${file} ORDER BY item`);
}

function numbersOf(duck: Duck, file: string, name: string): Promise<Float64Array> {
  const number = `coalesce(TRY_CAST(${identifier(name)}::VARCHAR AS DOUBLE), 'nan'::DOUBLE)`;
  return readColumn(duck, `SELECT ${number} FROM ${file} ORDER BY item`, Float64Array);
}

async function kindOf(duck: Duck, file: string, name: string): Promise<Kind> {
  const value = `${identifier(name)}::VARCHAR`;
  const seen = await duck.row<{ n: bigint; numbers: bigint; lists: bigint; words: number; distinct: bigint }>(
    `SELECT count(*) AS n, count(TRY_CAST(v AS DOUBLE)) AS numbers, count(*) FILTER (contains(v, '|')) AS lists,
       avg(len(string_split_regex(trim(v), ${literal('\\s+')}))) AS words, count(DISTINCT v) AS "distinct"
     FROM (SELECT ${value} AS v FROM ${file}) WHERE v IS NOT NULL AND trim(v) <> ''`,
  );
  const n = Number(seen.n);
  if (n === 0) return 'identifier';
  if (Number(seen.numbers) >= NUMBERS_SHARE * n) return 'numbers';
  if (name === 'title') return 'text';
  if (seen.lists > 0n) return 'categories';
  if (seen.words >= WORDS_OF_TEXT) return 'text';
  return Number(seen.distinct) > DISTINCT_SHARE * n ? 'identifier' : 'categories';
}
