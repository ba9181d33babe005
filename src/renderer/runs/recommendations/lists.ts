/** From the lists of several runs to the rows of one table. No React here. */
import type { Recommendation } from '../../../core/api/recommend.ts';

type Item = Recommendation['items'][number];

export interface ListCell {
  item: Item;
  /** 1-based places in the other lists, null where the item is in none of that list's. */
  elsewhere: (number | null)[];
}

export interface ListRow {
  rank: number;
  /** One a run; null where its list is shorter or not there yet. */
  cells: (ListCell | null)[];
}

/** One row a rank, as many as the longest list has. */
export function listRows(answers: readonly (Recommendation | undefined)[]): ListRow[] {
  const lists = answers.map((answer) => answer?.items ?? []);
  const places = lists.map((items) => new Map(items.map(({ item }, at) => [item, at + 1])));
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => ({
    rank: at + 1,
    cells: lists.map((items, list) => {
      const item = items[at];
      if (!item) return null;
      const others = places.filter((_place, other) => other !== list && answers[other] !== undefined);
      return { item, elsewhere: others.map((place) => place.get(item.item) ?? null) };
    }),
  }));
}

/** Whether an item is in one list of several alone. */
export function isOnlyHere({ elsewhere }: ListCell): boolean {
  return elsewhere.length > 0 && elsewhere.every((place) => place === null);
}
