/** Ranks of very many users in parts: a record of a journal is one text, of which none has more than half a gigabyte. */
import { z } from 'zod';
import { userRanks } from './events.ts';

type Ranks = z.output<typeof userRanks>;

/** Users of one part. */
export const MOST_USERS = 100_000;

/** Ranks of some of the users of the result that follows. */
export const ranksSchema = z.object({ type: z.literal('ranks'), time: z.number(), ranks: userRanks });

const LISTS = ['users', 'targets', 'ranks', 'historyLengths'] as const;

/** The same ranks of at most so many users each. */
export function partsOf(ranks: Ranks, most: number): Ranks[] {
  const starts = Array.from({ length: Math.ceil(ranks.users.length / most) }, (_, part) => part * most);
  return starts.map((from) => ({
    ...ranks,
    ...Object.fromEntries(LISTS.map((key) => [key, ranks[key].slice(from, from + most)])),
    topItems: ranks.topItems.slice(from * ranks.topK, (from + most) * ranks.topK),
  }));
}

/** The ranks of every split whose parts these are, in their order. */
export function joinedRanks(parts: readonly Ranks[]): Ranks[] {
  return [...Map.groupBy(parts, ({ split }) => split).values()].map((own) => {
    const joined = (key: (typeof LISTS)[number] | 'topItems') => {
      const all = new Int32Array(own.reduce((sum, part) => sum + part[key].length, 0));
      let at = 0;
      for (const part of own) {
        all.set(part[key], at);
        at += part[key].length;
      }
      return all;
    };
    return {
      ...own[0],
      ...Object.fromEntries(LISTS.map((key) => [key, joined(key)])),
      topItems: joined('topItems'),
    };
  });
}
