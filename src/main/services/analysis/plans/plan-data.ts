/** The data sets of a plan: those of the home that it names, and files that become some. */
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { ImportContext } from '../../../../core/data/import/import.ts';
import type { DatasetSummary } from '../../../../core/data/types.ts';
import { UserError } from '../../../../core/errors.ts';
import { dataKey } from '../../../../core/evaluation/same-data.ts';
import { pathFrom } from '../../../../core/files/absolute-paths.ts';
import { mayRead, requireReadable } from '../../../../core/files/readable.ts';
import { sha256 } from '../../../../core/files/sha256.ts';
import { examplesText } from '../../../../core/names.ts';
import { areFiles, type PlanFiles, type PlanTable } from '../../../../core/plans/plan-schema.ts';
import type { Store } from '../../../../core/store/store.ts';
import { importInto } from '../../datasets.ts';

/** Options that change which interactions a data set has. */
const SHAPING = ['minUser', 'minItem', 'minRating', 'dedupe', 'ties', 'seed'] as const;

/** Null where its files, named from `folder` on, are still to be imported. Throws UserError for a name of none, or of other data than the plan describes. */
export async function datasetOf(
  store: Store,
  { data }: Pick<PlanTable, 'data'>,
  folder: string,
): Promise<DatasetSummary | null> {
  if (typeof data === 'string') return store.datasets.find(data);
  if (!areFiles(data)) return knownData(store, data);
  const found = store.datasets.list().find(({ name }) => name === data.name);
  if (!found) return null;
  const problem = unlike(found, data) ?? (await changedSince(found, data, folder));
  if (problem === null) return found;
  throw new UserError(`the data set ${data.name} of this home ${problem}; give the files another name`);
}

/** The data set that has these sequences, of several the one of the same name. Throws UserError where the others hold different things besides. */
function knownData({ datasets }: Store, { name, fingerprint }: { name: string; fingerprint: string }) {
  const alike = datasets.list().filter((one) => one.fingerprint.startsWith(fingerprint));
  const called = alike.find((one) => one.name === name);
  if (called === undefined && new Set(alike.map(dataKey)).size > 1)
    throw new UserError(
      `${alike.length} data sets of this home have the fingerprint ${fingerprint}, which ${name} had, and not the same files or options (${examplesText(alike.map((one) => one.name))}): name the one that is meant`,
    );
  const found = called ?? alike[0];
  if (found) return found;
  throw new UserError(
    `no data set of this home has the fingerprint ${fingerprint}, which ${name} had: import its files with the options of then`,
  );
}

function unlike({ sources, options, fingerprint }: DatasetSummary, data: PlanFiles): string | null {
  const names = (paths: readonly string[]) => paths.map((path) => basename(path)).sort();
  if (names(sources).join() !== names(data.files).join()) return `is of ${names(sources).join(', ')}`;
  if (data.fingerprint !== undefined && !fingerprint.startsWith(data.fingerprint))
    return `has the fingerprint ${fingerprint.slice(0, 12)}, not ${data.fingerprint}`;
  const key = SHAPING.find((one) => one in options && (options[one] ?? null) !== (data[one] ?? null));
  return key === undefined ? null : `was imported with ${key} ${options[key]}, not ${data[key]}`;
}

/** Whether a file that is where the plan says has another content than it had when it was imported; one that is no longer there tells nothing. */
async function changedSince(
  { sourceFiles = [], createdAt }: DatasetSummary,
  { files }: PlanFiles,
  folder: string,
): Promise<string | null> {
  const paths = files.map((file) => pathFrom(folder, file)).filter(mayRead);
  const imported = Date.parse(createdAt);
  for (const { name, bytes, sha256: known } of sourceFiles) {
    const there = paths.flatMap((path) => {
      const file = basename(path) === name ? path : join(path, name);
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats?.isFile() ? [{ file, stats }] : [];
    });
    // Of several files of one name it is one of them.
    if (there.length !== 1) continue;
    const [{ file, stats }] = there;
    // A file that is older than the data set is as it was, but for a copy of another one that kept its time; a clock that was ahead tells nothing.
    const isOld = stats.size === bytes && stats.mtimeMs < imported && imported <= Date.now();
    if (!isOld && (stats.size !== bytes || (await contentOf(file, stats)) !== known))
      return `is of ${name} as it was before it changed`;
  }
  return null;
}

/** By path: a plan is looked at again and again, and its files are large. */
const contents = new LRUCache<string, { state: string; hash: string }>({ max: 100 });

async function contentOf(
  file: string,
  { size, mtimeMs }: { size: number; mtimeMs: number },
): Promise<string> {
  const state = `${size} ${mtimeMs}`;
  const known = contents.get(file);
  if (known?.state === state) return known.hash;
  const hash = await sha256(file);
  contents.set(file, { state, hash });
  return hash;
}

/** Imports the files of a table, which are named from the plan's folder. Throws UserError where they are not the data that the plan asks for. */
export async function importTable(
  store: Store,
  data: PlanFiles,
  folder: string,
  context: Pick<ImportContext, 'signal' | 'onProgress'> = {},
): Promise<DatasetSummary> {
  const { files, fingerprint, ...options } = data;
  const paths = files.map((file) => pathFrom(folder, file));
  requireReadable(paths);
  const summary = await importInto(store, { ...options, paths }, context);
  if (fingerprint === undefined || summary.fingerprint.startsWith(fingerprint)) return summary;
  throw new UserError(
    `${files.join(', ')}: became data of the fingerprint ${summary.fingerprint.slice(0, 12)}, not ${fingerprint}: the files are others, or the options of their import`,
  );
}
