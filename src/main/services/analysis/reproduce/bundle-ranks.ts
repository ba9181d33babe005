/** Where each user's item stood then, from a bundle: so that it can be said how many stand there again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { literal, withDuck } from '../../../../core/data/duck.ts';
import { withScratch } from '../../../../core/files/scratch.ts';
import { bundleMembers, isBundle } from '../../../../core/reproduce/bundle-file.ts';

const RANKS = 'results/ranks.parquet';

/** Of the test of a run: ids of users and items as in the files of the data, and the ranks. */
export const namedRanksSchema = z.object({
  users: z.array(z.string()),
  targets: z.array(z.string()),
  ranks: z.array(z.int()),
});
export type NamedRanks = z.output<typeof namedRanksSchema>;

/** By the ids of the runs; none of a file that is no bundle, and of runs whose users have several rows or no ids. */
export async function ranksInBundle(path: string | null): Promise<ReadonlyMap<string, NamedRanks>> {
  const bytes =
    path !== null && isBundle(path) ? bundleMembers(path, (name) => name === RANKS)[RANKS] : undefined;
  if (!bytes) return new Map();
  const rows = await withScratch((scratch) => {
    const file = join(scratch, 'ranks.parquet');
    writeFileSync(file, bytes);
    return withDuck((duck) =>
      duck.rows<{ run: string; user: string; target: string; rank: number }>(
        `SELECT run, "user", target, rank FROM read_parquet(${literal(file)})
         WHERE split = 'test' AND "user" IS NOT NULL AND target IS NOT NULL`,
      ),
    );
  });
  const found = [...Map.groupBy(rows, ({ run }) => run)].flatMap(([run, own]): [string, NamedRanks][] => {
    const users = own.map(({ user }) => user);
    if (new Set(users).size < users.length) return [];
    return [[run, { users, targets: own.map(({ target }) => target), ranks: own.map(({ rank }) => rank) }]];
  });
  return new Map(found);
}
