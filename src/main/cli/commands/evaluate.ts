import { Option } from 'commander';
import { duration } from '../../../core/documents/format.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import type { CheckpointEvaluation } from '../../../core/training/events.ts';
import { program } from '../../data-folder/command-line.ts';
import { threadsOf } from '../../services/settings.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, withStore } from '../context.ts';
import { type ComputeOptions, chosenDevice, deviceChoice, threadsOption } from '../device-option.ts';
import { setting } from '../options.ts';
import { metricLines } from '../text/trained-text.ts';
import { followToEnd } from '../train-run.ts';

interface EvaluateOptions extends ComputeOptions {
  set?: Record<string, unknown>;
  checkpoint: 'best' | 'last';
  split?: 'valid' | 'test';
  name?: string;
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
      'change a key of the protocol: targets, historyFilter, historyWindow, rankLimit, targetTime, or how lists are generated: ' +
        'beams, decoding, samplingTemperature, coldShare, retrieval, graphEdges, graphSteps; repeatable',
      setting,
    )
    .addOption(
      new Option('--checkpoint <kind>', 'the epoch that was tested, or the newest one')
        .choices(['best', 'last'])
        .default('best'),
    )
    .addOption(new Option('--split <split>', 'held-out items (default: both)').choices(['valid', 'test']))
    .option('--device <id>', 'where to compute (default: auto)')
    .addOption(threadsOption())
    .option('--name <name>', "name of the new run (default: derived from the run's)")
    .examples(
      'tessera evaluate sasrec-ml-1m-seed1 --set historyFilter=none',
      'tessera evaluate sasrec-ml-1m-seed1 --checkpoint last --split test',
      'tessera evaluate tiger-beauty-seed1 --set decoding=sample --set samplingTemperature=1.5',
    )
    .run(evaluate);
}

async function evaluate(context: CommandContext, reference: string, options: EvaluateOptions): Promise<void> {
  const { checkpoint, set = {}, split } = options;
  const name = options.name?.trim() || null;
  const device = deviceChoice(options.device);
  const splits: CheckpointEvaluation['splits'] = split ? [split] : ['valid', 'test'];
  const { evaluationRun } = await import('../../services/runs/evaluation-run.ts');
  await withStore(context, async (store) => {
    const threads = threadsOf(store, options.threads);
    const asked = { run: reference, checkpoint, set, splits, device, threads, name };
    const request = evaluationRun(store, asked);
    const auto = await chosenDevice(device);
    await followToEnd(store, context, (service) => service.startNew(request, auto), evaluatedText);
  });
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
