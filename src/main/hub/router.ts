/** The contract, implemented by the services. The same router answers both shells. */
import { implement } from '@orpc/server';
import { z } from 'zod';
import { contract } from '../../core/api/contract.ts';
import type { ImportRequest } from '../../core/data/request.ts';
import { keptEvaluation, languagePipeline, rivalChoices } from '../../core/store/language-pipeline.ts';
import { comparedCurves } from './compared-curves.ts';
import { type Hub, UNDO_MS } from './hub.ts';
import type { HubHolder } from './hub-holder.ts';
import { withProgress } from './progress.ts';
import { measureStudy } from './study-trials.ts';
import { discardUploads, requireInside } from './uploads.ts';

export interface ApiContext {
  holder: HubHolder;
  /** A desktop shell imports what its user may read; a browser what was dropped on it. */
  readsAnywhere: boolean;
}

/** Each call is answered by the hub that is open when it arrives. */
const os = implement(contract)
  .$context<ApiContext>()
  .use(({ context: { holder, readsAnywhere }, next }) => {
    const { hub } = holder;
    return next({ context: { hub, readable: readsAnywhere ? null : hub.uploadsFolder } });
  });

/** Where files to import must lie, or null. */
type Readable = { readable: string | null };

function requireReadable({ readable }: Readable, paths: readonly string[]): void {
  if (readable !== null) requireInside(readable, paths);
}

const datasets = os.datasets.router({
  list: os.datasets.list.handler(({ context }) => context.hub.datasets.list()),
  show: os.datasets.show.handler(({ context: { hub }, input }) => {
    const summary = hub.datasets.find(input.dataset);
    return { summary, folder: hub.datasets.folder(summary), runs: hub.store.datasets.runsOf(summary.id) };
  }),
  preview: os.datasets.preview.handler(({ context, input }) => {
    requireReadable(context, input.paths);
    return context.hub.analyst.call('preview', input);
  }),
  count: os.datasets.count.handler(({ context, input, signal }) => {
    requireReadable(context, input.paths);
    const { home } = context.hub.store;
    return withProgress((onProgress) =>
      context.hub.analyst.call('count', { home, request: input }, { signal, onProgress }),
    );
  }),
  import: os.datasets.import.handler(async ({ context, input }) => {
    requireReadable(context, input.paths);
    const { hub } = context;
    const name = input.name ?? (await plannedName(hub, input));
    return hub.imports.start(input, name, () => discardUploads(hub.uploadsFolder, input.paths));
  }),
  imports: os.datasets.imports.handler(({ context }) => context.hub.imports.list()),
  cancelImport: os.datasets.cancelImport.handler(({ context, input }) => {
    context.hub.imports.cancel(input.id);
  }),
  sample: os.datasets.sample.handler(async ({ context: { hub } }) => ({
    paths: await hub.analyst.call('sample', { folder: hub.newUpload() }),
  })),
  items: os.datasets.items.handler(({ context: { hub }, input }) =>
    hub.analyst.call('items', { ...input, home: hub.store.home }),
  ),
  users: os.datasets.users.handler(({ context: { hub }, input }) =>
    hub.analyst.call('users', { ...input, home: hub.store.home }),
  ),
  discard: os.datasets.discard.handler(({ context: { hub }, input }) =>
    discardUploads(hub.uploadsFolder, input.paths),
  ),
  delete: os.datasets.delete.handler(({ context: { hub }, input }) => {
    hub.deleteDataset(input.dataset, input.force);
    return { undoMs: UNDO_MS };
  }),
  restore: os.datasets.restore.handler(({ context: { hub }, input }) => hub.restoreDataset(input.dataset)),
});

async function plannedName(hub: Hub, request: ImportRequest): Promise<string> {
  const { name } = await hub.analyst.call('preview', { paths: request.paths, overrides: request });
  return name;
}

