/** OpenPBS and PBS Professional, as their programs of version 19 and later speak. */
import { GONE, type JobOutcome, type JobState } from './job-state.ts';
import type { Scheduler } from './scheduler.ts';
import { limitSeconds } from './time-limit.ts';

const UNKNOWN = /Unknown Job Id|Job has finished/i;

export const pbs: Scheduler = {
  title: 'PBS',
  options: { partition: 'Queue', account: 'Account', time: 'Time limit', memory: 'Memory', gpus: 'GPUs' },
  refusal: ({ partition, gpus }) => {
    if (partition?.includes(',')) return 'a job of PBS waits in one queue';
    if (gpus?.includes(':'))
      return 'PBS counts GPUs of one kind: ask for another with a line such as "#PBS -l select=1:ngpus=1:gpu_model=a100"';
    return null;
  },
  asksForGpus: ({ gpus, lines }) => gpus !== null || lines.some((line) => /^#PBS .*ngpus=[1-9]/.test(line)),
  gpuAdvice: '--gpus 1',

  probe: `version=$(qsub --version 2>/dev/null | sed -n 's/^pbs_version *= *//p')
[ -n "$version" ] && server=$(qstat -B -f 2>/dev/null) && {
  echo "scheduler $version"
  printf '%s\\n' "$server" | sed -n 's/^ *\\(default_queue\\) *= */\\1 /p; s/^ *\\(job_history_enable\\) *= */\\1 /p'
  qstat -Q -f 2>/dev/null | awk '
    /^Queue:/ {if (type == "Execution") print "queue", name, limit; name = $2; limit = "-"; type = ""}
    $1 == "queue_type" {type = $3}
    $1 == "resources_max.walltime" {limit = $3}
    END {if (type == "Execution") print "queue", name, limit}'
}`,
  facts: (all) => ({
    version: all('scheduler')[0],
    accounting: all('job_history_enable').includes('True'),
    partitions: all('queue').map((line) => {
      const [name, limit] = line.split(' ');
      const isDefault = all('default_queue').includes(name);
      const unknown = { nodes: 0, cores: 0, memoryBytes: 0, gres: null };
      return { name, isDefault, timeLimit: limit === '-' ? null : limit, ...unknown };
    }),
  }),

  submit: { command: ['qsub'], number: /^(\d+)(\[\])?\./m },
  optionsOf: ({ partition, account, time, memory, gpus }) => {
    const chunk = [
      ...(memory === null ? [] : [`mem=${/\D$/.test(memory) ? memory : `${memory}M`}B`.toLowerCase()]),
      ...(gpus === null ? [] : [`ngpus=${gpus}`]),
    ];
    return [
      ...(partition === null ? [] : [['-q', partition]]),
      ...(account === null ? [] : [['-A', account]]),
      ...(time === null ? [] : [['-l', `walltime=${limitSeconds(time)}`]]),
      ...(chunk.length === 0 ? [] : [['-l', ['select=1', ...chunk].join(':')]]),
      ...[
        ['-r', 'y'],
        ['-m', 'n'],
        ['-S', '/bin/sh'],
      ],
    ];
  },
  submissionOptions: ({ name, output, array }) => [
    ['-N', name],
    ['-j', 'oe'],
    ['-o', output],
    ...(array
      ? [
          ['-J', rangeOf(array.tasks)],
          ['-W', `max_run_subjobs=${array.atOnce}`],
        ]
      : []),
  ],
  directive: '#PBS',
  script: {
    names: `task="$PBS_ARRAY_INDEX"
job="\${PBS_JOBID%%[!0-9]*}"
[ -z "$task" ] || job="\${job}_$task"
node=$(hostname)`,
    firstTask: 0,
    isWarned: false,
    // It is for operators alone.
    requeue: null,
  },
  numberOf: (ask, name, user) => {
    const said = ask('asking for jobs', ['qselect', '-u', user, '-N', name]);
    return /^(\d+)(\[\])?\./m.exec(said)?.[1] ?? null;
  },
  cancel: (ask, jobs) => void ask('cancelling', ['qdel', ...jobs.map(ownName)], UNKNOWN),
  states: (ask, { jobs, accounting }) => {
    const history = accounting ? ['-x'] : [];
    const command = ['qstat', ...history, '-f', '-F', 'json', ...jobs.map(ownName)];
    return parseJobs(ask('asking for jobs', command, UNKNOWN));
  },
  ahead: null,

  shell: {
    cancel: 'qdel "$id"',
    why: `qstat -f "$id" | sed -n 's/^ *comment = //p'`,
    script: ':',
  },
  reasons: [
    [/subjobs? limit|would exceed|limit (has been )?reached/i, 'you may run no more jobs at a time'],
    [/^Not Running: (Insufficient|Not enough)/, 'it waits until enough is free'],
    [/^Not Running/, 'it cannot run yet'],
    [/^Job held/, 'the job is held'],
  ],
  silent: /cannot connect to (any )?server|pbs_iff: |\(errno=1\d{2}\)|Communication failure/,
  full: /would exceed .*limit|Maximum number of jobs already in queue/i,
  environment: { without: ['PBS_DPREFIX'], with: {} },
};

/** It has two ends: one task is the first of every two. */
function rangeOf(tasks: readonly number[]): string {
  const [first, last] = [tasks[0], tasks[tasks.length - 1]];
  return first === last ? `${first}-${first + 1}:2` : `${first}-${last}`;
}

/** "12_3" is "12[3]" there. */
const ownName = (job: string) => job.replace(/_(\d+)$/, '[$1]');

const PENDING = ['Q', 'H', 'W', 'T', 'M'];
const ENDED = ['F', 'X'];
/** Of a job that was deleted. */
const TERMINATED = 91;

/** Negative codes are of PBS itself. */
const OUTCOMES: Record<string, JobOutcome> = {
  0: 'completed',
  [-3]: 'node-failed',
  [-26]: 'out-of-memory',
  [-27]: 'out-of-memory',
  [-29]: 'timed-out',
};

/** What is read of a job; all may be missing. */
interface Told {
  job_state?: string;
  substate?: number;
  comment?: string;
  exec_host?: string;
  Exit_status?: number | null;
  qtime?: string | number;
  stime?: string | number;
  estimated?: { start_time?: string | number };
  Resource_List?: { walltime?: string };
  resources_used?: { walltime?: string };
}

/** What `qstat -f -F json` says. */
export function parseJobs(said: string): Map<string, JobState> {
  if (said.trim() === '') return new Map();
  const { Jobs: jobs = {} } = JSON.parse(said) as { Jobs?: Record<string, Told> };
  return new Map(
    Object.entries(jobs).flatMap(([id, told]) => {
      const [, number, task] = /^(\d+)(?:\[(\d+)\])?/.exec(id) ?? [];
      return number === undefined ? [] : [[task === undefined ? number : `${number}_${task}`, stateOf(told)]];
    }),
  );
}

function stateOf(told: Told): JobState {
  const { job_state: letter = '', comment = null, exec_host: host } = told;
  const phase = PENDING.includes(letter) ? 'pending' : ENDED.includes(letter) ? 'ended' : 'running';
  const used = limitSeconds(told.resources_used?.walltime ?? '0');
  const left = limitSeconds(told.Resource_List?.walltime ?? null) - used;
  return {
    ...GONE,
    phase,
    reason: comment,
    node: host?.split('/')[0] ?? null,
    secondsLeft: phase === 'running' && Number.isFinite(left) ? Math.max(0, left) : null,
    startsAt: parseTime(phase === 'pending' ? told.estimated?.start_time : told.stime),
    submittedAt: parseTime(told.qtime),
    ...(phase === 'ended' ? endingOf(told) : {}),
  };
}

function endingOf({ substate, Exit_status: status = null }: Told): Pick<JobState, 'outcome' | 'exitCode'> {
  // Above 256 it was ended by a signal.
  const exitCode = status === null || status < 0 ? null : status >= 256 ? 128 + (status - 256) : status;
  const isOwn = status !== null && status < 0;
  if (substate === TERMINATED && !isOwn) return { outcome: 'cancelled', exitCode };
  return { outcome: (status === null ? null : OUTCOMES[status]) ?? 'failed', exitCode };
}

/** "Mon Apr  9 09:34:07 2018" of the host, or seconds since 1970. */
function parseTime(told: string | number | undefined): number | null {
  if (told === undefined) return null;
  const time = /^\d+$/.test(String(told)) ? Number(told) * 1000 : Date.parse(String(told));
  return Number.isNaN(time) ? null : time;
}
