import { Option } from 'commander';
import { parseImportInput } from '../../../core/data/import/request.ts';
import { grouped } from '../../../core/documents/format.ts';
import { mainFigures, provenance, resultFacts } from '../../../core/documents/result-words.ts';
import { UserError } from '../../../core/errors.ts';
import { NEGATIVES_BY, type NegativesRule } from '../../../core/evaluation/negatives.ts';
import { PART_ROLES, RESULT_ROLES, type RoleMap } from '../../../core/foreign/results/columns.ts';
import {
  resultImportSchema,
  STATED_SELECTIONS,
  STATED_TUNINGS,
} from '../../../core/foreign/results/request.ts';
import type { MeasuredResult } from '../../../core/foreign/results/result.ts';
import type { CliCommand } from '../command.ts';
import { roleMap, setting, statedFigure, wholeNumber } from '../options.ts';
import { factLines, textTable } from '../terminal/text-table.ts';

interface ImportOptions {
  dataset: string;
  split: 'test' | 'valid';
  map?: Record<string, string>;
  users?: string;
  items?: string;
  manifest?: string;
  set?: Record<string, unknown>;
  keepHistory?: boolean;
  candidates?: 'all' | 'sampled';
  negativesBy?: NegativesRule['by'];
  negativesSeed?: number;
  ascending?: boolean;
  skipBadRows?: boolean;
  name?: string;
  program: string;
  model?: string;
  seed?: number | 'none';
  trainedOnValidation?: boolean;
  stated?: Record<string, number>;
  selection?: (typeof STATED_SELECTIONS)[number];
  tuning?: (typeof STATED_TUNINGS)[number];
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
        'The file has rows of user, item, and score or rank, as CSV, TSV, JSON lines, gzip of these, Parquet or a TREC run, with the ids of the imported data set; or arrays of NumPy. ' +
        'What neither the file, a manifest nor an option says is unknown, and the result is then never marked best.',
    )
    .requiredOption('--dataset <name>', 'data set that the lists are for')
    .addOption(
      new Option('--split <part>', 'which held-out items the lists are for')
        .choices(['test', 'valid'])
        .default('test'),
    )
    .option('--name <name>', 'name of the run (default: model or program, and data set)')
    .option('--program <name>', 'what made them, such as "RecBole 1.2"', 'another program')
    .option('--model <name>', 'name of its model (default: what the file says)')
    .option('--seed <number>', 'its seed, or "none" of a model without randomness', seedOrNone)
    .option(
      '--stated <metric=value>',
      'what the program itself found, such as ndcg@10=0.0431; shown beside what is measured here; repeatable',
      statedFigure,
    )
    .option('--map <role=column>', `columns, or keys of JSON, by role: ${RESULT_ROLES.join(', ')}`, roleMap)
    .option('--users <file>', 'ids of the rows of an array, one per line')
    .option('--items <file>', 'ids of the columns of an array, or of what its indices count, one per line')
    .option(
      '--manifest <file>',
      'manifest.json of the exported split that it was made from (default: the one beside the file)',
    )
    .option(
      '--set <key=value>',
      'its protocol, as a training has it: split and its settings where no manifest says them; protocol, targets, historyFilter, historyWindow, candidates, rankLimit; repeatable',
      setting,
    )
    .option('--keep-history', "leave items of the user's history in the lists, like --set historyFilter=none")
    .addOption(
      new Option(
        '--candidates <which>',
        'what the lists were ranked among: all candidates, or a sample with the held-out item',
      ).choices(['all', 'sampled']),
    )
    .addOption(
      new Option(
        '--negatives-by <how>',
        'with --candidates sampled: they are those that "evaluate --save-negatives" wrote, drawn so; each list is checked',
      ).choices(NEGATIVES_BY),
    )
    .option('--negatives-seed <number>', 'and by this seed (default: 1)', wholeNumber(0))
    .option('--ascending', 'the smallest score is the best, as of distances')
    .option('--skip-bad-rows', 'leave rows out that cannot be read')
    .option('--trained-on-validation', 'it was trained on the validation items, too')
    .option('--no-trained-on-validation', 'it was not')
    .addOption(new Option('--selection <rule>', 'what chose its checkpoint').choices([...STATED_SELECTIONS]))
    .addOption(new Option('--tuning <items>', 'on what its settings were tuned').choices([...STATED_TUNINGS]))
    .option('--preview', 'say what would be kept, and keep nothing')
    .examples(
      'tessera results import lists.csv --dataset films --program "RecBole 1.2" --model BERT4Rec',
      'tessera results import run.trec --dataset films --preview',
      'tessera results import split/knn.npz --dataset films --model kNN --seed none --selection validation --tuning validation --no-trained-on-validation',
    )
    .ask(async (store, path: string, options: ImportOptions) => {
      const { earlierImports, importResults, previewResults } = await import(
        '../../services/analysis/results.ts'
      );
      const { preview, ...given } = options;
      const request = requestOf(path, given);
      if (preview) {
        const results = await previewResults(store, request);
        const texts = results.map((result) => resultText(result));
        const measured = results.map(({ ranks: _, behind: __, ...result }) => result);
        return [
          single(measured),
          [...sameFile(earlierImports(store, request, results)), ...texts].join('\n\n'),
        ];
      }
      const { runs, known } = await importResults(store, request);
      const texts = runs.map(
        (run) =>
          `Kept as run ${run.name} (${run.id}).\n\n${resultText({ ...run, part: {}, facts: run.result })}`,
      );
      return [single(runs), [...sameFile(known), ...texts].join('\n\n')];
    });
}

