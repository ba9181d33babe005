import { join } from 'node:path';
import type { CategoryChoice, CategoryColumn } from '../../../core/api/codebooks.ts';
import { CATEGORIES_SHOWN, OTHER_CATEGORIES } from '../../../core/api/codebooks.ts';
import type { NamedItem } from '../../../core/api/items.ts';
import { readColumn } from '../../../core/data/columns.ts';
import { Duck, identifier, literal, pathLiteral } from '../../../core/data/duck.ts';
import { readItemCards, readSummary } from '../../../core/data/read.ts';
import type { ItemCard } from '../../../core/data/types.ts';
import { UserError } from '../../../core/errors.ts';
import type { Labels } from '../../../core/semantic-ids/views/code-table.ts';
import { countWords, type WordCounts } from '../../../core/semantic-ids/views/words.ts';

const OWN_COLUMNS = ['item', 'id', 'interactions', 'title'];
/** Columns that usually hold an item's category. */
const LIKELY = /categor|genre|type|class|department/i;
/** Columns with more distinct values name items rather than categories. */
const MAX_VALUES = 50_000;
const MAX_DEPTH = 8;
/** Titles in which words are counted to tell what is common everywhere. */
const TITLES_COUNTED = 20_000;
/** A category that covers a larger share says too little. */
const MAX_SHARE = 0.6;

/** Names, interactions and categories of a data set's items, in its own DuckDB. */
export class Catalogue {
  /** [items] */
  readonly popularity: Int32Array;
  /** Dense items, the one with most interactions first. */
  readonly byPopularity: Int32Array;
  /** [items] index of each item in `byPopularity`. */
  readonly ranks: Int32Array;
  readonly hasTitles: boolean;
  readonly columns: readonly CategoryColumn[];
  /** The default category; null if the data set has none. */
  readonly category: CategoryChoice | null;
  readonly #duck: Duck;
  readonly #folder: string;
  readonly #labels = new Map<string, Promise<Labels>>();
  #words: Promise<{ counts: WordCounts; titles: number }> | undefined;

  private constructor(
    duck: Duck,
    folder: string,
    known: Pick<Catalogue, 'popularity' | 'hasTitles' | 'columns' | 'category'>,
  ) {
    this.#duck = duck;
    this.#folder = folder;
    this.popularity = known.popularity;
    this.byPopularity = descending(known.popularity);
    this.ranks = new Int32Array(known.popularity.length);
    for (let rank = 0; rank < this.ranks.length; rank++) this.ranks[this.byPopularity[rank]] = rank;
    this.hasTitles = known.hasTitles;
    this.columns = known.columns;
    this.category = known.category;
  }

  /** Throws UserError if the data set's files have been deleted. */
  static async open(folder: string): Promise<Catalogue> {
    const { hasTitles } = readSummary(folder).statistics;
    const duck = await Duck.open();
    try {
      const file = `read_parquet(${pathLiteral(join(folder, 'items.parquet'))})`;
      // Its rows are in order of dense ids, and every query below keeps that order.
      await duck.run(`CREATE VIEW items AS SELECT * FROM ${file}`);
      const popularity = await readColumn(
        duck,
        'SELECT coalesce(interactions, 0)::INTEGER FROM items',
        Int32Array,
      );
      const columns = await categoryColumns(duck, popularity.length);
      const category = await defaultCategory(duck, columns, popularity.length);
      return new Catalogue(duck, folder, { popularity, hasTitles, columns, category });
    } catch (error) {
      duck.close();
      throw error;
    }
  }

  close(): void {
    this.#duck.close();
  }

