import { createHash } from 'node:crypto';
import { bytesOf, type Numbers } from './columns.ts';

/** Ids that are hashed at a time. Another number would change every fingerprint. */
export const ID_CHUNK = 4096;

interface FingerprintInput {
  /** Original ids in dense order, ID_CHUNK at a time. */
  userIds: AsyncIterable<readonly string[]>;
  /** The same of items, those without interactions left out. */
  itemIds: AsyncIterable<readonly string[]>;
  /** [users + 1] */
  offsets: Int32Array;
  /** [interactions] dense item ids, users one after the other, each in time order. */
  sequences: Int32Array;
}

/**
 * sha256 (hex) over the original user and item ids, the ordered sequences and the last item of every user, which is the
 * test target of leave-last-out. Dense ids follow from the set of original ids alone (see idOrder in write.ts), so the
 * hash is a function of which user interacted with which item in which order: the order of rows in the source changes it only where it decides
 * between equal times. Ratings, times, titles and the name of the data set do not enter: a protocol whose labels
 * or split rest on a column has the column's own hash beside it (`columnHash`).
 */
export async function fingerprintOf({
  userIds,
  itemIds,
  offsets,
  sequences,
}: FingerprintInput): Promise<string> {
  const hash = createHash('sha256');
  hash.update('tessera data set 1\n');
  for (const ids of [userIds, itemIds]) {
    for await (const chunk of ids) hash.update(JSON.stringify(chunk));
  }
  hash.update(bytesOf(offsets));
  hash.update(bytesOf(sequences));
  const users = offsets.length - 1;
  const targets = new Int32Array(users);
  for (let user = 0; user < users; user++) targets[user] = sequences[offsets[user + 1] - 1];
  hash.update(bytesOf(targets));
  return hash.digest('hex');
}

/** The first 12 hexadecimal digits of the sha256 of a column's values in order. */
export function columnHash(values: Numbers): string {
  return createHash('sha256').update(bytesOf(values)).digest('hex').slice(0, 12);
}
