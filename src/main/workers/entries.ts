/** Entry files of the worker processes, in the sources or in a bundle. */
import { processEntry } from '../../core/process-entry.ts';

export const analystEntry = (): string =>
  processEntry(import.meta.dirname, 'analyst', '../analyst/analyst.ts');
export const importerEntry = (): string => processEntry(import.meta.dirname, 'importer');
