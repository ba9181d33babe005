import { Option } from 'commander';
import type { ImportProgress } from '../../../core/data/import/import.ts';
import type { ImportRequestInput } from '../../../core/data/import/request.ts';
import type { DatasetSummary } from '../../../core/data/types.ts';
import { duration, grouped } from '../../../core/documents/format.ts';
import { UserError } from '../../../core/errors.ts';
import type { ExportProgress } from '../../../core/foreign/split/export-split.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../../core/foreign/split/formats.ts';
import type { Manifest } from '../../../core/foreign/split/manifest.ts';
import { shellQuote } from '../../../core/names.ts';
import type { Store } from '../../../core/store/store.ts';
import { program } from '../../data-folder/command-line.ts';
import type { WorkContext } from '../../workers/progress.ts';
import type { CliCommand } from '../command.ts';
import { type Answer, type CommandContext, withStore } from '../context.ts';
import { deleted } from '../deleted.ts';
import { decimalNumber, roleMap, SPLIT_SETTINGS, setting, wholeNumber } from '../options.ts';
import { cancellable } from '../terminal/cancellable.ts';
import { textTable } from '../terminal/text-table.ts';
import { datasetText } from '../text/dataset-text.ts';

/** `datasets import | sample | list | show | export | delete`. */
export function addCommand(parent: CliCommand): void {
  const datasets = parent
    .command('datasets')
    .summary('import, list, show, export and delete data sets')
    .description('The data sets of the home.')
    .helpCommand(false);
  addImport(datasets);
  datasets
    .command('sample')
    .summary('import a generated sample data set')
    .description(
      'Imports a data set of an invented film club, of 3,000 users, on which a small model trains in seconds. It is the same everywhere.',
    )
    .option('--name <name>', 'name of the data set (default: tessera-sample)')
    .examples('tessera datasets sample', 'tessera datasets sample --name club')
    .answer((context, { name }: { name?: string }) =>
      imported(context, async (store, work) =>
        (await import('../../services/datasets.ts')).importSample(store, name, work),
      ),
    );
  datasets
    .command('list')
    .description('Lists the data sets, newest first.')
    .examples('tessera datasets list', 'tessera datasets list --json')
    .ask(list);
  datasets
    .command('show <dataset>')
    .description('Shows where a data set came from and its statistics.')
    .examples('tessera datasets show beauty')
    .ask((store, reference: string) => {
      const summary = store.datasets.find(reference);
      const folder = store.datasets.folder(summary.id);
      const runs = store.datasets.runsOf(summary.id);
      return [{ ...summary, folder, runs }, datasetText(summary, folder)];
    });
  addExport(datasets);
  datasets
    .command('delete <dataset>')
    .description('Puts a data set into the trash, with its files.')
    .option('--force', 'even if runs were trained on it; they stay, but cannot be resumed')
    .option('--for-good', 'delete it at once, which frees its space on the disk')
    .examples('tessera datasets delete beauty', 'tessera datasets delete beauty --force --for-good')
    .ask((store, reference: string, { force, forGood }: { force?: boolean; forGood?: boolean }) => {
      const summary = store.datasets.find(reference);
      if (!force) store.datasets.requireUnused(summary);
      return deleted(store, 'dataset', summary, `data set ${summary.name}.`, forGood);
    });
}

function addImport(datasets: CliCommand): void {
  const command = datasets
    .command('import <path...>')
    .description(
      'Imports interactions or click logs from files and folders: CSV, TSV, "::"-separated, JSON lines, Parquet, RecBole files, ' +
        'sequence files, gzip of these, and the folders in which data sets are published. What no option says is detected.',
    )
    .option('--name <name>', 'name of the data set (default: that of the file or folder)')
    .option(
      '--map <role=column,...>',
      'column of a role: user, item, rating, time, title; "-" for none. What else is known of items, users or an ' +
        'interaction: dense, categorical, multi, with several columns as A+B or C*. Of click logs also label and ignore',
      roleMap,
    )
    .addOption(
      new Option(
        '--kind <kind>',
        'interactions (sequences of items by user) or clicks (labelled rows, for ranking models); ' +
          'default: clicks if a label column is found',
      ).choices(['interactions', 'clicks']),
    );
  rowOptions(command);
  formatOptions(command);
  command
    .examples(
      'tessera datasets import downloads/ml-1m --name ml-1m',
      'tessera datasets import KuaiRand-27K --preset kuairand-own-cut',
      'tessera datasets import clicks.csv --map user=visitor,item=product,time=at --min-user 5 --min-item 5',
      'tessera datasets import criteo/train.txt --name criteo',
      'tessera datasets import adverts.csv --map label=bought,dense=price+age,categorical=C*,ignore=id',
    )
    .answer(importPaths);
}

