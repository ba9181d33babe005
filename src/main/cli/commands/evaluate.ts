import { Option } from 'commander';
import { duration } from '../../../core/documents/format.ts';
import { UserError } from '../../../core/errors.ts';
import { NEGATIVES_BY, type NegativesRule } from '../../../core/evaluation/negatives.ts';
import { countText } from '../../../core/names.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import type { CheckpointEvaluation } from '../../../core/training/events.ts';
import { program } from '../../data-folder/command-line.ts';
import { threadsOf } from '../../services/settings.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, print, withStore } from '../context.ts';
import { type ComputeOptions, chosenDevice, deviceChoice, threadsOption } from '../device-option.ts';
import { setting, wholeNumber } from '../options.ts';
import { metricLines } from '../text/trained-text.ts';
import { followToEnd } from '../train-run.ts';

interface EvaluateOptions extends ComputeOptions {
  set?: Record<string, unknown>;
  checkpoint: 'best' | 'last';
  split?: 'valid' | 'test';
  name?: string;
  negatives?: number;
  negativesBy?: NegativesRule['by'];
  negativesSeed?: number;
  saveNegatives?: string;
}

/** `evaluate RUN`: measure a checkpoint again, under another protocol. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('evaluate <run>')
    .summary("measure a run's checkpoint again, under another protocol")
    .description(
      'Evaluates a checkpoint of a run under another protocol, without training. The result is a run like any other, which ' +
        'can be compared.',
    )
    .option(
      '--set <key=value>',
      'change a key of the protocol: targets, testUsers, historyFilter, historyWindow, rankLimit, targetTime, or how lists are generated: ' +
        'beams, decoding, samplingTemperature, coldShare, retrieval, graphEdges, graphSteps; repeatable',
      setting,
    )
    .addOption(
      new Option('--checkpoint <kind>', 'the epoch that was tested, or the newest one')
        .choices(['best', 'last'])
        .default('best'),
    )
    .addOption(new Option('--split <split>', 'held-out items (default: both)').choices(['valid', 'test']))
    .option(
      '--negatives <number>',
      'rank the held-out item among so many items that the user never had, as many papers did, in place of all; such a ' +
        'result is never put beside full rankings',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--negatives-by <how>',
        'draw them uniformly, or by training interactions (default: uniform)',
      ).choices(NEGATIVES_BY),
    )
    .option('--negatives-seed <number>', 'draw others (default: 1)', wholeNumber(0))
    .option(
      '--save-negatives <file>',
      'write the candidates of the test to a CSV file, so that other programs rank the same ones',
    )
    .option('--device <id>', 'where to compute (default: auto)')
    .addOption(threadsOption())
    .option('--name <name>', "name of the new run (default: derived from the run's)")
    .examples(
      'tessera evaluate sasrec-ml-1m-seed1 --set historyFilter=none',
      'tessera evaluate sasrec-ml-1m-seed1 --checkpoint last --split test',
      'tessera evaluate sasrec-beauty-seed1 --negatives 100 --negatives-by popularity --save-negatives negatives.csv',
      'tessera evaluate tiger-beauty-seed1 --set decoding=sample --set samplingTemperature=1.5',
    )
    .run(evaluate);
}

async function evaluate(context: CommandContext, reference: string, options: EvaluateOptions): Promise<void> {
  const { checkpoint, set = {}, split } = options;
  const name = options.name?.trim() || null;
  const device = deviceChoice(options.device);
  const splits: CheckpointEvaluation['splits'] = split ? [split] : ['valid', 'test'];
  const among = negativesRule(options);
  const { evaluationRun } = await import('../../services/runs/evaluation-run.ts');
  await withStore(context, async (store) => {
    const threads = threadsOf(store, options.threads);
    const asked = { run: reference, checkpoint, set, splits, device, threads, name, among };
    const request = evaluationRun(store, asked);
    if (among && options.saveNegatives !== undefined) {
      const { writeNegatives } = await import('../../services/analysis/negatives-file.ts');
      const users = await writeNegatives(store, request, among, options.saveNegatives);
      if (!context.json)
        print(`Wrote ${options.saveNegatives}: the candidates of ${countText(users, 'user')}.`);
    }
    const auto = await chosenDevice(device);
    await followToEnd(store, context, (service) => service.startNew(request, auto), evaluatedText);
  });
}

/** Throws UserError for options of negatives without negatives. */
function negativesRule(options: EvaluateOptions): NegativesRule | undefined {
  const { negatives: count, negativesBy: by, negativesSeed: seed, saveNegatives } = options;
  if (count !== undefined) return { count, by: by ?? 'uniform', seed: seed ?? 1 };
  const lone = { '--negatives-by': by, '--negatives-seed': seed, '--save-negatives': saveNegatives };
  const [option] = Object.entries(lone).find(([, value]) => value !== undefined) ?? [];
  if (option !== undefined) throw new UserError(`${option} goes with --negatives NUMBER: say how many`);
  return undefined;
}

function evaluatedText(run: OwnRun): string {
  const { evaluates, seconds, id } = run;
  const what = evaluates ? `epoch ${evaluates.epoch} of ${evaluates.name}` : run.name;
  const compare = evaluates?.run
    ? `${program()} compare ${evaluates.run} ${id}`
    : `${program()} runs show ${id}`;
  return [`Evaluated ${what} in ${duration(seconds)}.`, ...metricLines(run), `Compare: ${compare}`].join(
    '\n',
  );
}
