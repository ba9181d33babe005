/** The contract, implemented by the services. The same router answers both shells. */
import { implement } from '@orpc/server';
import { z } from 'zod';
import { contract } from '../../core/api/contract.ts';
import type { ImportRequest } from '../../core/data/request.ts';
import { keptEvaluation, languagePipeline, rivalChoices } from '../../core/families/language/pipeline.ts';
import type { OpenLaboratory } from '../data-folder/hub-holder.ts';
import { comparedCurves } from './compared-curves.ts';
import { type Laboratory, UNDO_MS } from './hub.ts';
import { withProgress } from './progress.ts';
import { measureStudy } from './study-trials.ts';
import { discardUploads, requireInside } from './uploads.ts';

export interface ApiContext {
  open: OpenLaboratory;
  /** A desktop shell imports what its user may read; a browser what was dropped on it. */
  readsAnywhere: boolean;
}

/** Each call is answered by the laboratory that is open when it comes. */
const os = implement(contract)
  .$context<ApiContext>()
  .use(({ context: { open, readsAnywhere }, next }) => {
    const { lab } = open;
    return next({ context: { lab, readable: readsAnywhere ? null : lab.uploadsFolder } });
  });

/** Where files to import must lie, or null. */
type Readable = { readable: string | null };

function requireReadable({ readable }: Readable, paths: readonly string[]): void {
  if (readable !== null) requireInside(readable, paths);
}

const datasets = os.datasets.router({
  list: os.datasets.list.handler(({ context }) => context.lab.datasets.list()),
  show: os.datasets.show.handler(({ context: { lab }, input }) => {
    const summary = lab.datasets.find(input.dataset);
    return { summary, folder: lab.datasets.folder(summary), runs: lab.store.datasets.runsOf(summary.id) };
  }),
  preview: os.datasets.preview.handler(({ context, input }) => {
    requireReadable(context, input.paths);
    return context.lab.analyst.call('preview', input);
  }),
  count: os.datasets.count.handler(({ context, input, signal }) => {
    requireReadable(context, input.paths);
    const { home } = context.lab.store;
    return withProgress((onProgress) =>
      context.lab.analyst.call('count', { home, request: input }, { signal, onProgress }),
    );
  }),
  import: os.datasets.import.handler(async ({ context, input }) => {
    requireReadable(context, input.paths);
    const { lab } = context;
    const name = input.name ?? (await plannedName(lab, input));
    return lab.imports.start(input, name, () => discardUploads(lab.uploadsFolder, input.paths));
  }),
  imports: os.datasets.imports.handler(({ context }) => context.lab.imports.list()),
  cancelImport: os.datasets.cancelImport.handler(({ context, input }) => {
    context.lab.imports.cancel(input.id);
  }),
  sample: os.datasets.sample.handler(async ({ context: { lab } }) => ({
    paths: await lab.analyst.call('sample', { folder: lab.newUpload() }),
  })),
  items: os.datasets.items.handler(({ context: { lab }, input }) =>
    lab.analyst.call('items', { ...input, home: lab.store.home }),
  ),
  users: os.datasets.users.handler(({ context: { lab }, input }) =>
    lab.analyst.call('users', { ...input, home: lab.store.home }),
  ),
  discard: os.datasets.discard.handler(({ context: { lab }, input }) =>
    discardUploads(lab.uploadsFolder, input.paths),
  ),
  delete: os.datasets.delete.handler(({ context: { lab }, input }) => {
    lab.deleteDataset(input.dataset, input.force);
    return { undoMs: UNDO_MS };
  }),
  restore: os.datasets.restore.handler(({ context: { lab }, input }) => lab.restoreDataset(input.dataset)),
});

async function plannedName(lab: Laboratory, request: ImportRequest): Promise<string> {
  const { name } = await lab.analyst.call('preview', { paths: request.paths, overrides: request });
  return name;
}

