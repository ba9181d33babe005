import { versionText } from '../../../core/api/runs.ts';
import { metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { sampleOf } from '../../../core/evaluation/samples.ts';
import type { SliceResult } from '../../../core/evaluation/slices.ts';
import { countText } from '../../../core/names.ts';
import { duration, fixed, grouped } from '../../../core/reports/format.ts';
import type { AttemptRecord, RunRecord } from '../../../core/store/types.ts';
import type { RunDetails } from '../../hub/runs.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

const SHOWN_LOG_LINES = 10;
const SLICE_METRICS = ['test/ndcg@10', 'test/hr@10', 'test/mrr', 'test/auc', 'test/logloss', 'test/ece'];

/** "2026-01-02 03:04" of Unix milliseconds. */
export function utc(time: number | null): string {
  return time === null ? '–' : new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

function facts(run: RunRecord, attempts: readonly AttemptRecord[]): [string, string][] {
  const { dataset, device, deviceReason, parameters, epochs, selectedEpoch } = run;
  const deleted = dataset.id === null ? ' (deleted)' : '';
  return [
    ['Run', `${run.name} (${run.id})`],
    ['Status', run.message ? `${run.status}: ${run.message}` : run.status],
    ...evaluationFacts(run),
    ['Model', run.model],
    ['Data set', `${dataset.name}${deleted}, fingerprint ${dataset.fingerprint.slice(0, 12)}`],
    ['Seed', String(run.seed)],
    [
      'Device',
      device
        ? `${device} (${deviceReason ?? ''}), ${countText(run.threads, 'thread')}`
        : `${run.requestedDevice} asked for`,
    ],
    ['Parameters', grouped(parameters)],
    ['Epochs', epochs === null ? '–' : `${epochs}, epoch ${selectedEpoch} tested`],
    ['Time', duration(run.seconds)],
    ['Created', `${utc(run.createdAt)} UTC`],
    ['Ended', run.endedAt === null ? '–' : `${utc(run.endedAt)} UTC`],
    ['Protocol', run.protocolFingerprint ?? '–'],
    ...provenanceFacts(run),
    ['Code', versionText(run, attempts)],
    ...Object.entries(run.environment ?? {}).map(([key, value]): [string, string] => [
      `  ${key}`,
      String(value),
    ]),
  ];
}

function provenanceFacts({ protocol }: RunRecord): [string, string][] {
  const { sources = [], unknownSources = [] } = protocol ?? {};
  return [
    ...sources.map((source): [string, string] => ['Built on', source]),
    ...unknownSources.map((source): [string, string] => ['Unknown provenance', source]),
  ];
}

function evaluationFacts({ evaluates }: RunRecord): [string, string][] {
  if (!evaluates) return [];
  const { name, run, kind, epoch } = evaluates;
  return [['Evaluates', `${name} (${run ?? 'deleted'}), its ${kind} checkpoint, epoch ${epoch}`]];
}

/** A block with a title; empty without rows. */
function section(title: string, head: string[], rows: string[][], numbers: string[] = []): string[] {
  return rows.length === 0 ? [] : ['', title, textTable(head, rows, numbers)];
}

function intervalText(interval: [number, number] | undefined): string {
  return interval ? ` [${fixed(interval[0], 4)}, ${fixed(interval[1], 4)}]` : '';
}

/** Everything the store has on a run, for a terminal. */
export function runText({
  run,
  attempts,
  series,
  checkpoints,
  logs,
  slices,
}: RunDetails & { slices: SliceResult[] }): string {
  const config = Object.entries(run.config).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const metrics = Object.entries(run.metrics).map(([name, value]) => {
    const sample = sampleOf(run.protocol, name.split('/', 1)[0]);
    return [sample === null ? name : `${name} (${sample})`, fixed(value, 4)];
  });
  const curves = series.map(({ metric, points, last, min, max }) => [
    metric,
    grouped(points),
    ...[last, min, max].map((value) => fixed(value, 4)),
  ]);
  const tries = attempts.map(({ number, pid, startedAt, endedAt, outcome, fromStep }) => [
    String(number),
    outcome ?? 'running',
    utc(startedAt),
    utc(endedAt),
    String(fromStep),
    String(pid),
  ]);
  const files = checkpoints.map(({ kind, epoch, step, path }) => [kind, String(epoch), String(step), path]);
  const lines = logs.slice(-SHOWN_LOG_LINES).map(({ time, level, message }) => [utc(time), level, message]);
  const sliceMetrics = SLICE_METRICS.filter((name) => slices.some(({ metrics }) => name in metrics));
  const sliced = slices.map(({ by, slice, users, metrics, intervals, description }) => [
    by,
    slice,
    grouped(users),
    ...sliceMetrics.map((name) => fixed(metrics[name], 4) + intervalText(intervals?.[name])),
    description,
  ]);
  const unit = slices[0]?.unit === 'rows' ? 'Rows' : 'Users';
  const sliceNumbers = [unit, ...sliceMetrics.map(metricLabel)];
  const valueHead = ['Last', 'Min', 'Max'];
  return [
    factLines(facts(run, attempts)),
    '',
    `Config: ${config.join(' ')}`,
    ...section('Results', ['Metric', 'Value'], metrics, ['Value']),
    ...section('Slices', ['By', 'Slice', ...sliceNumbers, 'What it is'], sliced, sliceNumbers),
    ...section('Curves', ['Metric', 'Points', ...valueHead], curves, ['Points', ...valueHead]),
    ...section(
      'Attempts',
      ['Number', 'Outcome', 'Started (UTC)', 'Ended (UTC)', 'From step', 'Process'],
      tries,
    ),
    ...section('Checkpoints', ['Kind', 'Epoch', 'Step', 'File'], files, ['Epoch', 'Step']),
    ...section('Log', ['Time (UTC)', 'Level', 'Message'], lines),
  ].join('\n');
}
