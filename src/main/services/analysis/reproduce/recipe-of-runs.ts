/** What makes runs of this home again somewhere else. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { codeVersion } from '../../../../core/code-version.ts';
import { bytesOf } from '../../../../core/data/columns.ts';
import type { DatasetSummary } from '../../../../core/data/types.ts';
import type { ReportFormat } from '../../../../core/documents/formats.ts';
import { UserError } from '../../../../core/errors.ts';
import { dataKey, shapingOptions } from '../../../../core/evaluation/same-data.ts';
import type { UserRanks } from '../../../../core/evaluation/types.ts';
import { configOfRun } from '../../../../core/families/registry.ts';
import { isInside } from '../../../../core/files/inside.ts';
import {
  RECIPE,
  type Recipe,
  type RecipeDataset,
  type RecipeRun,
} from '../../../../core/reproduce/recipe.ts';
import { trainingProcessors, trainingVersions } from '../../../../core/store/runs/attempts.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun, RunRecord } from '../../../../core/store/types.ts';
import { namedSources } from '../../../../core/training/sources.ts';

/** Formats of reports that carry what makes their runs again. */
export const CARRYING: readonly ReportFormat[] = ['html', 'folder', 'page'];

/** With the runs that they rest on. What cannot be trained again is in `others`, with the reason. */
export function recipeOf(store: Store, runs: readonly RunRecord[]): Recipe {
  const { own, datasets, others } = trainedAgain(store, runs);
  return {
    schema: RECIPE,
    version: codeVersion(),
    datasets,
    runs: own.map((run) => recipeRun(store, run)),
    rows: own.filter((run) => runs.includes(run)).map(({ id }) => id),
    others: others.map(({ run, reason }) => otherOf(store, run, reason)),
  };
}

/** The runs that are trained again, those that others rest on before these, with their data sets; and the others. */
export function trainedAgain(store: Store, runs: readonly RunRecord[]) {
  const kept = new Map<string, OwnRun>();
  const data = new RecipeData(store);
  const others: { run: RunRecord; reason: string }[] = [];
  for (const run of new Set(runs)) {
    const added = new Map(kept);
    const reason = reasonAgainst(store, run) ?? data.reasonAgainst(withSources(store, run as OwnRun, added));
    if (reason !== null) others.push({ run, reason });
    else for (const [id, one] of added) kept.set(id, one);
  }
  const own = [...kept.values()];
  const fingerprints = [...new Set(own.map(({ dataset }) => dataset.fingerprint))];
  const datasets = fingerprints.map((fingerprint) => {
    const [first] = own.filter(({ dataset }) => dataset.fingerprint === fingerprint);
    return datasetOf(data.of(first), first);
  });
  return { own, datasets, others };
}

/** Why a run is not trained again; null where it can be. */
function reasonAgainst(store: Store, run: RunRecord): string | null {
  if (run.kind !== 'own') return `${run.program} made it`;
  if (run.status !== 'completed') return 'it has not completed';
  if (run.evaluates !== null) return `it measures a checkpoint of ${run.evaluates.name}`;
  const gone = missingSource(store, run, new Set());
  return gone === null ? null : `it rests on run ${gone}, which has been deleted`;
}

/** A run may rest on others, which rest on others; a wheel of them never trained. */
function missingSource(store: Store, { config, id }: OwnRun, seen: Set<string>): string | null {
  seen.add(id);
  for (const [, source] of namedSources(config)) {
    if (!store.runs.exists(source)) return source;
    const gone = seen.has(source) ? null : missingSource(store, store.runs.own(source), seen);
    if (gone !== null) return gone;
  }
  return null;
}

/** Adds them to those that are kept, and answers with all. */
function withSources(store: Store, run: OwnRun, kept: Map<string, OwnRun>): Map<string, OwnRun> {
  if (kept.has(run.id)) return kept;
  for (const [, source] of namedSources(run.config)) withSources(store, store.runs.own(source), kept);
  return kept.set(run.id, run);
}

