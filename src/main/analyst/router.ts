/** The analyst's contract, answered. Handlers load their code with the first call, so that the process starts quickly. */
import { implement } from '@orpc/server';
import { type AnalystContext, analystContract } from '../../core/api/analyst.ts';
import { previewImport } from '../../core/data/import/preview.ts';
import { writeSample } from '../../core/data/sample/sample.ts';
import { openStore, type Store } from '../../core/store/store.ts';
import { withProgress } from '../workers/progress.ts';
import { ImportCounter } from './import-counter.ts';
import { itemPage } from './item-page.ts';
import { userList } from './user-list.ts';

const stores = new Map<string, Store>();

/** One store per home, opened with the first call about it. */
function storeOf(home: string): Store {
  const store = stores.get(home) ?? openStore(home);
  stores.set(home, store);
  return store;
}

const os = implement(analystContract)
  .$context<AnalystContext>()
  .use(({ context: { home }, next }) => next({ context: { store: () => storeOf(home) } }));

/** A handler that loads its module with the first call and asks one of its functions about the store. */
function ask<Module, Input, Answer>(
  load: () => Promise<Module>,
  pick: (module: Module) => (store: Store, input: Input) => Answer | Promise<Answer>,
) {
  return async ({ context, input }: { context: { store(): Store }; input: Input }) =>
    pick(await load())(context.store(), input);
}

function datasetFolder({ datasets }: Store, reference: string): string {
  return datasets.folder(datasets.find(reference).id);
}

const counter = new ImportCounter();

const datasets = os.datasets.router({
  preview: os.datasets.preview.handler(({ input }) => previewImport(input.paths, input.overrides)),
  count: os.datasets.count.handler(({ context, input, signal }) =>
    withProgress((onProgress) => counter.count(context.home, input, { signal, onProgress })),
  ),
  activity: os.datasets.activity.handler(async ({ context, input }) => {
    const { activityOf } = await import('./activity.ts');
    return activityOf(datasetFolder(context.store(), input.dataset));
  }),
  items: os.datasets.items.handler(({ context, input }) =>
    itemPage(datasetFolder(context.store(), input.dataset), input),
  ),
  users: os.datasets.users.handler(({ context, input }) => userList(context.store(), input)),
});

const modelInfo = () => import('./model-info.ts');
const trainingData = () => import('../services/analysis/training-data.ts');

const models = os.models.router({
  list: os.models.list.handler(async () => (await modelInfo()).modelList()),
  resolve: os.models.resolve.handler(ask(modelInfo, (to) => to.resolveRequest)),
  obstacles: os.models.obstacles.handler(async ({ context, input }) =>
    (await trainingData()).trainingObstacles(context.store(), input.dataset),
  ),
  columns: os.models.columns.handler(async ({ context, input }) =>
    (await trainingData()).configColumns(context.store(), input.dataset),
  ),
  sources: os.models.sources.handler(ask(trainingData, (to) => to.suitableSources)),
  estimate: os.models.estimate.handler(ask(modelInfo, (to) => to.estimate)),
  seconds: os.models.seconds.handler(ask(modelInfo, (to) => to.runSeconds)),
});

const devices = os.devices.router({
  list: os.devices.list.handler(async () =>
    (await import('../../core/engine/index.ts')).listDevices('window'),
  ),
});

const slices = () => import('../services/analysis/slices.ts');

const runs = os.runs.router({
  slices: os.runs.slices.handler(async ({ context, input }) => {
    const store = context.store();
    return (await slices()).runSlices(store, store.runs.get(input.run));
  }),
});

const comparisons = () => import('../services/analysis/comparisons.ts');

const compare = os.compare.router({
  table: os.compare.table.handler(({ context, input, signal }) =>
    withProgress(async (onProgress) =>
      (await comparisons()).comparisonView(context.store(), input, { signal, onProgress }),
    ),
  ),
  leaderboard: os.compare.leaderboard.handler(async ({ context, input }) => {
    const { leaderboard } = await import('./leaderboard.ts');
    return leaderboard(context.store(), input.dataset);
  }),
  toBaseline: os.compare.toBaseline.handler(async ({ context, input, signal }) => {
    const { compareToBaseline } = await import('./compare-to-baseline.ts');
    return compareToBaseline(context.store(), input, { signal });
  }),
  reliability: os.compare.reliability.handler(async ({ context, input }) =>
    (await slices()).reliabilityCurves(context.store(), input.runs),
  ),
  slices: os.compare.slices.handler(async ({ context, input }) =>
    (await slices()).comparedSlices(context.store(), input.runs, input.baseline),
  ),
  report: os.compare.report.handler(async ({ context, input, signal }) =>
    (await comparisons()).comparisonReport(context.store(), input, { signal }),
  ),
});

const overview = () => import('./codebooks/overview.ts');
const items = () => import('./codebooks/items.ts');
const pairs = () => import('./codebooks/pairs.ts');
const maps = () => import('./codebooks/maps.ts');

