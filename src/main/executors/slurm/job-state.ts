/** Reads what Slurm prints about jobs, and maps its states to ours. */

export type JobPhase = 'pending' | 'running' | 'ended' | 'gone';
export type JobOutcome =
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'timed-out'
  | 'preempted'
  | 'node-failed'
  | 'out-of-memory';

export interface JobState {
  /** gone: Slurm knows nothing of it, and it has not said what became of it. */
  phase: JobPhase;
  /** Why it waits or ended, in Slurm's words, such as Priority. */
  reason: string | null;
  node: string | null;
  /** Until its time limit. */
  secondsLeft: number | null;
  /** Unix milliseconds; where it waits, Slurm's guess. */
  startsAt: number | null;
  submittedAt: number | null;
  /** Where it waits, how many jobs of its partition have a higher priority; null where nobody has asked. */
  ahead: number | null;
  outcome: JobOutcome | null;
  exitCode: number | null;
  /** How often it was started. */
  starts: number;
}

export const GONE: JobState = {
  phase: 'gone',
  reason: null,
  node: null,
  secondsLeft: null,
  startsAt: null,
  submittedAt: null,
  ahead: null,
  outcome: null,
  exitCode: null,
  starts: 0,
};

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

/** Lines of squeue as the agent asks it, with times in seconds since 1970; by job, such as "12" or "12_3". */
export function parseSqueue(text: string): Map<string, JobState> {
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

/** Lines of `sacct -XnP` as the agent asks it. */
export function parseSacct(text: string): Map<string, JobState> {
  return byJob(text, /^(.*\|){4}/, (line) => {
    const [job, word, exit, node, reason] = line.split('|');
    const state = { ...GONE, ...stateOf(word), node: known(node), reason: known(reason) };
    return [job, { ...state, exitCode: state.phase === 'ended' ? parseExit(exit) : null }];
  });
}

/** Lines of `scontrol -o show job`. */
export function parseScontrol(text: string): Map<string, JobState> {
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

/** Of a time limit, where a number alone is minutes, and hours follow days: "90", "1-12". Without one it never ends; NaN where it is none. */
export function limitSeconds(limit: string | null): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  const [days, rest] = limit.includes('-') ? limit.split('-') : ['0', limit];
  const parts = rest.split(':').map(Number);
  const [hours, minutes, seconds] = limit.includes('-') || parts.length === 3 ? parts : [0, ...parts];
  return ((Number(days) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}