  /** In the requested order. */
  async names(items: readonly number[]): Promise<Pick<NamedItem, 'id' | 'title'>[]> {
    if (items.length === 0) return [];
    const title = this.hasTitles ? 'title' : 'NULL AS title';
    const rows = await this.#duck.rows<{ item: number; id: string; title: string | null }>(
      `SELECT item, id, ${title} FROM items WHERE item IN (${items.join(', ')})`,
    );
    const known = new Map(rows.map(({ item, id, title: name }) => [item, { id, title: name }]));
    return items.map((item) => known.get(item) ?? { id: String(item), title: null });
  }

  /** Titles of some items, and the last steps of their categories in a column, in no order. */
  texts(
    items: readonly number[],
    column: string | null,
  ): Promise<{ item: number; title: string | null; kind: string | null }[]> {
    if (items.length === 0) return Promise.resolve([]);
    const kind = column === null ? 'NULL' : `${stepsOf(identifier(column))}[-1]`;
    return this.#duck.rows(
      `SELECT item, ${this.hasTitles ? 'title' : 'NULL'} AS title, ${kind} AS kind FROM items
       WHERE item IN (${items.join(', ')})`,
    );
  }

  /** In how many titles each word is, of titles spread evenly over the catalogue. */
  words(): Promise<{ counts: WordCounts; titles: number }> {
    this.#words ??= this.#countWords();
    return this.#words;
  }

  async #countWords(): Promise<{ counts: WordCounts; titles: number }> {
    if (!this.hasTitles) return { counts: new Map(), titles: 0 };
    const every = Math.ceil(this.popularity.length / TITLES_COUNTED);
    const rows = await this.#duck.rows<{ title: string }>(
      `SELECT title FROM items WHERE item % ${every} = 0 AND title IS NOT NULL`,
    );
    return { counts: countWords(rows.map(({ title }) => title)), titles: rows.length };
  }

  /** Dense items whose title or id contains the text, in no order. */
  matching(text: string): Promise<Int32Array> {
    const needle = `lower(${literal(text)})`;
    const title = this.hasTitles ? `contains(lower(title), ${needle}) OR` : '';
    return readColumn(
      this.#duck,
      `SELECT item::INTEGER FROM items WHERE ${title} contains(lower(id), ${needle})`,
      Int32Array,
    );
  }

  async side(item: number): Promise<ItemCard['side']> {
    const [card] = await readItemCards(this.#folder, [item]);
    return card?.side ?? {};
  }

  /** Throws UserError if there is no such column. */
  labels(choice: CategoryChoice): Promise<Labels> {
    if (!this.columns.some(({ name }) => name === choice.column)) {
      throw new UserError(
        `the data set has no text column "${choice.column}"; choose another for the categories`,
      );
    }
    const key = JSON.stringify(choice);
    const known = this.#labels.get(key) ?? readLabels(this.#duck, choice);
    this.#labels.set(key, known);
    return known;
  }
}

/** Indices of the counts, largest first, ties in index order: a counting sort. */
function descending(counts: Int32Array): Int32Array {
  let most = 0;
  for (let at = 0; at < counts.length; at++) most = Math.max(most, counts[at]);
  const starts = new Int32Array(most + 2);
  for (let at = 0; at < counts.length; at++) starts[most - counts[at] + 1]++;
  for (let at = 0; at <= most; at++) starts[at + 1] += starts[at];
  const places = new Int32Array(counts.length);
  for (let at = 0; at < counts.length; at++) places[starts[most - counts[at]]++] = at;
  return places;
}

/** Splits a category: a path at "|" or ">", a list in brackets into its entries; any other value stays whole. */
function stepsOf(column: string): string {
  const value = `trim(${column}::VARCHAR, ' "''')`;
  const list = `string_split_regex(regexp_replace(${value}, '[\\[\\]"'']', '', 'g'), '\\s*,\\s*')`;
  const path = `string_split_regex(replace(${value}, '"', ''), '\\s*[|>]\\s*')`;
  return `CASE WHEN starts_with(${value}, '[') THEN ${list} ELSE ${path} END`;
}

const isKnown = (column: string) => `${column} IS NOT NULL AND trim(${column}::VARCHAR) <> ''`;

/** The table of a column's distinct values and their item counts. */
const valuesOf = (column: string) => identifier(`values of ${column}`);

