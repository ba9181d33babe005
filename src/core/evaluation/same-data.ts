/** Whether two data sets hold the same, with the titles, ratings and times that are in no fingerprint. */
import { createHash } from 'node:crypto';
import type { DatasetSummary } from '../data/types.ts';
import { canonicalJson } from './protocol.ts';

/** Of the options of an import those that shape what comes of given files: paths are of one machine, and null says nothing. */
export const shapingOptions = ({ files: _, ...options }: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));

/** The keys of data sets stand in the database: one that is made otherwise needs a migration. */
export type DataSource = Pick<DatasetSummary, 'id' | 'fingerprint' | 'sourceFiles' | 'options'>;

/**
 * Equal of data sets that were imported from the same files in the same way, whatever they are called: a sha256 (hexadecimal), or the id of one
 * of an earlier version, whose files are not recorded and which is like itself alone.
 */
export function dataKey({ id, fingerprint, sourceFiles, options }: DataSource): string {
  if (!sourceFiles) return id;
  const hashes = sourceFiles.map(({ sha256 }) => sha256).toSorted();
  const what = canonicalJson([fingerprint, hashes, shapingOptions(options)]);
  return createHash('sha256').update(what).digest('hex');
}
