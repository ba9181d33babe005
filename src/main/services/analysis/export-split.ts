/** The split of a data set taken along, for programs that train elsewhere. */
import { homedir } from 'node:os';
import { UserError } from '../../../core/errors.ts';
import {
  type ExportProgress,
  exportSplit,
  type SplitExport,
} from '../../../core/foreign/split/export-split.ts';
import type { Manifest } from '../../../core/foreign/split/manifest.ts';
import type { Store } from '../../../core/store/store.ts';
import type { WorkContext } from '../../workers/progress.ts';

/** `dataset`: name or id. Throws UserError for a click log, a folder that cannot be used, and ids that the format cannot hold. */
export function exportDatasetSplit(
  store: Store,
  { dataset: reference, folder, ...request }: Omit<SplitExport, 'datasetDir'> & { dataset: string },
  context: WorkContext<ExportProgress>,
): Promise<Manifest> {
  const dataset = store.datasets.find(reference);
  if (dataset.clicks)
    throw new UserError(`the data set ${dataset.name} is a click log: its rows are parted by each model`);
  const datasetDir = store.datasets.folder(dataset.id);
  return exportSplit({ ...request, datasetDir, folder: folder.replace(/^~(?=\/|$)/, homedir()) }, context);
}