const models = os.models.router({
  list: os.models.list.handler(({ context }) => context.hub.analyst.call('models', null)),
  resolve: os.models.resolve.handler(({ context: { hub }, input }) =>
    hub.analyst.call('resolve', { ...input, home: hub.store.home }),
  ),
  obstacles: os.models.obstacles.handler(({ context: { hub }, input }) =>
    hub.analyst.call('obstacles', { ...input, home: hub.store.home }),
  ),
  columns: os.models.columns.handler(({ context: { hub }, input }) =>
    hub.analyst.call('columns', { ...input, home: hub.store.home }),
  ),
  sources: os.models.sources.handler(({ context: { hub }, input }) =>
    hub.analyst.call('sources', { ...input, home: hub.store.home }),
  ),
  estimate: os.models.estimate.handler(({ context: { hub }, input }) =>
    hub.analyst.call('estimate', { ...input, home: hub.store.home }),
  ),
  measure: os.models.measure.handler(async ({ context: { hub }, input, signal }) => {
    const config = await hub.resolve(input);
    return hub.trials.measure({ ...input, config, threads: hub.threads(input.threads) }, signal);
  }),
});

const devices = os.devices.router({
  list: os.devices.list.handler(({ context }) => context.hub.analyst.call('devices', null)),
});

/** Two points a pixel: the smallest and the largest. */
const pointsFor = (pixels: number) => Math.max(4, 2 * pixels);

const runs = os.runs.router({
  table: os.runs.table.handler(({ context, input }) => {
    context.hub.store.lifecycle.expire();
    return context.hub.store.table.page(input);
  }),
  fields: os.runs.fields.handler(({ context }) => context.hub.store.table.fields()),
  show: os.runs.show.handler(({ context: { hub }, input }) => {
    const { store } = hub;
    store.lifecycle.expire();
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
      progress: hub.scheduler.progressOf(run.id),
    };
  }),
  series: os.runs.series.handler(({ context, input: { run, metrics, from, to, pixels } }) =>
    metrics.map((metric) =>
      context.hub.store.series.read(run, metric, { from, to, limit: pointsFor(pixels) }),
    ),
  ),
  logs: os.runs.logs.handler(({ context, input }) => context.hub.store.logs.list(input.run)),
  slices: os.runs.slices.handler(({ context: { hub }, input }) =>
    hub.analyst.call('slices', { home: hub.store.home, run: input.run }),
  ),
  system: os.runs.system.handler(({ context, input }) =>
    context.hub.store.samples.list(input.run, pointsFor(input.pixels)),
  ),
  rename: os.runs.rename.handler(({ context: { hub }, input }) => {
    hub.store.runs.rename(input.run, input.name);
    hub.bus.emit({ type: 'run', run: input.run });
  }),
  annotate: os.runs.annotate.handler(({ context: { hub }, input }) => {
    hub.store.transaction(() => {
      for (const run of input.runs) hub.store.table.annotate(run, input.changes);
    });
    hub.bus.emit({ type: 'run', run: null });
  }),
  tag: os.runs.tag.handler(({ context: { hub }, input: { runs: ids, add = [], remove = [] } }) => {
    hub.store.transaction(() => {
      for (const run of ids) {
        const { tags } = hub.store.table.annotations(run);
        hub.store.table.annotate(run, { tags: [...tags, ...add].filter((tag) => !remove.includes(tag)) });
      }
    });
    hub.bus.emit({ type: 'run', run: null });
  }),
  delete: os.runs.delete.handler(({ context, input }) => {
    context.hub.deleteRuns(input.runs);
    return { undoMs: UNDO_MS };
  }),
  restore: os.runs.restore.handler(({ context, input }) => context.hub.restoreRuns(input.runs)),
});

const queue = os.queue.router({
  show: os.queue.show.handler(({ context }) => context.hub.scheduler.state()),
  enqueue: os.queue.enqueue.handler(async ({ context, input }) => ({
    runs: await context.hub.enqueue(input),
  })),
  reorder: os.queue.reorder.handler(({ context, input }) => context.hub.scheduler.reorder(input.runs)),
  pause: os.queue.pause.handler(({ context, input }) => context.hub.scheduler.pause(input.run)),
  resume: os.queue.resume.handler(({ context, input }) => context.hub.scheduler.resume(input.run)),
  cancel: os.queue.cancel.handler(({ context, input }) => context.hub.scheduler.cancel(input.run)),
  retry: os.queue.retry.handler(({ context, input }) => context.hub.scheduler.retry(input.run)),
});

