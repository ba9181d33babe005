import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Random } from '../../math/random.ts';
import { parseImportInput } from '../import/request.ts';
import { ADJECTIVES, GENRES, NOUNS, NUMERALS } from './sample-words.ts';

export const sampleOptionsSchema = z.object({
  users: z.int().min(10).max(1_000_000).default(3000).describe('number of users'),
  items: z.int().min(50).max(100_000).default(1200).describe('number of items, cold ones included'),
  seed: z.int().min(0).default(1).describe('seed of everything random'),
});
export type SampleOptions = z.output<typeof sampleOptionsSchema>;

/** Share of items that come last in every taste: most have a few interactions, some have none. */
const COLD_SHARE = 0.08;
const COLD_WEIGHT = 0.004;
/** After an item, how often a user goes on to the next part of its series, and else to its neighbour in the genre. */
const SEQUEL_PROBABILITY = 0.45;
const NEIGHBOUR_PROBABILITY = 0.2;
const ZIPF_EXPONENT = 0.9;
const FIRST_TIME = 1_577_836_800;
const DAY = 86_400;

interface SampleItem {
  id: string;
  title: string;
  genre: number;
  secondGenre: number | null;
  year: number;
  /** Chance to be picked within its genre, up to a factor. */
  weight: number;
  /** Next part of the series, or -1. */
  sequel: number;
  /** The item that people of this genre often turn to next. */
  neighbour: number;
}

/** One genre's items with running sums of their weights, to draw from. */
interface GenreItems {
  items: number[];
  sums: number[];
}

/**
 * Writes ratings.csv (user,item,rating,timestamp) and items.csv (item,title,genres,year) of an invented film club into
 * `directory`: Zipf-like popularity, tastes over genres, series watched in order, cold items. The same options give the
 * same bytes. Returns the paths of both files.
 */
export function writeSample(directory: string, input: z.input<typeof sampleOptionsSchema> = {}): string[] {
  const options = parseImportInput(sampleOptionsSchema, input);
  const items = inventItems(options);
  mkdirSync(directory, { recursive: true });
  const ratings = join(directory, 'ratings.csv');
  const catalogue = join(directory, 'items.csv');
  writeFileSync(ratings, ratingsCsv(items, options));
  writeFileSync(catalogue, itemsCsv(items));
  return [ratings, catalogue];
}

function inventItems({ items: count, seed }: SampleOptions): SampleItem[] {
  const random = new Random(seed, 0, 'items');
  const items: SampleItem[] = [];
  const titles = new Set<string>();
  while (items.length < count) {
    const parts = Math.min(
      random.uniform() < 0.5 ? 1 : 2 + random.below(NUMERALS.length - 1),
      count - items.length,
    );
    const title = inventTitle(random, titles);
    const genre = random.below(GENRES.length);
    const second = random.uniform() < 0.4 ? random.below(GENRES.length) : genre;
    const year = 1960 + random.below(60);
    for (let part = 0; part < parts; part++) {
      const index = items.length;
      items.push({
        id: `f${String(index + 1).padStart(5, '0')}`,
        title: `${title}${NUMERALS[part]}`,
        genre,
        secondGenre: second === genre ? null : second,
        year: year + 2 * part,
        weight: 0,
        sequel: part + 1 < parts ? index + 1 : -1,
        neighbour: -1,
      });
    }
  }
  weigh(items, random);
  return items;
}

function inventTitle(random: Random, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const pair = `The ${ADJECTIVES[random.below(ADJECTIVES.length)]} ${NOUNS[random.below(NOUNS.length)]}`;
    const title = attempt < 20 ? pair : `${pair} of the ${NOUNS[random.below(NOUNS.length)]} ${taken.size}`;
    if (taken.has(title)) continue;
    taken.add(title);
    return title;
  }
}