const models = os.models.router({
  list: os.models.list.handler(({ context }) => context.lab.analyst.call('models', null)),
  resolve: os.models.resolve.handler(({ context: { lab }, input }) =>
    lab.analyst.call('resolve', { ...input, home: lab.store.home }),
  ),
  obstacles: os.models.obstacles.handler(({ context: { lab }, input }) =>
    lab.analyst.call('obstacles', { ...input, home: lab.store.home }),
  ),
  columns: os.models.columns.handler(({ context: { lab }, input }) =>
    lab.analyst.call('columns', { ...input, home: lab.store.home }),
  ),
  sources: os.models.sources.handler(({ context: { lab }, input }) =>
    lab.analyst.call('sources', { ...input, home: lab.store.home }),
  ),
  estimate: os.models.estimate.handler(({ context: { lab }, input }) =>
    lab.analyst.call('estimate', { ...input, home: lab.store.home }),
  ),
  measure: os.models.measure.handler(async ({ context: { lab }, input, signal }) => {
    const config = await lab.resolve(input);
    return lab.trials.measure({ ...input, config, threads: lab.threads(input.threads) }, signal);
  }),
});

const devices = os.devices.router({
  list: os.devices.list.handler(({ context }) => context.lab.analyst.call('devices', null)),
});

/** Two points a pixel: the smallest and the largest. */
const pointsFor = (pixels: number) => Math.max(4, 2 * pixels);

const runs = os.runs.router({
  table: os.runs.table.handler(({ context, input }) => {
    context.lab.store.lifecycle.markLostRuns();
    return context.lab.store.table.page(input);
  }),
  fields: os.runs.fields.handler(({ context }) => context.lab.store.table.fields()),
  show: os.runs.show.handler(({ context: { lab }, input }) => {
    const { store } = lab;
    store.lifecycle.markLostRuns();
    const run = store.runs.get(input.run);
    const waiting = store.queue.list();
    const at = waiting.findIndex((entry) => entry.run === run.id);
    return {
      run,
      annotations: store.table.annotations(run.id),
      attempts: store.runs.attempts(run.id),
      series: store.series.list(run.id),
      checkpoints: store.checkpoints.list(run.id),
      queuePosition: at < 0 ? null : at + 1,
      held: waiting[at]?.held ?? false,
      progress: lab.scheduler.progressOf(run.id),
    };
  }),
  series: os.runs.series.handler(({ context, input: { run, metrics, from, to, pixels } }) =>
    metrics.map((metric) =>
      context.lab.store.series.read(run, metric, { from, to, limit: pointsFor(pixels) }),
    ),
  ),
  logs: os.runs.logs.handler(({ context, input }) => context.lab.store.logs.list(input.run)),
  slices: os.runs.slices.handler(({ context: { lab }, input }) =>
    lab.analyst.call('slices', { home: lab.store.home, run: input.run }),
  ),
  system: os.runs.system.handler(({ context, input }) =>
    context.lab.store.samples.list(input.run, pointsFor(input.pixels)),
  ),
  rename: os.runs.rename.handler(({ context: { lab }, input }) => {
    lab.store.runs.rename(input.run, input.name);
    lab.bus.emit({ type: 'run', run: input.run });
  }),
  annotate: os.runs.annotate.handler(({ context: { lab }, input }) => {
    lab.store.transaction(() => {
      for (const run of input.runs) lab.store.table.annotate(run, input.changes);
    });
    lab.bus.emit({ type: 'run', run: null });
  }),
  tag: os.runs.tag.handler(({ context: { lab }, input: { runs: ids, add = [], remove = [] } }) => {
    lab.store.transaction(() => {
      for (const run of ids) {
        const { tags } = lab.store.table.annotations(run);
        lab.store.table.annotate(run, { tags: [...tags, ...add].filter((tag) => !remove.includes(tag)) });
      }
    });
    lab.bus.emit({ type: 'run', run: null });
  }),
  delete: os.runs.delete.handler(({ context, input }) => {
    context.lab.deleteRuns(input.runs);
    return { undoMs: UNDO_MS };
  }),
  restore: os.runs.restore.handler(({ context, input }) => context.lab.restoreRuns(input.runs)),
});

