/** The runs that a config names: checked before a run exists, found again when it starts. */
import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { hasSemanticIds } from '../semantic-ids/artefact.ts';
import type { SourceRun, TrainSpec } from '../training/events.ts';
import { namedSources, SOURCES, type SourceKey, type SourceNeed } from '../training/sources.ts';
import type { Store } from './store.ts';
import type { RunRecord } from './types.ts';

type Dataset = { id: string; name: string; fingerprint: string };

/**
 * The config with ids in place of names.
 * Throws UserError where a named run is unknown, of other data, or lacks what the config needs of it.
 */
export function resolveSources(
  store: Store,
  config: Record<string, unknown>,
  dataset: Dataset,
): Record<string, unknown> {
  const ids = namedSources(config).map(([key, reference]) => {
    const run = store.runs.find(reference);
    if (run.dataset.fingerprint !== dataset.fingerprint) {
      throw new UserError(
        `config "${key}": run ${run.name} (${run.id}) is of the data set ${run.dataset.name}, not of ${dataset.name}`,
      );
    }
    requirePart(store, key, run);
    return [key, run.id] as const;
  });
  return { ...config, ...Object.fromEntries(ids) };
}

/** Throws UserError if a run, or a file needed from it, is missing. */
export function sourceRuns(store: Store, config: Record<string, unknown>): TrainSpec['sources'] {
  const found = namedSources(config).map(([key, id]): [SourceKey, SourceRun] => {
    if (!store.runs.exists(id)) {
      throw new UserError(`config "${key}": run ${id} has been deleted, and this run builds on it`);
    }
    const run = store.runs.get(id);
    requirePart(store, key, run);
    const { name, model } = run;
    const dir = store.runs.folder(id);
    return [key, { run: id, name, model, config: run.config, dir, checkpoint: checkpointOf(store, run) }];
  });
  return Object.fromEntries(found);
}

/** Completed runs on a data set that have what a config key needs, newest first; of any model. */
export function sourceChoices(store: Store, key: SourceKey, fingerprint: string): RunRecord[] {
  return store.runs
    .list()
    .filter(
      (run) =>
        run.status === 'completed' &&
        run.evaluates === null &&
        run.dataset.fingerprint === fingerprint &&
        missingArtefact(store, SOURCES[key].needs, run) === null,
    );
}

function requirePart(store: Store, key: SourceKey, run: RunRecord): void {
  const problem = missingArtefact(store, SOURCES[key].needs, run);
  if (problem !== null) throw new UserError(`config "${key}": run ${run.name} (${run.id}) ${problem}`);
}

function missingArtefact(store: Store, needs: SourceNeed, run: RunRecord): string | null {
  if (needs === 'checkpoint') {
    return checkpointOf(store, run) === null ? `has no checkpoint (status: ${run.status})` : null;
  }
  return hasSemanticIds(store.runs.folder(run.id))
    ? null
    : `has no Semantic IDs (status: ${run.status}); name a completed run of a tokeniser`;
}

/** The one that was tested, else the newest. */
function checkpointOf(store: Store, run: RunRecord): string | null {
  const known = store.checkpoints.list(run.id).filter(({ path }) => existsSync(path));
  const best = known.find(({ kind, epoch }) => kind === 'best' && epoch === run.selectedEpoch);
  return (best ?? known.find(({ kind }) => kind === 'last'))?.path ?? null;
}
