/** A data set's items and users, as texts by field. */
import { readAllItemCards, readUserColumns } from '../../data/read.ts';
import type { ItemCard } from '../../data/types.ts';

export interface Records {
  /** Names such as "item.title" and "user.age", those of items first. */
  fields: readonly string[];
  /** By dense item. */
  items: readonly Readonly<Record<string, string>>[];
  /** By dense user. */
  users: readonly Readonly<Record<string, string>>[];
}

/** A year in brackets at the end of a title, as MovieLens writes it. */
const YEAR = /^(.*\S)\s*\((\d{4})\)\s*$/s;

/** Reads every side column of a data set. A year at the end of the titles becomes the field "item.year". */
export async function readRecords(directory: string): Promise<Records> {
  const cards = await readAllItemCards(directory);
  const columns = await readUserColumns(directory);
  const years = cards.filter(({ title }) => title && YEAR.test(title)).length;
  const dated = years > cards.length / 2;
  const items = cards.map((card) => itemTexts(card, dated));
  const users = columns.map((side) => texts('user', side));
  const names = (of: readonly Readonly<Record<string, string>>[]) =>
    [...new Set(of.flatMap(Object.keys))].sort();
  return { fields: [...names(items), ...names(users)], items, users };
}

function itemTexts({ title, originalId, side }: ItemCard, dated: boolean): Record<string, string> {
  const [, bare, year] = (dated && title?.match(YEAR)) || [];
  return {
    'item.title': bare ?? title ?? originalId,
    ...(year ? { 'item.year': year } : {}),
    ...texts('item', side),
  };
}

function texts(prefix: string, side: ItemCard['side']): Record<string, string> {
  const known = Object.entries(side).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(known.map(([name, value]) => [`${prefix}.${name}`, String(value)]));
}
