/** How far a plan is: which of its runs there are, which train, and what is still to be made. All of it is read from the home. */
import { codeVersion } from '../../../../core/code-version.ts';
import { canonicalJson } from '../../../../core/evaluation/protocol.ts';
import { dataKey } from '../../../../core/evaluation/same-data.ts';
import { configOfRun, resolveConfig } from '../../../../core/families/registry.ts';
import { type KnownRun, matchKey, matchRuns, type RunMatch } from '../../../../core/plans/match-runs.ts';
import type { StudyRecord } from '../../../../core/store/home/studies.ts';
import { isSweep, type SweepSpec } from '../../../../core/store/home/study-spec.ts';
import { trainingVersions } from '../../../../core/store/runs/attempts.ts';
import { isUnfinished, phaseOf, type RunStatus } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { OwnRun } from '../../../../core/store/types.ts';
import type { Settings } from '../../../../core/studies/search/space.ts';
import type { Config } from '../../../../core/training/config.ts';
import { resultOfSweep } from '../studies.ts';
import type { ResolvedBlock, ResolvedRow } from './plan-rows.ts';
import { allSources, builtOn, type ResolvedSource, type SourceState } from './plan-sources.ts';

export interface SearchState {
  study: StudyRecord | null;
  trials: { done: number; running: number; failed: number; total: number };
  /** Whether it is to be resumed: it is paused, or trials of it were stopped or failed. */
  isLeft: boolean;
  hasEnded: boolean;
  /** Whether it has ended, and all of its trials diverged: they would again. */
  hasDiverged: boolean;
  /** What the best trial by validation has; null before the end, or where none completed. */
  chosen: Settings | null;
  /** What that had on validation. */
  best: number | null;
  /** Why there is none in the end. */
  problem: string | null;
}

export interface RowState extends Omit<ResolvedRow, 'sources'> {
  sources: SourceState[];
  searched: SearchState | null;
  /** One a seed; none while what is to be trained is still searched for. */
  runs: { seed: number; match: RunMatch }[];
}

export interface BlockState extends Omit<ResolvedBlock, 'rows'> {
  rows: RowState[];
}

export interface Matching {
  version: string;
  /** Whether runs of other versions of the program are used, too. */
  usesOthers: boolean;
}

export const matching = (usesOthers: boolean): Matching => ({ version: codeVersion(), usesOthers });

export function planState(store: Store, blocks: readonly ResolvedBlock[], how: Matching): BlockState[] {
  const known = new Map<string, KnownRun[]>();
  return blocks.map((block) => {
    const { fingerprint } = block.dataset;
    const data = dataKey(block.dataset);
    const all = [...block.rows, ...block.rows.flatMap(({ sources }) => allSources(sources))];
    const models = [...new Set(all.map(({ model }) => model))];
    const key = `${fingerprint} ${models.join()}`;
    const runs = known.get(key) ?? knownRuns(store, models, fingerprint);
    known.set(key, runs);
    return { ...block, rows: block.rows.map((row) => rowState(store, row, data, runs, how)) };
  });
}

function knownRuns(store: Store, models: readonly string[], fingerprint: string): KnownRun[] {
  const trainedOn = store.datasets.trainedOn(models, fingerprint);
  const keys = new Map([...new Set(trainedOn.values())].map((one) => [one, dataKey(one)]));
  return store.runs.ofModels(models, fingerprint).map((run) => {
    const dataset = trainedOn.get(run.id);
    return knownRun(store, run, (dataset && keys.get(dataset)) ?? null);
  });
}

/** Its attempts are read where a run is alike. */
function knownRun(store: Store, run: OwnRun, data: string | null): KnownRun {
  const { id, model, seed, status, evaluates, message, codeVersion: made } = run;
  return {
    ...{ id, model, seed, status, evaluates, message, data },
    config: presentConfig(run),
    get versions() {
      const versions = trainingVersions(run, store.runs.attempts(id));
      return versions.length > 0 ? versions : [made];
    },
  };
}

/** As this version writes it; of a run whose config this version does not take as it is. */
function presentConfig(run: OwnRun): Config {
  try {
    return configOfRun(run);
  } catch {
    return run.config;
  }
}

function rowState(
  store: Store,
  row: ResolvedRow,
  data: string,
  known: readonly KnownRun[],
  how: Matching,
): RowState {
  const { model, seeds } = row;
  const sources = row.sources.map((source) => sourceState(source, data, known, how));
  const overrides = row.search && builtOn(row.search.overrides, sources);
  const search = row.search && { ...row.search, overrides: overrides ?? row.search.overrides };
  const isHeld = builtOn({}, sources) === null;
  const searched = search && (isHeld ? notBegun(search) : searchState(store, search, data, how));
  const given = search ? searched?.chosen && chosenConfig(search, searched.chosen) : row.config;
  const state = { ...row, search, sources, searched };
  if (!given) return { ...state, runs: [] };
  const config = builtOn(given, sources);
  if (config === null)
    return { ...state, config: given, runs: seeds.map((seed) => ({ seed, match: MISSING })) };
  const wanted = seeds.map((seed) => ({ model, config, data, seed }));
  const found = matchRuns(wanted, known, how);
  return { ...state, config, runs: found.map((match, at) => ({ seed: seeds[at], match })) };
}

const MISSING: RunMatch = { state: 'missing', otherVersions: [] };

