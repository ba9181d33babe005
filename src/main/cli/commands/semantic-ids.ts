import { basename, extname, resolve } from 'node:path';
import { Option } from 'commander';
import { UserError } from '../../../core/errors.ts';
import { writeWhole } from '../../../core/files/whole-file.ts';
import { countText } from '../../../core/names.ts';
import type { Store } from '../../../core/store/store.ts';
import type { CliCommand } from '../command.ts';
import {
  type Answer,
  type CommandContext,
  contextOf,
  print,
  printAnswer,
  printJson,
  withStore,
} from '../context.ts';
import { setting, wholeNumber } from '../options.ts';
import { addTrainingOptions, type TrainOptions, train } from '../train-run.ts';

const DEFAULT_MODEL = 'rq-vae';

/** `semantic-ids train | import | stats | export | compare`. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('semantic-ids')
    .summary('make, import, measure, export and compare Semantic IDs')
    .description('Semantic IDs of items. A tokeniser is a run like any other; a RUN is an id or a name.')
    .helpCommand(false);
  addTrain(group);
  addImport(group);
  group
    .command('stats <run>')
    .description(
      'Measures the Semantic IDs of a run: every level, every depth, and overall. Lift and shares of interactions count ' +
        'what a run with these IDs trains on where it has another split than leave-last-out, else all but the last two of each user.',
    )
    .option('--step <number>', 'the IDs of this step instead of the selected ones', wholeNumber(0))
    .examples('tessera semantic-ids stats rq-vae-beauty-seed1', 'tessera semantic-ids stats 4kc --json')
    .ask(stats);
  addExport(group);
  group
    .command('compare <run...>')
    .description(
      'Compares tokenisers of one data set: every measure in one table, and how similar each is to the first. The ' +
        'usual measures in other formats: tessera compare RUN... --format latex',
    )
    .examples('tessera semantic-ids compare rq-vae-beauty-seed1 residual-kmeans-beauty-seed1')
    .ask(compare);
}

function addTrain(group: CliCommand): void {
  const command = group
    .command('train')
    .description('Trains a tokeniser on a data set. The run is stored in the home.')
    .option('--dataset <name>', 'data set to train on: name or id')
    .option('--model <id>', `tokeniser to train (default: ${DEFAULT_MODEL})`);
  addTrainingOptions(command)
    .examples(
      'tessera semantic-ids train --dataset beauty',
      'tessera semantic-ids train --dataset beauty --model residual-kmeans --set levels=4 --set codes=128',
      'tessera semantic-ids train --resume rq-vae-beauty-seed1',
    )
    .action(trainTokeniser);
}

async function trainTokeniser(options: TrainOptions, command: CliCommand): Promise<void> {
  if (options.resume !== undefined) return train(options, command);
  const { findModel, models } = await import('../../../core/families/registry.ts');
  const model = findModel(options.model ?? DEFAULT_MODEL);
  if (model.task !== 'tokeniser') {
    const known = models.filter(({ task }) => task === 'tokeniser').map(({ id }) => id);
    throw new UserError(`${model.id} makes no Semantic IDs; choose one of: ${known.join(', ')}`);
  }
  return train({ ...options, model: model.id }, command);
}

interface ImportOptions {
  dataset: string;
  name?: string;
  codes: number;
  dropLast?: boolean;
  items?: string;
  dryRun?: boolean;
  set?: Record<string, unknown>;
}

function addImport(group: CliCommand): void {
  group
    .command('import <file>')
    .description(
      'Imports Semantic IDs: item → codes, the item as in the imported files, a code a whole number or a token such as ' +
        '"<a_183>". JSON, .npy, .npz, .safetensors, .csv, .tsv and .parquet are read. Everything is checked before ' +
        'anything is stored.',
    )
    .requiredOption('--dataset <name>', 'data set whose items the IDs are of: name or id')
    .option('--name <name>', 'name of the run (default: that of the file)')
    .option('--codes <number>', 'codes per level; 0 detects the number', wholeNumber(0), 0)
    .option('--drop-last', 'the last code only separates items with equal codes: replace it')
    .option(
      '--items <file>',
      'items that rows or numbers of the file stand for: one per line, or item, tab, number',
    )
    .option('--dry-run', 'say what matches the data set, and import nothing')
    .option(
      '--set <key=value>',
      'change a config key of the vectors used to measure the IDs; repeatable',
      setting,
    )
    .examples(
      'tessera semantic-ids import ids.json --dataset beauty --codes 256',
      'tessera semantic-ids import tiger.json --dataset beauty --drop-last --name tiger-ids',
      'tessera semantic-ids import codes.npy --items items.txt --dataset beauty --dry-run',
    )
    .action(importFile);
}

async function importFile(file: string, options: ImportOptions, command: CliCommand): Promise<void> {
  const { codes, dropLast = false, dryRun = false } = options;
  const itemsFile = options.items === undefined ? '' : resolve(options.items);
  const context = contextOf(command);
  const [{ importIds, matchIds }, { matchText }, { readItemIds }, { requireTrainable, trainingData }] =
    await Promise.all([
      import('../../../core/semantic-ids/import-ids.ts'),
      import('../text/semantic-ids-text.ts'),
      import('../../../core/data/read.ts'),
      import('../../services/analysis/training-data.ts'),
    ]);
  const measurable = await withStore(context, async (store) => {
    await requireTrainable(store, { model: 'imported-ids', dataset: options.dataset });
    const folder = store.datasets.folder(store.datasets.find(options.dataset).id);
    const asked = [file, await readItemIds(folder), { codebookSize: codes, dropLast, itemsFile }] as const;
    if (dryRun) {
      const match = await matchIds(...asked);
      printAnswer(context, [match, matchText(match)]);
      return null;
    }
    // Checked here, so that a bad file leaves no failed run behind.
    await importIds(...asked);
    return (await trainingData(store, options.dataset)).describesItems;
  });
  if (measurable === null) return;
  const content = measurable ? {} : { content: 'none' };
  const set = { ...content, ...options.set, file: resolve(file), itemsFile, codes, dropLast };
  const name = options.name ?? basename(file, extname(file));
  await train({ dataset: options.dataset, model: 'imported-ids', set, name, device: 'cpu' }, command);
}

async function stats(store: Store, reference: string, { step }: { step?: number }): Promise<Answer> {
  const [{ measuresOf, readTokeniser }, { statsJson, statsText }] = await Promise.all([
    import('../../services/analysis/tokenisers.ts'),
    import('../text/semantic-ids-text.ts'),
  ]);
  const opened = readTokeniser(store, reference, step);
  const measured = await measuresOf(store, opened);
  return [statsJson(opened, measured), statsText(opened, measured)];
}

interface ExportOptions {
  format?: 'json' | 'csv';
  out?: string;
  step?: number;
}

function addExport(group: CliCommand): void {
  group
    .command('export <run>')
    .description(
      'Writes the Semantic IDs of a run: every item with its title, its codes and its collision token.',
    )
    .addOption(
      new Option('--format <format>', "(default: by the file's name, else json)").choices(['json', 'csv']),
    )
    .option('--out <file>', 'write to this file, completely or not at all')
    .option('--step <number>', 'the IDs of this step instead of the selected ones', wholeNumber(0))
    .examples(
      'tessera semantic-ids export rq-vae-beauty-seed1 --out ids.csv',
      'tessera semantic-ids export 4kc --format json > ids.json',
    )
    .run(exportIds);
}

async function exportIds(context: CommandContext, reference: string, options: ExportOptions): Promise<void> {
  const { out, step } = options;
  const format = options.format ?? (extname(out ?? '').toLowerCase() === '.csv' ? 'csv' : 'json');
  if (context.json && out === undefined && format !== 'json') {
    throw new UserError(`--json and --format ${format} conflict: leave one out, or add --out FILE`);
  }
  const [{ itemsWithCodes, readTokeniser }, { idsCsv, idsJson }] = await Promise.all([
    import('../../services/analysis/tokenisers.ts'),
    import('../text/semantic-ids-text.ts'),
  ]);
  const items = await withStore(context, (store) => itemsWithCodes(readTokeniser(store, reference, step)));
  const text = format === 'csv' ? idsCsv(items) : idsJson(items);
  if (out === undefined) process.stdout.write(text);
  else {
    writeWhole(out, text);
    if (context.json) printJson({ file: out, format, items: items.length });
    else print(`Wrote ${countText(items.length, 'item')} to ${out} (${format}).`);
  }
}

async function compare(store: Store, references: string[]): Promise<Answer> {
  if (references.length < 2) throw new UserError('name two or more runs to compare');
  const [{ comparedTokenisers, readTokeniser }, { comparisonText }] = await Promise.all([
    import('../../services/analysis/tokenisers.ts'),
    import('../text/semantic-ids-text.ts'),
  ]);
  const compared = comparedTokenisers(references.map((reference) => readTokeniser(store, reference)));
  return [compared, comparisonText(compared)];
}
