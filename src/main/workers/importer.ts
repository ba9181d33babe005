/** Entry of the importer process: imports files as one data set. */
import { type ImportProgress, importDataset } from '../../core/data/import/import.ts';
import type { ImportRequestInput } from '../../core/data/import/request.ts';
import { serveCalls } from './serve-calls.ts';

export interface ImporterInput {
  request: ImportRequestInput;
  home: string;
}

serveCalls<ImporterInput, ImportProgress>(({ request, home }, { signal, onProgress }) =>
  importDataset(request, { home, signal, onProgress }),
);
