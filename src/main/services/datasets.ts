import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportContext } from '../../core/data/import/import.ts';
import { markImported } from '../../core/data/import/import-owner.ts';
import {
  type ImportRequestInput,
  importRequestSchema,
  parseImportInput,
} from '../../core/data/import/request.ts';
import type { DatasetSummary } from '../../core/data/types.ts';
import { removeFolder } from '../../core/files/durable.ts';
import type { Store } from '../../core/store/store.ts';

/** What the sample data set is called where nobody says otherwise. */
export const SAMPLE = 'tessera-sample';

/** Makes the data set's folder in the home. Throws UserError for files that cannot be imported, CancelledError when cancelled. */
export type Importer = (request: ImportRequestInput, context: ImportContext) => Promise<DatasetSummary>;

/** Imports in this process, and loads DuckDB for it. */
const importHere: Importer = async (request, context) => {
  const { importDataset } = await import('../../core/data/import/import.ts');
  return importDataset(request, context);
};

/**
 * Imports files and folders as a data set of the home; `importer` does the work, by default in this process. Throws UserError
 * for bad input or a taken name and CancelledError when the signal fires; either way nothing is left behind.
 */
export async function importInto(
  store: Store,
  input: ImportRequestInput,
  context: Omit<ImportContext, 'home' | 'checkName'> = {},
  importer: Importer = importHere,
): Promise<DatasetSummary> {
  store.requireWritable();
  const request = parseImportInput(importRequestSchema, input);
  // Checked early, so that a long import does not fail at its end; `add` checks again, in case another one was faster.
  const checkName = (name: string) => store.datasets.requireFreeName(name);
  if (request.name !== undefined) checkName(request.name);
  const summary = await importer(request, { ...context, home: store.home, checkName });
  const folder = store.datasets.folder(summary.id);
  try {
    store.datasets.add(summary);
    markImported(folder);
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
  return summary;
}

/** Imports the generated sample data set, which is the same everywhere. Throws as `importInto` does. */
export async function importSample(
  store: Store,
  name = SAMPLE,
  context: Parameters<typeof importInto>[2] = {},
): Promise<DatasetSummary> {
  const { writeSample } = await import('../../core/data/sample/sample.ts');
  const folder = await mkdtemp(join(tmpdir(), 'tessera-sample-'));
  try {
    return await importInto(store, { paths: writeSample(folder), name }, context);
  } finally {
    await removeFolder(folder);
  }
}

/** Puts a data set into the trash. Throws UserError that lists the runs trained on it, unless it is to go by `force`. */
export function deleteDataset(store: Store, reference: string, force = false): DatasetSummary {
  return store.transaction(() => {
    const summary = store.datasets.find(reference);
    if (!force) store.datasets.requireUnused(summary);
    store.trash.put('dataset', [summary.id]);
    return summary;
  });
}
