import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.ts';
import { readColumn, readTexts } from './columns.ts';
import { type Duck, literal, pathLiteral, withDuck } from './duck.ts';
import { offsetsOf } from './import/write.ts';
import type { DatasetSummary, Interactions, ItemCard } from './types.ts';

/** dataset.json of a data set's folder. Throws UserError when it is missing or damaged. */
export function readSummary(directory: string): DatasetSummary {
  const path = join(directory, 'dataset.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DatasetSummary;
  } catch (error) {
    if (!existsSync(path))
      throw new UserError(`${directory}: the data set's folder is missing; import it again`);
    throw new UserError(`${path}: damaged (${messageOf(error)}); import the data set again`);
  }
}

async function ofDataset<T>(directory: string, use: (duck: Duck) => Promise<T>): Promise<T> {
  readSummary(directory);
  try {
    const files = ['interactions', 'items', 'users'].map((name) => join(directory, `${name}.parquet`));
    return await withDuck(use, { reads: files });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${directory}: the data set is damaged (${messageOf(error)}); import it again`);
  }
}

function parquet(directory: string, file: 'interactions' | 'items' | 'users'): string {
  return `read_parquet(${pathLiteral(join(directory, `${file}.parquet`))})`;
}

/** All interactions of a data set in memory. Throws UserError when it is a click log, or its files are missing or damaged. */
export async function openInteractions(directory: string): Promise<Interactions> {
  const { statistics, options, clicks, name } = readSummary(directory);
  if (clicks) {
    throw new UserError({
      code: 'unsuitable-dataset',
      problem: `data set "${name}" is a click log, which ranking models such as dlrm are for`,
      fix: {
        cli: 'import it with --kind interactions for others',
        window: 'import it as interactions for others',
      },
    });
  }
  const { users, items, catalogueItems, interactions } = statistics;
  return ofDataset(directory, async (duck) => {
    const column = (name: string) => `SELECT ${name} FROM ${parquet(directory, 'interactions')}`;
    const counts = await readColumn(
      duck,
      `SELECT interactions FROM ${parquet(directory, 'users')}`,
      Int32Array,
    );
    const offsets = offsetsOf(counts);
    const itemIds = await readColumn(duck, column('item'), Int32Array);
    if (counts.length !== users || itemIds.length !== interactions || offsets[users] !== interactions) {
      throw new Error('its files do not belong together');
    }
    const times = statistics.timeSpan && (await readColumn(duck, column('"time"::DOUBLE'), Float64Array));
    const ratings = statistics.hasRatings ? await readColumn(duck, column('rating'), Float32Array) : null;
    const actions = options.actions ? await readColumn(duck, column('actions::INTEGER'), Int32Array) : null;
    return { users, items, catalogueItems, offsets, itemIds, times, ratings, actions };
  });
}

function toCard({ item, id, interactions: _, title, ...side }: Record<string, unknown>): ItemCard {
  return {
    item: item as number,
    originalId: id as string,
    title: (title as string | null | undefined) ?? null,
    side: side as ItemCard['side'],
  };
}

/** Cards of dense items, in the requested order; an id that does not exist is left out. */
export async function readItemCards(directory: string, items: readonly number[]): Promise<ItemCard[]> {
  const list = items.filter(Number.isInteger);
  if (list.length === 0) return [];
  return ofDataset(directory, async (duck) => {
    const rows = await duck.rows(
      `SELECT * FROM ${parquet(directory, 'items')} WHERE item IN (${list.join(', ')})`,
    );
    const cards = new Map(rows.map((row) => [row.item as number, toCard(row)]));
    return list.map((item) => cards.get(item)).filter((card) => card !== undefined);
  });
}

/** Cards of every item of the catalogue, in dense order. */
export async function readAllItemCards(directory: string): Promise<ItemCard[]> {
  return ofDataset(directory, async (duck) =>
    (await duck.rows(`SELECT * FROM ${parquet(directory, 'items')} ORDER BY item`)).map(toCard),
  );
}

/** Side columns of every user such as age and gender, in dense order. */
export async function readUserColumns(directory: string): Promise<ItemCard['side'][]> {
  return ofDataset(directory, async (duck) => {
    const rows = await duck.rows(`SELECT * FROM ${parquet(directory, 'users')} ORDER BY "user"`);
    return rows.map(({ user: _, id: __, interactions: ___, ...side }) => side as ItemCard['side']);
  });
}

/** Dense id of a user by original id, or null. */
export async function findUser(directory: string, originalId: string): Promise<number | null> {
  return ofDataset(directory, async (duck) => {
    const rows = await duck.rows<{ user: number }>(
      `SELECT "user" FROM ${parquet(directory, 'users')} WHERE id = ${literal(originalId)}`,
    );
    return rows[0]?.user ?? null;
  });
}

/** Titles of all catalogue items in dense order, '' for those without. */
export async function readItemTitles(directory: string): Promise<string[]> {
  const { hasTitles, catalogueItems } = readSummary(directory).statistics;
  if (!hasTitles) return Array<string>(catalogueItems).fill('');
  return ofDataset(directory, (duck) =>
    readTexts(duck, `SELECT coalesce(title, '') FROM ${parquet(directory, 'items')} ORDER BY item`),
  );
}

/** Original ids of all users in dense order. */
export async function readUserIds(directory: string): Promise<string[]> {
  return ofDataset(directory, (duck) => readTexts(duck, `SELECT id FROM ${parquet(directory, 'users')}`));
}

/** Original ids of all catalogue items in dense order. */
export async function readItemIds(directory: string): Promise<string[]> {
  return ofDataset(directory, (duck) => readTexts(duck, `SELECT id FROM ${parquet(directory, 'items')}`));
}
