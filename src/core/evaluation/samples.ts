/** How results state that only some users were evaluated. */
import { Random } from '../math/random.ts';
import { withCommas } from '../names.ts';
import type { EvaluationSplit, Protocol } from './types.ts';

/**
 * `most` of the users, in ascending order; fewer of them are among more, and 0 takes all. By default always the same ones, whatever the
 * seed of a run, so that all are tested on them.
 */
export function drawnUsers(
  all: Int32Array,
  most: number,
  random = new Random(1, 0, 'test-users'),
): Int32Array {
  if (most === 0 || most >= all.length) return all;
  return random.shuffle(all.slice()).slice(0, most).sort();
}

/** "2,000 of 22,363 users". `of` are the users with a target. */
export function usersText(users: number, of: number): string {
  return `${withCommas(users)} of ${withCommas(of)} users`;
}

/** What a protocol states of a split that was evaluated on some of its users: "valid: 2,000 of 22,363 users". */
export function statedSamples(split: EvaluationSplit, users: number, of: number): { samples?: string[] } {
  return users < of ? { samples: [`${split}: ${usersText(users, of)}`] } : {};
}

/** "2,000 of 22,363 users" where a protocol states that only some users of a split were evaluated; else null. */
export function statedSample(protocol: Protocol | null | undefined, split: string): string | null {
  const stated = protocol?.samples?.find((sample) => sample.startsWith(`${split}: `));
  return stated?.slice(split.length + 2) ?? null;
}