const sameFile = (known: readonly { id: string; name: string }[]): string[] =>
  known.length === 0
    ? []
    : [`The same file was imported before, as ${known.map(({ id, name }) => `${name} (${id})`).join(', ')}.`];

/** One result as itself, several as a list. */
const single = <T>(results: readonly T[]): T | readonly T[] => (results.length === 1 ? results[0] : results);

function requestOf(path: string, options: Omit<ImportOptions, 'preview'>) {
  const { map, users, items, trainedOnValidation, selection, tuning, set, keepHistory, stated, ...rest } =
    options;
  const { negativesBy: by, negativesSeed: seed, ...given } = rest;
  if (seed !== undefined && by === undefined)
    throw new UserError('--negatives-seed goes with --negatives-by: say how they were drawn');
  if (by !== undefined && given.candidates !== 'sampled')
    throw new UserError('--negatives-by goes with --candidates sampled');
  return parseImportInput(resultImportSchema, {
    ...{ ...given, path, map: resultMap(map), ids: { users, items }, figures: stated },
    negatives: by === undefined ? null : { by, seed },
    held: { ...set, ...(keepHistory ? { historyFilter: 'none' } : {}) },
    stated: { trainedOnValidation, selection, tuning },
  });
}

function seedOrNone(text: string): number | 'none' {
  return text === 'none' ? text : wholeNumber(0)(text);
}

function resultMap(map: Record<string, string> = {}): RoleMap {
  const unknown = Object.keys(map).find((role) => !(RESULT_ROLES as readonly string[]).includes(role));
  if (unknown === undefined) return map;
  throw new UserError(`--map: "${unknown}" is no role of a result; choose from ${RESULT_ROLES.join(', ')}`);
}

function resultText({ metrics, facts, part }: Pick<MeasuredResult, 'metrics' | 'facts' | 'part'>): string {
  const rows = resultFacts(facts).map(({ count, fact, example, follows }) => [
    ...[count === null ? '' : grouped(count), fact, example, follows],
  ]);
  const named = PART_ROLES.flatMap((role) => (part[role] === undefined ? [] : [[role, part[role]] as const]));
  return [
    ...(named.length > 0 ? [factLines(named), ''] : []),
    factLines(mainFigures(metrics)),
    '',
    textTable(['Count', 'Fact', 'Detail', 'What follows'], rows, ['Count']),
    '',
    factLines(provenance(facts)),
  ].join('\n');
}
