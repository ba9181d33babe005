/** The split of a data set taken along, for programs that train elsewhere. */
import { UserError } from '../../../core/errors.ts';
import {
  type ExportProgress,
  exportSplit,
  type SplitExport,
} from '../../../core/foreign/split/export-split.ts';
import { type Manifest, splitChoice } from '../../../core/foreign/split/manifest.ts';
import type { Store } from '../../../core/store/store.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { exportFolder } from './export-folder.ts';

export interface SplitRequest extends Pick<SplitExport, 'folder' | 'format'> {
  dataset: string;
  /** What is held out, by config keys. */
  held: Record<string, unknown>;
}

/**
 * `dataset`: name or id; an empty `folder` is a new one in the home. Throws UserError for a click log, a folder that cannot be used, and ids
 * that the format cannot hold.
 */
export async function exportDatasetSplit(
  store: Store,
  { dataset: reference, folder: given, format, held }: SplitRequest,
  context: WorkContext<ExportProgress>,
): Promise<Manifest & { folder: string }> {
  const dataset = store.datasets.find(reference);
  if (dataset.clicks)
    throw new UserError(`the data set ${dataset.name} is a click log: its rows are parted by each model`);
  const folder = exportFolder(store, given, `${dataset.name}-${format}`);
  const datasetDir = store.datasets.folder(dataset.id);
  const manifest = await exportSplit({ datasetDir, folder, format, split: splitChoice(held) }, context);
  return { ...manifest, folder };
}
