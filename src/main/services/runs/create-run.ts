import { codeVersion } from '../../../core/code-version.ts';
import type { Store } from '../../../core/store/store.ts';
import type { EvaluatedCheckpoint, OwnRun } from '../../../core/store/types.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import type { JobOptions } from '../../../core/training/job-options.ts';
import { resolveSources } from './source-runs.ts';

export interface RunRequest {
  model: string;
  /** The full config, already validated by the model's schema. */
  config: Record<string, unknown>;
  /** Name or id of a data set. */
  dataset: string;
  seed: number;
  device: TrainSpec['device'];
  threads: number;
  /** The host on which it is to be trained. Default: this machine. */
  place?: string | null;
  /** How its job is submitted there, where that differs from what the host says. */
  job?: JobOptions | null;
  /** Null takes a free name made of model, data set and seed. */
  name: string | null;
  /** Project to put the run into; created if it does not exist. */
  project?: string | null;
  /** Only for a run that evaluates a checkpoint of another one. */
  evaluates?: EvaluatedCheckpoint;
}

/** Adds a waiting run. Throws UserError if its data set, or a run that its config names, cannot be used. */
export function createRun(store: Store, request: RunRequest): OwnRun {
  const { id, name, fingerprint } = store.datasets.find(request.dataset);
  const config = resolveSources(store, request.config, {
    model: request.model,
    dataset: { id, name, fingerprint },
  });
  return store.transaction(() => {
    const run = store.runs.create({
      name: request.name,
      model: request.model,
      config,
      dataset: { id, name, fingerprint },
      seed: request.seed,
      requestedDevice: request.device,
      threads: request.threads,
      place: request.place,
      job: request.job,
      codeVersion: codeVersion(),
      evaluates: request.evaluates,
    });
    if (request.project) store.table.annotate(run.id, { project: request.project });
    return run;
  });
}
