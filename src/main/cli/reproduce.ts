/** Trains runs again for the command line, and says before and after whether they agree. */
import { UserError } from '../../core/errors.ts';
import { watchedMetric } from '../../core/families/model.ts';
import { findModel } from '../../core/families/registry.ts';
import { capital, countText } from '../../core/names.ts';
import {
  type Condition,
  dataConditions,
  expectedOf,
  type FoundData,
  type FoundFile,
} from '../../core/reproduce/conditions.ts';
import type { Remaking } from '../../core/reproduce/outcome.ts';
import type { Recipe, RecipeDataset, RecipeRun } from '../../core/reproduce/recipe.ts';
import type { Store } from '../../core/store/store.ts';
import { ranksInBundle } from '../services/analysis/reproduce/bundle-ranks.ts';
import { findData, importAgain, missingData } from '../services/analysis/reproduce/find-data.ts';
import { openRecipe } from '../services/analysis/reproduce/open-recipe.ts';
import { isMissing, requireEvaluation } from '../services/analysis/reproduce/remake.ts';
import { agreementFor, noteReproduction } from '../services/analysis/reproduce/reproduced-runs.ts';
import {
  type Changes,
  conditionsOf,
  devicesFor,
  requestOf,
  runsToTrain,
} from '../services/analysis/reproduce/reproduction.ts';
import type { ReproduceOptions } from './commands/reproduce.ts';
import { type CommandContext, print, printJson, withStore } from './context.ts';
import { chosenDevice, deviceChoice } from './device-option.ts';
import { cancellable } from './terminal/cancellable.ts';
import { type TrainingDisplay, trainingDisplay } from './terminal/training-display.ts';
import { afterText, agreementText, beforeText, type Reproduced } from './text/reproduce-text.ts';
import { followRun } from './training.ts';
import { unfinishedText } from './unfinished.ts';

/** `reproduce WHAT` */
export async function reproduce(
  context: CommandContext,
  what: string,
  {
    data = [],
    only,
    check = false,
    anyway = false,
    evaluate = false,
    seed,
    threads,
    device,
  }: ReproduceOptions,
): Promise<void> {
  const how = evaluate ? 'evaluate' : 'train';
  if (evaluate && seed !== undefined)
    throw new UserError('--evaluate measures what was trained: leave --seed out');
  await withStore(context, async (store) => {
    const say = (text: string) => {
      if (!context.json) print(text);
    };
    const recipe = openRecipe(store, what, only);
    const changes: Changes = {
      seed,
      threads,
      device: device === undefined ? undefined : deviceChoice(device),
    };
    const watched = { progress: () => 'Reading the data', cancelled: 'cancelled; nothing was trained' };
    const found = await cancellable(context, watched, ({ signal }) => findData(store, recipe, data, signal));
    const runs = evaluate
      ? recipe.runs.filter(({ id }) => recipe.rows.includes(id))
      : runsToTrain(store, recipe);
    const conditions = await conditionsOf(store, recipe, runs, { found, changes, choose: chosenDevice });
    const expected = expectedOf(conditions);
    const told = { version: recipe.version, expected: expected.degree, reason: expected.text, conditions };
    const problems = recipe.datasets.filter((_, at) => isMissing(found[at])).map(missingData);
    say(beforeText(recipe, runs, conditions, expected.text));
    const isHopeless = expected.degree === 'cannot' || expected.degree === 'missing';
    if (check) {
      if (isHopeless) process.exitCode = 1;
      if (context.json) printJson(told);
      else for (const problem of problems) print(capital(`${problem}.`));
      return;
    }
    if (problems.length > 0) throw new UserError(problems.join('; '));
    if (isHopeless && !anyway)
      throw new UserError(`${expected.text}; nothing was trained. Train all the same with --anyway`);
    const datasets = await importMissing(context, store, recipe, found, { anyway, say });
    const done = await makeAgain(context, store, runs, { how, source: what, datasets, changes, say });
    if (context.json) printJson({ ...told, runs: done.map(agreementJson) });
    else print(afterText(done));
    if (done.length < runs.length || !done.every(({ agreement }) => agreement?.isExact))
      process.exitCode ||= 1;
  });
}