function sourceState(
  source: ResolvedSource,
  data: string,
  known: readonly KnownRun[],
  how: Matching,
): SourceState {
  const { model, seed } = source;
  const sources = source.sources.map((one) => sourceState(one, data, known, how));
  const config = builtOn(source.config, sources);
  if (config === null) return { ...source, sources, match: MISSING };
  const [match] = matchRuns([{ model, config, data, seed }], known, how);
  return { ...source, sources, config, match };
}

/** Each of a block's rows' sources once, those first that others build on, with the names of the rows that wait for it. */
export function sourcesOf({ dataset, rows }: Pick<BlockState, 'dataset' | 'rows'>) {
  const found = new Map<string, { key: string; source: SourceState; rows: string[] }>();
  const data = dataKey(dataset);
  for (const { name, sources } of rows)
    for (const source of allSources(sources)) {
      const key = matchKey({ ...source, data });
      const one = found.get(key) ?? { key, source, rows: [] };
      found.set(key, { ...one, rows: [...new Set([...one.rows, name])] });
    }
  return [...found.values()];
}

const chosenConfig = ({ model, preset, overrides }: SweepSpec, chosen: Settings): Config =>
  resolveConfig(model, { preset, overrides: { ...overrides, ...chosen } });

const notBegun = (spec: SweepSpec): SearchState => ({
  ...{ study: null, trials: { done: 0, running: 0, failed: 0, total: trialsOf(spec) } },
  ...{ isLeft: false, hasEnded: false, hasDiverged: false, chosen: null, best: null, problem: null },
});

function searchState(store: Store, spec: SweepSpec, data: string, how: Matching): SearchState {
  const study = searchLike(store, spec, data, how);
  if (!study || !isSweep(study.spec)) return notBegun(spec);
  const { trials, problem } = resultOfSweep(store, study.id, study.spec);
  const done = trials.filter(({ status }) => status !== null && phaseOf(status) === 'ended').length;
  const withStatus = (wanted: RunStatus) => trials.filter(({ status }) => status === wanted).length;
  const { state } = study.spec.sweep;
  const hasEnded = done === trials.length && (state === undefined || state === 'ended');
  const best = trials.find(({ rank }) => rank === 1);
  const hasDiverged = hasEnded && trials.every((trial) => trial.runs.every(isDiverged));
  const none = hasDiverged
    ? 'every trial of its search diverged, and would again: change its space or its settings'
    : 'no trial of its search completed';
  return {
    ...{ study, hasEnded, hasDiverged },
    trials: {
      ...{ done, running: withStatus('running'), failed: withStatus('failed') + withStatus('diverged') },
      total: hasEnded ? trials.length : trialsOf(study.spec),
    },
    isLeft: state === 'paused' || trials.some((trial) => trial.runs.some(isUnfinished)),
    chosen: hasEnded && best ? best.settings : null,
    best: best?.value?.mean ?? null,
    problem: hasEnded && !best ? (problem ?? none) : null,
  };
}

const isDiverged = ({ status }: { status: RunStatus }) => status === 'diverged';

/** Those of a search that makes them one after the other as far as they are counted. */
const trialsOf = ({ sweep, sizes }: SweepSpec): number =>
  sweep.state === undefined ? sizes.length : Math.max(sizes.length, sweep.trials);

/** The search of the home that asks the same, all of whose runs may be used. */
function searchLike(
  { datasets, studies, runs }: Store,
  spec: SweepSpec,
  data: string,
  { version, usesOthers }: Matching,
) {
  const question = questionOf(spec);
  return studies.list('sweep').find(({ id, spec: other }) => {
    if (!isSweep(other) || other.sweep.found || questionOf(other) !== question) return false;
    const dataset = datasets.evenDeleted(other.dataset.id);
    if (dataset === null || dataKey(dataset) !== data) return false;
    return (
      usesOthers ||
      runs
        .named(studies.runIds(id), { metrics: [] })
        .every((run) => run.kind === 'own' && run.codeVersion === version)
    );
  });
}

/** What a search asks, without where it is trained and the trials that follow. */
function questionOf({ model, preset, overrides, seeds, dataset, sweep }: SweepSpec): string {
  const { search, vary, trials, draw, asha = null, stop = null } = sweep;
  const drawn = [search === 'grid' ? null : [trials, draw], asha, stop];
  return canonicalJson([model, preset ?? null, overrides, seeds, dataset.fingerprint, search, vary, drawn]);
}

/** What a row builds on and will not get, at any depth; null where there is nothing of that kind. */
export const divergedSource = ({ sources }: Pick<RowState, 'sources'>): SourceState | null =>
  allSources(sources).find(({ match }) => match.state === 'diverged') ?? null;

/** Rows whose runs are those of an earlier block, too: they are trained, and counted, once. */
export function repeatsIn(state: readonly BlockState[]): ReadonlySet<RowState> {
  const seen = new Set<string>();
  const rows = state.flatMap(({ dataset, rows }) => rows.map((row) => ({ row, of: dataKey(dataset) })));
  return new Set(
    rows.flatMap(({ row, of }) => {
      const { model, config, search, seeds } = row;
      const key = canonicalJson([of, search ? questionOf(search) : [model, config], seeds]);
      const isKnown = seen.has(key);
      seen.add(key);
      return isKnown ? [row] : [];
    }),
  );
}

/** Every run of a plan that may be used in its tables, by block and row. */
export const doneRuns = ({ runs }: RowState): string[] =>
  runs.flatMap(({ match }) => (match.state === 'done' ? [match.run] : []));
