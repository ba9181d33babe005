/** What a scheduler is told of a job. */
import type { HostJob } from '../../../core/api/hosts.ts';
import { shellQuote } from '../../../core/names.ts';
import type { SchedulerFacts } from '../../../core/schedulers/facts.ts';
import { SCHEDULERS, secondsOf } from '../../../core/schedulers/schedulers.ts';
import { warningSeconds } from '../../../core/schedulers/time-limit.ts';
import type { JobOptions } from '../../../core/training/job-options.ts';
import { GOES_ON } from '../../workers/serve-trainings.ts';

/** One command of a job; several are an array of jobs. */
export interface JobTask {
  /** Absolute, and its own: where the job says what became of it. */
  folder: string;
  command: readonly string[];
}

export interface Job {
  tasks: readonly JobTask[];
  options: HostJob;
}

/** The job options of a host, overridden by those of a run; the script has the lines of both. */
export function withJob(usual: HostJob, { lines = [], ...job }: JobOptions): HostJob {
  return { ...usual, ...job, lines: [...usual.lines, ...lines] };
}

/**
 * The script. Before the time limit it is told alone (USR1), by the scheduler or by itself, and preemption tells it unless the
 * site says otherwise (TERM): it hands both on as TERM. The command's exit code goes to a file, which outlives the scheduler's memory.
 */
export function batchScript({ tasks, options }: Job, facts: SchedulerFacts): string {
  const { directive, script } = SCHEDULERS[facts.kind];
  const isOption = (line: string) => line.startsWith(directive);
  const cases = tasks.map(
    ({ folder, command }, at) =>
      `  ${at + script.firstTask}) folder=${shellQuote(folder)}; set -- ${command.map(shellQuote).join(' ')} ;;`,
  );
  const limit = script.isWarned ? Number.POSITIVE_INFINITY : secondsOf(options, facts);
  const warnsAfter = Math.floor(limit - warningSeconds(limit));
  return [
    '#!/bin/sh',
    // A scheduler reads no option behind the first command.
    ...options.lines.filter(isOption),
    'umask 077',
    script.names,
    `case "\${task:-${script.firstTask}}" in`,
    ...cases,
    '  *) exit 0 ;;',
    'esac',
    'export TESSERA_NODE="$node"',
    // What goes wrong from here on is said in the run's own folder, in an array too.
    'exec >> "$folder/job.log" 2>&1',
    ...options.lines.filter((line) => !isOption(line)),
    BEGIN,
    ...(Number.isFinite(limit) ? [alarm(warnsAfter)] : []),
    FOLLOW,
    ...(script.requeue === null
      ? []
      : [`if [ "$warned" = yes ] && [ "$code" = ${GOES_ON} ]; then\n  ${script.requeue}\nfi`]),
    END,
  ].join('\n');
}

const alarm = (seconds: number) =>
  `(trap 'kill $!; exit' TERM; sleep ${seconds} & wait $!; kill -USR1 $$) > /dev/null 2>&1 &\nalarm=$!`;

const BEGIN = `cd "$folder" || exit 1
# Its number is kept just after it was submitted. Another one's is there where it was submitted twice.
tries=0
until [ -f job-number ] || [ "$tries" = 30 ]; do tries=$((tries + 1)); sleep 1; done
[ ! -f job-number ] || { read -r kept < job-number && [ "$kept" = "$job" ]; } || exit 0
[ ! -e closed ] || exit 0
# It may be requeued when it has just ended.
[ ! -f exit-code ] || { read -r code < exit-code && [ "$code" = 0 ] && exit 0; }
rm -f exit-code
start=0
[ ! -f starts ] || read -r start < starts
start=$((start + 1))
echo "$start" > starts
warned=no
alarm=
"$@" >> output.log 2>&1 &
child=$!
trap 'told=yes; kill -TERM "$child" 2>/dev/null' TERM
trap 'told=yes; warned=yes; kill -TERM "$child" 2>/dev/null' USR1`;

/** A signal interrupts a wait, which is then repeated; of a command whose end is known already, it says 127. */
const FOLLOW = `code=0
told=yes
while [ "$told" = yes ]; do
  told=no
  wait "$child"
  waited=$?
  [ "$waited" = 127 ] || code=$waited
done
[ -z "$alarm" ] || kill "$alarm" 2>/dev/null
# Told before it listened, it was ended by the signal itself.
[ "$warned$code" != yes143 ] || code=${GOES_ON}`;

const END = `read -r now < starts
[ "$now" = "$start" ] || exit 0
echo "$code" > exit-code.part && mv exit-code.part exit-code
exit "$code"
`;
