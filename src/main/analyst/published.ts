import type { PublishedShelf } from '../../core/api/published.ts';
import { publishedSections } from '../../core/documents/comparison/published.ts';
import { readShelf } from '../../core/published/shelf.ts';

/** The shelf as the window shows it: every source with one table per data set. */
export function publishedShelf(): PublishedShelf {
  const shelf = readShelf();
  const used = new Set(shelf.sources.flatMap(({ results }) => Object.keys(results)));
  return {
    datasets: Object.entries(shelf.datasets)
      .filter(([id]) => used.has(id))
      .map(([id, { title, users, interactions }]) => ({
        id,
        title,
        users: users ?? null,
        interactions: interactions ?? null,
      })),
    sources: shelf.sources.map((source) => {
      const { id, title, where, protocol } = source;
      return { id, title, where, protocol, sections: publishedSections(shelf, source) };
    }),
  };
}
