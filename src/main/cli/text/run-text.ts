import { type DocumentTable, fileSafe, type ReportDocument } from '../../../core/documents/document.ts';
import {
  duration,
  energyText,
  fixed,
  grouped,
  memoryText,
  milliseconds,
} from '../../../core/documents/format.ts';
import { evaluationSections } from '../../../core/documents/language-sections.ts';
import { copiesState } from '../../../core/engine/devices/titles.ts';
import type { LanguageEvaluation } from '../../../core/evaluation/language-evaluation.ts';
import { metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { statedSample } from '../../../core/evaluation/samples.ts';
import type { SliceResult } from '../../../core/evaluation/slices.ts';
import { countText } from '../../../core/names.ts';
import { versionText } from '../../../core/store/runs/attempts.ts';
import type { RunDetails } from '../../../core/store/runs/run-details.ts';
import type {
  AttemptRecord,
  ExternalRun,
  ImportedRun,
  LogEntry,
  OwnRun,
  ResultFacts,
  RunRecord,
} from '../../../core/store/types.ts';
import { program } from '../../data-folder/command-line.ts';

const SHOWN_LOG_LINES = 10;
const SLICE_METRICS = ['test/ndcg@10', 'test/hr@10', 'test/mrr', 'test/auc', 'test/logloss', 'test/ece'];

/** "2026-01-02 03:04" of Unix milliseconds. */
export function utc(time: number | null): string {
  return time === null ? '–' : new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

/** What is not known is left out. */
const COST: readonly (readonly [title: string, text: (run: RunRecord) => string])[] = [
  ['Peak memory', ({ peakMemory }) => memoryText(peakMemory)],
  [
    'Energy',
    ({ energy }) => (energy === null ? '–' : `${energyText(energy)}, of all processors of the machine`),
  ],
  ['Time a list', ({ listSeconds }) => milliseconds(listSeconds)],
];

function facts({ run, attempts, origin }: RunDetails): [string, string][] {
  const { parameters, epochs, selectedEpoch } = run;
  return [
    ['Status', run.message ? `${run.status}: ${run.message}` : run.status],
    ...(run.kind === 'own' ? ownFacts(run, attempts) : foreignFacts(run)),
    ...(origin ? [['Imported from', `${origin.path}, ${origin.id}`] as [string, string]] : []),
    ['Parameters', grouped(parameters)],
    ['Epochs', epochs === null ? '–' : `${epochs}, epoch ${selectedEpoch} tested`],
    ['Time', duration(run.seconds)],
    ...COST.flatMap(([title, text]): [string, string][] => {
      const value = text(run);
      return value === '–' ? [] : [[title, value]];
    }),
    ['Created', `${utc(run.createdAt)} UTC`],
    ['Ended', run.endedAt === null ? '–' : `${utc(run.endedAt)} UTC`],
    ...Object.entries(run.environment ?? {}).map(([key, value]): [string, string] => [
      `  ${key}`,
      String(value),
    ]),
  ];
}

const COPIES = '; every step copied what is trained to it and back';

function ownFacts(run: OwnRun, attempts: readonly AttemptRecord[]): [string, string][] {
  const { dataset, device, deviceReason } = run;
  const deleted = dataset.id === null ? ' (deleted)' : '';
  return [
    ...evaluationFacts(run),
    ['Model', run.model],
    ['Data set', `${dataset.name}${deleted}, fingerprint ${dataset.fingerprint.slice(0, 12)}`],
    ['Seed', String(run.seed)],
    [
      'Device',
      device
        ? `${device} (${deviceReason ?? ''}), ${countText(run.threads, 'thread')}${copiesState(device) ? COPIES : ''}`
        : `${run.requestedDevice} requested`,
    ],
    ['Protocol', run.protocolFingerprint ?? '–'],
    ...provenanceFacts(run),
    ['Code', versionText(run, attempts)],
    ...(run.evaluates ? [] : [['Again', `${program()} train --like ${run.id}`] as [string, string]]),
  ];
}

/** What its program did not tell is left out. */
function foreignFacts(run: ExternalRun | ImportedRun): [string, string][] {
  const { program, model, dataset, seed, device } = run;
  const told = [
    ['Trained by', program],
    ['Model', model],
    ['Data set', dataset?.name],
    ['Seed', seed],
    ['Device', device],
    ['Lists', run.kind === 'external' ? listFacts(run.result) : null],
    ['Protocol', run.protocolFingerprint],
  ] as const;
  return told.flatMap(([name, value]) => (value == null ? [] : [[name, String(value)]]));
}

/** "top 100 of 22,363 of 22,363 users, from lists.csv" */
function listFacts({ listLength, testUsers, withoutList, file }: ResultFacts): string {
  const length = listLength === null ? 'every candidate' : `top ${listLength}`;
  return `${length} of ${grouped(testUsers - withoutList)} of ${grouped(testUsers)} users, from ${file}`;
}

function provenanceFacts({ protocol }: RunRecord): [string, string][] {
  const { sources = [], unknownSources = [] } = protocol ?? {};
  return [
    ...sources.map((source): [string, string] => ['Built on', source]),
    ...unknownSources.map((source): [string, string] => ['Unknown provenance', source]),
  ];
}

function evaluationFacts({ evaluates }: OwnRun): [string, string][] {
  if (!evaluates) return [];
  const { name, run, kind, epoch } = evaluates;
  return [['Evaluates', `${name} (${run ?? 'deleted'}), its ${kind} checkpoint, epoch ${epoch}`]];
}

function intervalText(interval: [number, number] | undefined): string {
  return interval ? ` [${fixed(interval[0], 4)}, ${fixed(interval[1], 4)}]` : '';
}

/** Everything the store has on a run. `evaluations`: those of the answers of a language run, newest first. */
export function runDocument(
  details: RunDetails & { logs: LogEntry[]; slices: SliceResult[]; notKnown?: readonly string[] },
  evaluations: readonly LanguageEvaluation[] = [],
): ReportDocument {
  const { run, attempts, series, checkpoints, logs, notKnown = [] } = details;
  const tables: (DocumentTable & { title: string })[] = [
    {
      title: 'Results',
      headings: ['Metric', 'Value'],
      textColumns: 1,
      lines: Object.entries(run.metrics).map(([name, value]) => {
        const sample = statedSample(run.protocol, name.split('/', 1)[0]);
        return [sample === null ? name : `${name} (${sample})`, fixed(value, 4)];
      }),
    },
    {
      title: 'Reported',
      headings: ['Metric', 'Value'],
      textColumns: 1,
      lines:
        run.kind === 'own' ? [] : Object.entries(run.stated).map(([name, value]) => [name, fixed(value, 4)]),
    },
    { title: 'Slices', ...slicesTable(details) },
    {
      title: 'Curves',
      headings: ['Metric', 'Points', 'Last', 'Min', 'Max'],
      textColumns: 1,
      lines: series.map(({ metric, points, last, min, max }) => [
        ...[metric, grouped(points)],
        ...[last, min, max].map((value) => fixed(value, 4)),
      ]),
    },
    {
      title: 'Attempts',
      headings: ['Number', 'Outcome', 'Started (UTC)', 'Ended (UTC)', 'From step', 'Process'],
      textColumns: 6,
      lines: attempts.map(({ number, pid, startedAt, endedAt, outcome, fromStep }) => [
        ...[String(number), outcome ?? 'running', utc(startedAt), utc(endedAt)],
        ...[String(fromStep), String(pid)],
      ]),
    },
    {
      title: 'Checkpoints',
      headings: ['Kind', 'Epoch', 'Step', 'File'],
      textColumns: 4,
      numbers: [1, 2],
      lines: checkpoints.map(({ kind, epoch, step, path }) => [kind, String(epoch), String(step), path]),
    },
    {
      title: 'Log',
      headings: ['Time (UTC)', 'Level', 'Message'],
      textColumns: 3,
      lines: logs.slice(-SHOWN_LOG_LINES).map(({ time, level, message }) => [utc(time), level, message]),
    },
  ];
  const sentences = notKnown.map((line) => `${line}.`);
  const config = Object.entries(run.config ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return {
    stem: `run-${fileSafe(run.name)}`,
    title: `Run ${run.name} (${run.id})`,
    sections: [
      { title: 'Facts', isBare: true, blocks: [{ facts: facts(details) }] },
      { title: 'Config', text: [config.join(' ')] },
      ...tables.flatMap(({ title, ...table }) =>
        table.lines.length > 0 ? [{ title, table, notes: title === 'Results' ? sentences : [] }] : [],
      ),
      ...evaluations.flatMap((one) =>
        evaluationSections(one).map((section) => ({
          ...section,
          title: `${section.title} (measured ${utc(one.measuredAt)} UTC)`,
        })),
      ),
    ],
    data: { format: 'tessera-run', version: 1, ...details },
  };
}

function slicesTable({ slices }: { slices: readonly SliceResult[] }): DocumentTable {
  const shown = SLICE_METRICS.filter((name) => slices.some(({ metrics }) => name in metrics));
  const unit = slices[0]?.unit === 'rows' ? 'Rows' : 'Users';
  return {
    headings: ['By', 'Slice', unit, ...shown.map(metricLabel), 'What it is'],
    textColumns: 4 + shown.length,
    numbers: [...shown.keys(), shown.length].map((at) => at + 2),
    lines: slices.map(({ by, slice, users, metrics, intervals, description }) => [
      ...[by, slice, grouped(users)],
      ...shown.map((name) => fixed(metrics[name], 4) + intervalText(intervals?.[name])),
      description,
    ]),
  };
}
