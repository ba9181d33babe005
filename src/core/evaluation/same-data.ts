/** Whether two data sets hold the same, with the titles, ratings and times that are in no fingerprint. */
import type { DatasetSummary } from '../data/types.ts';
import { canonicalJson } from './protocol.ts';

/** Of the options of an import those that shape what comes of given files: paths are of one machine, and null says nothing. */
export const shapingOptions = ({ files: _, ...options }: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));

/**
 * Equal of data sets that were imported from the same files in the same way, whatever they are called. One of an earlier version, whose files
 * are not recorded, is like itself alone.
 */
export function dataKey({
  id,
  fingerprint,
  sourceFiles,
  options,
}: Pick<DatasetSummary, 'id' | 'fingerprint' | 'sourceFiles' | 'options'>): string {
  if (!sourceFiles) return id;
  const hashes = sourceFiles.map(({ sha256 }) => sha256).toSorted();
  return canonicalJson([fingerprint, hashes, shapingOptions(options)]);
}
