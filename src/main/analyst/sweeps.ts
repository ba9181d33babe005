/** Sweeps: the trials that are asked for become waiting runs, and the runs' validation metrics rank the trials. */
import { z } from 'zod';
import type { SweepEntry, SweepPage, SweepPlan } from '../../core/api/sweeps.ts';
import { settingsText } from '../../core/documents/sweep.ts';
import { UserError } from '../../core/errors.ts';
import { findModel, models, resolveConfig } from '../../core/families/registry.ts';
import { checkGrid, type SweepSpec, studySpecSchema } from '../../core/scaling/study.ts';
import {
  incomparableKey,
  rankingMetric,
  requireComparable,
  type Settings,
  sweepTrials,
} from '../../core/scaling/sweep.ts';
import { type SweepResult, sweepResult } from '../../core/scaling/sweep-result.ts';
import { settingText } from '../../core/setting-value.ts';
import type { SweepRecord } from '../../core/store/home/studies.ts';
import type { SweepQuestion } from '../../core/store/home/study-spec.ts';
import type { Store } from '../../core/store/store.ts';
import type { SharedRequest } from './studies.ts';
import { refuseUnsuitable, resolvedContent, trainingData } from './training-data.ts';

export type SweepRequest = SharedRequest & SweepQuestion & { model: string; preset?: string };

/**
 * The spec of a sweep, the config of every trial checked. Throws UserError for an unknown data set or model, one that does not
 * suit the other, a setting or value that the model does not take, or too many trials.
 */
export async function planSweep(store: Store, request: SweepRequest): Promise<SweepSpec> {
  const { search, vary, trials, draw, overrides, ...shared } = request;
  const { model, preset } = shared;
  const { id, name, fingerprint } = store.datasets.find(request.dataset);
  const data = await trainingData(store, id);
  const found = findModel(model);
  refuseUnsuitable(data, { model });
  requireComparable(found, request);
  const twice = vary.find(({ key }) => Object.hasOwn(overrides, key));
  if (twice) throw new UserError(`"${twice.key}" is both varied and set for all runs: leave one of them out`);
  const settings = sweepTrials(request, (key) => isWhole(found.configSchema.shape[key]));
  const configs = settings.map((own) => trialConfig(model, { preset, overrides, own }));
  for (const config of configs) refuseUnsuitable(data, { model, config });
  const metric = rankingMetric(found, configs[0]);
  const spec = studySpecSchema.parse({
    ...shared,
    kind: 'sweep',
    overrides: { ...overrides, ...(await settledKeys(store, id, configs[0])) },
    sizes: settings.map((config, at) => ({ label: `trial${at + 1}`, config })),
    shares: [1],
    dataset: { id, name, fingerprint },
    sweep: { search, vary, trials, draw, metric },
  });
  checkGrid(spec);
  return spec as SweepSpec;
}

function isWhole(schema: unknown): boolean {
  return schema instanceof z.ZodType && z.toJSONSchema(schema, { io: 'input' }).type === 'integer';
}

/** The whole config of a trial. Throws UserError that names the setting and its value, or all that do not go together. */
function trialConfig(
  model: string,
  { preset, overrides, own }: { preset?: string; overrides: Settings; own: Settings },
): Settings {
  const resolved = (settings: Settings) => {
    try {
      return resolveConfig(model, { preset, overrides: settings });
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  };
  const error = resolved({ ...overrides, ...own });
  if (!(error instanceof UserError)) return error;
  const { field = '', problem, code } = error.parts;
  const key = field.split('.', 1)[0];
  if (Object.hasOwn(own, key)) {
    throw new UserError({ ...error.parts, problem: `${settingText(own[key])} is not possible: ${problem}` });
  }
  // What is wrong without the varied settings is not the trial's.
  const without = resolved(overrides);
  if (code !== 'bad-config' || (without instanceof UserError && without.message === error.message))
    throw error;
  throw new UserError({ ...error.parts, problem: `${problem} (in the trial ${settingsText(own)})` });
}
/** What `content=auto` comes to on this data set, for all trials. */
async function settledKeys(store: Store, dataset: string, config: Settings): Promise<Settings> {
  const settled = (await resolvedContent(store, dataset, config)).config;
  return Object.fromEntries(Object.entries(settled).filter(([key, value]) => config[key] !== value));
}

/** The trials that would be made, or one line that says what is wrong. */
export async function sweepPlan(store: Store, request: SweepRequest): Promise<SweepPlan> {
  try {
    const { sizes, seeds, sweep } = await planSweep(store, request);
    const trials = sizes.map(({ config }) => config);
    return { trials, runs: trials.length * seeds.length, metric: sweep.metric, problem: null };
  } catch (error) {
    if (error instanceof UserError) return { trials: null, problem: error.parts };
    throw error;
  }
}

/** What is known of a sweep so far. */
export function resultOfSweep(store: Store, { id, spec }: SweepRecord): SweepResult {
  const cells = store.studies.runs(id);
  const records = new Map(store.runs.named(cells.map(({ run }) => run)).map((run) => [run.id, run]));
  const runs = cells.flatMap(({ run: id, ...cell }) => {
    const run = records.get(id);
    return run ? [{ cell, run }] : [];
  });
  // A sweep of an earlier version may be of a model that is no more.
  const model = models.find((one) => one.id === spec.model);
  return sweepResult(spec, runs, model ? incomparableKey(model, spec.sweep) : null);
}

export function sweepEntry(store: Store, sweep: SweepRecord): SweepEntry {
  const { result: _, trials, ...entry } = described(store, sweep);
  return { ...entry, trials: trials.length };
}

/** A sweep as its page shows it. */
export function sweepPage(store: Store, sweep: SweepRecord): SweepPage {
  const { result, ...entry } = described(store, sweep);
  return { ...entry, ...result, spec: sweep.spec };
}

function described(store: Store, sweep: SweepRecord) {
  const { id, name, createdAt, spec } = sweep;
  const { search, vary, metric } = spec.sweep;
  const result = resultOfSweep(store, sweep);
  const { trials } = result;
  const done = trials.filter(({ status }) => status === 'completed').length;
  const best = trials[0].rank === 1 ? trials[0] : null;
  const { model, dataset } = spec;
  return {
    id,
    name,
    createdAt,
    model,
    dataset: dataset.name,
    search,
    vary,
    metric,
    done,
    best,
    trials,
    result,
  };
}
