import { z } from 'zod';
import type {
  ConfigGroup,
  ConfigRequest,
  Estimate,
  ModelInfo,
  ResolvedConfig,
} from '../../core/api/models.ts';
import type { DatasetSummary } from '../../core/data/types.ts';
import { grouped } from '../../core/documents/format.ts';
import { UserError } from '../../core/errors.ts';
import type { Model } from '../../core/families/model.ts';
import { allModels, findModel, resolveConfig } from '../../core/families/registry.ts';
import { totalMemory } from '../../core/memory.ts';
import { modelTask } from '../../core/model-facts.ts';
import { isOwn } from '../../core/store/runs/runs.ts';
import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import { stateBytes } from '../../core/studies/counts.ts';
import {
  type Config,
  dataFields,
  evaluationKeys,
  protocolFields,
  trainingFields,
} from '../../core/training/config.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { requireTrainable, settledConfig, withSizes } from '../services/analysis/training-data.ts';
import { hostMemory } from '../services/hosts.ts';

/** Every model as plain data, its config schema as JSON Schema. */
export function modelList(): ModelInfo[] {
  return allModels().map(modelInfo);
}

export function modelInfo(model: Model): ModelInfo {
  const { id, title, summary, task, group, kind, paper, presets, sources, essentials } = model;
  const configSchema = z.toJSONSchema(model.configSchema, { io: 'input' });
  const keys = Object.keys(model.configSchema.shape);
  const groups = Object.fromEntries(keys.map((key) => [key, groupOf(key)]));
  return {
    id,
    title,
    summary,
    task,
    group,
    kind,
    paper,
    presets,
    sources,
    essentials,
    configSchema,
    groups,
  };
}

function groupOf(key: string): ConfigGroup {
  if (key in protocolFields || evaluationKeys.some((known) => known === key)) return 'protocol';
  return key in trainingFields || key in dataFields ? 'training' : 'model';
}

/** The full config, or what is wrong with it, by itself or for a data set. */
export async function resolveRequest(
  store: Store,
  { model, dataset, ...options }: ConfigRequest & { dataset?: string },
): Promise<ResolvedConfig> {
  try {
    // First problems that no config can fix, then those of this config.
    if (dataset !== undefined) await requireTrainable(store, { model, dataset });
    const requested = resolveConfig(model, options);
    if (dataset === undefined) return { config: requested, problem: null };
    const { config } = await settledConfig(store, { model, dataset, config: requested });
    await requireTrainable(store, { model, dataset, config });
    return { config, problem: null };
  } catch (error) {
    if (error instanceof UserError) return { config: null, problem: error.details };
    throw error;
  }
}

/** Estimates what a run would take. Throws UserError for a bad config or an unknown data set. */
export function estimate(
  store: Store,
  input: ConfigRequest & { dataset: string; device: TrainSpec['device']; on?: string },
): Estimate {
  const model = findModel(input.model);
  const config = withSizes(store, { model: model.id, config: resolveConfig(model.id, input) });
  const { fingerprint, statistics } = store.datasets.find(input.dataset);
  const here = store.runs.completedOn(fingerprint).filter(({ evaluates }) => evaluates === null);
  const rivals = here.filter(({ model: id }) => modelTask(id) === model.task);
  const alike = rivals.filter((run) => sameMeasure(model, run.config, config)).length;
  const parameters = model.parameterCount(config, statistics);
  const bytes = parameters === null ? null : stateBytes(parameters);
  const place = input.on ?? null;
  const memoryBytes = place === null ? totalMemory() : hostMemory(store, place);
  return {
    parameters,
    stateBytes: bytes,
    memoryBytes,
    exceedsMemory: bytes !== null && memoryBytes !== null && bytes > memoryBytes,
    measuredAlike: alike,
    measuredOtherwise: rivals.length - alike,
    ...timeOf(
      here.filter(({ model: id }) => id === model.id),
      { model, place, device: input.device, config, statistics },
    ),
  };
}

/** Whether both configs measure in the same way, in all keys that both have. */
function sameMeasure({ watched }: Model, one: Config, other: Config): boolean {
  // How a checkpoint is selected changes nothing in how it is measured.
  const measured = watched.dependsOn.filter((key) => key !== 'selection');
  return [...Object.keys(protocolFields), ...evaluationKeys, ...measured].every(
    (key) => !(key in one) || !(key in other) || one[key] === other[key],
  );
}

