import { z } from 'zod';
import type {
  ConfigGroup,
  ConfigRequest,
  Estimate,
  ModelInfo,
  ResolvedConfig,
} from '../../core/api/models.ts';
import { UserError } from '../../core/errors.ts';
import type { Model } from '../../core/families/model.ts';
import { allModels, findModel, resolveConfig } from '../../core/families/registry.ts';
import { totalMemory } from '../../core/memory.ts';
import { modelTask } from '../../core/model-facts.ts';
import type { Store } from '../../core/store/store.ts';
import { checkpointBytes, stateBytes } from '../../core/studies/counts.ts';
import {
  type Config,
  dataFields,
  evaluationKeys,
  protocolFields,
  trainingFields,
} from '../../core/training/config.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { estimatedTime } from '../services/analysis/expected-times.ts';
import { requireTrainable, settledConfig, withSizes } from '../services/analysis/training-data.ts';
import { hostMemory } from '../services/hosts.ts';
import { resolveSources } from '../services/runs/source-runs.ts';

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
    resolveSources(store, requested, { model, dataset: store.datasets.find(dataset) });
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
  const summary = store.datasets.find(input.dataset);
  const { fingerprint, statistics } = summary;
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
    diskBytes: parameters === null ? null : checkpointBytes(parameters),
    memoryBytes,
    exceedsMemory: bytes !== null && memoryBytes !== null && bytes > memoryBytes,
    caution: model.caution?.(summary, config) ?? null,
    measuredAlike: alike,
    measuredOtherwise: rivals.length - alike,
    ...estimatedTime(store, fingerprint, { model, place, device: input.device, config, statistics }),
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
