/** The published results that stand under a row of the table of metrics. */
import { splitOf } from '../../../evaluation/protocol.ts';
import { hasSplitOf, matchResult, type PublishedResults } from '../../../published/published-results.ts';
import type { Comparison, PublishedRow } from '../../types.ts';
import { blocksOf, matchOf } from './published.ts';

/** One list a row, the model's own paper first; what was measured by another split is left out. */
export function publishedBesideRows(
  comparison: Pick<Comparison, 'rows'>,
  published: PublishedResults,
): PublishedRow[][] {
  return comparison.rows.map((row) => {
    const dataset = matchOf(published, row)?.id;
    if (dataset === undefined) return [];
    const found = published.sources.flatMap((source): PublishedRow[] => {
      const result = matchResult(source.results[dataset] ?? [], { model: row.model, blocks: blocksOf(row) });
      if (!result || !hasSplitOf(source, splitOf(row.runs[0].protocol))) return [];
      const values = source.metrics.flatMap((metric, at) => {
        const value = result.values[at];
        return typeof value === 'number' ? [[`test/${metric}`, value] as const] : [];
      });
      const { id, title, where, own } = source;
      return [
        { isPaper: own.includes(result.model), source: id, title, where, values: Object.fromEntries(values) },
      ];
    });
    return found.toSorted((a, b) => Number(b.isPaper) - Number(a.isPaper));
  });
}