interface ExportOptions {
  out: string;
  format: ExportFormat;
  set?: Record<string, unknown>;
}

function addExport(datasets: CliCommand): void {
  datasets
    .command('export <dataset>')
    .description(
      'Writes what a model may train on, what it is validated and tested on, and the items, with the ids of the imported files, into a folder ' +
        'for programs that train elsewhere. Its manifest.json says how to read them, croissant.json the same to machines (Croissant 1.0); "results import" takes what was made from them.',
    )
    .out('folder', 'new or empty folder, or one of an earlier export, which is replaced', { required: true })
    .addOption(
      new Option(
        '--format <name>',
        'of the files; recbole writes its benchmark files, sequences one user a line',
      )
        .choices(EXPORT_FORMATS)
        .default('csv'),
    )
    .option('--set <key=value>', SPLIT_SETTINGS, setting)
    .examples(
      'tessera datasets export films --out films-split',
      'tessera datasets export films --out recbole/films --format recbole',
      'tessera datasets export films --out by-time --set split=time --set testShare=0.2',
    )
    .answer(exportDataset);
}

async function exportDataset(
  context: CommandContext,
  dataset: string,
  { out, format, set = {} }: ExportOptions,
): Promise<Answer> {
  const { exportDatasetSplit } = await import('../../services/analysis/export-split.ts');
  const progress = ({ file, fraction }: ExportProgress) => `Writing ${file} ${Math.floor(100 * fraction)} %`;
  return withStore(context, (store) =>
    cancellable(
      context,
      { progress, cancelled: 'the export was cancelled; nothing was written' },
      async (work) => {
        const exported = await exportDatasetSplit(store, { dataset, folder: out, format, held: set }, work);
        return [exported, exportText(exported)] as const;
      },
    ),
  );
}

function exportText({ files, counts, fingerprint, folder }: Manifest & { folder: string }): string {
  const cells = files.map(({ name, part, rows }) => [name, part, grouped(rows)]);
  const { testUsers, validationUsers, usersWithoutHistory } = counts;
  const left =
    usersWithoutHistory > 0 ? `; ${grouped(usersWithoutHistory)} without a history are left out` : '';
  return [
    textTable(['File', 'Part', 'Rows'], cells, ['Rows']),
    '',
    `Targets of ${grouped(validationUsers)} users for validation and of ${grouped(testUsers)} for the test${left}.`,
    `Written to ${folder}, with manifest.json; fingerprint of the split ${fingerprint.slice(0, 12)}.`,
  ].join('\n');
}

/** Which rows are kept, and in which order. */
function rowOptions(command: CliCommand): void {
  command
    .addOption(
      new Option(
        '--preset <name>',
        'filters of a data set: kuairand-own-cut keeps videos with 350 and users with 20 interactions, until stable',
      ).choices(['kuairand-own-cut']),
    )
    .option('--min-user <number>', 'fewest interactions of a kept user (k-core)', wholeNumber(0))
    .option('--min-item <number>', 'fewest interactions of a kept item (k-core)', wholeNumber(0))
    .option('--min-rating <number>', 'minimum rating', decimalNumber)
    .option('--from <date>', 'earliest time kept: a date or Unix seconds')
    .option('--to <date>', 'keep only what is before this time: a date or Unix seconds')
    .addOption(
      new Option('--ties <order>', 'order of interactions of the same time (default: file)').choices([
        'file',
        'shuffle',
      ]),
    )
    .option('--seed <number>', 'seed of shuffled ties (default: 0)', wholeNumber(0))
    .addOption(
      new Option(
        '--dedupe <rule>',
        'drop repeats: exact (same user, item and time), or all but the first or last of a user and item (default: none)',
      ).choices(['none', 'exact', 'first', 'last']),
    )
    .option('--skip-bad-rows', 'leave unreadable rows out instead of failing');
}

