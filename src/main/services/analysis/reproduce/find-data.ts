/** The data of a recipe: in this home already, or among files that a user names, by their content. */
import { copyFileSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ImportProgress } from '../../../../core/data/import/import.ts';
import { importRequestSchema, parseImportInput } from '../../../../core/data/import/request.ts';
import type { DatasetSummary, SourceFile } from '../../../../core/data/types.ts';
import { UserError } from '../../../../core/errors.ts';
import { canonicalJson } from '../../../../core/evaluation/protocol.ts';
import { shapingOptions } from '../../../../core/evaluation/same-data.ts';
import { withScratch } from '../../../../core/files/scratch.ts';
import { sha256 } from '../../../../core/files/sha256.ts';
import { freeName, withCommas } from '../../../../core/names.ts';
import type { FoundData, FoundFile } from '../../../../core/reproduce/conditions.ts';
import type { Recipe, RecipeDataset } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { WorkContext } from '../../../workers/progress.ts';
import { importInto } from '../../datasets.ts';

/** More than any data set has; a whole disk has more. */
const MOST_FILES = 10_000;

/** Where the data of each data set is; `given` are files and folders. Throws UserError for one that is not there. */
export async function findData(
  store: Store,
  { datasets }: Recipe,
  given: readonly string[],
  signal?: AbortSignal,
): Promise<FoundData[]> {
  const files = new Files(given.flatMap(filesAt), signal);
  // What is known by its content is no other file of the same name.
  for (const file of datasets.flatMap((dataset) => dataset.files ?? [])) await files.findExact(file);
  const found: FoundData[] = [];
  for (const dataset of datasets) found.push(await dataOf(store, dataset, files, datasets.length === 1));
  return found;
}

async function dataOf(
  store: Store,
  dataset: RecipeDataset,
  given: Files,
  isAlone: boolean,
): Promise<FoundData> {
  const wanted = dataset.files ?? [];
  const named: (FoundFile | null)[] = [];
  for (const file of wanted)
    named.push(
      (await given.findExact(file)) ?? (await given.findNamed(file, isAlone && wanted.length === 1)),
    );
  const isSame = named.every((file, at) => file === null || file.sha256 === wanted[at].sha256);
  const here = inHome(store, dataset);
  // Files with another content are what is to be looked at, whatever the home has.
  if (here !== null && isSame) return here;
  return named.some((file) => file !== null) ? { place: 'files', files: named } : { place: 'nowhere' };
}

/** Of several of the same sequences the one from the same files by the same options, then from the same files, then of the same name. */
function inHome({ datasets }: Store, { name, fingerprint, files, options }: RecipeDataset): FoundData | null {
  const told = options && canonicalJson(shapingOptions(options));
  const alike = datasets
    .list()
    .filter((one) => one.fingerprint === fingerprint)
    .map((one) => ({
      one,
      files: (files ?? []).filter(({ sha256 }) => one.sourceFiles?.some((own) => own.sha256 === sha256))
        .length,
      isImportedAlike: told === null ? null : canonicalJson(shapingOptions(one.options)) === told,
      isNamed: one.name === name,
    }))
    .sort(
      (a, b) =>
        b.files - a.files ||
        Number(b.isImportedAlike) - Number(a.isImportedAlike) ||
        Number(b.isNamed) - Number(a.isNamed),
    );
  const [found] = alike;
  if (!found) return null;
  const { one, isImportedAlike } = found;
  return { place: 'home', id: one.id, name: one.name, files: one.sourceFiles ?? null, isImportedAlike };
}

function filesAt(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserError(`${path}: no such file or folder; name the files of the data set`);
  if (!stats.isDirectory() && !stats.isFile()) throw new UserError(`${path}: is neither a file nor a folder`);
  if (stats.isFile()) return [resolve(path)];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  if (entries.length > MOST_FILES)
    throw new UserError(
      `${path}: holds more than ${withCommas(MOST_FILES)} files; name the folder of the data set`,
    );
  const paths = entries.map((entry) => resolve(entry.parentPath, entry.name));
  // Links, too, but none that lead nowhere.
  return paths.filter((one) => statSync(one, { throwIfNoEntry: false })?.isFile());
}

/** What a user has named. A file is read only where its size or its name fits. */
class Files {
  readonly #paths: readonly string[];
  readonly #signal: AbortSignal | undefined;
  readonly #known = new Map<string, FoundFile>();
  /** Known by what they hold. */
  readonly #exact = new Set<string>();

  constructor(paths: readonly string[], signal?: AbortSignal) {
    this.#paths = paths;
    this.#signal = signal;
  }

  /** The one with this content. */
  async findExact({ bytes, sha256: wanted }: SourceFile): Promise<FoundFile | null> {
    for (const path of this.#paths.filter((one) => statSync(one).size === bytes)) {
      const file = await this.#describe(path);
      if (file.sha256 !== wanted) continue;
      this.#exact.add(path);
      return file;
    }
    return null;
  }

  /** One that nothing knows by its content: that of its name, or where `isOnly` the only one there is. */
  async findNamed({ name }: SourceFile, isOnly: boolean): Promise<FoundFile | null> {
    const free = this.#paths.filter((path) => !this.#exact.has(path));
    const named = free.find((path) => basename(path) === name.split('/').at(-1));
    const other = named ?? (isOnly && free.length === 1 ? free[0] : undefined);
    return other === undefined ? null : this.#describe(other);
  }

  async #describe(path: string): Promise<FoundFile> {
    const known = this.#known.get(path);
    if (known) return known;
    const file = { path, bytes: statSync(path).size, sha256: await sha256(path, this.#signal) };
    this.#known.set(path, file);
    return file;
  }
}

/** The request for what is missing, with hashes that the user can look for. */
export function missingData({ name, files, fingerprint }: RecipeDataset): string {
  if (files === null)
    return `the data set ${name} is missing, and the files that it was imported from are not recorded: import it (fingerprint ${fingerprint})`;
  const wanted = files.map((file) => `${file.name}, ${withCommas(file.bytes)} bytes, sha256 ${file.sha256}`);
  return `the data set ${name} is missing: name its ${files.length === 1 ? 'file' : 'files'} with --data (${wanted.join('; ')})`;
}

/** Imports files as the data set was, under its name if that is free. Throws UserError where options are missing or cannot be used. */
export async function importAgain(
  store: Store,
  { name: wanted, options, files: recorded }: RecipeDataset,
  files: readonly FoundFile[],
  work: WorkContext<ImportProgress> = {},
): Promise<DatasetSummary> {
  if (options === null || recorded === null)
    throw new UserError(`how the data set ${wanted} was imported is not recorded: import it by hand`);
  const taken = new Set(store.datasets.list().map(({ name }) => name));
  const name = freeName(wanted, (one) => taken.has(one));
  return withScratch(async (scratch) => {
    // What a file is follows from its name, too.
    const paths = files.map(({ path }, at) => {
      const own = basename(recorded[at].name);
      return basename(path) === own ? path : underName(path, join(scratch, String(at), own));
    });
    const request = parseImportInput(importRequestSchema, { ...options, paths, name });
    return importInto(store, request, work);
  });
}

function underName(path: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(path, to);
  } catch {
    copyFileSync(path, to);
  }
  return to;
}
