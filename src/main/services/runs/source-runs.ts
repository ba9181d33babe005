/** The runs that a config names: checked before a run exists, found again when it starts. */
import { existsSync } from 'node:fs';
import { readBeforeText } from '../../../core/documents/language-words.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { detailsOf, UserError } from '../../../core/errors.ts';
import { dataKey } from '../../../core/evaluation/same-data.ts';
import { unknownOf } from '../../../core/foreign/results/unknown.ts';
import { capital, examplesText } from '../../../core/names.ts';
import { hasSemanticIds } from '../../../core/semantic-ids/artefact.ts';
import { settingTitle } from '../../../core/setting-words.ts';
import { isRunId } from '../../../core/store/runs/run-id.ts';
import type { Store } from '../../../core/store/store.ts';
import type { MeasuredRun, OwnRun, RunRecord } from '../../../core/store/types.ts';
import type { SourceRun, TrainSpec } from '../../../core/training/events.ts';
import {
  describeExposure,
  exposureOf,
  leakReason,
  otherSplit,
  type Provenance,
  pretrainedName,
  unknownParts,
} from '../../../core/training/provenance.ts';
import {
  crossesData,
  namedSources,
  onlyBegins,
  SOURCES,
  type SourceKey,
  type SourceNeed,
} from '../../../core/training/sources.ts';

type Dataset = { id: string; name: string; fingerprint: string };

/**
 * The config with ids in place of names.
 * Throws UserError where a named run is unknown, of other data or another model than it may be, lacks what the config needs of it, or has seen what the
 * config holds out.
 */
export function resolveSources(
  store: Store,
  config: Record<string, unknown>,
  { model, dataset }: { model: string; dataset: Dataset },
): Record<string, unknown> {
  const ids = namedSources(config).map(([key, reference]) => {
    const run = namedRun(store, key, reference);
    const crosses = crossesData(key, config);
    if (crosses && run.model !== model)
      throw refused(key, `run ${run.name} (${run.id}) is of ${run.model}: name a run of ${model}`);
    if (!crosses && run.dataset.fingerprint !== dataset.fingerprint)
      throw refused(
        key,
        `run ${run.name} (${run.id}) is of the data set ${run.dataset.name}, not of ${dataset.name}`,
      );
    requirePart(store, key, run);
    return [key, run.id] as const;
  });
  const resolved = { ...config, ...Object.fromEntries(ids) };
  provenanceOf(store, resolved, dataset);
  return resolved;
}

/** A problem of the field that names the run. */
const refused = (field: SourceKey, problem: string, fix?: string) =>
  new UserError({ code: 'bad-config', field, problem, fix });

/** The run that a config names. Throws UserError where there is none, which says whether it has been deleted. */
function namedRun(store: Store, key: SourceKey, reference: string): OwnRun {
  try {
    return store.runs.findOwn(reference);
  } catch (error) {
    const gone = goneRun(store, reference);
    if (gone !== null) throw refused(key, gone.problem, gone.fix);
    throw new UserError({ ...detailsOf(error), field: key });
  }
}

/** Why a run that once was is not there; null for one that is, and for what is no id of a run. */
function goneRun(store: Store, id: string): { problem: string; fix: string } | null {
  const known = store.trash.knows('run', [id]).get(id);
  if (!known) return isRunId(id) ? { problem: `run ${id} has been deleted`, fix: 'name another run' } : null;
  const inTrash = { problem: `run ${known.name} is in the trash`, fix: 'restore it, or name another run' };
  return known.deleted ? inTrash : null;
}

/** The runs that a config names and that have been deleted since, each in a line: "Start from: run a is in the trash". */
export function deletedSources(store: Store, config: Record<string, unknown>): string[] {
  return namedSources(config).flatMap(([key, id]) => {
    const gone = goneRun(store, id);
    return gone === null ? [] : [`${settingTitle(key)}: ${gone.problem}`];
  });
}

/**
 * What a run of this config on this data set rests on, by way of the runs that it names and those that they name. Of one on another data
 * set nobody can say whether it has seen what is held out here.
 * Throws UserError where one of them has learnt from what the config holds out.
 */
