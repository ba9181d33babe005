import { UserError } from '../../../core/errors.ts';
import { type NegativesRule, requireOneTarget } from '../../../core/evaluation/negatives.ts';
import { configOfRun, findModel, resolveConfig } from '../../../core/families/registry.ts';
import { adoptFolder } from '../../../core/store/files/adopt.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { evaluationKeys } from '../../../core/training/config.ts';
import type { CheckpointEvaluation, CheckpointInfo, TrainSpec } from '../../../core/training/events.ts';
import { threadsOf } from '../settings.ts';
import { createRun, type RunRequest } from './create-run.ts';

export interface EvaluationRequest {
  /** Run whose checkpoint is evaluated: id, beginning of an id, or name. */
  run: string;
  /** best: the one that is tested; last: the newest one. */
  checkpoint: 'best' | 'last';
  /** Changes to the run's config; only keys of its protocol. */
  set: Record<string, unknown>;
  splits: CheckpointEvaluation['splits'];
  /** Rank among these alone. */
  among?: NegativesRule;
  device: TrainSpec['device'];
  threads: number;
  /** Null takes a free name derived from the run's. */
  name: string | null;
}

/**
 * A request for `RunService.start` to evaluate a run's checkpoint under another protocol.
 * Throws UserError if the run, its data set or the checkpoint is missing, or a key is not part of the protocol.
 */
export function evaluationRun(store: Store, request: EvaluationRequest): RunRequest {
  const source = store.runs.findOwn(request.run);
  const { id, name, model, dataset, seed } = source;
  if (dataset.id === null) {
    throw new UserError(
      `run ${name} (${id}) cannot be evaluated: its data set ${dataset.name} has been deleted`,
    );
  }
  if (findModel(model).task !== 'next-item') {
    throw new UserError(`run ${name} (${id}) cannot be evaluated again: ${model} ranks no items for users`);
  }
  const { among } = request;
  if (among && findModel(model).family !== 'next-item')
    throw new UserError(
      `run ${name} (${id}) cannot be ranked among sampled candidates: ${model} does not score every item by itself`,
    );
  const { path, kind, epoch } = checkpointOf(store, source, request.checkpoint);
  const config = configOf(source, request.set);
  if (among) requireOneTarget(config);
  return {
    name: request.name,
    model,
    config,
    dataset: dataset.id,
    seed,
    device: request.device,
    threads: request.threads,
    evaluates: { run: id, name, path, kind, epoch, splits: request.splits, ...(among && { among }) },
  };
}

/** Adopts the folder of a stray run, and queues the evaluation of its checkpoint. Throws UserError where one of both cannot be; neither is done then. */
export function measureStray(store: Store, path: string): OwnRun {
  return store.transaction(() => {
    adoptFolder(store, path);
    const run = path.split('/')[1];
    const splits: CheckpointEvaluation['splits'] = ['valid', 'test'];
    const how = { checkpoint: 'best', set: {}, splits, device: 'auto', name: null } as const;
    const measured = createRun(store, evaluationRun(store, { run, ...how, threads: threadsOf(store) }));
    store.queue.put(measured.id, 'end');
    return measured;
  });
}

function configOf(run: OwnRun, set: Record<string, unknown>): Record<string, unknown> {
  const { model } = run;
  const known = evaluationKeys.filter((key) => key in findModel(model).configSchema.shape);
  const foreign = Object.keys(set).find((key) => !known.some((allowed) => allowed === key));
  if (foreign !== undefined) {
    throw new UserError(
      `"${foreign}" cannot be changed without training again; an evaluation of ${model} can change ${known.join(', ')}`,
    );
  }
  return resolveConfig(model, { overrides: { ...configOfRun(run), ...set } });
}

/** Fitted models, and runs that tested their last epoch, have no "best" file. */
function checkpointOf(store: Store, run: OwnRun, requested: EvaluationRequest['checkpoint']): CheckpointInfo {
  const known = store.checkpoints.list(run.id);
  const last = known.find(({ kind }) => kind === 'last');
  const best = known.find(
    ({ kind, epoch }) => kind === 'best' && (run.selectedEpoch === null || epoch === run.selectedEpoch),
  );
  const chosen = requested === 'best' ? (best ?? last) : last;
  if (chosen) return chosen;
  throw new UserError(
    `run ${run.name} (${run.id}) has no ${requested} checkpoint to evaluate (status: ${run.status})`,
  );
}
