/** The model of a run as it was tested, with what it needs to be asked something. */
import { findUser } from '../../../core/data/read.ts';
import { UserError } from '../../../core/errors.ts';
import { configOfRun } from '../../../core/families/registry.ts';
import type { Store } from '../../../core/store/store.ts';
import type { MeasuredRun, OwnRun } from '../../../core/store/types.ts';
import { sourceRuns } from '../runs/source-runs.ts';

/** Throws UserError if its data set, its checkpoint or a run that it builds on has been deleted. */
export function testedModel(store: Store, run: OwnRun) {
  return {
    ...{ model: run.model, config: configOfRun(run), seed: run.seed },
    checkpoint: testedCheckpoint(store, run),
    datasetDir: datasetFolderOf(store, run),
    sources: sourceRuns(store, run.config, { begins: false }),
  };
}

/** The file of the parameters that were tested. Throws UserError if there is none. */
export function testedCheckpoint(store: Store, run: OwnRun): string {
  const known = store.checkpoints.list(run.id);
  const tested = known.find(({ kind, epoch }) => kind === 'best' && epoch === run.selectedEpoch);
  const chosen = tested ?? known.find(({ kind }) => kind === 'last') ?? known[0];
  if (!chosen)
    throw new UserError(`run ${run.name} (${run.id}) has no checkpoint to work with (status: ${run.status})`);
  return chosen.path;
}

/** The folder of its data set. Throws UserError if that has been deleted. */
export function datasetFolderOf(store: Store, { id, name, dataset }: MeasuredRun): string {
  if (dataset.id !== null) return store.datasets.folder(dataset.id);
  throw new UserError(`run ${name} (${id}) cannot be asked: its data set ${dataset.name} was deleted`);
}

/** The dense id of a user of a data set. Throws UserError if there is no such user. */
export async function requireUser(
  datasetDir: string,
  { name }: { name: string },
  id: string,
): Promise<number> {
  const user = await findUser(datasetDir, id);
  if (user !== null) return user;
  throw new UserError(`data set ${name} has no user "${id}"; ids are those of the imported files`);
}
