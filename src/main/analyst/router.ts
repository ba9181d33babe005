/** The analyst's contract, answered. Functions load their code with the first call, so that the process starts quickly. */
import { implement } from '@orpc/server';
import { type AnalystContext, analystContract } from '../../core/api/analyst.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { Store } from '../../core/store/store.ts';
import { type Answers, type Given, routerOf } from '../services/answers.ts';
import { type WorkContext, withProgress } from '../workers/progress.ts';
import type { ImportCounter } from './import-counter.ts';

const stores = new Map<string, Store>();

/** One store per home, opened with the first call about it. */
function storeOf(home: string): Store {
  const store = stores.get(home) ?? openStore(home);
  stores.set(home, store);
  return store;
}

interface Asked extends AnalystContext {
  store(): Store;
}

/** Loads a module with the first call and asks one of its functions about the store. */
function ask<Module, Input, Answer>(
  load: () => Promise<Module>,
  pick: (
    module: Module,
  ) => (store: Store, input: Input, given: { signal?: AbortSignal }) => Answer | Promise<Answer>,
) {
  return async ({ store, signal }: Given<Asked>, input: Input) =>
    pick(await load())(store(), input, { signal });
}

/** Calls a function that reports progress. */
function follow<Module, Input, Progress extends object, Answer>(
  load: () => Promise<Module>,
  pick: (module: Module) => (store: Store, input: Input, context: WorkContext<Progress>) => Promise<Answer>,
) {
  return ({ store, signal }: Given<Asked>, input: Input) =>
    withProgress<Progress, Answer>(async (onProgress) =>
      pick(await load())(store(), input, { signal, onProgress }),
    );
}

let counting: Promise<ImportCounter> | null = null;

/** The one that keeps the files of the latest request open. */
function counter(): Promise<ImportCounter> {
  counting ??= import('./import-counter.ts').then(({ ImportCounter }) => new ImportCounter());
  return counting;
}

function datasetFolder({ datasets }: Store, reference: string): string {
  return datasets.folder(datasets.find(reference).id);
}

const activity = () => import('./activity.ts');
const comparisons = () => import('../services/analysis/comparisons.ts');
const modelExports = () => import('../services/analysis/export-model.ts');
const expectedTimes = () => import('../services/analysis/expected-times.ts');
const exports = () => import('../services/analysis/export-split.ts');
const bundles = () => import('../services/analysis/reproduce/save-bundle.ts');
const codeMap = () => import('./codebooks/code-map.ts');
const items = () => import('./codebooks/items.ts');
const languageModels = () => import('../services/analysis/language.ts');
const modelInfo = () => import('./model-info.ts');
const overview = () => import('./codebooks/overview.ts');
const pairs = () => import('./codebooks/pairs.ts');
const ladders = () => import('../services/analysis/language-ladder.ts');
const pipelines = () => import('../services/analysis/language-pipeline.ts');
const planChecks = () => import('../services/analysis/plans/home-plans.ts');
const planPapers = () => import('../services/analysis/plans/paper-view.ts');
const planProgress = () => import('../services/analysis/plans/plan-progress.ts');
const plansOfRuns = () => import('../services/analysis/plans/plan-of-runs.ts');
const reports = () => import('../services/analysis/reports.ts');
const reproduced = () => import('../services/analysis/reproduce/reproduced-runs.ts');
const remaking = () => import('../services/analysis/reproduce/remake.ts');
const results = () => import('../services/analysis/results.ts');
const slices = () => import('../services/analysis/slices.ts');
const searches = () => import('../services/analysis/searches.ts');
const studies = () => import('../services/analysis/studies.ts');
const studyPlans = () => import('../services/analysis/study-plan.ts');
const trackers = () => import('../services/analysis/trackers.ts');
const trainingData = () => import('../services/analysis/training-data.ts');

