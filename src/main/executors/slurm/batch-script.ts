/** What Slurm is told of a job. */
import { type HostJob, slurmArguments } from '../../../core/api/hosts.ts';
import { shellQuote } from '../../../core/names.ts';
import type { JobOptions } from '../../../core/training/job-options.ts';
import { GOES_ON } from '../../workers/serve-trainings.ts';
import { limitSeconds } from './job-state.ts';

/** One command of a job; several are an array of jobs. */
export interface SlurmTask {
  /** Absolute, and its own: where the job says what became of it. */
  folder: string;
  command: readonly string[];
}

export interface SlurmJob {
  tasks: readonly SlurmTask[];
  options: HostJob;
}

/** How long before its time limit a job is told; half of a short limit. */
const WARNING_SECONDS = 120;

/** The job options of a host, overridden by those of a run; the script has the lines of both. */
export function withJob(usual: HostJob, { lines = [], ...job }: JobOptions): HostJob {
  return { ...usual, ...job, lines: [...usual.lines, ...lines] };
}

/** Of sbatch, besides the script, the name of the job and where its output goes. */
export function sbatchArguments(options: HostJob): string[] {
  return [
    ...slurmArguments(options),
    '--open-mode=append',
    `--signal=B:USR1@${Math.floor(Math.min(WARNING_SECONDS, limitSeconds(options.time) / 2))}`,
    '--requeue',
  ];
}

/**
 * The script. Before the time limit Slurm tells the script alone (USR1), and preemption tells it unless the site says
 * otherwise (TERM): it hands both on as TERM. The command's exit code goes to a file, which outlives Slurm's own memory.
 */
export function batchScript({ tasks, options: { lines } }: SlurmJob): string {
  const isOption = (line: string) => line.startsWith('#SBATCH');
  const cases = tasks.map(
    ({ folder, command }, at) =>
      `  ${at}) folder=${shellQuote(folder)}; set -- ${command.map(shellQuote).join(' ')} ;;`,
  );
  return [
    '#!/bin/sh',
    // Slurm reads no option behind the first command.
    ...lines.filter(isOption),
    'umask 077',
    `case "\${SLURM_ARRAY_TASK_ID:-0}" in`,
    ...cases,
    'esac',
    // What goes wrong from here on is said in the run's own folder, in an array too.
    'exec >> "$folder/slurm.log" 2>&1',
    ...lines.filter((line) => !isOption(line)),
    RUN,
  ].join('\n');
}

/** A signal interrupts a wait, which is then repeated; of a command whose end is known already, it says 127. */
const RUN = `cd "$folder" || exit 1
job="$SLURM_JOB_ID"
[ -z "$SLURM_ARRAY_TASK_ID" ] || job="\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
# Its number is kept just after it was submitted. Another one's is there where it was submitted twice.
tries=0
until [ -f job-number ] || [ "$tries" = 30 ]; do tries=$((tries + 1)); sleep 1; done
[ ! -f job-number ] || { read -r kept < job-number && [ "$kept" = "$job" ]; } || exit 0
[ ! -e closed ] || exit 0
# Slurm may requeue what has just ended.
[ ! -f exit-code ] || { read -r code < exit-code && [ "$code" = 0 ] && exit 0; }
rm -f exit-code
start=0
[ ! -f starts ] || read -r start < starts
start=$((start + 1))
echo "$start" > starts
warned=no
"$@" >> output.log 2>&1 &
child=$!
trap 'told=yes; kill -TERM "$child" 2>/dev/null' TERM
trap 'told=yes; warned=yes; kill -TERM "$child" 2>/dev/null' USR1
code=0
told=yes
while [ "$told" = yes ]; do
  told=no
  wait "$child"
  waited=$?
  [ "$waited" = 127 ] || code=$waited
done
# Told before it listened, it was ended by the signal itself.
[ "$warned$code" != yes143 ] || code=${GOES_ON}
if [ "$warned" = yes ] && [ "$code" = ${GOES_ON} ]; then
  scontrol requeue "$job" >> output.log 2>&1 && { sleep 60; exit 0; }
fi
read -r now < starts
[ "$now" = "$start" ] || exit 0
echo "$code" > exit-code.part && mv exit-code.part exit-code
exit "$code"
`;
