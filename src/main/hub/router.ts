/** The contract as the hub answers it: from its store and queue, or by asking the analyst. */

import { implement, type Router } from '@orpc/server';
import { z } from 'zod';
import { contract, type ownContract } from '../../core/api/contract.ts';
import type { LocalRun } from '../../core/api/models.ts';
import type { WorkRequest } from '../../core/api/work.ts';
import type { ImportRequest } from '../../core/data/import/request.ts';
import { protocolWords } from '../../core/documents/comparison/sections/protocol-line.ts';
import { UserError } from '../../core/errors.ts';
import { protocolDifferences } from '../../core/evaluation/protocol.ts';
import { pathsIn } from '../../core/files/path-fields.ts';
import { readingOnly, requireReadable } from '../../core/files/readable.ts';
import { nameAlone } from '../../core/run-names.ts';
import { settleLostRuns } from '../../core/store/runs/lost-runs.ts';
import { runDetails } from '../../core/store/runs/run-details.ts';
import { configHosts } from '../executors/ssh/config-hosts.ts';
import { type Answers, type Given, routerOf } from '../services/answers.ts';
import {
  addHost,
  checkKnownHost,
  cleanKnownHost,
  jobScript,
  listHosts,
  removeHost,
} from '../services/hosts.ts';
import { keepModel, keptModels, modelAt, modelsFolder, removeModel } from '../services/pretrained-models.ts';
import { readLog } from '../services/program-log.ts';
import { leaderboard, leaderboards } from '../services/runs/leaderboard.ts';
import type { ProbeRequest } from '../services/runs/probes.ts';
import { deletedSources, unknownReads } from '../services/runs/source-runs.ts';
import { measureStudy } from '../services/runs/study-probes.ts';
import { readSettings, threadsOf } from '../services/settings.ts';
import { straysElsewhere } from '../services/strays.ts';
import { listTrash } from '../services/trash.ts';
import { withProgress } from '../workers/progress.ts';
import { comparedCurves } from './compared-curves.ts';
import type { Hub } from './hub.ts';
import type { HubSwitch } from './hub-switch.ts';
import { boardOf, publishedDatasets } from './published.ts';
import { removeUploads } from './uploads.ts';

const DAY_MS = 24 * 3_600_000;

/** What a shell passes with every call. */
export interface ApiContext {
  hubSwitch: HubSwitch;
  /** The desktop imports whatever its user may read; the browser only what was dropped on it. */
  readsAnywhere: boolean;
  /** A link for the window that asks: every other one is worthless from then on. Absent where there are no links. */
  renewLink?: () => string;
}

interface Asked extends ApiContext {
  /** The hub that was open when the call arrived. */
  hub: Hub;
}

async function plannedName(hub: Hub, request: ImportRequest): Promise<string> {
  const { name } = await hub.analyst.datasets.preview({ paths: request.paths, overrides: request });
  return name;
}

async function probeOf(hub: Hub, input: LocalRun): Promise<ProbeRequest> {
  return { ...input, config: await hub.resolve(input), threads: threadsOf(hub.store, input.threads) };
}

/** What an import reads, and nobody needs once it has ended. */
function importedFiles({ of, input }: WorkRequest): string[] {
  if (of === 'tracker-import') return input.paths;
  if (of !== 'result-import') return [];
  return [input.path, input.ids.users, input.ids.items].filter((path) => path !== null);
}

/** Two points a pixel: the smallest and the largest. */
const pointsFor = (pixels: number) => Math.max(4, 2 * pixels);