const answers: Answers<typeof analystContract, Asked> = {
  datasets: {
    preview: async (_, { paths, overrides }) =>
      (await import('../../core/data/import/preview.ts')).previewImport(paths, overrides),
    count: ({ home, signal }, input) =>
      withProgress(async (onProgress) => (await counter()).count(home, input, { signal, onProgress })),
    export: follow(
      exports,
      (to) =>
        (store, { split, ...request }, context) =>
          to.exportDatasetSplit(store, { ...request, held: { split } }, context),
    ),
    activity: async ({ store }, { dataset }) =>
      (await activity()).activityOf(datasetFolder(store(), dataset)),
    items: async ({ store }, input) =>
      (await import('./item-page.ts')).itemPage(datasetFolder(store(), input.dataset), input),
    users: ask(
      () => import('./user-list.ts'),
      (to) => to.userList,
    ),
  },
  models: {
    list: async () => (await modelInfo()).modelList(),
    resolve: ask(modelInfo, (to) => to.resolveRequest),
    obstacles: ask(trainingData, (to) => to.trainingObstacles),
    columns: ask(trainingData, (to) => to.configColumns),
    sources: ask(trainingData, (to) => to.suitableSources),
    estimate: ask(modelInfo, (to) => to.estimate),
    times: ask(expectedTimes, (to) => to.modelTimes),
    expected: ask(expectedTimes, (to) => to.expectedTimes),
  },
  runs: {
    slices: async ({ store }, { run }) => (await slices()).runSlices(store(), store().runs.measured(run)),
    exportModel: follow(
      modelExports,
      (to) =>
        (store, { run, folder }, context) =>
          to.exportModel(store, store.runs.own(run), folder, context),
    ),
    trackers: async (_, { paths }) => (await trackers()).trackersOf(paths),
    previewImport: follow(trackers, (to) => to.previewTracker),
    import: follow(trackers, (to) => to.importTracker),
  },
  compare: {
    table: follow(comparisons, (to) => to.comparisonView),
    toBaseline: ask(
      () => import('./compare-to-baseline.ts'),
      (to) => to.compareToBaseline,
    ),
    intervals: ask(
      () => import('./compare-to-baseline.ts'),
      (to) => to.testIntervals,
    ),
    reliability: ask(slices, (to) => to.reliabilityCurves),
    slices: ask(slices, (to) => to.comparedSlices),
    report: ask(reports, (to) => to.comparisonReport),
    figurePdf: async (_, { svg, title }) =>
      (await import('../../core/figures/pdf/figures-pdf.ts')).figuresPdf([svg], title),
    beside: ask(reports, (to) => to.allBeside),
  },
  codebooks: {
    list: ask(overview, (to) => to.tokenisers),
    holdsIds: async (_, { paths: [path] }) =>
      (await import('../../core/semantic-ids/id-files.ts')).holdsIds(path),
    match: ask(overview, (to) => to.matchFile),
    facts: ask(overview, (to) => to.codebookFacts),
    strips: ask(overview, (to) => to.codebookStrips),
    codeMap: ask(codeMap, (to) => to.codebookMapOfCodes),
    codeCard: ask(codeMap, (to) => to.codebookCard),
    peek: ask(overview, (to) => to.codebookPeek),
    tree: ask(overview, (to) => to.codebookTree),
    categories: ask(overview, (to) => to.codebookCategories),
    items: ask(items, (to) => to.codebookItems),
    item: ask(items, (to) => to.codedItemCard),
    itemStates: ask(items, (to) => to.codebookItemStates),
    collisions: ask(items, (to) => to.codebookCollisions),
    heat: ask(pairs, (to) => to.codebookHeat),
    dead: ask(codeMap, (to) => to.codebookDead),
    timeline: follow(
      () => import('./codebooks/timeline.ts'),
      (to) => to.codebookTimeline,
    ),
    beside: ask(pairs, (to) => to.codebooksBeside),
    moved: ask(pairs, (to) => to.movedPage),
  },
  plans: {
    list: async ({ store }) => (await planProgress()).planList(store()),
    read: ask(planChecks, (to) => to.readText),
    check: ask(planChecks, (to) => to.checkText),
    progress: ask(planProgress, (to) => to.planProgress),
    log: ask(
      () => import('../services/analysis/plans/plan-log.ts'),
      (to) => to.planLog,
    ),
    paper: ask(planPapers, (to) => to.paperView),
    ofBundle: async (_, input) =>
      (await import('../services/analysis/plans/plan-of-bundle.ts')).planOfBundle(input),
    ofRuns: async ({ store }, input) => (await plansOfRuns()).planAsShown(store(), input),
  },
  reproduce: {
    start: follow(remaking, (to) => to.startAgain),
    lookAtBundle: follow(bundles, (to) => to.lookAtBundle),
    saveBundle: follow(bundles, (to) => to.saveBundle),
    outcomes: ask(reproduced, (to) => to.reproducedRuns),
    statements: ask(reproduced, (to) => to.reproducedStatements),
  },
  studies: {
    list: ask(studies, (to) => to.studyList),
    show: ask(studies, (to) => to.studyPage),
    plan: ask(studies, (to) => to.studyPlan),
    create: async ({ store }, { name, request }) => {
      const [{ createStudy }, { planStudy }] = await Promise.all([studies(), studyPlans()]);
      return { id: createStudy(store(), name, await planStudy(store(), request)).id };
    },
    resume: async ({ store }, { study, kind }) => {
      const { resumeStudy } = await studies();
      return { runs: resumeStudy(store(), store().studies.find(study, kind)).length };
    },
    pause: async ({ store }, { study }) => {
      (await searches()).pauseSearch(store(), study);
    },
    extend: async ({ store }, { study, trials }) => {
      (await searches()).extendSearch(store(), study, trials);
    },
    testFinalists: async ({ store }, { study, ...finalists }) => {
      (await searches()).testFinalists(store(), study, finalists);
    },
    budgets: ask(
      () => import('../services/analysis/tuning-budgets.ts'),
      (to) => to.tuningBudgets,
    ),
    report: ask(
      () => import('../services/analysis/study-report.ts'),
      (to) => to.studyReport,
    ),
  },
  recommend: {
    show: async ({ store, threads }, input) => {
      const { recommendationFor } = await import('../services/analysis/recommendations.ts');
      const run = store().runs.measured(input.run);
      return recommendationFor(store(), { ...input, run, threads, device: 'cpu' });
    },
    tree: async ({ store, threads }, input) => {
      const { beamTrieFor } = await import('../services/analysis/beam-trees.ts');
      const run = store().runs.own(input.run);
      return beamTrieFor(store(), { ...input, run, threads, device: 'cpu' });
    },
    groups: ask(
      () => import('../services/analysis/drawn-groups.ts'),
      (to) => to.keptGroups,
    ),
  },
  results: {
    look: async (_, { path }) => (await import('../../core/foreign/results/read-lists.ts')).resultFile(path),
    preview: follow(results, (to) => to.resultPreview),
    import: follow(results, (to) => to.importResults),
  },
  language: {
    card: ask(
      () => import('../services/analysis/model-cards.ts'),
      (to) => to.placedCard,
    ),
    pipeline: ask(pipelines, (to) => to.languagePipeline),
    runsOfModel: ask(ladders, (to) => to.runsOfModel),
    ladder: ask(ladders, (to) => to.languageLadder),
    evaluations: async ({ store }, { run }) => (await pipelines()).storedEvaluations(store(), run),
    baselines: async ({ store }, { run }) => (await pipelines()).baselineChoices(store(), run),
    preview: ask(languageModels, (to) => to.previewPrompt),
    ask: async ({ store, threads, signal }, input) =>
      (await import('../services/analysis/ask-model.ts')).askModel(
        store(),
        { ...input, threads },
        { signal },
      ),
    evaluate: ({ store, threads, signal }, input) =>
      withProgress(async (onProgress) => {
        const { evaluateLanguageRun } = await languageModels();
        return evaluateLanguageRun(
          store(),
          { ...input, threads, device: 'cpu' },
          { signal, onProgress: (what, done, total) => onProgress({ what, done, total }) },
        );
      }),
  },
  internal: {
    openHome: ({ store }) => {
      store();
    },
    closeHome: ({ home }) => {
      stores.get(home)?.close();
      stores.delete(home);
    },
    machineNumbers: async () => (await import('../../core/machine-numbers.ts')).machineNumbers(),
    writeSample: async (_, { folder }) =>
      (await import('../../core/data/sample/sample.ts')).writeSample(folder),
    backUp: async ({ store }, { now }) => {
      const { backUp, backUpWhenDue } = await import('../../core/store/db/backup.ts');
      await (now ? backUp(store().home) : backUpWhenDue(store().home));
    },
    backups: async ({ store }) => {
      const { backupsByPeriod } = await import('../../core/store/db/backup.ts');
      return backupsByPeriod(store().home);
    },
    writeFiles: async ({ store }) => {
      const { writeFiles } = await import('../../core/store/files/write-files.ts');
      await writeFiles(store());
    },
    countMetrics: ({ store, signal }) => store().rankMetrics.count(signal),
    adopt: async ({ store }, { folders }) => {
      const { adoptFolders } = await import('../../core/store/files/adopt.ts');
      return adoptFolders(store(), folders);
    },
    measureStray: async ({ store }, { id }) => {
      const { measureStray } = await import('../services/runs/evaluation-run.ts');
      return { run: measureStray(store(), id).id };
    },
    savePlan: ask(planChecks, (to) => to.savePlan),
    startPlan: ask(planChecks, (to) => to.startPlan),
    advancePlan: ask(planChecks, (to) => to.advancePlan),
    turnPlan: ask(planChecks, (to) => to.turnPlan),
    lookAgain: async ({ store, signal }, input) => (await remaking()).lookAgain(store(), input, signal),
    takeStep: async ({ store }, { study }) => (await searches()).takeStep(store(), study),
    countStudy: async ({ store }, input) => {
      const [{ countedStudy }, { planStudy }] = await Promise.all([studies(), studyPlans()]);
      return countedStudy(store(), await planStudy(store(), input));
    },
  },
};

export const router = implement(analystContract)
  .$context<AnalystContext>()
  .use(({ context: { home }, next }) => next({ context: { store: () => storeOf(home) } }))
  .router(routerOf(analystContract, answers));
