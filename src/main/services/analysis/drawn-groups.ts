import type { DrawnId, KeptGroups } from '../../../core/api/drawn-groups.ts';
import { readUserIds } from '../../../core/data/read.ts';
import { epochsDrawn, readDrawnGroups } from '../../../core/families/generative/rewards/drawn-groups.ts';
import type { Store } from '../../../core/store/store.ts';
import { namer } from './recommendations.ts';
import { datasetFolderOf } from './tested-model.ts';

/** The groups that a training by reward kept, with names. Throws UserError where its data set has been deleted. */
export async function keptGroups(
  store: Store,
  request: { run: string; epoch: number | null },
): Promise<KeptGroups> {
  const run = store.runs.own(request.run);
  const folder = store.runs.folder(run.id);
  const epochs = epochsDrawn(folder);
  const epoch = epochs.find((one) => one === request.epoch) ?? epochs.at(-1);
  if (epoch === undefined) return { epochs, shown: null };
  const datasetDir = datasetFolderOf(store, run);
  const { step, groupsDrawn, groups } = readDrawnGroups(folder, epoch);
  const users = await readUserIds(datasetDir);
  const items = groups.flatMap(({ next, ids }) => [next, ...ids].map(({ item }) => item));
  const name = await namer(datasetDir, items);
  const named = <Id extends { item: number }>(id: Id): Omit<Id, 'item'> & Pick<DrawnId, 'item'> => ({
    ...id,
    item: name(id.item),
  });
  return {
    epochs,
    shown: {
      ...{ epoch, step, groupsDrawn },
      groups: groups.map(({ user, next, ids }) => ({
        user: users[user],
        next: named(next),
        ids: ids.map(named),
      })),
    },
  };
}