/** What the runs of a recipe were trained on. A recipe has one data set of the same sequences. */
class RecipeData {
  readonly #store: Store;
  readonly #known = new Map<string, DatasetSummary | null>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Its own data set, in the trash or not: another one of the same sequences need not have its files. Null where it has been deleted for good. */
  of({ id }: OwnRun): DatasetSummary | null {
    const known = this.#known.get(id);
    const found = known === undefined ? this.#store.datasets.ofRun(id) : known;
    this.#known.set(id, found);
    return found;
  }

  /** Why runs cannot be in one recipe; null where they can. */
  reasonAgainst(runs: ReadonlyMap<string, OwnRun>): string | null {
    const firsts = new Map<string, { run: OwnRun; key: string | null }>();
    for (const run of runs.values()) {
      const { fingerprint } = run.dataset;
      const summary = this.of(run);
      const key = summary && dataKey(summary);
      const first = firsts.get(fingerprint) ?? { run, key };
      firsts.set(fingerprint, first);
      if (first.key !== key)
        return `${run.dataset.name}, which ${run.name} was trained on, has the sequences of ${first.run.dataset.name} and was imported from other files or otherwise: make it again by itself`;
    }
    return null;
  }
}

/** Null for a data set that has been deleted for good. */
export function datasetOf(
  summary: DatasetSummary | null,
  { dataset }: Pick<OwnRun, 'dataset'>,
): RecipeDataset {
  const { name, fingerprint } = summary ?? dataset;
  if (summary === null) return { name, fingerprint, files: null, options: null, counts: null };
  const { users, items, interactions } = summary.statistics;
  return {
    ...{ name, fingerprint, files: summary.sourceFiles ?? null },
    options: shapingOptions(summary.options),
    counts: { users, items, interactions },
  };
}

export function recipeRun(store: Store, run: OwnRun): RecipeRun {
  const { id, name, model, seed, dataset, device, threads, environment, endedAt, seconds, selectedEpoch } =
    run;
  const attempts = store.runs.attempts(id);
  return {
    ...{ id, name, model, seed, device, threads, environment, endedAt, seconds, selectedEpoch },
    config: withoutHome(configOf(run)),
    dataset: dataset.fingerprint,
    versions: trainingVersions(run, attempts),
    processors: trainingProcessors(run, attempts),
    plugins: run.protocol?.plugins ?? [],
    metrics: finite(run.metrics),
    ranks: Object.fromEntries(
      [...store.ranks.withoutLists(id)].map((ranks) => [
        ranks.split,
        { users: ranks.users.length, sha256: ranksHash(ranks) },
      ]),
    ),
  };
}

/** One that came out of a bundle keeps the id that it has there, by which whoever has opened that bundle knows it. */
function otherOf(store: Store, run: RunRecord, reason: string): Recipe['others'][number] {
  const { name, seed, config } = run;
  const origin = store.trackers.originOf(run.id);
  const id = origin?.tracker === 'bundle' ? origin.id : run.id;
  return {
    ...{ id, name, model: run.model, seed, reason },
    program: run.kind === 'own' ? 'Tessera' : run.program,
    dataset: run.dataset?.name ?? null,
    config: config && withoutHome(config),
    metrics: finite(run.kind === 'imported' ? run.stated : run.metrics),
  };
}

const finite = (metrics: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );

/** Of a run of this program with the settings that have been added since, also where its model is of a plug-in that is gone. */
export function configOf(run: OwnRun): Record<string, unknown> {
  try {
    return configOfRun(run);
  } catch (error) {
    if (error instanceof UserError) return run.config;
    throw error;
  }
}

/** Files that settings name are found from the home of whoever reads them; the user's name stays here. */
export function withoutHome(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const short = (value: unknown) =>
    typeof value === 'string' && isAbsolute(value) && isInside(homedir(), value)
      ? join('~', relative(homedir(), value))
      : value;
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, short(value)]));
}

/** Of everything that a metric is counted from. */
function ranksHash({
  split,
  candidates,
  several,
  users,
  targets,
  ranks,
  lengths,
  historyLengths,
}: UserRanks) {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([split, candidates, several ?? null, lengths !== undefined]));
  for (const column of [users, targets, ranks, historyLengths, lengths ?? users])
    hash.update(bytesOf(column));
  return hash.digest('hex');
}
