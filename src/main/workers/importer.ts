/** Entry of the importer process: imports files as one data set. */
import { type ImportProgress, importDataset } from '../../core/data/import/import.ts';
import type { ImportRequestInput } from '../../core/data/import/request.ts';
import type { DatasetSummary } from '../../core/data/types.ts';
import { serveTasks } from './tasks.ts';

export type ImporterTasks = {
  import: {
    input: { request: ImportRequestInput; home: string };
    progress: ImportProgress;
    output: DatasetSummary;
  };
};

serveTasks<ImporterTasks>({
  import: ({ request, home }, context) => importDataset(request, { home, ...context }),
});