/** Gives items their popularity, in random order, and links each to the next item of its genre. */
function weigh(items: SampleItem[], random: Random): void {
  const order = random.order(items.length);
  const warm = Math.round(items.length * (1 - COLD_SHARE));
  order.forEach((item, rank) => {
    const zipf = (rank + 1) ** -ZIPF_EXPONENT;
    items[item].weight = rank < warm ? zipf : zipf * COLD_WEIGHT;
  });
  for (let genre = 0; genre < GENRES.length; genre++) {
    const ring = Array.from(order.subarray(0, warm)).filter((item) => items[item].genre === genre);
    random.shuffle(ring);
    ring.forEach((item, at) => {
      items[item].neighbour = ring[(at + 1) % ring.length];
    });
  }
}

function itemsByGenre(items: readonly SampleItem[]): GenreItems[] {
  const genres: GenreItems[] = GENRES.map(() => ({ items: [], sums: [] }));
  for (const [index, { genre, secondGenre, weight }] of items.entries()) {
    for (const place of secondGenre === null ? [genre] : [genre, secondGenre]) {
      const { items: list, sums } = genres[place];
      list.push(index);
      sums.push((sums.at(-1) ?? 0) + weight);
    }
  }
  return genres.filter((genre) => genre.items.length > 0);
}

function draw({ items, sums }: GenreItems, random: Random): number {
  const target = random.uniform() * sums[sums.length - 1];
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > target) high = middle;
    else low = middle + 1;
  }
  return items[low];
}

function ratingsCsv(items: readonly SampleItem[], { users, seed }: SampleOptions): string {
  const genres = itemsByGenre(items);
  const lines = ['user,item,rating,timestamp'];
  for (let user = 0; user < users; user++) {
    const random = new Random(seed, user, 'users');
    const tastes = [genres[random.below(genres.length)], genres[random.below(genres.length)]];
    const length = Math.min(Math.round(5 + Math.exp(2.2 + 0.7 * random.normal())), items.length >> 2);
    const bias = random.normal() * 0.5;
    const seen = new Set<number>();
    let time = FIRST_TIME + random.below(700) * DAY + random.below(DAY);
    let last = -1;
    while (seen.size < length) {
      const item = nextItem(items, last, seen, tastes, genres, random);
      seen.add(item);
      last = item;
      const rating = Math.round(3.6 + bias + random.normal() * 0.8 + 8 * Math.min(items[item].weight, 0.05));
      lines.push(`u${user + 1},${items[item].id},${Math.max(1, Math.min(5, rating))},${time}`);
      time += 60 + random.below(random.uniform() < 0.6 ? DAY / 8 : 20 * DAY);
    }
  }
  return `${lines.join('\n')}\n`;
}

function nextItem(
  items: readonly SampleItem[],
  last: number,
  seen: ReadonlySet<number>,
  tastes: readonly GenreItems[],
  genres: readonly GenreItems[],
  random: Random,
): number {
  if (last >= 0) {
    const chance = random.uniform();
    const { sequel, neighbour } = items[last];
    if (sequel >= 0 && !seen.has(sequel) && chance < SEQUEL_PROBABILITY) return sequel;
    const follows = chance < SEQUEL_PROBABILITY + NEIGHBOUR_PROBABILITY;
    if (neighbour >= 0 && !seen.has(neighbour) && follows) return neighbour;
  }
  for (let attempt = 0; ; attempt++) {
    // A user with two narrow tastes can run out of items: then any genre will do.
    const fromTastes = attempt < 30 && random.uniform() < 0.85;
    const genre = fromTastes ? tastes[random.below(tastes.length)] : genres[random.below(genres.length)];
    const item = draw(genre, random);
    if (!seen.has(item)) return item;
    if (attempt > 1000) return items.findIndex((_, index) => !seen.has(index));
  }
}

function itemsCsv(items: readonly SampleItem[]): string {
  const lines = items.map(({ id, title, genre, secondGenre, year }) => {
    const genres = secondGenre === null ? GENRES[genre] : `${GENRES[genre]}|${GENRES[secondGenre]}`;
    return `${id},${title},${genres},${year}`;
  });
  return `item,title,genres,year\n${lines.join('\n')}\n`;
}
