/** What helps to find a fault of the program, and tells nothing of what it was used for. */
import { statfsSync, statSync } from 'node:fs';
import { availableParallelism, freemem, platform, release, totalmem } from 'node:os';
import { strToU8, zipSync } from 'fflate';
import { codeVersion } from '../../../core/code-version.ts';
import { messageOf } from '../../../core/errors.ts';
import { withoutFolders } from '../../../core/files/own-folders.ts';
import { writeWhole } from '../../../core/files/whole-file.ts';
import { versionOf } from '../../../core/plugins/ids.ts';
import { processorHere } from '../../../core/processor.ts';
import { databaseOf } from '../../../core/store/home/home-paths.ts';
import { RUN_STATUSES } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import { anonymousIn, readLog } from '../program-log.ts';
import { readSettings } from '../settings.ts';

export interface DiagnosticsRequest {
  path: string;
  /** Whether names of runs, data sets, hosts and files stay as they are. */
  hasNames: boolean;
  /** The probe of every device. */
  devices: readonly object[];
}

/** Lines of the log, and runs that did not complete. */
const MOST_LINES = 20_000;
const MOST_FAILED = 50;
/** Of a message of a run; longer ones are cut, in the middle of a name maybe. */
const LONGEST_MESSAGE = 4_000;

/** Writes the archive whole or not at all. Returns the names of its members. */
export async function writeDiagnostics(
  store: Store,
  { path, hasNames, devices }: DiagnosticsRequest,
): Promise<string[]> {
  const { schema, ...database } = store.views.description();
  const anonymous = hasNames ? (text: string) => text : anonymousIn(store, LONGEST_MESSAGE);
  const texts: Record<string, string> = {
    'README.txt': readme(hasNames),
    'program.json': json(aboutProgram(store)),
    // Words of ours and of drivers, which name no more than files.
    'devices.json': withoutFolders(json(devices), store.home),
    'settings.json': json(readSettings(store)),
    'database.json': json(database),
    'schema.sql': schema.map((sql) => `${sql};\n`).join('\n'),
    'counts.json': json(counts(store)),
    'failed-runs.json': json(failedRuns(store, anonymous)),
    'log.txt': await logText(store, hasNames),
  };
  const members = Object.entries(texts).map(([name, text]) => [name, strToU8(text)] as const);
  writeWhole(path, zipSync(Object.fromEntries(members), { level: 6 }));
  return members.map(([name]) => name);
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const readme = (hasNames: boolean) =>
  [
    'Diagnostics of Tessera: versions, devices, settings, the log of the program, the schema of its database, and how much is in it.',
    'There are no data, titles, results, or settings of models in it.',
    hasNames
      ? 'Names of runs, data sets, hosts and files are in it, as requested.'
      : 'Names of runs, data sets, hosts, users and files are replaced by their kind and a number, such as <run 3>.',
    '',
  ].join('\n');

function aboutProgram(store: Store): object {
  const { model, instructions } = processorHere();
  return {
    ...{
      version: codeVersion(),
      versions: process.versions,
      packaged: process.versions.electron !== undefined,
    },
    ...{ platform: `${platform()} ${release()} ${process.arch}`, processor: model, instructions },
    ...{ cores: availableParallelism(), memoryBytes: totalmem(), freeMemoryBytes: freemem() },
    diskFreeBytes: asked(() => {
      const { bavail, bsize } = statfsSync(store.home);
      return bavail * bsize;
    }),
    databaseBytes: asked(() => statSync(databaseOf(store.home)).size),
    environment: Object.fromEntries(
      ['LANG', 'TZ', 'TESSERA_DEBUG'].map((name) => [name, process.env[name] ?? null]),
    ),
  };
}

/** What cannot be found out says why. */
function asked(find: () => number): number | string {
  try {
    return find();
  } catch (error) {
    return messageOf(error);
  }
}

function counts(store: Store): object {
  const runs = store.runs.newest(Number.MAX_SAFE_INTEGER, { metrics: [] });
  const by = (key: (run: (typeof runs)[number]) => string) =>
    Object.fromEntries(
      [...Map.groupBy(runs, key)].map(([name, some]) => [name, some.length]).sort(),
    ) as Record<string, number>;
  return {
    runs: {
      kinds: by(({ kind }) => kind),
      states: by(({ status }) => status),
      models: by(modelWords),
      devices: by(({ device }) => device ?? 'none'),
    },
    datasets: store.datasets.list().map(({ statistics, clicks }) => ({
      kind: clicks ? 'clicks' : 'interactions',
      ...{ users: statistics.users, items: statistics.items, interactions: statistics.interactions },
    })),
    hosts: store.hosts.list().length,
    comparisons: store.comparisons.list().length,
  };
}

/** Models of plug-ins and of other programs are called as their users like. */
function modelWords(run: RunRecord): string {
  if (run.kind !== 'own') return 'of another program';
  return versionOf(run.model) === null ? run.model : 'of a plug-in';
}

const ENDED_BADLY = RUN_STATUSES.filter((status) =>
  ['failed', 'crashed', 'out-of-memory', 'diverged'].includes(status),
);

function failedRuns(store: Store, anonymous: (text: string) => string): object[] {
  return store.runs.withStatus(ENDED_BADLY, MOST_FAILED).map((run) => ({
    ...{
      kind: run.kind,
      status: run.status,
      device: run.device,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
    },
    ...(run.kind === 'own' ? { model: modelWords(run), version: run.codeVersion, threads: run.threads } : {}),
    message: run.message === null ? null : anonymous(run.message.slice(0, LONGEST_MESSAGE)),
  }));
}

async function logText(store: Store, hasNames: boolean): Promise<string> {
  const query = { since: 'stored', level: 'info', area: null, find: '', most: MOST_LINES } as const;
  const { lines } = await readLog(store, { ...query, anonymous: !hasNames });
  return lines
    .map(({ time, level, area, text }) => `${new Date(time).toISOString()} ${level} ${area}: ${text}\n`)
    .join('');
}
