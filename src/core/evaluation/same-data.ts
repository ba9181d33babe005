/** Whether two data sets hold the same, with the titles, ratings and times that are in no fingerprint. */
import type { DatasetSummary } from '../data/types.ts';
import { canonicalJson } from './protocol.ts';

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
  const { files: _, ...told } = options;
  return canonicalJson([fingerprint, sourceFiles.map(({ sha256 }) => sha256).toSorted(), told]);
}
