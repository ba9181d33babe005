/** How the rows of a report are made again, in the commands of a terminal. */
import { importCommand, trainCommand } from '../../../../core/documents/commands.ts';
import type { Reproduction } from '../../../../core/documents/types.ts';
import { UserError } from '../../../../core/errors.ts';
import { canonicalJson } from '../../../../core/evaluation/protocol.ts';
import { completeConfig } from '../../../../core/families/config-of.ts';
import { findModel } from '../../../../core/families/registry.ts';
import { shellQuote } from '../../../../core/names.ts';
import type { RecipeDataset } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun, RunRecord } from '../../../../core/store/types.ts';
import type { Config } from '../../../../core/training/config.ts';
import { namedSources } from '../../../../core/training/sources.ts';
import { isMeasured } from '../compared-runs.ts';
import { configOf, datasetOf, trainedAgain, withoutHome } from './recipe-of-runs.ts';

/** A report is read on any machine. */
const TERMINAL = { commandLine: 'tessera', platform: '' };
/** More are named by their folder. */
const MOST_FILES = 6;

export function reproductionOf(store: Store, runs: readonly RunRecord[]): Reproduction {
  const { own, datasets, others } = trainedAgain(store, runs);
  const names = new Map(own.map((run) => [run.id, isOnlyOne(store, run) ? run.name : run.id]));
  const trained = trainings(own, names);
  const renamed = new Set(trained.flatMap(({ ids, keepsNames }) => (keepsNames ? [] : ids)));
  const referenceOf = (run: RunRecord) =>
    renamed.has(run.id) || !isOnlyOne(store, run) ? run.id : shellQuote(run.name);
  const measured = others.map(({ run }) => run);
  return {
    datasets: [...datasets, ...measuredData(store, measured, datasets)],
    commands: [...datasets.flatMap(importOf), ...trained.map(({ command }) => command)],
    references: Object.fromEntries(runs.map((run) => [run.id, referenceOf(run)])),
    left: others.flatMap(({ run: { kind, id }, reason }) => (kind === 'own' ? [{ run: id, reason }] : [])),
  };
}

function isOnlyOne(store: Store, { id, name }: RunRecord): boolean {
  try {
    return store.runs.find(name).id === id;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** What results of other programs were measured on, where no run of ours is of it. */
function measuredData(
  store: Store,
  runs: readonly RunRecord[],
  known: readonly RecipeDataset[],
): RecipeDataset[] {
  const found = new Map(known.map((dataset) => [contentOf(dataset), dataset]));
  for (const run of runs.filter(isMeasured)) {
    const dataset = datasetOf(store.datasets.ofRun(run.id), run);
    if (!found.has(contentOf(dataset))) found.set(contentOf(dataset), dataset);
  }
  return [...found.values()].slice(known.length);
}

/** Of the same sequences other files have other titles, ratings and times; of files that nobody noted the name is all that tells. */
function contentOf({ name, fingerprint, files, options }: RecipeDataset): string {
  const hashes = files?.map(({ sha256 }) => sha256).toSorted();
  return canonicalJson([fingerprint, hashes ?? name, options]);
}

/** None where its files or options are not recorded. */
function importOf({ name, files, options }: RecipeDataset): string[] {
  if (files === null || options === null) return [];
  const paths = files.length > MOST_FILES ? ['FOLDER'] : files.map((file) => file.name);
  return [importCommand(TERMINAL, { name, options, files: paths })];
}

interface Training {
  command: string;
  ids: string[];
  /** Whether it calls the runs as they are called here. */
  keepsNames: boolean;
}

interface Naming {
  /** Without the end that a training adds for its seed; null where the name has no such end. */
  base: string | null;
  /** Whether the program gives the name by itself. */
  isOwn: boolean;
}

function namingOf({ name, seed, model, dataset }: OwnRun): Naming {
  const end = `-seed${seed}`;
  const base = name.endsWith(end) ? name.slice(0, -end.length) : null;
  return { base, isOwn: base === `${model}-${dataset.name}` };
}

/** One command for runs that differ in nothing but their seeds, in the order of the first of each. What others rest on keeps its name. */
function trainings(runs: readonly OwnRun[], names: ReadonlyMap<string, string>): Training[] {
  const sources = new Set(runs.flatMap(({ config }) => namedSources(config).map(([, id]) => id)));
  const parts = Map.groupBy(runs, (run) => {
    const { id, model, seed, dataset, threads, device, config } = run;
    const { seed: _, ...settings } = config;
    const alone = sources.has(id) ? seed : null;
    return canonicalJson([model, dataset.fingerprint, threads, device, settings, alone]);
  });
  return [...parts.values()].map((members) => {
    const [run] = members;
    const { model, dataset, threads, device, requestedDevice, name } = run;
    const calledSo = members.map(namingOf);
    const [{ base, isOwn }] = calledSo;
    const isShared = base !== null && calledSo.every((one) => one.base === base);
    const named = members.length === 1 ? name : isShared ? base : undefined;
    const command = trainCommand(TERMINAL, {
      ...{ model, threads, dataset: dataset.name, device: device ?? requestedDevice },
      ...settingsOf(run, names),
      seeds: members.map(({ seed }) => seed).toSorted((one, other) => one - other),
      name: isShared && isOwn ? undefined : named,
    });
    return { command, ids: members.map((member) => member.id), keepsNames: named !== undefined };
  });
}

/** The preset that a run differs least from, and what differs; all settings where that would not give the same. */
function settingsOf(run: OwnRun, names: ReadonlyMap<string, string>): { preset?: string; overrides: Config } {
  const { seed: _, ...config } = withoutHome(configOf(run)) as Config;
  const named = {
    ...config,
    ...Object.fromEntries(namedSources(config).map(([key, id]) => [key, names.get(id) ?? id])),
  };
  const found = ways(run.model, named).toSorted(
    (a, b) => Object.keys(a.overrides).length - Object.keys(b.overrides).length,
  );
  return found[0] ?? { overrides: named };
}

/** From the defaults and from each preset, where the settings come out as they were. */
function ways(id: string, config: Config): { preset?: string; overrides: Config }[] {
  const model = tried(() => findModel(id));
  if (!model) return [];
  const isSame = (one: unknown, other: unknown) =>
    canonicalJson([one ?? null]) === canonicalJson([other ?? null]);
  return [undefined, ...Object.keys(model.presets)].flatMap((preset) => {
    // What a model needs is given, and what defaults follow from.
    const given = Object.fromEntries(
      [...namedSources(config).map(([key]) => key), 'protocol'].flatMap((key) =>
        config[key] === undefined ? [] : [[key, config[key]]],
      ),
    );
    const base = tried(() => completeConfig(model, { preset, overrides: given }));
    if (!base) return [];
    const plain = tried(() => completeConfig(model, { preset }));
    const differing = Object.entries(config).filter(
      ([key, value]) => !isSame(value, base[key]) || (key in given && !isSame(value, plain?.[key])),
    );
    const overrides = Object.fromEntries(differing);
    const whole = tried(() => completeConfig(model, { preset, overrides }));
    const comesOut = whole && Object.keys(config).every((key) => isSame(whole[key], config[key]));
    return comesOut ? [{ preset, overrides }] : [];
  });
}

/** Null where it cannot be done. */
function tried<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}
