/** What the window asks of the table of runs, at a home of very many. */
import { runTableQuery } from '../../src/core/store/table/run-table-types.ts';

/** As the window asks: folded, with the metrics that stand in the table. */
export const table = (changes: object) =>
  runTableQuery.parse({
    ...{ fold: true, foldStudies: true, trials: 'chosen', outline: true, groupBy: 'dataset', limit: 100 },
    ...{ metrics: ['test/ndcg@10', 'test/hr@10'], ...changes },
  });
export const by = (field: string) => ({ sort: [{ field, descending: true }] });

export const WORDS = ['sasrec', 'hstu', 'narm', 'beauty', 'ml-1m', 'gru4rec'];
export const METRICS = [
  ...['test/ndcg@20', 'test/hr@20', 'valid/hr@5', 'test/map@10', 'test/map@5', 'valid/map@5'],
];
export const COLUMNS = ['createdAt', 'endedAt', 'seconds', 'epochs', 'parameters', 'seed'];
