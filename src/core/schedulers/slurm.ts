/** Slurm, as its programs of 21.08 and later speak. */
import type { Partition } from './facts.ts';
import { GONE, type JobOutcome, type JobState } from './job-state.ts';
import { cellsOf, type Scheduler } from './scheduler.ts';
import { limitSeconds, warningSeconds } from './time-limit.ts';

const QUEUE_FORMAT = '%i|%T|%L|%S|%V|%N|%r';
const PAST_FORMAT = 'JobID,State,ExitCode,NodeList,Reason';

export const slurm: Scheduler = {
  title: 'Slurm',
  options: {
    partition: 'Partition',
    account: 'Account',
    time: 'Time limit',
    memory: 'Memory',
    gpus: 'GPUs',
  },
  refusal: () => null,
  asksForGpus: ({ gpus }) => gpus !== null,
  gpuAdvice: '--gpus 1',

  probe: `version=$(sbatch --version 2>/dev/null)
[ -n "$version" ] && {
  echo "scheduler $version"
  echo "accounting $(scontrol show config 2>/dev/null | sed -n 's/^AccountingStorageType *= *//p')"
  sinfo -h -o 'partition %P %l %D %c %m %G' 2>/dev/null
}`,
  facts: (all) => ({
    version: all('scheduler')[0].replace(/^slurm(-wlm)? /, ''),
    accounting: /slurmdbd|mysql/.test(all('accounting')[0] ?? ''),
    partitions: all('partition').map(parsePartition),
  }),

  submit: { command: ['sbatch', '--parsable'], number: /^(\d+)(;|$)/m },
  optionsOf: ({ partition, account, time, memory, gpus }) => {
    const asked = { partition, account, time, mem: memory, gres: gpus === null ? null : `gpu:${gpus}` };
    const warning = Math.floor(warningSeconds(limitSeconds(time)));
    return [
      ...Object.entries(asked).flatMap(([key, value]) => (value === null ? [] : [[`--${key}=${value}`]])),
      ['--open-mode=append'],
      [`--signal=B:USR1@${warning}`],
      ['--requeue'],
    ];
  },
  // Percent signs stand for something in the name of the file.
  submissionOptions: ({ name, output, array }) => [
    [`--job-name=${name}`],
    [`--output=${output.replaceAll('%', '%%')}`],
    ...(array ? [[`--array=${array.tasks.join(',')}%${array.atOnce}`]] : []),
  ],
  directive: '#SBATCH',
  script: {
    names: `task="$SLURM_ARRAY_TASK_ID"
job="$SLURM_JOB_ID"
node="$SLURMD_NODENAME"
[ -z "$task" ] || job="\${SLURM_ARRAY_JOB_ID}_$task"`,
    firstTask: 0,
    isWarned: true,
    requeue: 'scontrol requeue "$job" >> output.log 2>&1 && { sleep 60; exit 0; }',
  },
  numberOf: (ask, name) => {
    // Of an array: each task has another number of its own.
    const said = ask('asking for jobs', ['squeue', '--me', '-h', '-t', 'all', '-n', name, '-o', '%F']);
    return /^ *(\d+) *$/m.exec(said)?.[1] ?? null;
  },
  cancel: (ask, jobs) => void ask('cancelling', ['scancel', ...jobs]),
  states: (ask, { jobs, accounting }) => {
    const queue = parseQueue(
      ask('asking for jobs', ['squeue', '--me', '-h', '-r', '-t', 'all', '-o', QUEUE_FORMAT]),
    );
    const others = jobs.filter((job) => !queue.has(job));
    if (others.length === 0) return queue;
    const old = () =>
      parsePast(ask('asking for old jobs', ['sacct', '-XnP', '-o', PAST_FORMAT, '-j', others.join(',')]));
    const show = (job: string) =>
      ask('asking for a job', ['scontrol', '-o', 'show', 'job', job], /Invalid job id/);
    const shown = () => others.map(show).join('\n');
    return new Map([...(accounting ? old() : parseShown(shown())), ...queue]);
  },
  ahead: (ask, user) => {
    const said = ask('asking for jobs', ['squeue', '-h', '-t', 'PD', '-o', '%i|%P|%Q|%u']);
    const all = cellsOf(said).map(([job, partition, priority, owner]) => ({
      ...{ job, partition, priority: Number(priority), owner, number: Number.parseInt(job, 10) },
      count: tasksOf(job),
    }));
    // Of one priority the first one comes first. An array counts with all its jobs that wait.
    const before = ({ partition, priority, number }: (typeof all)[number]) =>
      all
        .filter((other) => other.partition === partition)
        .filter((one) => one.priority > priority || (one.priority === priority && one.number < number))
        .reduce((sum, { count }) => sum + count, 0);
    const mine = all.filter(({ owner }) => owner === user);
    return Object.fromEntries(mine.map((one) => [one.job.split('_')[0], before(one)]));
  },

  shell: {
    cancel: 'scancel "$id"',
    why: `squeue -h -j "$id" -o '%T (%r)'`,
    script: 'scontrol write batch_script "$id" - 2>/dev/null',
  },
  reasons: [
    [/^Priority/, 'other jobs have a higher priority'],
    [/^Resources/, 'it is the next one once enough is free'],
    [/^(QOS|Assoc)MaxJobs|^JobArrayTaskLimit/, 'you may run no more jobs at a time'],
    [/^(QOS|Assoc)/, 'your account has reached a limit'],
    [/^PartitionTimeLimit/, 'it asks for more time than the partition allows'],
    [/^(ReqNodeNotAvail|Partition|Nodes?Down|Reservation)/, 'the nodes that it could use are not available'],
    [/^BeginTime/, 'it was stopped, and starts again in a moment'],
    [/^JobHeld/, 'the job is held'],
    [/^Dependency/, 'another job comes first'],
  ],
  silent:
    /Unable to contact slurm controller|slurm\w* .*(Socket timed out|Zero Bytes)|Socket timed out on send/i,
  full: /(Max|Grp)SubmitJobs?\w*Limit/,
  environment: { without: ['SQUEUE_', 'SACCT_', 'SCANCEL_'], with: { SLURM_TIME_FORMAT: '%s' } },
};

