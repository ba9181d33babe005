import { UserError } from '../../errors.ts';
import type { Duck } from '../duck.ts';
import { count, countIds, type IngestedInteractions } from '../formats/raw-tables.ts';
import type { FilteredOut } from '../types.ts';
import { columnError, type ImportRequest } from './request.ts';

/**
 * Makes "kept": the rows of "source" that pass the rating threshold, the dates, the de-duplication and then the k-core;
 * and kept_u and kept_i, its ids with their counts (id, n). Returns what was dropped.
 * Throws UserError when a filter needs a column that the source lacks.
 */
export async function filterRows(
  duck: Duck,
  request: ImportRequest,
  source: IngestedInteractions,
): Promise<FilteredOut> {
  const { rating, dates } = rowConditions(request, source);
  const conditions = [...rating, ...dates];
  const dedupe = dedupeClause(request, source);
  const kCore = request.minUser > 1 || request.minItem > 1;
  const whole = {
    users: await count(duck, 'source_u'),
    items: await count(duck, 'source_i'),
    interactions: await count(duck, 'source'),
  };
  if (conditions.length === 0 && dedupe === '' && !kCore) {
    for (const [view, of] of [
      ['kept', 'source'],
      ['kept_u', 'source_u'],
      ['kept_i', 'source_i'],
    ]) {
      await duck.run(`CREATE VIEW ${view} AS SELECT * FROM ${of}`);
    }
    return { source: whole, rating: 0, dates: 0, repeats: 0, core: 0 };
  }
  const passing = async (conditions: readonly string[]) =>
    conditions.length === 0
      ? whole.interactions
      : count(duck, `(SELECT 1 FROM source WHERE ${conditions.join(' AND ')})`);
  const [rated, dated] = [await passing(rating), await passing(conditions)];
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  await duck.run(`CREATE TABLE kept AS SELECT * FROM source ${where} ${dedupe}`);
  // From here on the rows are needed once only.
  await duck.run('DROP VIEW source');
  await duck.run('DROP TABLE raw');
  const single = await count(duck, 'kept');
  if (kCore) await keepCore(duck, request.minUser, request.minItem);
  await countIds(duck, 'kept', 'kept_u', 'kept_i');
  return {
    source: whole,
    rating: whole.interactions - rated,
    dates: rated - dated,
    repeats: dated - single,
    core: single - (await count(duck, 'kept')),
  };
}

function rowConditions(
  { minRating, from, to }: ImportRequest,
  { hasRating, hasTime }: IngestedInteractions,
): Record<'rating' | 'dates', string[]> {
  if (minRating !== undefined && !hasRating) {
    throw columnError(
      'a lowest rating was given, but there is no rating column',
      'name it with --map rating=COLUMN',
    );
  }
  if ((from !== undefined || to !== undefined) && !hasTime) {
    throw columnError(
      'a date range was given, but there is no time column',
      'name it with --map time=COLUMN',
    );
  }
  return {
    rating: minRating === undefined ? [] : [`r >= ${minRating}::FLOAT`],
    dates: [...(from === undefined ? [] : [`t >= ${from}`]), ...(to === undefined ? [] : [`t < ${to}`])],
  };
}

function dedupeClause({ dedupe }: ImportRequest, { hasTime }: IngestedInteractions): string {
  if (dedupe === 'none') return '';
  if (dedupe === 'exact') {
    if (!hasTime)
      throw new UserError('exact repeats need a time column; use "first" or "last" to drop repeats instead');
    return 'QUALIFY row_number() OVER (PARTITION BY u, i, t ORDER BY row) = 1';
  }
  const direction = dedupe === 'first' ? '' : ' DESC';
  const order = hasTime ? `t${direction}, row${direction}` : `row${direction}`;
  return `QUALIFY row_number() OVER (PARTITION BY u, i ORDER BY ${order}) = 1`;
}

/**
 * The k-core: users with fewer than `minUser` interactions and items with fewer than `minItem` are dropped until none
 * is left to drop. It is the largest such subset, so the order of dropping does not matter.
 */
async function keepCore(duck: Duck, minUser: number, minItem: number): Promise<void> {
  const steps = [
    { column: 'u', least: minUser },
    { column: 'i', least: minItem },
  ].filter((step) => step.least > 1);
  let unchanged = 0;
  for (let turn = 0; unchanged < steps.length; turn++) {
    const { column, least } = steps[turn % steps.length];
    await duck.run(
      `CREATE TABLE dropped AS SELECT ${column} FROM kept GROUP BY ${column} HAVING count(*) < ${least}`,
    );
    const some = (await count(duck, 'dropped')) > 0;
    if (some) {
      await duck.run(`CREATE TABLE smaller AS SELECT kept.* FROM kept ANTI JOIN dropped USING (${column})`);
      await duck.run('DROP TABLE kept');
      await duck.run('ALTER TABLE smaller RENAME TO kept');
    }
    await duck.run('DROP TABLE dropped');
    unchanged = some ? 0 : unchanged + 1;
  }
}
