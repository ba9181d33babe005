/** The options of every command that begins a study. */
import type { StudyKind } from '../../../core/store/home/study-spec.ts';
import type { CliCommand } from '../command.ts';
import { type ComputeOptions, deviceChoice, threadsOption } from '../device-option.ts';
import { addPlaceOptions, type JobFlags, jobOfTraining } from '../job-options.ts';
import { listOf, setting, wholeNumber } from '../options.ts';

export interface StudyOptions extends ComputeOptions, JobFlags {
  dataset: string;
  set?: Record<string, unknown>;
  seeds: number[];
  name?: string;
  on?: string;
  dryRun?: boolean;
  measure?: boolean;
}

export function studyOptions(command: CliCommand, kind: StudyKind): CliCommand {
  command
    .requiredOption('--dataset <name>', 'data set to train on: name or id')
    .option('--set <key=value>', 'change one key of the config of every run; repeatable', setting)
    .option('--seeds <list>', 'one run per seed', listOf(wholeNumber(0)), [1])
    .option('--device <id>', 'where to compute (default: auto)')
    .addOption(threadsOption());
  addPlaceOptions(command).option(
    '--name <name>',
    `name of the ${kind} (default: derived from model and data set)`,
  );
  if (kind === 'sweep') return command.option('--dry-run', 'show the trials, and start nothing');
  return command
    .option('--dry-run', 'show the grid and what it costs, and start nothing')
    .option('--measure', 'with --dry-run: train every size for some seconds to see what it takes');
}

/** The part of a request that these options determine. */
export function sharedRequest({ dataset, set = {}, seeds, device, threads, on, ...flags }: StudyOptions) {
  const job = jobOfTraining(on, flags);
  return { dataset, seeds, overrides: set, device: deviceChoice(device), threads, on, job };
}
