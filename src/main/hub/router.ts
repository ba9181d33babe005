/** The contract as the hub answers it: from its store and queue, or by asking the analyst. */
import { implement } from '@orpc/server';
import { z } from 'zod';
import { contract } from '../../core/api/contract.ts';
import type { ImportRequest } from '../../core/data/import/request.ts';
import { pathsIn } from '../../core/files/path-fields.ts';
import { readingOnly, requireReadable } from '../../core/files/readable.ts';
import { measureStudy } from '../services/runs/study-probes.ts';
import { readSettings, threadsOf } from '../services/settings.ts';
import { withProgress } from '../workers/progress.ts';
import { comparedCurves } from './compared-curves.ts';
import { forwardedProcedures, type ProcedureContext } from './forward.ts';
import { type Hub, UNDO_MS } from './hub.ts';
import type { HubSwitch } from './hub-switch.ts';
import { removeUploads } from './uploads.ts';

/** What a shell passes with every call. */
export interface ApiContext {
  hubSwitch: HubSwitch;
  /** The desktop imports whatever its user may read; the browser only what was dropped on it. */
  readsAnywhere: boolean;
}

const os = implement(contract)
  .$context<ApiContext>()
  .use(({ context: { hubSwitch, readsAnywhere }, next, path, procedure }, input) => {
    const { hub } = hubSwitch;
    const { inputSchema } = procedure['~orpc'];
    return readingOnly(readsAnywhere ? null : hub.uploadsFolder, () => {
      // Discarding reads nothing, and looks for itself at what it may remove.
      if (inputSchema instanceof z.ZodType && path.at(-1) !== 'removeUploads')
        requireReadable(pathsIn(inputSchema, input));
      return next({ context: { hub } satisfies ProcedureContext });
    });
  });

const datasets = os.datasets.router({
  ...forwardedProcedures.datasets,
  list: os.datasets.list.handler(({ context }) => context.hub.datasets.list()),
  show: os.datasets.show.handler(({ context: { hub }, input }) => {
    const summary = hub.datasets.find(input.dataset);
    return { summary, folder: hub.datasets.folder(summary), runs: hub.store.datasets.runsOf(summary.id) };
  }),
  import: os.datasets.import.handler(async ({ context, input }) => {
    const { hub } = context;
    const name = input.name ?? (await plannedName(hub, input));
    return hub.imports.start(input, name, () => removeUploads(hub.uploadsFolder, input.paths));
  }),
  imports: os.datasets.imports.handler(({ context }) => context.hub.imports.list()),
  cancelImport: os.datasets.cancelImport.handler(({ context, input }) => {
    context.hub.imports.cancel(input.id);
  }),
  sample: os.datasets.sample.handler(async ({ context: { hub } }) => ({
    paths: await hub.analyst.internal.writeSample({ folder: hub.newUpload() }),
  })),
  removeUploads: os.datasets.removeUploads.handler(({ context: { hub }, input }) =>
    removeUploads(hub.uploadsFolder, input.paths),
  ),
  delete: os.datasets.delete.handler(({ context: { hub }, input }) => {
    hub.deleteDataset(input.dataset, input.force);
    return { undoMs: UNDO_MS };
  }),
});

async function plannedName(hub: Hub, request: ImportRequest): Promise<string> {
  const { name } = await hub.analyst.datasets.preview({ paths: request.paths, overrides: request });
  return name;
}

const models = os.models.router({
  ...forwardedProcedures.models,
  measure: os.models.measure.handler(async ({ context: { hub }, input, signal }) => {
    const config = await hub.resolve(input);
    return hub.probes.measure({ ...input, config, threads: threadsOf(hub.store, input.threads) }, signal);
  }),
});

/** Two points a pixel: the smallest and the largest. */
const pointsFor = (pixels: number) => Math.max(4, 2 * pixels);

const runs = os.runs.router({
  ...forwardedProcedures.runs,
  table: os.runs.table.handler(({ context, input }) => {
    context.hub.store.lifecycle.markLostRuns();
    return context.hub.store.table.page(input);
  }),
  fields: os.runs.fields.handler(({ context }) => context.hub.store.table.fields()),
  show: os.runs.show.handler(({ context: { hub }, input }) => {
    const { store } = hub;
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
      state: hub.scheduler.stateOf(run.id),
      progress: hub.scheduler.progressOf(run.id),
    };
  }),
  series: os.runs.series.handler(({ context, input: { run, metrics, from, to, pixels } }) =>
    metrics.map((metric) =>
      context.hub.store.series.read(run, metric, { from, to, limit: pointsFor(pixels) }),
    ),
  ),
  logs: os.runs.logs.handler(({ context, input }) => context.hub.store.logs.list(input.run)),
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
    context.hub.putIntoTrash('run', input.runs);
    return { undoMs: UNDO_MS };
  }),
});

