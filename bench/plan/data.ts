/** Invented data with exactly the counts of a published data set, with titles and times, and users of five interactions or more. */
import { readFileSync, writeFileSync } from 'node:fs';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { Random } from '../../src/core/math/random.ts';

export interface Counts {
  users: number;
  items: number;
  interactions: number;
}

/** Of Amazon Toys and Games 2014, 5-core. */
export const TOYS: Counts = { users: 19_412, items: 11_924, interactions: 167_597 };

const LEAST = 5;

interface Row {
  user: string;
  item: string;
  rest: string;
}

/**
 * Writes ratings.csv and items.csv into a folder and returns their paths: the sample club's users, cut to so many interactions, and items
 * that nobody has left in place of those that many have.
 */
export function writeCounted(folder: string, { users, items, interactions }: Counts): string[] {
  const paths = writeSample(folder, { users, items, seed: 1 });
  const [header, ...lines] = readFileSync(paths[0], 'utf8').trimEnd().split('\n');
  const rows = lines.map((line): Row => {
    const [, user, item, rest] = /^([^,]+),([^,]+),(.*)$/.exec(line) ?? [];
    return { user, item, rest };
  });
  const kept = cut([...Map.groupBy(rows, ({ user }) => user).values()], interactions);
  const names = readFileSync(paths[1], 'utf8').trimEnd().split('\n').slice(1);
  showAll(
    kept,
    names.map((line) => line.split(',', 1)[0]),
  );
  const text = kept.map(({ user, item, rest }) => `${user},${item},${rest}`);
  writeFileSync(paths[0], `${[header, ...text].join('\n')}\n`);
  return paths;
}

/** The first interactions of every user, as many in all as wanted: of long histories the same share is left. */
function cut(histories: readonly Row[][], interactions: number): Row[] {
  const spare = histories.map(({ length }) => length - LEAST);
  const all = spare.reduce((sum, one) => sum + one, 0);
  const wanted = interactions - LEAST * histories.length;
  if (wanted < 0 || wanted > all)
    throw new Error(`users with ${LEAST} to all interactions cannot have ${interactions}`);
  const more = spare.map((one) => Math.floor((one * wanted) / all));
  let left = wanted - more.reduce((sum, one) => sum + one, 0);
  for (let at = 0; left > 0; at = (at + 1) % more.length) {
    if (more[at] >= spare[at]) continue;
    more[at]++;
    left--;
  }
  return histories.flatMap((rows, at) => rows.slice(0, LEAST + more[at]));
}

/** Gives every item its interaction, each taken from an item that has the most of some drawn ones. */
function showAll(rows: Row[], items: readonly string[]): void {
  const random = new Random(1, 0, 'missing items');
  const count = new Map<string, number>();
  for (const { item } of rows) count.set(item, (count.get(item) ?? 0) + 1);
  for (const item of items) {
    if (count.has(item)) continue;
    const drawn = Array.from({ length: 20 }, () => rows[random.below(rows.length)]);
    const timesOf = (row: Row) => count.get(row.item) ?? 0;
    const row = drawn.reduce((most, one) => (timesOf(one) > timesOf(most) ? one : most));
    count.set(row.item, timesOf(row) - 1);
    row.item = item;
    count.set(item, 1);
  }
}