const agreementJson = ({ earlier, run, agreement }: Reproduced) => ({
  earlier: { id: earlier.id, name: earlier.name },
  now: { id: run.id, name: run.name, status: run.status },
  agreement,
});

/** Ids of the data sets in this home, by the fingerprints of then. */
async function importMissing(
  context: CommandContext,
  store: Store,
  { datasets }: Recipe,
  found: readonly FoundData[],
  { anyway, say }: { anyway: boolean; say(text: string): void },
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [at, dataset] of datasets.entries()) {
    const where = found[at];
    if (where.place === 'home') ids.set(dataset.fingerprint, where.id);
    if (where.place !== 'files') continue;
    const files = where.files.filter((file): file is FoundFile => file !== null);
    const watched = { progress: () => `Importing ${dataset.name}`, cancelled: 'cancelled; nothing was kept' };
    const summary = await cancellable(context, watched, ({ signal }) =>
      importAgain(store, dataset, files, { signal }),
    );
    ids.set(dataset.fingerprint, summary.id);
    const isSame = summary.fingerprint === dataset.fingerprint;
    say(
      `Imported ${summary.name}: ${isSame ? 'the same sequences' : `other sequences, fingerprint ${summary.fingerprint.slice(0, 12)}`}.`,
    );
    if (!isSame && !anyway) throw otherSequences(dataset, where);
  }
  return ids;
}

function otherSequences(dataset: RecipeDataset, found: FoundData): UserError {
  const same = dataConditions(dataset, found).every(({ mark }: Condition) => mark === 'same');
  const why = same ? 'this version imports the same file otherwise' : 'the file is another one';
  return new UserError(
    `Cannot agree: ${dataset.name} has other sequences than then (${why}); nothing was trained. Train all the same with --anyway`,
  );
}

interface Again {
  how: Remaking;
  /** What the user named. */
  source: string;
  /** Ids by the fingerprints of then. */
  datasets: ReadonlyMap<string, string>;
  changes: Changes;
  say(text: string): void;
}

/** Runs that are ended here are compared by whoever resumes them: what each makes again is noted beside it. */
async function makeAgain(
  context: CommandContext,
  store: Store,
  runs: readonly RecipeRun[],
  { how, source, datasets, changes, say }: Again,
): Promise<Reproduced[]> {
  const devices = await devicesFor(runs, changes, chosenDevice);
  const ranks = await ranksInBundle(how === 'train' ? source : null);
  const made = new Map<string, string>();
  const done: Reproduced[] = [];
  for (const earlier of runs) {
    const auto = devices.get(earlier.id) ?? (await chosenDevice('auto'));
    const dataset = datasets.get(earlier.dataset) ?? earlier.dataset;
    const { device, threads } = changes;
    const request =
      how === 'train'
        ? requestOf(store, earlier, { dataset, made, changes, device: auto.id })
        : {
            ...requireEvaluation(store, earlier.id),
            ...(device && { device: auto.id }),
            ...(threads && { threads }),
          };
    const { run, exitCode } = await followRun(
      store,
      (service) => {
        const active = service.startNew(request, auto);
        noteReproduction(store, active.run.id, {
          ...{ how, source, together: [active.run.id], earlier },
          ranks: ranks.get(earlier.id) ?? null,
        });
        return active;
      },
      () => displayOf(context, earlier),
    );
    made.set(earlier.id, run.id);
    const agreement = run.status === 'completed' ? agreementFor(store, run, { how, earlier }) : null;
    done.push({ earlier, run, agreement });
    store.table.annotate(run.id, {
      notes: `${how === 'train' ? 'Trained' : 'Evaluated'} again: ${earlier.name} (${earlier.id}).`,
    });
    if (agreement === null) {
      process.exitCode = exitCode ?? 1;
      say(unfinishedText(store, run));
      if (run.status === 'cancelled') break;
    } else say(`${earlier.name}: ${agreementText(agreement)}`);
  }
  const left = runs.length - done.length;
  if (left > 0) say(`${countText(left, 'further run')} not begun.`);
  return done;
}

/** What is printed as JSON is one value, at the end. */
function displayOf({ json }: CommandContext, { model, config }: RecipeRun): TrainingDisplay {
  if (json) return { event: () => {}, note: () => {}, end: () => {} };
  return trainingDisplay(false, watchedMetric(findModel(model), config));
}