const projects = os.projects.router({
  list: os.projects.list.handler(({ context }) => context.hub.store.projects.list()),
  create: os.projects.create.handler(({ context: { hub }, input }) => {
    const project = hub.store.projects.create(input.name, input.description);
    hub.bus.emit({ type: 'run', run: null });
    return project;
  }),
  change: os.projects.change.handler(({ context: { hub }, input: { project, ...changes } }) => {
    hub.store.projects.change(project, changes);
    hub.bus.emit({ type: 'run', run: null });
  }),
  delete: os.projects.delete.handler(({ context, input }) => {
    context.hub.putIntoTrash('project', [input.project]);
    return { undoMs: UNDO_MS };
  }),
});

const trash = os.trash.router({
  list: os.trash.list.handler(({ context }) => context.hub.store.trash.list()),
  restore: os.trash.restore.handler(({ context, input }) => context.hub.restore(input.items)),
  purge: os.trash.purge.handler(({ context, input }) => context.hub.store.trash.purge(input.items)),
  empty: os.trash.empty.handler(({ context }) => context.hub.store.trash.purgeBefore(Date.now() + 1)),
});

const queue = os.queue.router({
  show: os.queue.show.handler(({ context }) => context.hub.scheduler.state()),
  enqueue: os.queue.enqueue.handler(async ({ context, input }) => ({
    runs: await context.hub.enqueue(input.requests),
  })),
  reorder: os.queue.reorder.handler(({ context, input }) => context.hub.scheduler.reorder(input.runs)),
  pause: os.queue.pause.handler(({ context, input }) => context.hub.scheduler.pause(input.run)),
  resume: os.queue.resume.handler(({ context, input }) => context.hub.scheduler.resume(input.run)),
  cancel: os.queue.cancel.handler(({ context, input }) => context.hub.scheduler.cancel(input.run)),
  stopAfterEpoch: os.queue.stopAfterEpoch.handler(({ context, input }) =>
    context.hub.scheduler.stopAfterEpoch(input.run),
  ),
  requeue: os.queue.requeue.handler(({ context, input }) => context.hub.scheduler.requeue(input.run)),
});

const compare = os.compare.router({
  ...forwardedProcedures.compare,
  curves: os.compare.curves.handler(({ context: { hub }, input }) => comparedCurves(hub.store, input)),
});

const codebooks = os.codebooks.router({
  ...forwardedProcedures.codebooks,
  generators: os.codebooks.generators.handler(({ context: { hub }, input }) =>
    hub.store.runs
      .referencing('tokeniser', input.run)
      // What predicts all codes at once has no way of decoding, and no tree of it.
      .filter(({ status, config }) => status === 'completed' && 'decoding' in config)
      .map(({ id, name }) => ({ run: id, name })),
  ),
});

const settings = os.settings.router({
  read: os.settings.read.handler(({ context }) => readSettings(context.hub.store)),
  write: os.settings.write.handler(({ context, input }) => context.hub.changeSettings(input)),
  system: os.settings.system.handler(({ context: { hub, hubSwitch } }) => ({
    ...hub.system(),
    homeSource: hubSwitch.source,
  })),
  checkHome: os.settings.checkHome.handler(({ context: { hubSwitch }, input }) => ({
    check: hubSwitch.check(input.path),
    obstacle: hubSwitch.obstacle(),
  })),
  changeHome: os.settings.changeHome.handler(async ({ context: { hubSwitch }, input }) => ({
    home: await hubSwitch.change(input.path),
  })),
  readView: os.settings.readView.handler(({ context, input }) =>
    context.hub.store.settings.read(`view:${input.key}`, z.unknown().default(null)),
  ),
  writeView: os.settings.writeView.handler(({ context, input }) =>
    context.hub.store.settings.write(`view:${input.key}`, input.value),
  ),
});

const studies = os.studies.router({
  ...forwardedProcedures.studies,
  measure: os.studies.measure.handler(({ context: { hub }, input, signal }) =>
    withProgress(async (onProgress) => {
      const counted = await hub.analyst.internal.countStudy(input, { signal });
      return measureStudy(hub.probes, counted, { signal, onProgress });
    }),
  ),
  create: os.studies.create.handler(async ({ context: { hub }, input }) => {
    const created = await hub.analyst.studies.create(input);
    hub.onQueueChanged();
    return created;
  }),
  resume: os.studies.resume.handler(async ({ context: { hub }, input }) => {
    const resumed = await hub.analyst.studies.resume(input);
    hub.onQueueChanged();
    return resumed;
  }),
  delete: os.studies.delete.handler(({ context: { hub }, input }) => {
    hub.putIntoTrash('study', [hub.store.studies.find(input.study, input.kind).id]);
    return { undoMs: UNDO_MS };
  }),
});

export const router = os.router({
  datasets,
  models,
  devices: forwardedProcedures.devices,
  runs,
  projects,
  trash,
  queue,
  compare,
  codebooks,
  published: forwardedProcedures.published,
  studies,
  recommend: forwardedProcedures.recommend,
  language: forwardedProcedures.language,
  settings,
  events: os.events.handler(({ context, signal }) =>
    context.hub.bus.subscribe(signal ?? new AbortController().signal),
  ),
});