const compare = os.compare.router({
  table: os.compare.table.handler(({ context: { hub }, input, signal }) =>
    withProgress((onProgress) =>
      hub.analyst.call('compare', { ...input, home: hub.store.home }, { signal, onProgress }),
    ),
  ),
  curves: os.compare.curves.handler(({ context: { hub }, input }) => comparedCurves(hub.store, input)),
  reliability: os.compare.reliability.handler(({ context: { hub }, input }) =>
    hub.analyst.call('reliability', { home: hub.store.home, runs: input.runs }),
  ),
  slices: os.compare.slices.handler(({ context: { hub }, input }) =>
    hub.analyst.call('compareSlices', { ...input, home: hub.store.home }),
  ),
  report: os.compare.report.handler(({ context: { hub }, input, signal }) =>
    hub.analyst.call('report', { ...input, home: hub.store.home }, { signal }),
  ),
});

const codebooks = os.codebooks.router({
  list: os.codebooks.list.handler(({ context: { hub } }) =>
    hub.analyst.call('codebookList', { home: hub.store.home }),
  ),
  facts: os.codebooks.facts.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookFacts', { ...input, home: hub.store.home }),
  ),
  generators: os.codebooks.generators.handler(({ context: { hub }, input }) =>
    hub.store.runs
      .naming('tokeniser', input.run)
      .filter(({ status }) => status === 'completed')
      .map(({ id, name }) => ({ run: id, name })),
  ),
  strips: os.codebooks.strips.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookStrips', { ...input, home: hub.store.home }),
  ),
  peek: os.codebooks.peek.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookPeek', { ...input, home: hub.store.home }),
  ),
  tree: os.codebooks.tree.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookTree', { ...input, home: hub.store.home }),
  ),
  categories: os.codebooks.categories.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookCategories', { ...input, home: hub.store.home }),
  ),
  items: os.codebooks.items.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookItems', { ...input, home: hub.store.home }),
  ),
  names: os.codebooks.names.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookNames', { ...input, home: hub.store.home }),
  ),
  item: os.codebooks.item.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookItem', { ...input, home: hub.store.home }),
  ),
  collisions: os.codebooks.collisions.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookCollisions', { ...input, home: hub.store.home }),
  ),
  heat: os.codebooks.heat.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookHeat', { ...input, home: hub.store.home }),
  ),
  dead: os.codebooks.dead.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookDead', { ...input, home: hub.store.home }),
  ),
  map: os.codebooks.map.handler(({ context: { hub }, input, signal }) =>
    withProgress((onProgress) =>
      hub.analyst.call('codebookMap', { ...input, home: hub.store.home }, { signal, onProgress }),
    ),
  ),
  mapSelection: os.codebooks.mapSelection.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookMapSelection', { ...input, home: hub.store.home }),
  ),
  timeline: os.codebooks.timeline.handler(({ context: { hub }, input, signal }) =>
    withProgress((onProgress) =>
      hub.analyst.call('codebookTimeline', { ...input, home: hub.store.home }, { signal, onProgress }),
    ),
  ),
  flow: os.codebooks.flow.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookFlow', { ...input, home: hub.store.home }),
  ),
  moved: os.codebooks.moved.handler(({ context: { hub }, input }) =>
    hub.analyst.call('codebookMoved', { ...input, home: hub.store.home }),
  ),
});

const published = os.published.router({
  list: os.published.list.handler(({ context }) => context.hub.analyst.call('published', null)),
});

const recommend = os.recommend.router({
  show: os.recommend.show.handler(({ context: { hub }, input }) =>
    hub.analyst.call('recommend', {
      ...input,
      home: hub.store.home,
      threads: hub.settings().threads ?? hub.system().threads,
    }),
  ),
  tree: os.recommend.tree.handler(({ context: { hub }, input }) =>
    hub.analyst.call('beamTree', {
      ...input,
      home: hub.store.home,
      threads: hub.settings().threads ?? hub.system().threads,
    }),
  ),
});

