/** Results of other programs, measured as ours are. */
import { basename } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import {
  type MeasuredResult,
  measureResult,
  type ResultRequest,
} from '../../../core/foreign/results/result.ts';
import type { Store } from '../../../core/store/store.ts';
import type { ExternalRun, ResultFacts } from '../../../core/store/types.ts';

export interface ResultImport extends Omit<ResultRequest, 'datasetDir'> {
  /** Name or id of a data set. */
  dataset: string;
  /** Null takes a free one. */
  name: string | null;
  program: string;
  model: string | null;
  seed: number | null;
}

/** What a file would be kept as, and nothing is kept. Throws UserError for a file that cannot be used. */
export async function previewResult(
  store: Store,
  { dataset: reference, ...request }: Omit<ResultRequest, 'datasetDir'> & { dataset: string },
): Promise<MeasuredResult> {
  const dataset = store.datasets.find(reference);
  if (dataset.clicks)
    throw new UserError(
      `the data set ${dataset.name} is a click log: recommendations cannot be measured on it`,
    );
  return measureResult({ ...request, datasetDir: store.datasets.folder(dataset.id) });
}

/** Measures a file of recommendations and keeps what was found as a run. Throws UserError for a file that cannot be used. */
export async function importResult(store: Store, request: ResultImport): Promise<ExternalRun> {
  const { facts, ...measured } = await previewResult(store, request);
  const { path, name, program, model, seed } = request;
  const { id, name: datasetName, fingerprint } = store.datasets.find(request.dataset);
  const result: ResultFacts = { file: basename(path), ...facts };
  const dataset = { id, name: datasetName, fingerprint };
  return store.foreign.addExternal({
    name,
    program,
    model,
    seed,
    config: null,
    dataset,
    result,
    ...measured,
  });
}
