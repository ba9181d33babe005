/** How many users of a data set were there when. */
import { join } from 'node:path';
import type { Activity, TimeBin } from '../../core/api/datasets.ts';
import { pathLiteral, withDuck } from '../../core/data/duck.ts';
import { readSummary } from '../../core/data/read.ts';

const DAY = 86_400;
/** By how many days each lasts; the first whose bins are no more than these is taken. */
const LENGTHS: readonly [TimeBin, days: number][] = [
  ['day', 1],
  ['week', 7],
  ['month', 30.4],
  ['quarter', 91.3],
  ['year', 365.25],
];
const MAX_BINS = 60;
/** Times that span more years are no dates. */
const MAX_YEARS = 300;

/** Throws UserError if the files of the data set have been deleted. */
export async function activityOf(folder: string): Promise<Activity | null> {
  const { statistics, clicks } = readSummary(folder);
  const { timeSpan } = statistics;
  if (!timeSpan || clicks) return null;
  const days = (timeSpan.to - timeSpan.from) / DAY;
  if (days > MAX_YEARS * 365.25) return null;
  const [bin] = LENGTHS.find(([, length]) => days / length <= MAX_BINS) ?? (['year'] as const);
  const file = `read_parquet(${pathLiteral(join(folder, 'interactions.parquet'))})`;
  return withDuck(async (duck) => {
    const rows = await duck.rows<Record<'from' | 'users' | 'new_users' | 'interactions', number>>(
      `WITH acts AS (SELECT "user", date_trunc('${bin}', make_timestamp(("time" * 1e6)::BIGINT)) AS bin FROM ${file}),
         counts AS (SELECT bin, count(DISTINCT "user") AS users, count(*) AS interactions FROM acts GROUP BY bin),
         firsts AS (SELECT bin, count(*) AS users FROM (SELECT "user", min(bin) AS bin FROM acts GROUP BY "user") GROUP BY bin),
         spans AS (SELECT unnest(generate_series(min(bin)::TIMESTAMP, max(bin)::TIMESTAMP, INTERVAL '1 ${bin}')) AS bin FROM counts)
       SELECT epoch(bin)::DOUBLE AS "from", coalesce(counts.users, 0)::DOUBLE AS users,
         coalesce(firsts.users, 0)::DOUBLE AS new_users, coalesce(counts.interactions, 0)::DOUBLE AS interactions
       FROM spans LEFT JOIN counts USING (bin) LEFT JOIN firsts USING (bin) ORDER BY bin`,
    );
    return { bin, bins: rows.map(({ new_users: newUsers, ...row }) => ({ ...row, newUsers })) };
  });
}
