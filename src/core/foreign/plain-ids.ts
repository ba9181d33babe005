import { join } from 'node:path';
import { type Duck, pathLiteral } from '../data/duck.ts';
import { UserError } from '../errors.ts';

/**
 * For formats whose values are parted by spaces or tabs. Throws UserError for a user or an item of a data set whose id has one, or is
 * empty. `remedy`: what a space parts there, and what to do.
 */
export async function requirePlainIds(duck: Duck, datasetDir: string, remedy: string): Promise<void> {
  const ids = ['items', 'users'].map(
    (file) => `SELECT id FROM read_parquet(${pathLiteral(join(datasetDir, `${file}.parquet`))})`,
  );
  const [spaced] = await duck.rows<{ id: string }>(
    `SELECT id FROM (${ids.join(' UNION ALL ')}) WHERE regexp_matches(id, '\\s') OR id = '' LIMIT 1`,
  );
  if (spaced) throw new UserError(`the id "${spaced.id}" has a space, which parts ${remedy}`);
}
