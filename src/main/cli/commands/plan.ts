import { Option } from 'commander';
import { PAPER_STYLES, type PaperStyle } from '../../../core/plans/choices.ts';
import type { CliCommand } from '../command.ts';
import { type ComputeOptions, threadsOption } from '../device-option.ts';
import { commaList } from '../options.ts';

export interface PlanOptions extends ComputeOptions {
  hosts?: string[];
  useOtherVersions?: boolean;
}

export interface PlanRunOptions extends PlanOptions {
  retryDiverged?: boolean;
  out?: string;
}

export interface PlanTableOptions extends PlanOptions {
  style?: PaperStyle;
  out?: string;
  standalone?: boolean;
}

/** `plan check | run | table`: one file for the tables of a paper. */
export function addCommand(parent: CliCommand): void {
  const plan = parent
    .command('plan')
    .summary('train and write the tables of a paper from one file')
    .description(
      'A plan names data sets, splits, models with presets, settings and search spaces, seeds, results of other programs, baseline and metrics in one YAML file.',
    )
    .helpCommand(false);
  planOptions(plan.command('check <file>'))
    .description(
      'Says what a plan takes: which of its runs there are, what is to be trained, and for how long.',
    )
    .examples('tessera plan check paper.yaml', 'tessera plan check paper.yaml --json')
    .run(async (context, file: string, options: PlanOptions) => {
      const { checkPlan } = await import('../plan/run-plan.ts');
      await checkPlan(context, file, options);
    });
  planOptions(plan.command('run <file>'))
    .description(
      'Imports, trains and measures what is missing of a plan, and writes its tables. After a kill, however hard, the same command continues; ' +
        'failures are skipped and named at the end.',
    )
    .option('--device <id>', 'where to compute (default: auto)')
    .addOption(threadsOption())
    .option(
      '--hosts <names>',
      'hosts that train its runs, each in turn; "here" is this machine (default: here)',
      commaList,
    )
    .option(
      '--retry-diverged',
      'train runs that diverged once more; without it they stand in the tables as diverged',
    )
    .out('folder', "where tables and figures go (default: a folder of the plan's name beside its file)")
    .examples(
      'tessera plan run paper.yaml',
      'tessera plan run paper.yaml --hosts here,lab-gpu',
      'tessera plan run paper.yaml --device cpu --threads 4 --out tables/',
    )
    .run(async (context, file: string, options: PlanRunOptions) => {
      const { runPlan } = await import('../plan/run-plan.ts');
      await runPlan(context, file, options);
    });
  planOptions(plan.command('table <file>'))
    .description('Writes the tables of a plan from the runs that there are; rows without any are "to come".')
    .addOption(new Option('--style <style>', '(default: that of the plan)').choices(PAPER_STYLES))
    .option('--standalone', 'acm, ieee: a document that compiles by itself')
    .out('file', 'write to this file, completely or not at all')
    .examples(
      'tessera plan table paper.yaml --style acm --out tables.tex',
      'tessera plan table paper.yaml --style markdown',
    )
    .run(async (context, file: string, options: PlanTableOptions) => {
      const { tableOfPlan } = await import('../plan/run-plan.ts');
      await tableOfPlan(context, file, options);
    });
}

function planOptions(command: CliCommand): CliCommand {
  return command.option(
    '--use-other-versions',
    'use runs that other versions of the program trained, too; the text names them',
  );
}
