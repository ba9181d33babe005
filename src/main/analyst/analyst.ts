/** Entry of the analyst process: previews, counts, comparisons, reports, recommendations. */
import { previewImport } from '../../core/data/preview.ts';
import { writeSample } from '../../core/data/sample.ts';
import { openStore, type Store } from '../../core/store/store.ts';
import { serveTasks } from '../workers/tasks.ts';
import type { AnalystTasks } from './analyst-tasks.ts';
import { codebookHandlers } from './codebook-tasks.ts';
import { ImportCounter } from './import-counter.ts';
import { itemPage, searchUsers } from './item-page.ts';
import { studyHandlers } from './study-tasks.ts';

const stores = new Map<string, Store>();
const counter = new ImportCounter();

/** One store a home, opened with the first question about it. */
function storeOf(home: string): Store {
  const known = stores.get(home) ?? openStore(home);
  stores.set(home, known);
  return known;
}

function datasetFolder(home: string, reference: string): string {
  const { datasets } = storeOf(home);
  return datasets.folder(datasets.find(reference).id);
}

serveTasks<AnalystTasks>({
  ...codebookHandlers(storeOf),
  ...studyHandlers(storeOf),
  preview: ({ paths, overrides }) => previewImport(paths, overrides),
  count: ({ home, request }, context) => counter.count(home, request, context),
  sample: ({ folder }) => writeSample(folder),
  items: ({ home, dataset, ...page }) => itemPage(datasetFolder(home, dataset), page),
  users: ({ home, dataset, search, limit }) => searchUsers(datasetFolder(home, dataset), search, limit),
  models: async () => (await import('./model-info.ts')).modelList(),
  resolve: async ({ home, ...input }) => (await import('./model-info.ts')).resolved(storeOf(home), input),
  obstacles: async ({ home, dataset }) =>
    (await import('./training-data.ts')).trainingObstacles(storeOf(home), dataset),
  columns: async ({ home, dataset }) =>
    (await import('./training-data.ts')).configColumns(storeOf(home), dataset),
  sources: async ({ home, ...input }) =>
    (await import('./training-data.ts')).suitableSources(storeOf(home), input),
  estimate: async ({ home, ...input }) => (await import('./model-info.ts')).estimate(storeOf(home), input),
  devices: async () => (await import('../../core/engine/index.ts')).listDevices(),
  autoDevice: async () => {
    const { chooseDevice, listDevices } = await import('../../core/engine/devices/index.ts');
    return chooseDevice(await listDevices()).id;
  },
  slices: async ({ home, run }) => {
    const { runSlices } = await import('./slices.ts');
    const store = storeOf(home);
    return runSlices(store, store.runs.get(run));
  },
  compare: async ({ home, ...input }, context) => {
    const { comparisonView } = await import('./comparisons.ts');
    return comparisonView(storeOf(home), input, context);
  },
  reliability: async ({ home, runs }) => {
    const { reliabilityCurves } = await import('./slices.ts');
    return reliabilityCurves(storeOf(home), runs);
  },
  compareSlices: async ({ home, runs, baseline }) => {
    const { comparedSlices } = await import('./slices.ts');
    return comparedSlices(storeOf(home), runs, baseline);
  },
  report: async ({ home, ...input }, context) => {
    const { comparisonReport } = await import('./comparisons.ts');
    return comparisonReport(storeOf(home), input, context);
  },
  published: async () => (await import('./published.ts')).publishedShelf(),
  recommend: async ({ home, run, ...input }) => {
    const { recommendationFor } = await import('./recommendations.ts');
    const store = storeOf(home);
    return recommendationFor(store, { ...input, run: store.runs.get(run), device: 'cpu' });
  },
  beamTree: async ({ home, run, ...input }) => {
    const { beamTreeFor } = await import('./beam-trees.ts');
    const store = storeOf(home);
    return beamTreeFor(store, { ...input, run: store.runs.get(run), device: 'cpu' });
  },
  promptPreview: async ({ home, ...input }) => {
    const { previewPrompt } = await import('./language.ts');
    return previewPrompt(storeOf(home), input);
  },
  evaluateLanguage: async ({ home, ...input }, { signal, onProgress }) => {
    const { evaluateLanguageRun } = await import('./language.ts');
    return evaluateLanguageRun(
      storeOf(home),
      { ...input, device: 'cpu' },
      { signal, onProgress: (what, done, total) => onProgress({ what, done, total }) },
    );
  },
});
