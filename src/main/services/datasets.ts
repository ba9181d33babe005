import { rm } from 'node:fs/promises';
import type { ImportContext } from '../../core/data/import/import.ts';
import { markImported } from '../../core/data/import/import-owner.ts';
import {
  type ImportRequestInput,
  importRequestSchema,
  parseImportInput,
} from '../../core/data/import/request.ts';
import type { DatasetSummary } from '../../core/data/types.ts';
import type { Store } from '../../core/store/store.ts';

/** Makes the data set's folder in the home. Throws UserError for files that cannot be imported, CancelledError when cancelled. */
export type Importer = (request: ImportRequestInput, context: ImportContext) => Promise<DatasetSummary>;

/** Imports in this process, and loads DuckDB for it. */
const importHere: Importer = async (request, context) => {
  const { importDataset } = await import('../../core/data/import/import.ts');
  return importDataset(request, context);
};

/** The data sets of a home. */
export class DatasetService {
  readonly #store: Store;
  readonly #importer: Importer;

  /** `importer` does the work. Default: this process. */
  constructor(store: Store, importer: Importer = importHere) {
    this.#store = store;
    this.#importer = importer;
  }

  /**
   * Imports files and folders as a data set. Throws UserError for bad input or a taken name and
   * CancelledError when the signal fires; either way nothing is left behind.
   */
  async import(
    input: ImportRequestInput,
    context: Omit<ImportContext, 'home' | 'checkName'> = {},
  ): Promise<DatasetSummary> {
    this.#store.requireWritable();
    const request = parseImportInput(importRequestSchema, input);
    // Checked early, so that a long import does not fail at its end; `add` checks again, in case another one was faster.
    const checkName = (name: string) => this.#store.datasets.requireFreeName(name);
    if (request.name !== undefined) checkName(request.name);
    const summary = await this.#importer(request, { ...context, home: this.#store.home, checkName });
    try {
      this.#store.datasets.add(summary);
      markImported(this.folder(summary));
    } catch (error) {
      await rm(this.folder(summary), { recursive: true, force: true });
      throw error;
    }
    return summary;
  }

  /** All data sets, newest first. */
  list(): DatasetSummary[] {
    return this.#store.datasets.list();
  }

  /** Finds a data set by name, id or the beginning of an id. Throws UserError if none or several match. */
  find(reference: string): DatasetSummary {
    return this.#store.datasets.find(reference);
  }

  /** Where a data set keeps its files. */
  folder(summary: DatasetSummary): string {
    return this.#store.datasets.folder(summary.id);
  }

  /** Puts a data set into the trash. Throws UserError that lists the runs trained on it, unless it is to go by `force`. */
  delete(reference: string, force = false): DatasetSummary {
    return this.#store.transaction(() => {
      const summary = this.find(reference);
      if (!force) this.#store.datasets.requireUnused(summary);
      this.#store.trash.put('dataset', [summary.id]);
      return summary;
    });
  }
}
