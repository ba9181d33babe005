/** Grid Engine: Son of Grid Engine and its relatives, as their programs of version 6.2 and later speak. */
import { GONE, type JobState } from './job-state.ts';
import type { Ask, Scheduler } from './scheduler.ts';
import { limitSeconds } from './time-limit.ts';

export const sge: Scheduler = {
  title: 'Grid Engine',
  // What GPUs are called is for each site to say.
  options: { partition: 'Queue', account: 'Project', time: 'Time limit', memory: 'Memory' },
  refusal: () => null,
  asksForGpus: ({ lines }) => lines.some((line) => /^#\$ .*gpu/i.test(line)),
  gpuAdvice: '--line "#$ -l gpu=1"',

  probe: `queues=$(qconf -sql 2>/dev/null)
[ -n "$queues" ] && {
  echo "scheduler $(qsub -help 2>/dev/null | head -n 1)"
  for queue in $queues; do
    echo "queue $queue $(qconf -sq "$queue" 2>/dev/null | sed -n 's/^h_rt  *\\([^ ,]*\\).*/\\1/p')"
  done
}`,
  facts: (all) => ({
    version: all('scheduler')[0].replace(/^\S*GE +/, ''),
    accounting: true,
    partitions: all('queue').map((line) => {
      const [name, limit = ''] = line.split(' ');
      const unknown = { nodes: 0, cores: 0, memoryBytes: 0, gres: null };
      // A job runs in any queue that has what it asks for.
      const isDefault = all('queue').length === 1;
      return { name, isDefault, timeLimit: /^\d/.test(limit) ? limit : null, ...unknown };
    }),
  }),

  submit: { command: ['qsub', '-terse'], number: /^(\d+)(\.|$)/m },
  optionsOf: ({ partition, account, time, memory }) => [
    ...(partition === null ? [] : [['-q', partition]]),
    ...(account === null ? [] : [['-P', account]]),
    ...(time === null ? [] : [['-l', `h_rt=${limitSeconds(time)}`]]),
    ...(memory === null ? [] : [['-l', `h_vmem=${memoryOf(memory)}`]]),
    ['-r', 'y'],
    ['-S', '/bin/sh'],
  ],
  submissionOptions: ({ name, output, array }) => [
    ['-N', name],
    ['-j', 'y'],
    ['-o', output],
    ...(array
      ? [
          ['-t', `${array.tasks[0]}-${array.tasks[array.tasks.length - 1]}`],
          ['-tc', String(array.atOnce)],
        ]
      : []),
  ],
  directive: '#$',
  script: {
    names: `task="$SGE_TASK_ID"
[ "$task" != undefined ] || task=
job="$JOB_ID"
[ -z "$task" ] || job="\${JOB_ID}_$task"
node=$(hostname)`,
    firstTask: 1,
    isWarned: false,
    // This exit code asks for it.
    requeue: 'exit 99',
  },
  numberOf: (ask, name, user) =>
    shownJobs(ask, user).find((field) => field('JB_name') === name)?.('JB_job_number') ?? null,
  cancel: (ask, jobs) => {
    const gone = /does not exist/;
    for (const [number, tasks] of byNumber(jobs))
      ask('cancelling', ['qdel', number, ...(tasks.length > 0 ? ['-t', tasks.join(',')] : [])], gone);
  },
  states: (ask, { user, jobs, begun }) => {
    const all = shownJobs(ask, user);
    const goOn = all.filter((field) => field('state') !== 'z');
    const shown = new Map(goOn.map((field) => [nameOf(field), shownState(field)]));
    const others = byNumber(jobs.filter((job) => !shown.has(job)));
    // Whatever keeps it from telling, nothing more is to be known of it.
    const account = (number: string) => ask('asking for an old job', ['qacct', '-j', number], /./);
    const accounts = [...others.keys()].flatMap((number) => parseAccounts(account(number)));
    // The account of a job comes some seconds after its end, and none of one that was deleted before it began.
    const numbers = new Set(all.map((field) => field('JB_job_number')));
    const known = jobs.filter((job) => numbers.has(job.split('_')[0]));
    const unaccounted = known.map((job) => [job, begun.has(job) ? LEAVING : DELETED] as const);
    return new Map([...unaccounted, ...accounts, ...shown]);
  },
  ahead: null,

  shell: {
    cancel: 'qdel "$id"',
    why: `qstat | awk -v id="$id" '$1 == id {print $5}'`,
    script: ':',
  },
  reasons: [
    [/^h\w*w$/, 'the job is held'],
    [/^E\w*w$/, 'it could not be started: "qstat -j" says why'],
    [/^R\w*q/, 'it was stopped, and starts again in a moment'],
  ],
  silent: /commlib error|unable to (contact|send message to) qmaster|qmaster .*got no response/i,
  full: /Only \d+ jobs are allowed per user/i,
  environment: { without: [], with: {} },
};

const LEAVING: JobState = { ...GONE, phase: 'running' };
const DELETED: JobState = { ...GONE, phase: 'ended', outcome: 'cancelled' };

/** Without a unit it counts bytes, and knows no T. */
function memoryOf(memory: string): string {
  if (memory.endsWith('T')) return `${1024 * Number.parseInt(memory, 10)}G`;
  return /\D$/.test(memory) ? memory : `${memory}M`;
}

/** Numbers of jobs, with those of their tasks. */
function byNumber(jobs: readonly string[]): Map<string, string[]> {
  const parts = jobs.map((job) => job.split('_'));
  const grouped = Map.groupBy(parts, ([number]) => number);
  return new Map([...grouped].map(([number, all]) => [number, all.flatMap(([, task]) => task ?? [])]));
}

/** What it says of a job, by the names of its fields. */
type Field = (name: string) => string | null;

/** Those that wait or run, each task by itself, and in the state z what ended last. */
function shownJobs(ask: Ask, user: string): Field[] {
  const said = ask('asking for jobs', ['qstat', '-xml', '-u', user, '-g', 'd', '-s', 'psrz']);
  return [...said.matchAll(/<job_list.*?<\/job_list>/gs)].map(
    ([job]) =>
      (name) =>
        new RegExp(`<${name}>([^<]*)</${name}>`).exec(job)?.[1] || null,
  );
}

const nameOf = (field: Field) => [field('JB_job_number'), field('tasks')].filter(Boolean).join('_');

function shownState(field: Field): JobState {
  const state = field('state') ?? '';
  const phase = /[qw]/.test(state) ? 'pending' : 'running';
  return {
    ...GONE,
    phase,
    reason: phase === 'pending' && state !== 'qw' ? state : null,
    node: field('queue_name')?.split('@')[1] ?? null,
    startsAt: parseTime(field('JAT_start_time')),
    submittedAt: parseTime(field('JB_submission_time')),
  };
}

/** In the time of the host. */
function parseTime(text: string | null): number | null {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? null : time;
}

/** What `qacct -j` says; of several starts the last one. */
export function parseAccounts(said: string): [job: string, JobState][] {
  return said.split(/^=+$/m).flatMap((account): [string, JobState][] => {
    const field = (name: string) => new RegExp(`^${name} +(.*?) *$`, 'm').exec(account)?.[1] ?? '';
    const number = field('jobnumber');
    if (number === '') return [];
    const task = field('taskid');
    const job = /^\d+$/.test(task) ? `${number}_${task}` : number;
    const [code, ...reason] = field('failed').split(/ *: */);
    const node = field('hostname');
    const known = { ...GONE, phase: 'ended', reason: reason.join(': ') || null, node } as const;
    return [[job, { ...known, ...endingOf(Number(code), field) }]];
  });
}

function endingOf(failed: number, field: (name: string) => string): Pick<JobState, 'outcome' | 'exitCode'> {
  const exitCode = Number.parseInt(field('exit_status'), 10);
  const seconds = Number.parseFloat(field('ru_wallclock'));
  const limit = Number(/h_rt=(\d+)/.exec(field('category'))?.[1] ?? Number.POSITIVE_INFINITY);
  if (failed === 0) return { outcome: exitCode === 0 ? 'completed' : 'failed', exitCode };
  // A limit was passed: the time that it was asked for, or else memory.
  if (failed === 37) return { outcome: seconds >= limit ? 'timed-out' : 'failed', exitCode };
  // Ended by a signal, or waiting for its next start when it was: its user, or whoever may, has deleted it.
  if (failed === 100 || failed === 25) return { outcome: 'cancelled', exitCode };
  return { outcome: 'node-failed', exitCode };
}