export function provenanceOf(
  store: Store,
  config: Record<string, unknown>,
  { id, fingerprint }: { id: string | null } & Pick<Dataset, 'fingerprint'>,
): Provenance {
  const here = id === null ? null : store.datasets.evenDeleted(id);
  const exposure = exposureOf(config);
  const provenance: Provenance = { sources: [], unknown: unknownParts(config) };
  for (const { keys, by, run } of upstream(store, config, [])) {
    const path = keys.join(' > ');
    if (!run) {
      provenance.unknown.push(`${path}: a run that has been deleted`);
      continue;
    }
    const other = exposureOf(run.config);
    const elsewhere = run.dataset.fingerprint === fingerprint ? '' : ` of the data set ${run.dataset.name}`;
    const mistake = elsewhere ? null : leakReason(other, exposure);
    if (mistake !== null) {
      const through = by ? `run ${by.name} (${by.id}) rests on ` : '';
      throw refused(keys[0], `${through}run ${run.name} (${run.id})${by ? ', which' : ''} ${mistake}`);
    }
    // The same is held out of the same sequences, whatever else is in the data.
    const isLike = here === null || store.datasets.withData([run], dataKey(here)).length > 0;
    const alike = isLike ? '' : ` of the data set ${run.dataset.name}, which has the same sequences`;
    provenance.sources.push(`${path}: ${describeExposure(other)}${elsewhere || alike}`);
    if (elsewhere) provenance.unknown.push(`${path}: a run${elsewhere}`);
    provenance.unknown.push(...unknownParts(run.config).map((part) => `${path}: ${part}`));
  }
  return provenance;
}

/** The pretrained models that a run of this config begins with, itself or by way of the runs that it names, as far as these are there. */
export function pretrainedOf(store: Store, config: Record<string, unknown>): string[] {
  const configs = [config, ...upstream(store, config, []).flatMap(({ run }) => (run ? [run.config] : []))];
  return [...new Set(configs.flatMap((one) => pretrainedName(one) ?? []))];
}

/** What is not known of the results of a run that began with a pretrained model, in a line. */
export function unknownReads(store: Store, run: RunRecord): string[] {
  const models =
    run.kind === 'own' && Object.keys(run.metrics).length > 0 ? pretrainedOf(store, run.config) : [];
  return models.length > 0 ? [capital(readBeforeText(models))] : [];
}

/**
 * Which interactions measures of a run's Semantic IDs may count, and that in words: those that the run whose vectors they are
 * made from and the runs that have them are trained on; without such a run all but the last two of a user.
 */
export function countedInteractions(store: Store, { id, config, dataset }: OwnRun) {
  const from = typeof config.vectorsFrom === 'string' && store.runs.exists(config.vectorsFrom);
  const users = store.runs.completedOn(dataset.fingerprint).filter((run) => run.config.tokeniser === id);
  const runs = [...(from ? [store.runs.own(String(config.vectorsFrom))] : []), ...users];
  const parted = runs.filter((run) => otherSplit(run.config) !== null);
  const words = (run: OwnRun) => describeExposure({ ...exposureOf(run.config), selectedOnTest: false });
  const counted = new Map(parted.map((run) => [words(run), otherSplit(run.config)]));
  return {
    splits: [...counted.values()].filter((split) => split !== null),
    words:
      parted.length === 0
        ? 'all but the last two interactions of a user'
        : `${[...counted.keys()].join(' and ')}, as of ${examplesText(parted.map(({ name }) => name))}`,
  };
}

interface Upstream {
  /** Config keys that lead to the run. */
  keys: SourceKey[];
  /** The run that the config itself names, where this one is behind it. */
  by: OwnRun | null;
  /** Null where it has been deleted. */
  run: OwnRun | null;
}

function upstream(store: Store, config: Record<string, unknown>, before: Upstream[]): Upstream[] {
  const last = before.at(-1);
  return namedSources(config).flatMap(([key, id]): Upstream[] => {
    const run = store.runs.exists(id) ? store.runs.own(id) : null;
    const found = { keys: [...(last?.keys ?? []), key], by: before[0]?.run ?? null, run };
    return run ? [found, ...upstream(store, run.config, [...before, found])] : [found];
  });
}

