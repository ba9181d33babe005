/** Drawn negatives as a file, so that other programs rank the same ones. */
import { openInteractions, readItemIds, readUserIds } from '../../../core/data/read.ts';
import { csvLines } from '../../../core/documents/writers/write-csv.ts';
import type { NegativesRule } from '../../../core/evaluation/negatives.ts';
import { writeWhole } from '../../../core/files/whole-file.ts';
import type { Store } from '../../../core/store/store.ts';
import { protocolSchema } from '../../../core/training/config.ts';
import { trainingPart } from '../../../core/training/ranking/context.ts';
import { evaluationSet } from '../../../core/training/ranking/evaluation-set.ts';
import { negativesOf } from '../../../core/training/ranking/rank-among.ts';
import type { RunRequest } from '../runs/create-run.ts';

/**
 * Writes a row for each candidate of the test of an evaluation: its user, the item, and whether it is the held-out one, by the ids of the
 * imported files. Returns the number of users.
 */
export async function writeNegatives(
  store: Store,
  { dataset, config }: RunRequest,
  rule: NegativesRule,
  path: string,
): Promise<number> {
  const folder = store.datasets.folder(dataset);
  const { testUsers } = protocolSchema.partial().parse(config);
  const part = trainingPart(await openInteractions(folder), config);
  const [userIds, itemIds] = [await readUserIds(folder), await readItemIds(folder)];
  const { users, targets } = evaluationSet(part.split, 'test', { testUsers });
  const draw = negativesOf(part, rule);
  const lines = Array.from(users, (user, at) =>
    [targets[at], ...draw(user)].map((item, place) => [
      userIds[user],
      itemIds[item],
      place === 0 ? '1' : '0',
    ]),
  );
  writeWhole(path, csvLines([['user', 'item', 'held_out'], ...lines.flat()]));
  return users.length;
}