/** "gpu* 4:00:00 2 64 515000 gpu:a100:4" */
function parsePartition(line: string): Partition {
  const [name = '', limit = '', nodes, cores, memory, gres = ''] = line.split(/\s+/);
  return {
    name: name.replace(/\*$/, ''),
    isDefault: name.endsWith('*'),
    timeLimit: limit === 'infinite' ? null : limit,
    nodes: Number.parseInt(nodes, 10) || 0,
    cores: Number.parseInt(cores, 10) || 0,
    memoryBytes: (Number.parseInt(memory, 10) || 0) * 2 ** 20,
    gres: gres === '(null)' ? null : gres,
  };
}

const PENDING = [
  'PENDING',
  'CONFIGURING',
  'REQUEUED',
  'REQUEUE_FED',
  'REQUEUE_HOLD',
  'SPECIAL_EXIT',
  'RESV_DEL_HOLD',
];

const OUTCOMES: Record<string, JobOutcome> = {
  COMPLETED: 'completed',
  CANCELLED: 'cancelled',
  FAILED: 'failed',
  BOOT_FAIL: 'node-failed',
  NODE_FAIL: 'node-failed',
  TIMEOUT: 'timed-out',
  DEADLINE: 'timed-out',
  PREEMPTED: 'preempted',
  REVOKED: 'preempted',
  OUT_OF_MEMORY: 'out-of-memory',
};

/** Of a state such as "RUNNING" or "CANCELLED by 1000". */
export function stateOf(word: string): Pick<JobState, 'phase' | 'outcome'> {
  const state = word.split(/[ +]/)[0];
  const outcome = OUTCOMES[state] ?? null;
  // All others, such as COMPLETING and SUSPENDED, still hold their node.
  const phase = outcome ? 'ended' : PENDING.includes(state) ? 'pending' : 'running';
  return { phase, outcome };
}

const known = (text: string | undefined) =>
  text === undefined || /^(N\/A|None|\(null\)|)$/i.test(text) ? null : text;

/** What is read of the rows of a text, by job. */
function byJob(text: string, row: RegExp, read: (line: string) => [job: string, JobState]) {
  const rows = text.split('\n').filter((line) => row.test(line));
  return new Map(rows.map(read));
}

/** Lines of squeue, with times in seconds since 1970; by job, such as "12" or "12_3". */
export function parseQueue(text: string): Map<string, JobState> {
  return byJob(text, /^(.*\|){6}/, (line) => {
    const [job, word, left, start, submitted, node, ...reason] = line.split('|');
    const seconds = limitSeconds(left);
    const state: JobState = {
      ...GONE,
      ...stateOf(word),
      reason: known(reason.join('|').trim()),
      node: known(node),
      secondsLeft: Number.isFinite(seconds) ? seconds : null,
      startsAt: parseTime(start),
      submittedAt: parseTime(submitted),
    };
    return [job.trim(), state];
  });
}

/** Lines of sacct. */
export function parsePast(text: string): Map<string, JobState> {
  return byJob(text, /^(.*\|){4}/, (line) => {
    const [job, word, exit, node, reason] = line.split('|');
    const state = { ...GONE, ...stateOf(word), node: known(node), reason: known(reason) };
    return [job, { ...state, exitCode: state.phase === 'ended' ? parseExit(exit) : null }];
  });
}

/** Lines of scontrol. */
export function parseShown(text: string): Map<string, JobState> {
  return byJob(text, /^JobId=/, (line) => {
    const field = (name: string) => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1];
    const task = field('ArrayTaskId');
    const job = task === undefined ? field('JobId') : `${field('ArrayJobId')}_${task}`;
    const state = { ...GONE, ...stateOf(field('JobState') ?? ''), node: known(field('NodeList')) };
    const exitCode = state.phase === 'ended' ? parseExit(field('ExitCode')) : null;
    return [job ?? '', { ...state, reason: known(field('Reason')), exitCode }];
  });
}

/** Seconds since 1970, or N/A. */
function parseTime(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) * 1000 : null;
}

/** "1:0" is an exit code, "0:9" a signal. */
function parseExit(text: string | undefined): number | null {
  const [code, signal] = (text ?? '').split(':').map(Number);
  if (!Number.isInteger(code)) return null;
  return signal > 0 ? 128 + signal : code;
}

/** Of "12", or of an array such as "12_[0-3,7%4]". */
function tasksOf(job: string): number {
  const list = /_\[([^%\]]*)/.exec(job)?.[1];
  if (list === undefined) return 1;
  return list.split(',').reduce((sum, part) => {
    const [from, to = from] = part.split('-').map(Number);
    return sum + (Number.isInteger(to - from) ? to - from + 1 : 1);
  }, 0);
}