/** How the files are to be read. */
function formatOptions(command: CliCommand): void {
  command
    .option('--separator <text>', 'column separator, such as "," or "::"')
    .option('--header', 'the first line names the columns')
    .option('--no-header', 'the first line is data')
    .addOption(new Option('--encoding <name>', 'text encoding').choices(['utf-8', 'latin-1']))
    .addOption(
      new Option('--time-unit <unit>', 'unit of the time column').choices([
        'seconds',
        'milliseconds',
        'microseconds',
        'nanoseconds',
        'date',
      ]),
    );
}

type ImportOptions = Omit<ImportRequestInput, 'paths' | 'from' | 'to'> & { from?: string; to?: string };

/** Digits alone are Unix seconds. */
function instant(text: string | undefined): string | number | undefined {
  return text !== undefined && /^-?\d{5,}(\.\d+)?$/.test(text) ? Number(text) : text;
}

async function importPaths(
  context: CommandContext,
  paths: string[],
  { from, to, ...options }: ImportOptions,
): Promise<Answer> {
  const request: ImportRequestInput = { ...options, paths, from: instant(from), to: instant(to) };
  const [{ importInto }, { MAP_ROLES }] = await Promise.all([
    import('../../services/datasets.ts'),
    import('../../../core/data/import/request.ts'),
  ]);
  const unknown = Object.keys(request.map ?? {}).find((role) => !MAP_ROLES.some((known) => known === role));
  if (unknown !== undefined) {
    throw new UserError(`--map: "${unknown}" is not a role; the roles are ${MAP_ROLES.join(', ')}`);
  }
  return imported(context, (store, work) => importInto(store, request, work));
}

/** What an import has made, with its progress while it goes on. */
function imported(
  context: CommandContext,
  take: (store: Store, work: WorkContext<ImportProgress>) => Promise<DatasetSummary>,
): Promise<Answer> {
  const progress = ({ phase, fraction }: ImportProgress) =>
    `${PHASES[phase]} ${Math.floor(100 * fraction)} %`;
  return withStore(context, (store) =>
    cancellable(
      context,
      { progress, cancelled: 'the import was cancelled; nothing was saved' },
      async (work) => {
        const summary = await take(store, work);
        return [importResult(summary), importText(summary)] as const;
      },
    ),
  );
}

const PHASES = {
  read: 'Reading',
  describe: 'Reading titles and side columns',
  filter: 'Filtering',
  order: 'Ordering',
  summarise: 'Summarising',
} as const;

function importResult({ name, statistics, clicks, fingerprint, badRows, seconds }: DatasetSummary) {
  const { users, items, interactions } = statistics;
  const facts = { name, users, items, interactions, fingerprint, badRows, seconds };
  return clicks ? { ...facts, kind: 'clicks' } : facts;
}

function importText(summary: DatasetSummary): string {
  const model = summary.clicks ? 'dlrm' : 'popularity';
  const train = `${program()} train --dataset ${shellQuote(summary.name)} --model ${model}`;
  const took = `Imported in ${duration(summary.seconds)}.`;
  return `${took}\n${datasetText(summary)}\n\nTrain on it: ${train}`;
}

function list(store: Store): Answer {
  const rows = store.datasets.list().map((summary) => ({
    ...importResult(summary),
    kind: summary.clicks ? 'clicks' : 'interactions',
    id: summary.id,
    createdAt: summary.createdAt,
  }));
  if (rows.length === 0) return [rows, `No data sets yet. Import one: ${program()} datasets import PATH`];
  const cells = rows.map(({ name, kind, users, items, interactions, createdAt, fingerprint }) => [
    name,
    kind,
    grouped(users),
    grouped(items),
    grouped(interactions),
    createdAt.slice(0, 16).replace('T', ' '),
    fingerprint.slice(0, 12),
  ]);
  const head = ['Name', 'Kind', 'Users', 'Items', 'Interactions', 'Imported (UTC)', 'Fingerprint'];
  return [rows, textTable(head, cells, ['Users', 'Items', 'Interactions'])];
}
