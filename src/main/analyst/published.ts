import type { PublishedPage } from '../../core/api/published.ts';
import { publishedSections } from '../../core/documents/comparison/published.ts';
import { readPublished } from '../../core/published/published-results.ts';

/** Published results as the window shows them: every source with one table per data set. */
export function publishedPage(): PublishedPage {
  const published = readPublished();
  const used = new Set(published.sources.flatMap(({ results }) => Object.keys(results)));
  return {
    datasets: Object.entries(published.datasets)
      .filter(([id]) => used.has(id))
      .map(([id, { title, users, interactions }]) => ({
        id,
        title,
        users: users ?? null,
        interactions: interactions ?? null,
      })),
    sources: published.sources.map((source) => {
      const { id, title, where, protocol } = source;
      return { id, title, where, protocol, sections: publishedSections(published, source) };
    }),
  };
}