const answers: Answers<typeof ownContract, Asked> = {
  datasets: {
    list: ({ hub }) => hub.store.datasets.list(),
    show: ({ hub: { store } }, { dataset }) => {
      const summary = store.datasets.find(dataset);
      const { id } = summary;
      return { summary, folder: store.datasets.folder(id), runs: store.datasets.runsOf(id) };
    },
    import: async ({ hub }, input) => {
      const name = input.name ?? (await plannedName(hub, input));
      return hub.imports.start(input, name, () => removeUploads(hub.uploadsFolder, input.paths));
    },
    imports: ({ hub }) => hub.imports.list(),
    cancelImport: ({ hub }, { id }) => hub.imports.cancel(id),
    sample: async ({ hub }) => ({
      paths: await hub.analyst.internal.writeSample({ folder: hub.newUpload() }),
    }),
    removeUploads: ({ hub }, { paths }) => removeUploads(hub.uploadsFolder, paths),
  },
  language: {
    models: ({ hub }) => keptModels(hub.store.home),
    modelAt: (_, { path }) => modelAt(path),
    keepModel: async ({ hub }, { path }) => {
      const kept = await keepModel(hub.store.home, path);
      hub.news.changed('models');
      return kept;
    },
    removeModel: async ({ hub }, { name }) => {
      await removeModel(hub.store.home, name);
      hub.news.changed('models');
    },
  },
  models: {
    plugins: ({ hub }) => hub.plugins(),
    measure: async ({ hub, signal }, input) => hub.probes.measure(await probeOf(hub, input), signal),
    weigh: async ({ hub, signal }, input) => hub.probes.weigh(await probeOf(hub, input), signal),
  },
  runs: {
    places: ({ hub: { store } }, query) => store.table.places(query),
    table: ({ hub: { store } }, query) => {
      settleLostRuns(store);
      const { groups, ...page } = store.table.page(query);
      const inWords = groups?.map(({ protocol, ...group }) => {
        const first = groups.find(({ value }) => value === group.value)?.protocol;
        // Of another task its own words say it.
        const isAlike = first && protocol && first.task === protocol.task;
        const differs = isAlike ? protocolDifferences(first, protocol) : [];
        const words = protocol && [...protocolWords(protocol), ...differs.slice(0, 1)];
        return { ...group, protocol: words?.join(', ') ?? null };
      });
      return { ...page, groups: inWords ?? null };
    },
    totals: ({ hub }) => hub.store.table.totals(),
    fields: ({ hub }) => hub.store.table.fields(),
    show: ({ hub: { store, scheduler } }, { run: id }) => {
      settleLostRuns(store);
      const run = store.runs.get(id);
      const waiting = store.queue.list();
      const at = waiting.findIndex((entry) => entry.run === run.id);
      const active = scheduler.activeState(run);
      return {
        ...runDetails(store, run),
        annotations: store.table.annotations(run.id),
        deleted: !Object.hasOwn(store.table.annotationsOf([run.id]), run.id),
        notice:
          [
            ...deletedSources(store, run.config ?? {}),
            ...[store.logs.earlyEnd(run.id), store.logs.standing(run.id)].filter((line) => line !== null),
            ...unknownReads(store, run),
          ].join('; ') || null,
        queuePosition: at < 0 ? null : at + 1,
        held: waiting[at]?.held ?? false,
        state: active?.state ?? null,
        progress: active?.progress ?? null,
        live: active?.place ?? null,
      };
    },
    series: ({ hub }, { run, metrics, from, to, pixels }) =>
      metrics.map((metric) => hub.store.series.read(run, metric, { from, to, limit: pointsFor(pixels) })),
    logs: ({ hub }, { run, most }) => hub.store.logs.list(run, most),
    system: ({ hub }, { run, pixels }) => hub.store.samples.list(run, pointsFor(pixels)),
    annotations: ({ hub }, { runs }) => hub.store.table.annotationsOf(runs),
    deletion: ({ hub: { store } }, { runs }) => ({
      seconds: store.runs.trainedSeconds(runs),
      dependants: store.runs.dependants(runs),
      comparisons: store.comparisons.showing(runs).map(({ name }) => name),
    }),
  },
  changes: { make: ({ hub }, { home, changes }) => hub.change(home, changes) },
  projects: {
    list: ({ hub }) => hub.store.projects.list(),
    create: ({ hub }, { name, description }) => {
      const project = hub.store.projects.create(name, description);
      hub.news.changed('projects');
      return project;
    },
  },
  comparisons: {
    list: ({ hub }) => hub.store.comparisons.list(),
    save: ({ hub }, { replaces, ...content }) => {
      const { store } = hub;
      const saved = store.transaction(() => {
        if (replaces !== undefined) store.trash.put('comparison', [replaces]);
        return store.comparisons.save(content);
      });
      hub.news.changed('comparisons', 'trash');
      return saved;
    },
  },
  trash: {
    list: ({ hub }) => listTrash(hub.store),
    kept: ({ hub }, { kind }) => hub.store.trash.kept(kind),
    restore: ({ hub }, { items }) => hub.restore(items),
    measure: ({ hub }, { id }) => hub.measureStray(id),
    lookElsewhere: ({ hub }) => straysElsewhere(hub.store, (host) => hub.runs.on(host)),
    end: ({ hub }, stray) => hub.endStray(stray),
    purge: ({ hub }, { items }) => hub.purge(items),
    backups: ({ hub }) => hub.analyst.internal.backups(),
    backUp: async ({ hub }) => {
      await hub.analyst.internal.backUp({ now: true });
      hub.news.changed('trash');
    },
  },
  queue: {
    show: ({ hub }) => hub.scheduler.state(),
    enqueue: async ({ hub }, { requests }) => ({ runs: await hub.enqueue(requests) }),
    reorder: ({ hub }, { runs }) => hub.scheduler.reorder(runs),
    pause: ({ hub }, { run }) => hub.scheduler.pause(run),
    resume: ({ hub }, { run }) => hub.scheduler.resume(run),
    cancel: ({ hub }, { run }) => hub.scheduler.cancel(run),
    check: ({ hub }, { run }) => hub.scheduler.check(run),
    trainHere: ({ hub }, { run }) => hub.scheduler.trainHere(run),
    stopAfterEpoch: ({ hub }, { run }) => hub.scheduler.stopAfterEpoch(run),
    requeue: ({ hub }, { run, job }) => hub.scheduler.requeue(run, job),
  },
  work: {
    list: ({ hub }) => hub.work.list(),
    start: ({ hub }, request) => {
      // What could not be imported can be tried again.
      return hub.work.start(request, async (isOver) => {
        if (isOver) await removeUploads(hub.uploadsFolder, importedFiles(request));
      });
    },
    stop: ({ hub }, { id }) => hub.work.stop(id),
  },
  compare: {
    curves: ({ hub }, input) => comparedCurves(hub.store, input),
    leaderboard: ({ hub }, input) => leaderboard(hub.store, input),
    leaderboards: ({ hub }, input) => leaderboards(hub.store, input),
  },
  published: {
    datasets: ({ hub }) => publishedDatasets(hub.store),
    board: ({ hub }, input) => boardOf(hub.store, input),
  },
  codebooks: {
    generators: ({ hub }, { run }) =>
      hub.store.runs
        .referencing('tokeniser', run)
        // What predicts all codes at once has no way of decoding, and no tree of it.
        .filter(({ status, config }) => status === 'completed' && 'decoding' in config)
        .map((run) => ({ run: run.id, title: nameAlone(run) })),
  },
  studies: {
    measure: ({ hub, signal }, input) =>
      withProgress(async (onProgress) => {
        const counted = await hub.analyst.internal.countStudy(input, { signal });
        return measureStudy(hub.probes, counted, { signal, onProgress });
      }),
    create: async ({ hub }, input) => {
      const created = await hub.analyst.studies.create(input);
      hub.news.changed('studies');
      hub.onQueueChanged();
      return created;
    },
    resume: async ({ hub }, input) => {
      const resumed = await hub.analyst.studies.resume(input);
      hub.onQueueChanged();
      return resumed;
    },
    pause: async ({ hub }, input) => {
      await hub.analyst.studies.pause(input);
      hub.news.changed('studies');
    },
    extend: async ({ hub }, input) => {
      await hub.analyst.studies.extend(input);
      hub.news.changed('studies');
      hub.onQueueChanged();
    },
    testFinalists: async ({ hub }, input) => {
      await hub.analyst.studies.testFinalists(input);
      hub.news.changed('studies');
      hub.onQueueChanged();
    },
  },
  reproduce: {
    look: async ({ hub, signal }, input) =>
      hub.analyst.internal.lookAgain({ ...input, auto: await hub.devices.auto() }, { signal }),
  },
  plans: {
    save: ({ hub }, input) => hub.plans.save(input),
    start: ({ hub }, input) => hub.plans.start(input),
    pause: ({ hub }, { plan }) => hub.plans.pause(plan),
    resume: ({ hub }, { plan }) => hub.plans.resume(plan),
  },
  devices: { list: ({ hub }) => hub.devices.list('window') },
  hosts: {
    list: ({ hub }) => listHosts(hub.store),
    activity: ({ hub: { store } }) => store.hosts.activity(store.machine.clock.now() - DAY_MS),
    offered: () => configHosts(),
    add: ({ hub }, changes) => hub.changeHosts(addHost(hub.store, changes)),
    check: ({ hub, signal }, { name }) =>
      withProgress((onProgress) => {
        const here = () => hub.analyst.internal.machineNumbers();
        return hub.changeHosts(checkKnownHost(hub.store, name, { here, signal, onProgress }));
      }),
    clean: async ({ hub }, { name, all }) => ({ freedBytes: await cleanKnownHost(hub.store, name, all) }),
    remove: ({ hub }, { name, giveUp }) => hub.changeHosts(removeHost(hub.store, name, giveUp)),
    script: ({ hub }, { run }) => jobScript(hub.store, run),
  },
  settings: {
    read: ({ hub }) => readSettings(hub.store),
    write: ({ hub }, changes) => hub.changeSettings(changes),
    system: ({ hub, hubSwitch }) => ({ ...hub.system(), homeSource: hubSwitch.source }),
    log: ({ hub }, query) => readLog(hub.store, query),
    checkHome: ({ hubSwitch }, { path }) => ({
      check: hubSwitch.check(path),
      obstacle: hubSwitch.obstacle(),
    }),
    changeHome: async ({ hubSwitch }, { path }) => ({ home: await hubSwitch.change(path) }),
    renewLink: ({ renewLink }) => {
      if (renewLink === undefined) throw new UserError('the desktop app has no links');
      return { link: renewLink() };
    },
    readView: ({ hub }, { key }) => hub.store.settings.read(`view:${key}`, z.unknown().default(null)),
    writeView: ({ hub }, { key, value }) => {
      hub.store.settings.write(`view:${key}`, value);
      hub.news.changed('views');
    },
  },
  events: ({ hub, signal = new AbortController().signal }) => hub.bus.subscribe(signal),
};

/** Passed on to the analyst's process. */
const forwarded =
  (path: readonly string[]) =>
  ({ hub, signal }: Given<Asked>, input: unknown) =>
    hub.askAnalyst(path, input, signal);

// Written out: the type that follows from it is too long for its declaration.
export const router: Router<typeof contract, ApiContext> = implement(contract)
  .$context<ApiContext>()
  .use(({ context: { hubSwitch, readsAnywhere }, next, path, procedure }, input) => {
    const { hub } = hubSwitch;
    const { inputSchema } = procedure['~orpc'];
    return readingOnly(readsAnywhere ? null : [hub.uploadsFolder, modelsFolder(hub.store.home)], () => {
      // Removing uploads reads nothing, and checks by itself which files it may remove.
      if (inputSchema instanceof z.ZodType && path.at(-1) !== 'removeUploads')
        requireReadable(pathsIn(inputSchema, input));
      return next({ context: { hub } });
    });
  })
  .router(routerOf(contract, answers, forwarded));
