/** Results of other programs, measured as ours are. */
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ResultPreview } from '../../../core/api/results.ts';
import { mainFigures, resultFacts } from '../../../core/documents/result-words.ts';
import { throwIfCancelled, UserError } from '../../../core/errors.ts';
import { partKey, type ResultProgress } from '../../../core/foreign/results/columns.ts';
import type { ResultImport, ResultRequest } from '../../../core/foreign/results/request.ts';
import { type MeasuredResult, measureResults, partName } from '../../../core/foreign/results/result.ts';
import { ourMetric } from '../../../core/foreign/trackers/metric-names.ts';
import type { NewExternalRun } from '../../../core/store/others/foreign-rows.ts';
import type { Store } from '../../../core/store/store.ts';
import type { ExternalRun } from '../../../core/store/types.ts';
import type { WorkContext } from '../../workers/progress.ts';

type ResultContext = WorkContext<ResultProgress>;

/** What a file would be kept as, and nothing is kept. Throws UserError for a file that cannot be used. */
export async function previewResults(
  store: Store,
  { dataset: reference, seed = null, ...request }: ResultRequest & Partial<Pick<ResultImport, 'seed'>>,
  context: ResultContext = {},
): Promise<MeasuredResult[]> {
  const dataset = store.datasets.find(reference);
  if (dataset.clicks)
    throw new UserError(
      `the data set ${dataset.name} is a click log: recommendations cannot be measured on it`,
    );
  const measured = await measureResults(
    { ...request, datasetDir: store.datasets.folder(dataset.id) },
    context,
  );
  const isSaid = ({ part }: MeasuredResult) => seed !== null || seedOf(seed, part.seed) !== null;
  return measured.map((result) => {
    const unknown = result.facts.unknown?.filter((fact) => fact !== 'seed' || !isSaid(result));
    return { ...result, facts: { ...result.facts, unknown } };
  });
}

/**
 * Measures a file of recommendations and keeps what was found as a run, or as so many as it names models, folds and seeds. `known`: runs
 * of the same file on the same data. Stopped, those that were kept stay. Throws UserError for a file that cannot be used, or has not all
 * of `only`.
 */
export async function importResults(
  store: Store,
  { name, program, model, seed, figures, only, ...request }: ResultImport,
  context: ResultContext = {},
): Promise<{ runs: ExternalRun[]; known: ExternalRun[] }> {
  const all = await previewResults(store, { ...request, seed }, context);
  const wanted = only && new Set(only.map(partKey));
  const measured = all.filter(({ part }) => wanted?.has(partKey(part)) ?? true);
  const gone = only?.find((part) => !all.some((result) => partKey(result.part) === partKey(part)));
  if (gone)
    throw new UserError(
      `${request.path}: has no result of ${partName(gone) || 'no name'}; look at it again, it has changed`,
    );
  const { id, name: datasetName, fingerprint } = store.datasets.find(request.dataset);
  refuseNames(request.path, measured, { model, seed });
  const stated = Object.fromEntries(
    Object.entries(figures).map(([theirs, value]) => [ourMetric(theirs, request.split) ?? theirs, value]),
  );
  const results = measured.map(({ part, facts, behind: _, ...found }): NewExternalRun => {
    const own = { model: model ?? part.model ?? null, seed: seedOf(seed, part.seed) };
    return {
      ...{ ...found, ...own, program, stated, config: configOf(request.path, part) },
      name: name === null ? null : runName(name, part, measured.length),
      dataset: { id, name: datasetName, fingerprint },
      result: { file: basename(request.path), ...facts },
    };
  });
  const known = earlierImports(store, request, measured);
  const runs: ExternalRun[] = [];
  for (const [done, result] of results.entries()) {
    const which = partName(measured[done].part);
    context.onProgress?.({ phase: 'save', result: which, done, total: results.length });
    await setImmediate();
    throwIfCancelled(context.signal);
    runs.push(...store.foreign.addExternal([result]));
  }
  return { runs, known };
}

/** The runs that the same file became before, on the same data. */
export function earlierImports(
  store: Store,
  { dataset }: Pick<ResultRequest, 'dataset'>,
  measured: readonly MeasuredResult[],
): ExternalRun[] {
  return store.foreign.ofFile(measured[0]?.facts.sha256 ?? '', store.datasets.find(dataset));
}

/** Seeds and folds of one file belong together, whatever their settings were; of others nobody knows. */
function configOf(path: string, { fold, seed }: MeasuredResult['part']): Record<string, unknown> | null {
  if (fold === undefined && seed === undefined) return null;
  return { file: basename(path), ...(fold === undefined ? {} : { fold }) };
}

function seedOf(given: ResultImport['seed'], inFile: string | undefined): number | null {
  if (typeof given === 'number') return given;
  const seed = Number(inFile ?? Number.NaN);
  return Number.isSafeInteger(seed) && seed >= 0 ? seed : null;
}

/** Throws UserError where a user names what the file names several of. */
function refuseNames(
  path: string,
  measured: readonly MeasuredResult[],
  given: Pick<ResultImport, 'model' | 'seed'>,
): void {
  for (const role of ['model', 'seed'] as const) {
    const values = new Set(measured.map(({ part }) => part[role]));
    if (given[role] !== null && values.size > 1)
      throw new UserError(
        `${path}: holds results of several ${role}s (${[...values].join(', ')}); leave --${role} out`,
      );
  }
}

/** What a user calls a file, and of several results in it what tells them apart. */
const runName = (name: string, { model, fold, seed }: MeasuredResult['part'], results: number): string =>
  results === 1
    ? name
    : [name, model, fold && `fold${fold}`, seed && `seed${seed}`].filter(Boolean).join('-');

/** The same for the window, in words. */
export async function resultPreview(
  store: Store,
  request: ResultRequest,
  context: ResultContext,
): Promise<ResultPreview> {
  const results = await previewResults(store, request, context);
  return {
    results: results.map(({ part, metrics, facts, behind }) => ({
      part,
      metrics: mainFigures(metrics),
      users: { tested: facts.testUsers, listed: facts.testUsers - facts.withoutList },
      facts: resultFacts(facts, behind),
      manifest: facts.manifest ?? null,
      unknown: facts.unknown ?? [],
    })),
    known: earlierImports(store, request, results).map(({ id, name }) => ({ id, name })),
  };
}