const queue = os.queue.router({
  show: os.queue.show.handler(({ context }) => context.lab.scheduler.state()),
  enqueue: os.queue.enqueue.handler(async ({ context, input }) => ({
    runs: await context.lab.enqueue(input),
  })),
  reorder: os.queue.reorder.handler(({ context, input }) => context.lab.scheduler.reorder(input.runs)),
  pause: os.queue.pause.handler(({ context, input }) => context.lab.scheduler.pause(input.run)),
  resume: os.queue.resume.handler(({ context, input }) => context.lab.scheduler.resume(input.run)),
  cancel: os.queue.cancel.handler(({ context, input }) => context.lab.scheduler.cancel(input.run)),
  retry: os.queue.retry.handler(({ context, input }) => context.lab.scheduler.retry(input.run)),
});

const compare = os.compare.router({
  table: os.compare.table.handler(({ context: { lab }, input, signal }) =>
    withProgress((onProgress) =>
      lab.analyst.call('compare', { ...input, home: lab.store.home }, { signal, onProgress }),
    ),
  ),
  curves: os.compare.curves.handler(({ context: { lab }, input }) => comparedCurves(lab.store, input)),
  reliability: os.compare.reliability.handler(({ context: { lab }, input }) =>
    lab.analyst.call('reliability', { home: lab.store.home, runs: input.runs }),
  ),
  slices: os.compare.slices.handler(({ context: { lab }, input }) =>
    lab.analyst.call('compareSlices', { ...input, home: lab.store.home }),
  ),
  report: os.compare.report.handler(({ context: { lab }, input, signal }) =>
    lab.analyst.call('report', { ...input, home: lab.store.home }, { signal }),
  ),
});

const codebooks = os.codebooks.router({
  list: os.codebooks.list.handler(({ context: { lab } }) =>
    lab.analyst.call('codebookList', { home: lab.store.home }),
  ),
  facts: os.codebooks.facts.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookFacts', { ...input, home: lab.store.home }),
  ),
  generators: os.codebooks.generators.handler(({ context: { lab }, input }) =>
    lab.store.runs
      .referencing('tokeniser', input.run)
      .filter(({ status }) => status === 'completed')
      .map(({ id, name }) => ({ run: id, name })),
  ),
  strips: os.codebooks.strips.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookStrips', { ...input, home: lab.store.home }),
  ),
  peek: os.codebooks.peek.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookPeek', { ...input, home: lab.store.home }),
  ),
  tree: os.codebooks.tree.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookTree', { ...input, home: lab.store.home }),
  ),
  categories: os.codebooks.categories.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookCategories', { ...input, home: lab.store.home }),
  ),
  items: os.codebooks.items.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookItems', { ...input, home: lab.store.home }),
  ),
  names: os.codebooks.names.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookNames', { ...input, home: lab.store.home }),
  ),
  item: os.codebooks.item.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookItem', { ...input, home: lab.store.home }),
  ),
  collisions: os.codebooks.collisions.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookCollisions', { ...input, home: lab.store.home }),
  ),
  heat: os.codebooks.heat.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookHeat', { ...input, home: lab.store.home }),
  ),
  dead: os.codebooks.dead.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookDead', { ...input, home: lab.store.home }),
  ),
  map: os.codebooks.map.handler(({ context: { lab }, input, signal }) =>
    withProgress((onProgress) =>
      lab.analyst.call('codebookMap', { ...input, home: lab.store.home }, { signal, onProgress }),
    ),
  ),
  mapSelection: os.codebooks.mapSelection.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookMapSelection', { ...input, home: lab.store.home }),
  ),
  timeline: os.codebooks.timeline.handler(({ context: { lab }, input, signal }) =>
    withProgress((onProgress) =>
      lab.analyst.call('codebookTimeline', { ...input, home: lab.store.home }, { signal, onProgress }),
    ),
  ),
  flow: os.codebooks.flow.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookFlow', { ...input, home: lab.store.home }),
  ),
  moved: os.codebooks.moved.handler(({ context: { lab }, input }) =>
    lab.analyst.call('codebookMoved', { ...input, home: lab.store.home }),
  ),
});

const published = os.published.router({
  list: os.published.list.handler(({ context }) => context.lab.analyst.call('published', null)),
});

const recommend = os.recommend.router({
  show: os.recommend.show.handler(({ context: { lab }, input }) =>
    lab.analyst.call('recommend', {
      ...input,
      home: lab.store.home,
      threads: lab.settings().threads ?? lab.system().threads,
    }),
  ),
  tree: os.recommend.tree.handler(({ context: { lab }, input }) =>
    lab.analyst.call('beamTree', {
      ...input,
      home: lab.store.home,
      threads: lab.settings().threads ?? lab.system().threads,
    }),
  ),
});

