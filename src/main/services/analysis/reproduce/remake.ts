/** Runs that are made again through the queue: what the window is told before, and how they are put there. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { LookRequest, RemadeRuns, RemakePlan, RemakeRequest } from '../../../../core/api/reproduce.ts';
import type { ChosenDevice } from '../../../../core/engine/types.ts';
import { throwIfCancelled, UserError } from '../../../../core/errors.ts';
import { capital } from '../../../../core/names.ts';
import { expectedOf, type FoundData, type FoundFile } from '../../../../core/reproduce/conditions.ts';
import type { Recipe, RecipeRun } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import { namedSources } from '../../../../core/training/sources.ts';
import type { WorkContext } from '../../../workers/progress.ts';
import { createRun, type RunRequest } from '../../runs/create-run.ts';
import { evaluationRun } from '../../runs/evaluation-run.ts';
import { type NamedRanks, ranksInBundle } from './bundle-ranks.ts';
import { findData, importAgain, missingData } from './find-data.ts';
import { recipeOfFile, requireRows } from './open-recipe.ts';
import { recipeOf } from './recipe-of-runs.ts';
import { noteReproduction } from './reproduced-runs.ts';
import { conditionsOf, requestOf, runsToTrain } from './reproduction.ts';

const CPU: ChosenDevice = { id: 'cpu', reason: 'requested' };

/** Throws UserError for what holds no run that can be trained again. */
function recipeFor(store: Store, { of }: Pick<LookRequest, 'of'>): { recipe: Recipe; title: string } {
  if (of.kind === 'run') {
    const run = store.runs.find(of.run);
    return { recipe: requireRows(recipeOf(store, [run]), run.name), title: run.name };
  }
  return { recipe: requireRows(recipeOfFile(of.path), of.path), title: basename(of.path) };
}

/** What is to be expected; `auto` is what that device stands for on this machine. Throws UserError for what is no report, bundle or run. */
export async function lookAgain(
  store: Store,
  { of, data, auto }: LookRequest & { auto: ChosenDevice },
  signal?: AbortSignal,
): Promise<RemakePlan> {
  const { recipe, title } = recipeFor(store, { of });
  const found = await findData(store, recipe, data, signal);
  const runs = runsToTrain(store, recipe);
  const choose = async (device: string) => (device === 'cpu' ? CPU : auto);
  const conditions = await conditionsOf(store, recipe, runs, { found, changes: {}, choose });
  return {
    ...{ title, version: recipe.version, conditions, expected: expectedOf(conditions) },
    runs: runs.map(({ id, name, model, seed, seconds, endedAt }) => ({
      id,
      name,
      model,
      seed,
      seconds,
      endedAt,
    })),
    others: recipe.others.map(({ name, reason }) => ({ name, reason })),
    missing: recipe.datasets.filter((_, at) => isMissing(found[at])).map((one) => capital(missingData(one))),
    notEvaluated: notEvaluated(store, recipe),
  };
}

export const isMissing = (found: FoundData) =>
  found.place === 'nowhere' || (found.place === 'files' && found.files.includes(null));

