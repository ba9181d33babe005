/** Results of other programs, measured as ours are. */
import { basename } from 'node:path';
import type { ResultPreview } from '../../../core/api/results.ts';
import { mainFigures, resultFacts } from '../../../core/documents/result-words.ts';
import { UserError } from '../../../core/errors.ts';
import type { ResultPhase } from '../../../core/foreign/results/columns.ts';
import type { ResultImport, ResultRequest } from '../../../core/foreign/results/request.ts';
import { type MeasuredResult, measureResult } from '../../../core/foreign/results/result.ts';
import { ourMetric } from '../../../core/foreign/trackers/metric-names.ts';
import type { Store } from '../../../core/store/store.ts';
import type { ExternalRun, ResultFacts } from '../../../core/store/types.ts';
import type { WorkContext } from '../../workers/progress.ts';

type ResultContext = WorkContext<{ phase: ResultPhase }>;

/** What a file would be kept as, and nothing is kept. Throws UserError for a file that cannot be used. */
export async function previewResult(
  store: Store,
  { dataset: reference, ...request }: ResultRequest,
  context: ResultContext = {},
): Promise<MeasuredResult> {
  const dataset = store.datasets.find(reference);
  if (dataset.clicks)
    throw new UserError(
      `the data set ${dataset.name} is a click log: recommendations cannot be measured on it`,
    );
  return measureResult({ ...request, datasetDir: store.datasets.folder(dataset.id) }, context);
}

/** Measures a file of recommendations and keeps what was found as a run. Throws UserError for a file that cannot be used. */
export async function importResult(
  store: Store,
  request: ResultImport,
  context: ResultContext = {},
): Promise<ExternalRun> {
  const { facts, ...measured } = await previewResult(store, request, context);
  const { path, name, program, model, seed } = request;
  const { id, name: datasetName, fingerprint } = store.datasets.find(request.dataset);
  const result: ResultFacts = { file: basename(path), ...facts };
  const dataset = { id, name: datasetName, fingerprint };
  const figures = Object.entries(request.figures).map(
    ([theirs, value]) => [ourMetric(theirs, request.split) ?? theirs, value] as const,
  );
  return store.foreign.addExternal({
    ...{ name, program, model, seed, config: null, dataset, result, stated: Object.fromEntries(figures) },
    ...measured,
  });
}

/** The same for the window, in words. */
export async function resultPreview(
  store: Store,
  request: ResultRequest,
  context: ResultContext,
): Promise<ResultPreview> {
  const { metrics, facts } = await previewResult(store, request, context);
  return { metrics: mainFigures(metrics), facts: resultFacts(facts) };
}
