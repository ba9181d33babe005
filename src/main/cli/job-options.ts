/** How jobs of a cluster are submitted: options of hosts, and of what trains there. */
import { UserError } from '../../core/errors.ts';
import { type JobOptions, jobOptions } from '../../core/training/job-options.ts';
import type { CliCommand } from './command.ts';

export interface JobFlags extends Omit<JobOptions, 'lines'> {
  line?: string[];
}

export function addJobOptions(command: CliCommand): CliCommand {
  return command
    .option('--partition <name>', 'partition of jobs, or several: a,b')
    .option('--account <name>', 'account that jobs are charged to')
    .option('--time <limit>', 'time limit of a job: 4:00:00')
    .option('--memory <amount>', 'memory of a job: 32G')
    .option('--gpus <count>', 'GPUs of a job: 1 or a100:1')
    .option('--line <text...>', 'line of the batch script: "#SBATCH --qos=high" or "module load cuda"');
}

/** Where the trainings of a command run: a host, and on a cluster how. */
export function addPlaceOptions(command: CliCommand): CliCommand {
  return addJobOptions(
    command.option('--on <host>', 'train on another machine that "host add" knows (default: here)'),
  );
}

/** What is given of a job's options. Throws UserError for what an option may not be. */
export function jobFrom({ partition, account, time, memory, gpus, line: lines }: JobFlags): JobOptions {
  const all = { partition, account, time, memory, gpus, lines };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const parsed = jobOptions.safeParse(given);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new UserError(`"${path[0] === 'lines' ? 'line' : String(path[0])}" must be ${message}`);
}

/** The same for a training; without a host there is no job. */
export function jobOfTraining(on: string | undefined, flags: JobFlags): JobOptions | undefined {
  const job = jobFrom(flags);
  const [option] = Object.keys(job);
  if (option === undefined) return undefined;
  if (on !== undefined) return job;
  throw new UserError(
    `--${option === 'lines' ? 'line' : option} is for jobs on a cluster: name its host with --on`,
  );
}
