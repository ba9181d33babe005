import { readFileSync } from 'node:fs';
import { csvField } from '../../../core/documents/writers/text.ts';
import { UserError } from '../../../core/errors.ts';
import type { QueryResult } from '../../../core/store/db/views.ts';
import type { Store } from '../../../core/store/store.ts';
import type { CliCommand } from '../command.ts';
import type { Answer } from '../context.ts';
import { wholeNumber } from '../options.ts';
import { textTable } from '../terminal/text-table.ts';

interface SqlOptions {
  limit: number;
  csv?: boolean;
}

/** `sql [query]`: one query over the home, or what there is to ask. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('sql [query]')
    .summary('query runs, metrics and data sets in SQL, read-only')
    .description(
      'Runs one SELECT of SQLite over views of the home, in which what is in the trash is left out; nothing can be changed. Without a query it lists ' +
        'the views and their columns; "-" reads the query from the standard input.',
    )
    .option('--limit <rows>', 'at most so many rows', wholeNumber(1), 1000)
    .option('--csv', 'CSV in place of a table')
    .examples(
      'tessera sql',
      `tessera sql "SELECT model, max(value) FROM runs JOIN metrics ON run = id WHERE metric = 'test/ndcg@10' GROUP BY model"`,
      `tessera sql --csv "SELECT * FROM metrics" > metrics.csv`,
    )
    .ask(answer);
}

async function answer(store: Store, query: string | undefined, options: SqlOptions): Promise<Answer> {
  const { views } = store;
  if (query === undefined) {
    const { VIEWS } = await import('../../../core/store/db/views.ts');
    const columns = views.columns();
    const about = (name: string) => `${name}: ${VIEWS[name].about}\n  ${columns[name].join(', ')}`;
    return [columns, Object.keys(columns).map(about).join('\n\n')];
  }
  const text = query === '-' ? readFileSync(0, 'utf8') : query;
  if (text.trim() === '') throw new UserError('the query is empty; write a SELECT, or nothing for the views');
  const { publishedRows } = await import('../../../core/published/published-results.ts');
  const result = views.query(text, options.limit, publishedRows);
  return [result, options.csv ? csvOf(result) : tableOf(result, options.limit)];
}

const words = (rows: QueryResult['rows']) => rows.map((row) => row.map((cell) => String(cell ?? '')));

function tableOf({ columns, rows, cut }: QueryResult, limit: number): string {
  const numbers = columns.filter(
    (_, at) => rows.length > 0 && rows.every((row) => typeof row[at] !== 'string'),
  );
  const table = textTable(columns, words(rows), numbers);
  return cut ? `${table}\n\nOnly the first ${limit} rows; --limit asks for more.` : table;
}

function csvOf({ columns, rows }: QueryResult): string {
  return [columns, ...rows].map((row) => row.map(csvField).join(',')).join('\n');
}
