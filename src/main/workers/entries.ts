/** Where the worker processes start, from the sources as from a bundle. */
import { processEntry } from '../../core/process-entry.ts';

export const analystEntry = (): string =>
  processEntry(import.meta.dirname, 'analyst', '../analyst/analyst.ts');
export const importerEntry = (): string => processEntry(import.meta.dirname, 'importer');
