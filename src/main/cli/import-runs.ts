import { Option } from 'commander';
import { grouped } from '../../core/documents/format.ts';
import { UserError } from '../../core/errors.ts';
import { ourMetric } from '../../core/foreign/trackers/metric-names.ts';
import {
  FOUND_STATES,
  foundText,
  lostText,
  type MetricMap,
  TRACKER_KINDS,
  TRACKER_TITLES,
  type TrackerKind,
  type TrackerProgress,
  type TrackerSummary,
} from '../../core/foreign/trackers/summary.ts';
import { countText, lastOperand } from '../../core/names.ts';
import { program } from '../data-folder/command-line.ts';
import type { CliCommand } from './command.ts';
import { type Answer, type CommandContext, withStore } from './context.ts';
import { metricName } from './options.ts';
import { cancellable } from './terminal/cancellable.ts';
import { textTable } from './terminal/text-table.ts';

interface ImportOptions {
  from?: TrackerKind;
  map?: MetricMap;
  preview?: boolean;
}

const PROGRAMS = TRACKER_KINDS.filter((kind) => kind !== 'csv').map((kind) => TRACKER_TITLES[kind]);

/** `runs import [PATH...]`: runs of other trackers, or the table of what their metrics are called. */
export function addRunsImport(runs: CliCommand): void {
  runs
    .command('import [path...]')
    .summary('take in runs of other trackers')
    .description(
      `Takes in runs from the files of ${PROGRAMS.join(', ')}, or a CSV with one row per run or per step: parameters, curves, final results and how they ended. ` +
        'Imported again, what is new is added. Their results are marked as reported: they are not ranked or tested. Without a path, shows what metrics are called.',
    )
    .addOption(
      new Option(
        '--from <tracker>',
        `what wrote them: ${TRACKER_KINDS.join(', ')}, or one of a plug-in (default: seen from the files)`,
      ),
    )
    .option(
      '--map <theirs=ours>',
      'what a metric is called here, which is remembered; repeatable, nothing for its own name',
      metricName,
    )
    .option('--preview', 'say what would be kept, and keep nothing')
    .examples(
      'tessera runs import mlruns/ --preview',
      'tessera runs import runs/ --map val_ndcg=valid/ndcg@10',
      'tessera runs import results.csv --from csv',
    )
    .answer(takeIn);
}

function takeIn(context: CommandContext, paths: string[], options: ImportOptions): Promise<Answer> {
  const { from = null, map = {}, preview = false } = options;
  return withStore(context, async (store) => {
    const { importTracker, previewTracker, rememberMetrics } = await import(
      '../services/analysis/trackers.ts'
    );
    if (paths.length === 0) {
      if (preview || from !== null) throw new UserError('name the file or the folder that holds the runs');
      const names = rememberMetrics(store, map);
      return [names, namesText(names)] as const;
    }
    const watched = {
      progress: ({ fraction, runs }: TrackerProgress) =>
        `Reading ${countText(runs, 'run')}, ${Math.floor(100 * fraction)} %`,
      cancelled: preview
        ? 'cancelled'
        : 'the import was cancelled; the runs read so far were saved, and the same command continues',
    };
    const work = preview ? previewTracker : importTracker;
    const summary = await cancellable(context, watched, (given) => work(store, { paths, from, map }, given));
    return [summary, summaryText(summary, preview)] as const;
  });
}

function namesText(names: MetricMap): string {
  const rows = Object.entries(names).map(([theirs, ours]) => [theirs, ours || 'as it is']);
  const usual = ['ndcg@10', 'val/NDCG@10', 'test_hr_10', 'loss'].map(
    (name) => `${name} as ${ourMetric(name)}`,
  );
  const known = `Usual names are known, such as ${usual.join(', ')}.`;
  return rows.length === 0
    ? `No names are remembered. ${known}`
    : `${textTable(['Theirs', 'Here'], rows, [])}\n\n${known}`;
}

/** Runs that are listed by name. */
const SHOWN = 20;

function summaryText(summary: TrackerSummary, isPreview: boolean): string {
  const { title, runs, metrics, sweeps, lost } = summary;
  const found = foundText(summary);
  const head = `${countText(runs.length, 'run')} of ${title}${found === '' ? '' : `: ${found}`}.`;
  const rows = runs
    .slice(0, SHOWN)
    .map(({ name, state, points, metrics, id }) => [
      ...[name, FOUND_STATES[state], grouped(metrics), grouped(points)],
      ...(isPreview ? [] : [id ?? '–']),
    ]);
  // Of a step that is logged twice, one point is kept.
  const points = isPreview ? 'Points' : 'New points';
  const columns = ['Run', 'State', 'Metrics', points, ...(isPreview ? [] : ['Id'])];
  const named = metrics.map(({ theirs, ours }) => [theirs, ours === theirs ? '–' : ours]);
  return [
    isPreview ? `${head} Nothing is kept yet.` : head,
    ...(rows.length > 0 ? [textTable(columns, rows, ['Metrics', points])] : []),
    ...(runs.length > SHOWN ? [`${grouped(runs.length - SHOWN)} more`] : []),
    ...(named.length > 0 ? [textTable(['Tracker metric', 'Tessera metric'], named, [])] : []),
    ...sweeps.map(
      ({ name }) => `Its trials are the sweep ${name}: ${program()} sweep show ${lastOperand(name)}`,
    ),
    ...lost.map(lostText),
  ].join('\n\n');
}
