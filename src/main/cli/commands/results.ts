import { Option } from 'commander';
import { parseImportInput } from '../../../core/data/import/request.ts';
import { mainFigures, resultFacts } from '../../../core/documents/result-words.ts';
import { UserError } from '../../../core/errors.ts';
import { RESULT_ROLES, type ResultRole } from '../../../core/foreign/results/columns.ts';
import { resultImportSchema } from '../../../core/foreign/results/request.ts';
import type { MeasuredResult } from '../../../core/foreign/results/result.ts';
import type { CliCommand } from '../command.ts';
import { roleMap, SPLIT_SETTINGS, setting, statedFigure, wholeNumber } from '../options.ts';
import { factLines } from '../terminal/text-table.ts';

interface ImportOptions {
  dataset: string;
  split: 'test' | 'valid';
  map?: Record<string, string>;
  users?: string;
  items?: string;
  manifest?: string;
  set?: Record<string, unknown>;
  name?: string;
  program: string;
  model?: string;
  seed?: number;
  trainedOnValidation?: boolean;
  stated?: Record<string, number>;
  selection: 'validation' | 'final-epoch' | 'test';
  preview?: boolean;
}

/** `results import FILE`: recommendations of another program, measured as ours are. */
export function addCommand(parent: CliCommand): void {
  const group = parent.command('results').summary('take in results of other programs');
  group
    .command('import <file>')
    .summary('measure the recommendations of another program')
    .description(
      'Measures lists of recommendations of another program, or the scores of all items, on a data set, and keeps them as a run beside those of Tessera. ' +
        'The file has rows of user, item, and score or rank, as CSV, TSV, JSON lines, gzip of these, Parquet or a TREC run, with the ids of the imported data set; or arrays of NumPy.',
    )
    .requiredOption('--dataset <name>', 'data set that the lists are for')
    .addOption(
      new Option('--split <part>', 'which held-out items the lists are for')
        .choices(['test', 'valid'])
        .default('test'),
    )
    .option('--name <name>', 'name of the run (default: model or program, and data set)')
    .option('--program <name>', 'what made them, such as "RecBole 1.2"', 'another program')
    .option('--model <name>', 'name of its model')
    .option('--seed <number>', 'its seed', wholeNumber(0))
    .option(
      '--stated <metric=value>',
      'what the program itself found, such as ndcg@10=0.0431; shown beside what is measured here; repeatable',
      statedFigure,
    )
    .option('--map <role=column>', 'columns by role: user, item, score, rank', roleMap)
    .option('--users <file>', 'ids of the rows of an array, one a line')
    .option('--items <file>', 'ids of the columns of an array, or of what its indices count, one a line')
    .option(
      '--manifest <file>',
      'manifest.json of the exported split that it was made from (default: the one beside the file)',
    )
    .option('--set <key=value>', `without a manifest: ${SPLIT_SETTINGS}`, setting)
    .option('--trained-on-validation', 'it was trained on the validation items, too')
    .addOption(
      new Option('--selection <rule>', 'what chose its checkpoint')
        .choices(['validation', 'final-epoch', 'test'])
        .default('validation'),
    )
    .option('--preview', 'say what would be kept, and keep nothing')
    .examples(
      'tessera results import lists.csv --dataset films --program "RecBole 1.2" --model BERT4Rec',
      'tessera results import run.trec --dataset films --preview',
    )
    .ask(async (store, path: string, options: ImportOptions) => {
      const { importResult, previewResult } = await import('../../services/analysis/results.ts');
      const { preview, map, users, items, trainedOnValidation, selection, ...given } = options;
      const request = parseImportInput(resultImportSchema, {
        ...{ ...given, path, map: resultMap(map), ids: { users, items }, held: given.set },
        ...{ stated: { trainedOnValidation, selection }, figures: given.stated },
      });
      if (preview) {
        const { ranks: _, ...measured } = await previewResult(store, request);
        return [measured, resultText(measured)];
      }
      const run = await importResult(store, request);
      return [run, `Kept as run ${run.name} (${run.id}).\n\n${resultText({ ...run, facts: run.result })}`];
    });
}

function resultMap(map: Record<string, string> = {}): Partial<Record<ResultRole, string>> {
  const unknown = Object.keys(map).find((role) => !(RESULT_ROLES as readonly string[]).includes(role));
  if (unknown === undefined) return map;
  throw new UserError(`--map: "${unknown}" is no role of a result; choose from ${RESULT_ROLES.join(', ')}`);
}

function resultText({ metrics, facts }: Pick<MeasuredResult, 'metrics' | 'facts'>): string {
  const lines = resultFacts(facts).flatMap(([name, texts]) =>
    texts.map((text, at) => [at === 0 ? name : '', text] as const),
  );
  return [factLines(mainFigures(metrics)), '', factLines(lines)].join('\n');
}