/** Why none of its runs can be measured again from a checkpoint; null where one can. */
function notEvaluated(store: Store, { rows }: Recipe): string | null {
  const reasons = rows.map((id) => {
    try {
      requireEvaluation(store, id);
      return null;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  });
  return reasons.includes(null) ? null : (reasons[0] ?? 'there is no run');
}

/** The request that measures the tested checkpoint of a run as it was measured. Throws UserError where that is not here. */
export function requireEvaluation(store: Store, id: string): RunRequest {
  if (!store.runs.exists(id))
    throw new UserError(`its checkpoint is not here: run ${id} is of another data folder`);
  const { requestedDevice: device, threads, name } = store.runs.own(id);
  const request = evaluationRun(store, {
    ...{ run: id, checkpoint: 'best', set: {}, splits: ['valid', 'test'] },
    ...{ device: device === 'cpu' ? 'cpu' : 'auto', threads, name: store.runs.freeName(`${name}-again`) },
  });
  if (request.evaluates && !existsSync(request.evaluates.path))
    throw new UserError(`its checkpoint has been deleted (${request.evaluates.path})`);
  return request;
}

/**
 * Imports what of the data is named and not here, and puts the runs into the queue, each with what it makes again. A run that rests on one which is
 * still to be trained is left out, with the reason. Throws UserError where data are missing or nothing is left to be made.
 */
export async function startAgain(
  store: Store,
  { of, data, how, anyway }: RemakeRequest,
  { signal, onProgress }: WorkContext<{ doing: string }> = {},
): Promise<RemadeRuns> {
  const { recipe, title } = recipeFor(store, { of });
  const found = await findData(store, recipe, data, signal);
  if (how === 'evaluate') return evaluateAgain(store, recipe, title);
  const missing = recipe.datasets.filter((_, at) => isMissing(found[at])).map(missingData);
  if (missing.length > 0) throw new UserError(missing.join('; '));
  const datasets = new Map<string, string>();
  for (const [at, dataset] of recipe.datasets.entries()) {
    const where = found[at];
    if (where.place === 'home') datasets.set(dataset.fingerprint, where.id);
    if (where.place !== 'files') continue;
    onProgress?.({ doing: `Importing ${dataset.name}` });
    const files = where.files.filter((file): file is FoundFile => file !== null);
    const summary = await importAgain(store, dataset, files, { signal });
    if (summary.fingerprint !== dataset.fingerprint && !anyway)
      throw new UserError(
        `${dataset.name}: the files hold other sequences than then, and the numbers cannot agree`,
      );
    datasets.set(dataset.fingerprint, summary.id);
  }
  throwIfCancelled(signal);
  const ranks = await ranksInBundle(of.kind === 'file' ? of.path : null);
  return queueAll(store, recipe, {
    ...{ runs: runsToTrain(store, recipe), title, how, ranks },
    requestOf: (run) =>
      requestOf(store, run, {
        ...{ dataset: datasets.get(run.dataset) ?? run.dataset, made: new Map(), changes: {} },
        device: run.device === 'cpu' ? 'cpu' : 'auto',
      }),
  });
}

function evaluateAgain(store: Store, recipe: Recipe, title: string): RemadeRuns {
  const runs = recipe.runs.filter(({ id }) => recipe.rows.includes(id));
  const requestOf = ({ id }: RecipeRun) => requireEvaluation(store, id);
  return queueAll(store, recipe, { runs, title, how: 'evaluate', requestOf, ranks: new Map() });
}

interface Again {
  runs: readonly RecipeRun[];
  title: string;
  how: RemakeRequest['how'];
  /** Those of then, by the ids of the runs. */
  ranks: ReadonlyMap<string, NamedRanks>;
  requestOf(run: RecipeRun): RunRequest;
}

/** All of them wait, with what they make again, or none does. */
function queueAll(
  store: Store,
  { runs: known }: Recipe,
  { runs, title, how, requestOf: ask, ranks }: Again,
): RemadeRuns {
  return store.transaction(() => {
    const left: RemadeRuns['left'] = [];
    const made: [RecipeRun, string][] = [];
    for (const earlier of runs) {
      const rests = namedSources(earlier.config).find(([, source]) => runs.some(({ id }) => id === source));
      const source = rests && known.find(({ id }) => id === rests[1]);
      try {
        if (source && how === 'train')
          throw new UserError(`it rests on ${source.name}, which has to be trained before`);
        const { id } = createRun(store, ask(earlier));
        store.table.annotate(id, { notes: `Made again: ${earlier.name} (${earlier.id}).` });
        store.queue.put(id, 'end');
        made.push([earlier, id]);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        left.push({ name: earlier.name, reason: error.message });
      }
    }
    const [first] = left;
    if (made.length === 0)
      throw new UserError(
        first ? `${first.name}: ${first.reason}` : `${title}: there is nothing to make again`,
      );
    const together = made.map(([, id]) => id);
    for (const [earlier, id] of made)
      noteReproduction(store, id, {
        ...{ how, source: title, together, earlier },
        ranks: ranks.get(earlier.id) ?? null,
      });
    return { runs: together, left };
  });
}