const codebooks = os.codebooks.router({
  list: os.codebooks.list.handler(async ({ context }) => (await overview()).tokenisers(context.store())),
  holdsIds: os.codebooks.holdsIds.handler(async ({ input }) =>
    (await import('../../core/semantic-ids/id-files.ts')).holdsIds(input.paths[0]),
  ),
  match: os.codebooks.match.handler(async ({ context, input }) =>
    (await overview()).matchFile(context.store(), input.dataset, input.overrides),
  ),
  facts: os.codebooks.facts.handler(async ({ context, input }) =>
    (await overview()).codebookFacts(context.store(), input.run),
  ),
  strips: os.codebooks.strips.handler(ask(overview, (to) => to.codebookStrips)),
  peek: os.codebooks.peek.handler(ask(overview, (to) => to.codebookPeek)),
  tree: os.codebooks.tree.handler(ask(overview, (to) => to.codebookTree)),
  categories: os.codebooks.categories.handler(ask(overview, (to) => to.codebookCategories)),
  items: os.codebooks.items.handler(ask(items, (to) => to.codebookItems)),
  names: os.codebooks.names.handler(ask(items, (to) => to.itemNames)),
  item: os.codebooks.item.handler(ask(items, (to) => to.codedItemCard)),
  collisions: os.codebooks.collisions.handler(ask(items, (to) => to.codebookCollisions)),
  heat: os.codebooks.heat.handler(ask(pairs, (to) => to.codebookHeat)),
  dead: os.codebooks.dead.handler(ask(maps, (to) => to.codebookDead)),
  map: os.codebooks.map.handler(({ context, input, signal }) =>
    withProgress(async (onProgress) =>
      (await maps()).codebookMap(context.store(), input, { signal, onProgress }),
    ),
  ),
  mapSelection: os.codebooks.mapSelection.handler(ask(maps, (to) => to.mapSelection)),
  timeline: os.codebooks.timeline.handler(({ context, input, signal }) =>
    withProgress(async (onProgress) => {
      const { codebookTimeline } = await import('./codebooks/timeline.ts');
      return codebookTimeline(context.store(), input.run, { signal, onProgress });
    }),
  ),
  flow: os.codebooks.flow.handler(ask(pairs, (to) => to.codebookFlow)),
  moved: os.codebooks.moved.handler(ask(pairs, (to) => to.movedPage)),
});

const published = os.published.router({
  list: os.published.list.handler(async () => (await import('./published.ts')).publishedPage()),
});

const studyService = () => import('../services/analysis/studies.ts');
const studyPlans = () => import('../services/analysis/study-plan.ts');

const studies = os.studies.router({
  list: os.studies.list.handler(ask(studyService, (to) => to.studyList)),
  show: os.studies.show.handler(ask(studyService, (to) => to.studyPage)),
  plan: os.studies.plan.handler(ask(studyService, (to) => to.studyPlan)),
  create: os.studies.create.handler(async ({ context, input: { name, request } }) => {
    const [{ createStudy }, { planStudy }] = await Promise.all([studyService(), studyPlans()]);
    const spec = await planStudy(context.store(), request);
    return { id: createStudy(context.store(), name, spec).id };
  }),
  resume: os.studies.resume.handler(async ({ context, input: { study, kind } }) => {
    const { resumeStudy } = await studyService();
    const store = context.store();
    return { runs: resumeStudy(store, store.studies.find(study, kind)).length };
  }),
  report: os.studies.report.handler(
    ask(
      () => import('../services/analysis/study-report.ts'),
      (to) => to.studyReport,
    ),
  ),
});

const recommend = os.recommend.router({
  show: os.recommend.show.handler(async ({ context, input }) => {
    const { recommendationFor } = await import('../services/analysis/recommendations.ts');
    const store = context.store();
    const run = store.runs.get(input.run);
    return recommendationFor(store, { ...input, run, threads: context.threads, device: 'cpu' });
  }),
  tree: os.recommend.tree.handler(async ({ context, input }) => {
    const { beamTreeFor } = await import('../services/analysis/beam-trees.ts');
    const store = context.store();
    const run = store.runs.get(input.run);
    return beamTreeFor(store, { ...input, run, threads: context.threads, device: 'cpu' });
  }),
});

const languageModels = () => import('../services/analysis/language.ts');

const pipelines = () => import('../../core/store/runs/language-pipeline.ts');

const language = os.language.router({
  pipeline: os.language.pipeline.handler(async ({ context }) =>
    (await pipelines()).languagePipeline(context.store()),
  ),
  evaluation: os.language.evaluation.handler(async ({ context, input }) =>
    (await pipelines()).storedEvaluation(context.store(), input.run),
  ),
  baselines: os.language.baselines.handler(async ({ context, input }) =>
    (await pipelines()).baselineChoices(context.store(), input.run),
  ),
  preview: os.language.preview.handler(ask(languageModels, (to) => to.previewPrompt)),
  evaluate: os.language.evaluate.handler(({ context, input, signal }) =>
    withProgress(async (onProgress) => {
      const { evaluateLanguageRun } = await languageModels();
      return evaluateLanguageRun(
        context.store(),
        { ...input, threads: context.threads, device: 'cpu' },
        { signal, onProgress: (what, done, total) => onProgress({ what, done, total }) },
      );
    }),
  ),
});

const internal = os.internal.router({
  openHome: os.internal.openHome.handler(({ context }) => {
    context.store();
  }),
  autoDevice: os.internal.autoDevice.handler(async () => {
    const { autoDevice } = await import('../../core/engine/devices/index.ts');
    return autoDevice();
  }),
  writeSample: os.internal.writeSample.handler(({ input }) => writeSample(input.folder)),
  backUp: os.internal.backUp.handler(async ({ context }) => {
    const { backUpWhenDue } = await import('../../core/store/db/backup.ts');
    await backUpWhenDue(context.store().home);
  }),
  countStudy: os.internal.countStudy.handler(async ({ context, input }) => {
    const [{ countedStudy }, { planStudy }] = await Promise.all([studyService(), studyPlans()]);
    return countedStudy(context.store(), await planStudy(context.store(), input));
  }),
});

export const router = os.router({
  datasets,
  models,
  devices,
  runs,
  compare,
  codebooks,
  published,
  studies,
  recommend,
  language,
  internal,
});
