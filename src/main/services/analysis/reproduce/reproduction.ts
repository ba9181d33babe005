/** Runs that are to be trained again: what is said before, and how they are made. */
import { existsSync } from 'node:fs';
import { platform, release } from 'node:os';
import { resolve } from 'node:path';
import { codeVersion } from '../../../../core/code-version.ts';
import { DEVICES } from '../../../../core/device-names.ts';
import type { ChosenDevice } from '../../../../core/engine/types.ts';
import { libraryVersions } from '../../../../core/engine/versions.ts';
import { UserError } from '../../../../core/errors.ts';
import { canonicalJson } from '../../../../core/evaluation/protocol.ts';
import { findModel, resolveConfig } from '../../../../core/families/registry.ts';
import { pathsIn } from '../../../../core/files/path-fields.ts';
import { withUserFolder } from '../../../../core/files/user-folder.ts';
import { processorHere } from '../../../../core/processor.ts';
import {
  type Asked,
  type Condition,
  dataConditions,
  type FoundData,
  type Here,
  mergedConditions,
  runConditions,
} from '../../../../core/reproduce/conditions.ts';
import type { Recipe, RecipeRun } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import { namedSources } from '../../../../core/training/sources.ts';
import { agreedIn } from '../../../plugins/agreements.ts';
import type { RunRequest } from '../../runs/create-run.ts';

/** What of a run is to be another than it was. */
export interface Changes {
  seed?: number;
  threads?: number;
  device?: ChosenDevice['id'] | 'auto';
}

/** Finds out whether a device can be used. Throws UserError where not. */
export type ChooseDevice = (device: ChosenDevice['id'] | 'auto') => Promise<ChosenDevice>;

const here = (): Here => ({
  version: codeVersion(),
  processor: processorHere(),
  node: process.version,
  ...libraryVersions(),
  platform: `${platform()} ${release()} ${process.arch}`,
});

/** Runs of a recipe that are trained: those asked for, and of what they rest on what this home has not. */
export function runsToTrain(store: Store, { runs, rows }: Recipe): RecipeRun[] {
  return runs.filter((run) => rows.includes(run.id) || !isHere(store, run));
}

/** The same run, which was trained or adopted here. */
function isHere(store: Store, { id, model, dataset, seed }: RecipeRun): boolean {
  if (!store.runs.exists(id) || store.runs.kindOf(id) !== 'own') return false;
  const run = store.runs.own(id);
  const [ours, theirs] = [
    [run.model, run.dataset.fingerprint, run.seed],
    [model, dataset, seed],
  ];
  return run.status === 'completed' && canonicalJson(ours) === canonicalJson(theirs);
}

/** What each is asked for now, and all that is known of whether it can come out alike. */
export async function conditionsOf(
  store: Store,
  recipe: Recipe,
  runs: readonly RecipeRun[],
  { found, changes, choose }: { found: readonly FoundData[]; changes: Changes; choose: ChooseDevice },
): Promise<Condition[]> {
  const plugins = agreedIn(store.home).map(({ hash }) => hash);
  const devices = await devicesFor(runs, changes, choose);
  const lines = runs.map((run) => {
    const { seed, threads } = changes;
    const device = devices.get(run.id)?.id ?? 'auto';
    const asked: Asked = { seed, threads, device, plugins, ...usable(run) };
    return { name: run.name, conditions: runConditions(run, here(), asked) };
  });
  const data = recipe.datasets.map((dataset, at) => ({
    name: dataset.name,
    conditions: dataConditions(dataset, found[at]),
  }));
  return [...mergedConditions(data), ...mergedConditions(lines)];
}

/** The device that each trained on, or where that cannot be used, what "auto" stands for. */
export async function devicesFor(
  runs: readonly RecipeRun[],
  { device: asked }: Changes,
  choose: ChooseDevice,
): Promise<Map<string, ChosenDevice>> {
  const known = new Map<string, ChosenDevice>();
  const chosen = async (device: ChosenDevice['id'] | 'auto') => {
    const one = known.get(device) ?? (await choose(device));
    known.set(device, one);
    return one;
  };
  const devices = new Map<string, ChosenDevice>();
  for (const { id, device } of runs) {
    const own = DEVICES.find((one) => one === device) ?? 'auto';
    // One that was asked for has to be usable; the one of then need not be here.
    const found = asked === undefined ? chosen(own).catch(() => chosen('auto')) : chosen(asked);
    devices.set(id, await found);
  }
  return devices;
}

function usable({ model, config }: RecipeRun): Pick<Asked, 'settings' | 'files'> {
  try {
    const whole = resolveConfig(model, { overrides: fromHome(config) });
    const { configSchema } = findModel(model);
    return {
      settings: { added: Object.keys(whole).filter((key) => !Object.hasOwn(config, key)) },
      files: pathsIn(configSchema, whole).map((path) => ({ path, isHere: existsSync(path) })),
    };
  } catch (error) {
    if (error instanceof UserError) return { settings: { problem: error.message }, files: [] };
    throw error;
  }
}

/** Files below "~" are in the folder of this user. */
function fromHome(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const whole = (value: unknown) => {
    const path = typeof value === 'string' ? withUserFolder(value) : value;
    return typeof path === 'string' && path !== value ? resolve(path) : value;
  };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, whole(value)]));
}

/** What trains a run again: `made` holds the ids of those that it rests on, by those that they had. */
export function requestOf(
  store: Store,
  run: RecipeRun,
  {
    dataset,
    made,
    changes,
    device,
  }: {
    dataset: string;
    made: ReadonlyMap<string, string>;
    changes: Changes;
    device: RunRequest['device'];
  },
): RunRequest {
  const { model, config } = run;
  const sources = namedSources(config).map(([key, id]) => [key, made.get(id) ?? id] as const);
  return {
    model,
    config: resolveConfig(model, { overrides: { ...fromHome(config), ...Object.fromEntries(sources) } }),
    dataset,
    seed: changes.seed ?? run.seed,
    device,
    threads: changes.threads ?? run.threads,
    name: store.runs.freeName(run.name),
  };
}