const language = os.language.router({
  preview: os.language.preview.handler(({ context: { hub }, input }) =>
    hub.analyst.call('promptPreview', { ...input, home: hub.store.home }),
  ),
  pipeline: os.language.pipeline.handler(({ context: { hub } }) => languagePipeline(hub.store)),
  evaluation: os.language.evaluation.handler(({ context: { hub }, input }) =>
    keptEvaluation(hub.store, input.run),
  ),
  rivals: os.language.rivals.handler(({ context: { hub }, input }) => rivalChoices(hub.store, input.run)),
  evaluate: os.language.evaluate.handler(({ context: { hub }, input, signal }) =>
    withProgress((onProgress) => {
      const threads = hub.settings().threads ?? hub.system().threads;
      const asked = { ...input, home: hub.store.home, threads };
      return hub.analyst.call('evaluateLanguage', asked, { signal, onProgress });
    }),
  ),
});

const settings = os.settings.router({
  read: os.settings.read.handler(({ context }) => context.hub.settings()),
  write: os.settings.write.handler(({ context, input }) => context.hub.changeSettings(input)),
  system: os.settings.system.handler(({ context: { hub, holder } }) => ({
    ...hub.system(),
    homeSource: holder.source,
  })),
  checkHome: os.settings.checkHome.handler(({ context: { holder }, input }) => ({
    check: holder.check(input.path),
    obstacle: holder.obstacle(),
  })),
  changeHome: os.settings.changeHome.handler(({ context: { holder }, input, signal }) =>
    withProgress(async (onProgress) => ({ home: await holder.change(input, onProgress, signal) })),
  ),
  readView: os.settings.readView.handler(({ context, input }) =>
    context.hub.store.settings.read(`view:${input.key}`, z.unknown().default(null)),
  ),
  writeView: os.settings.writeView.handler(({ context, input }) =>
    context.hub.store.settings.write(`view:${input.key}`, input.value),
  ),
});

const studies = os.studies.router({
  list: os.studies.list.handler(({ context: { hub } }) =>
    hub.analyst.call('studyList', { home: hub.store.home }),
  ),
  show: os.studies.show.handler(({ context: { hub }, input }) =>
    hub.analyst.call('studyShow', { ...input, home: hub.store.home }),
  ),
  plan: os.studies.plan.handler(({ context: { hub }, input }) => {
    const request = { ...input, threads: hub.threads(input.threads) };
    return hub.analyst.call('studyPlan', { request, home: hub.store.home });
  }),
  measure: os.studies.measure.handler(({ context: { hub }, input, signal }) =>
    withProgress(async (onProgress) => {
      const request = { ...input, threads: hub.threads(input.threads) };
      const counted = await hub.analyst.call('studyCount', { request, home: hub.store.home }, { signal });
      return measureStudy(hub.trials, counted, { signal, onProgress });
    }),
  ),
  create: os.studies.create.handler(async ({ context: { hub }, input: { name, request: asked } }) => {
    const request = { ...asked, threads: hub.threads(asked.threads) };
    const made = await hub.analyst.call('studyCreate', { name, request, home: hub.store.home });
    hub.onQueueChanged();
    return made;
  }),
  resume: os.studies.resume.handler(async ({ context: { hub }, input }) => {
    const made = await hub.analyst.call('studyFill', { ...input, home: hub.store.home });
    hub.onQueueChanged();
    return made;
  }),
  report: os.studies.report.handler(({ context: { hub }, input }) =>
    hub.analyst.call('studyReport', { ...input, home: hub.store.home }),
  ),
  delete: os.studies.delete.handler(({ context: { hub }, input }) => {
    hub.store.studies.delete(hub.store.studies.find(input.study).id);
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
    context.hub.bus.subscribe(signal ?? new AbortController().signal),
  ),
});