/** The seconds of every model with its defaults, or where these do not suffice with the config of its newest run. */
export function modelTimes(store: Store, { dataset }: { dataset: string }): Record<string, number | null> {
  const { fingerprint, statistics } = store.datasets.find(dataset);
  const byModel = Map.groupBy(store.runs.completedOn(fingerprint), ({ model }) => model);
  return Object.fromEntries(
    allModels().map((model) => {
      const completed = byModel.get(model.id) ?? [];
      const config = model.configSchema.safeParse({}).data ?? completed[0]?.config ?? {};
      return [
        model.id,
        timeOf(completed, { model, place: null, device: 'auto', config, statistics }).seconds,
      ];
    }),
  );
}

/** The seconds of such an estimate for each of the runs; null where it has none, or the data set has been deleted. */
export function runSeconds(store: Store, { runs }: { runs: string[] }): Record<string, number | null> {
  const alike = Map.groupBy(store.runs.named(runs).filter(isOwn), ({ model, dataset }) =>
    JSON.stringify([model, dataset.id, dataset.fingerprint]),
  );
  return Object.fromEntries(
    [...alike.values()].flatMap((group) => {
      const [{ model, dataset }] = group;
      if (dataset.id === null) return group.map(({ id }) => [id, null]);
      const { fingerprint, statistics } = store.datasets.get(dataset.id);
      const known = store.runs.completed([model], fingerprint);
      const request = { model: findModel(model), statistics };
      return group.map(({ id, place, requestedDevice: device, config }) => [
        id,
        timeOf(known, { ...request, place, device, config }).seconds,
      ]);
    }),
  );
}

interface TimeRequest {
  model: Model;
  /** The host that trains it; null for this machine. */
  place: string | null;
  device: string;
  config: Config;
  statistics: DatasetSummary['statistics'];
}

/** Time of the most similar of the model's completed runs on this data and machine (the newest of several), scaled to this one. */
function timeOf(
  completed: readonly OwnRun[],
  request: TimeRequest,
): Pick<Estimate, 'seconds' | 'basis' | 'fromRun'> {
  const { config, place } = request;
  const known = completed.filter(
    (run) =>
      run.evaluates === null &&
      run.place === place &&
      (request.device === 'auto' || run.device === request.device),
  );
  const differing = (run: OwnRun) =>
    // What a run of an earlier version does not say was as it is by default.
    Object.keys(config).filter(
      (key) => key !== 'epochs' && key in run.config && config[key] !== run.config[key],
    );
  const [like] = known.toSorted((a, b) => differing(a).length - differing(b).length);
  if (!like || like.seconds === null) {
    // What a fit of some size takes was measured on machines such as this one.
    const seconds = place === null ? (request.model.fitSeconds?.(request.statistics) ?? null) : null;
    const { items, interactions } = request.statistics;
    const size = `${grouped(items)} items and ${grouped(interactions)} interactions`;
    return { seconds, basis: seconds === null ? null : `the ${size} of the data set`, fromRun: false };
  }
  const scale = like.epochs ? epochsLike(like, config) / like.epochs : 1;
  const others = differing(like);
  const more = others.length === 0 ? 1 : arithmetic(request, config) / arithmetic(request, like.config);
  const unlike = others.length === 0 ? '' : `, which differs in ${others.slice(0, 4).join(', ')}`;
  const rest = others.length > 4 ? ` and ${others.length - 4} more` : '';
  return {
    fromRun: true,
    seconds: like.seconds * scale * more,
    basis: `run ${like.name} on ${place ?? like.device ?? 'an unknown device'}${unlike}${rest}`,
  };
}

/** Epochs that a run with this config will have, if it stops early where that one did. */
function epochsLike({ epochs, config: { epochs: most } }: OwnRun, config: Config): number {
  const trained = epochs ?? 0;
  const wanted = typeof config.epochs === 'number' ? config.epochs : trained;
  // With minSteps a training may have more epochs than its config says.
  const stoppedEarly = typeof most === 'number' && trained < most;
  return stoppedEarly ? Math.min(trained, wanted) : wanted === most ? trained : wanted;
}

/** Operations of an epoch by the model's own count, else its parameters, else 1: good for ratios alone. */
function arithmetic({ model, statistics }: TimeRequest, config: Config): number {
  const { users, interactions } = statistics;
  if (model.epochWork !== null) return model.epochWork(config);
  if (model.scaling === null) return model.parameterCount(config, statistics) ?? 1;
  const most = typeof config.maxLength === 'number' ? config.maxLength : 1;
  const meanLength = Math.min(most, interactions / Math.max(1, users));
  return model.scaling(config, statistics).epochFlops({ positions: users * meanLength, meanLength });
}