const language = os.language.router({
  preview: os.language.preview.handler(({ context: { lab }, input }) =>
    lab.analyst.call('promptPreview', { ...input, home: lab.store.home }),
  ),
  pipeline: os.language.pipeline.handler(({ context: { lab } }) => languagePipeline(lab.store)),
  evaluation: os.language.evaluation.handler(({ context: { lab }, input }) =>
    keptEvaluation(lab.store, input.run),
  ),
  rivals: os.language.rivals.handler(({ context: { lab }, input }) => rivalChoices(lab.store, input.run)),
  evaluate: os.language.evaluate.handler(({ context: { lab }, input, signal }) =>
    withProgress((onProgress) => {
      const threads = lab.settings().threads ?? lab.system().threads;
      const asked = { ...input, home: lab.store.home, threads };
      return lab.analyst.call('evaluateLanguage', asked, { signal, onProgress });
    }),
  ),
});

const settings = os.settings.router({
  read: os.settings.read.handler(({ context }) => context.lab.settings()),
  write: os.settings.write.handler(({ context, input }) => context.lab.changeSettings(input)),
  system: os.settings.system.handler(({ context: { lab, open } }) => ({
    ...lab.system(),
    homeSource: open.source,
  })),
  checkHome: os.settings.checkHome.handler(({ context: { open }, input }) => ({
    check: open.check(input.path),
    obstacle: open.obstacle(),
  })),
  changeHome: os.settings.changeHome.handler(({ context: { open }, input, signal }) =>
    withProgress(async (onProgress) => ({ home: await open.change(input, onProgress, signal) })),
  ),
  readView: os.settings.readView.handler(({ context, input }) =>
    context.lab.store.settings.read(`view:${input.key}`, z.unknown().default(null)),
  ),
  writeView: os.settings.writeView.handler(({ context, input }) =>
    context.lab.store.settings.write(`view:${input.key}`, input.value),
  ),
});

const studies = os.studies.router({
  list: os.studies.list.handler(({ context: { lab } }) =>
    lab.analyst.call('studyList', { home: lab.store.home }),
  ),
  show: os.studies.show.handler(({ context: { lab }, input }) =>
    lab.analyst.call('studyShow', { ...input, home: lab.store.home }),
  ),
  plan: os.studies.plan.handler(({ context: { lab }, input }) => {
    const request = { ...input, threads: lab.threads(input.threads) };
    return lab.analyst.call('studyPlan', { request, home: lab.store.home });
  }),
  measure: os.studies.measure.handler(({ context: { lab }, input, signal }) =>
    withProgress(async (onProgress) => {
      const request = { ...input, threads: lab.threads(input.threads) };
      const counted = await lab.analyst.call('studyCount', { request, home: lab.store.home }, { signal });
      return measureStudy(lab.trials, counted, { signal, onProgress });
    }),
  ),
  create: os.studies.create.handler(async ({ context: { lab }, input: { name, request: asked } }) => {
    const request = { ...asked, threads: lab.threads(asked.threads) };
    const made = await lab.analyst.call('studyCreate', { name, request, home: lab.store.home });
    lab.queueGrew();
    return made;
  }),
  resume: os.studies.resume.handler(async ({ context: { lab }, input }) => {
    const made = await lab.analyst.call('studyFill', { ...input, home: lab.store.home });
    lab.queueGrew();
    return made;
  }),
  report: os.studies.report.handler(({ context: { lab }, input }) =>
    lab.analyst.call('studyReport', { ...input, home: lab.store.home }),
  ),
  delete: os.studies.delete.handler(({ context: { lab }, input }) => {
    lab.store.studies.delete(lab.store.studies.find(input.study).id);
  }),
});

export const router = os.router({
  datasets,
  models,
  devices,
  runs,
  queue,
  compare,
  codebooks,
  published,
  studies,
  recommend,
  language,
  settings,
  events: os.events.handler(({ context, signal }) =>
    context.lab.bus.subscribe(signal ?? new AbortController().signal),
  ),
});