/**
 * `begins`: whether a training is to begin; what it only begins with is not asked for later.
 * Throws UserError if a run, or a file needed from it, is missing.
 */
export function sourceRuns(
  store: Store,
  config: Record<string, unknown>,
  { begins = true } = {},
): TrainSpec['sources'] {
  // Rewarded runs of earlier versions kept nothing of the one that they began with.
  const isNeeded = (key: SourceKey, id: string) =>
    begins || !onlyBegins(key) || (key === 'policy' && store.runs.exists(id));
  const needed = namedSources(config).filter(([key, id]) => isNeeded(key, id));
  const found = needed.map(([key, id]): [SourceKey, SourceRun] => {
    if (!store.runs.exists(id)) throw refused(key, `run ${id} has been deleted, and this run builds on it`);
    const run = store.runs.own(id);
    requirePart(store, key, run);
    const { name, model } = run;
    const dir = store.runs.folder(id);
    const source = { run: id, name, model, config: run.config, dir, checkpoint: checkpointOf(store, run) };
    return [
      key,
      crossesData(key, config) ? { ...source, datasetDir: folderOfData(store, key, run) } : source,
    ];
  });
  return Object.fromEntries(found);
}

/** Throws UserError where the data set of a run is no longer there. */
function folderOfData({ datasets }: Store, key: SourceKey, { name, dataset }: OwnRun): string {
  if (datasets.list().some(({ id }) => id === dataset.id)) return datasets.folder(dataset.id as string);
  throw refused(
    key,
    `the data set ${dataset.name} of run ${name} has been deleted, and its item ids are needed`,
  );
}

/** Completed runs on a data set, or of a model on any, that have what a config key needs, newest first. */
export function sourceChoices(
  store: Store,
  key: SourceKey,
  of: { fingerprint: string } | { model: string },
): OwnRun[] {
  const runs = 'model' in of ? store.runs.withModel([of.model]) : store.runs.completedOn(of.fingerprint);
  return runs
    .filter(({ status }) => status === 'completed')
    .filter((run) => run.evaluates === null && missingArtefact(store, SOURCES[key].needs, run) === null);
}

function requirePart(store: Store, key: SourceKey, run: OwnRun): void {
  const problem = missingArtefact(store, SOURCES[key].needs, run);
  if (problem !== null) throw refused(key, `run ${run.name} (${run.id}) ${problem}`);
}

function missingArtefact(store: Store, needs: SourceNeed, run: OwnRun): string | null {
  if (needs === 'checkpoint') {
    return checkpointOf(store, run) === null ? `has no checkpoint (status: ${run.status})` : null;
  }
  return hasSemanticIds(store.runs.folder(run.id))
    ? null
    : `has no Semantic IDs (status: ${run.status}); name a completed run of a tokeniser`;
}

/** The one that was tested, else the newest. */
function checkpointOf(store: Store, run: OwnRun): string | null {
  const known = store.checkpoints.list(run.id).filter(({ path }) => existsSync(path));
  const best = known.find(({ kind, epoch }) => kind === 'best' && epoch === run.selectedEpoch);
  return (best ?? known.find(({ kind }) => kind === 'last'))?.path ?? null;
}

/** Results of version 1 do not say what they rest on: their config and those of the runs that it names do. */
export function restsOn(
  store: Store,
  run: MeasuredRun,
): Pick<ComparedRun, 'unknownSources' | 'pretrained' | 'seenHeldOut' | 'unknown'> {
  const { protocol } = run;
  if (run.kind === 'external') return { unknownSources: protocol?.unknownSources, unknown: unknownOf(run) };
  const pretrained = pretrainedOf(store, run.config);
  if (protocol?.version) return { unknownSources: protocol.unknownSources, pretrained };
  try {
    return { unknownSources: provenanceOf(store, run.config, run.dataset).unknown, pretrained };
  } catch (error) {
    if (error instanceof UserError) return { seenHeldOut: error.message };
    throw error;
  }
}