/** Text columns whose values are shared by items: neither numbers nor names. */
async function categoryColumns(duck: Duck, items: number): Promise<CategoryColumn[]> {
  const described = await duck.rows<{ column_name: string; column_type: string }>('DESCRIBE items');
  const texts = described.filter(
    ({ column_name, column_type }) => !OWN_COLUMNS.includes(column_name) && /VARCHAR/.test(column_type),
  );
  const found: CategoryColumn[] = [];
  for (const { column_name: name } of texts) {
    const column = identifier(name);
    const values = valuesOf(name);
    await duck.run(
      `CREATE OR REPLACE TABLE ${values} AS
       SELECT ${column} AS v, count(*)::DOUBLE AS n FROM items WHERE ${isKnown(column)} GROUP BY v`,
    );
    const { different, numbers } = await duck.row<Record<'different' | 'numbers', bigint>>(
      `SELECT count(*) AS different, count(TRY_CAST(v AS DOUBLE)) AS numbers FROM ${values}`,
    );
    const isText = 2n * numbers < different;
    if (!isText || different < 2n || Number(different) > Math.min(MAX_VALUES, items / 2)) continue;
    const { depth } = await duck.row<{ depth: bigint }>(
      `SELECT max(len(${stepsOf('v')})) AS depth FROM ${values}`,
    );
    found.push({ name, depth: Math.min(MAX_DEPTH, Number(depth)) });
  }
  return found;
}

/** The likeliest column, to the depth that separates items. */
async function defaultCategory(
  duck: Duck,
  columns: readonly CategoryColumn[],
  items: number,
): Promise<CategoryChoice | null> {
  const chosen = columns.find(({ name }) => LIKELY.test(name)) ?? columns[0];
  if (!chosen) return null;
  for (let depth = 1; depth < chosen.depth; depth++) {
    const { most } = await duck.row<{ most: number }>(
      `SELECT max(n) AS most FROM (
         SELECT sum(n) AS n FROM ${valuesOf(chosen.name)}
         GROUP BY array_to_string((${stepsOf('v')})[1:${depth}], '|'))`,
    );
    if (most <= MAX_SHARE * items) return { column: chosen.name, depth };
  }
  return { column: chosen.name, depth: chosen.depth };
}

/** Categories with a smaller share of the items are counted as "other". */
const RAREST_SHARE = 1 / 2_000;

/** The most frequent labels by name; the rest share the label "other". */
async function readLabels(duck: Duck, { column: name, depth }: CategoryChoice): Promise<Labels> {
  const column = identifier(name);
  const table = identifier(`labels of ${name} ${depth}`);
  await duck.run(
    `CREATE OR REPLACE TABLE ${table} AS
     WITH named AS (SELECT v, n, array_to_string((${stepsOf('v')})[1:${depth}], '|') AS label
       FROM ${valuesOf(name)}),
     ranked AS (SELECT label, row_number() OVER (ORDER BY sum(n) DESC, label) - 1 AS rank FROM named GROUP BY label)
     SELECT v, label, n, rank FROM named JOIN ranked USING (label)`,
  );
  const labels = await duck.rows<{ label: string; n: number }>(
    `SELECT label, sum(n)::DOUBLE AS n FROM ${table} GROUP BY label ORDER BY min(rank)
     LIMIT ${CATEGORIES_SHOWN + 1}`,
  );
  const total = labels.reduce((sum, { n }) => sum + n, 0);
  const frequent = labels.filter(({ n }) => n >= RAREST_SHARE * total).slice(0, CATEGORIES_SHOWN - 1);
  // A single remaining label keeps its own name.
  const isJoined = labels.length > frequent.length + 1;
  const names = (isJoined ? frequent : labels).map(({ label }) => label);
  const last = isJoined ? names.length : names.length - 1;
  const of = await readColumn(
    duck,
    `SELECT coalesce(least(rank, ${last}), -1)::INTEGER FROM items
     LEFT JOIN ${table} ON v = ${column} ORDER BY item`,
    Int32Array,
  );
  return {
    names: [...readable(names), ...(isJoined ? [OTHER_CATEGORIES] : [])],
    of: Int16Array.from(of),
  };
}

/** If this share of the paths begins alike, the beginning is dropped. */
const COMMON_SHARE = 0.7;

/** Paths for display, without first steps that nearly all of them share. */
function readable(paths: readonly string[]): string[] {
  const steps = paths.map((path) => path.split('|'));
  const [first = []] = steps;
  const begins = (path: string[], length: number) =>
    path.length > length && first.slice(0, length).every((step, at) => path[at] === step);
  let common = 0;
  while (
    first.length > common + 1 &&
    steps.filter((path) => begins(path, common + 1)).length >= COMMON_SHARE * steps.length
  ) {
    common++;
  }
  return steps.map((path) => (begins(path, common) ? path.slice(common) : path).join(' › '));
}
