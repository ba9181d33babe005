/** A cluster with Slurm, asked over ssh: its own commands on its login node. */
import { basename } from 'node:path';
import type { SlurmOptions } from '../../../core/api/hosts.ts';
import { UserError } from '../../../core/errors.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { batchScript, type SlurmJob, sbatchArguments } from './batch-script.ts';
import {
  GONE,
  type JobState,
  parseSacct,
  parseScontrol,
  parseSqueue,
  SACCT_FORMAT,
  SQUEUE_FORMAT,
} from './job-state.ts';

/** What Tessera keeps of a job. */
export interface SlurmHandle {
  /** As Slurm counts it: "12", or "12_3" in an array. */
  job: string;
  /** Of its task. */
  folder: string;
}

/**
 * "$1" the folder of the first task, "$2" the job's name, then options of sbatch, whose script is stdin. Asked again, after a
 * lost connection or a Slurm that was too busy to answer, it answers with the job that is there.
 */
const SUBMIT = `cd "$1" || exit 1
name="$2"
shift 2
cat > "job.sh.$$" && mv "job.sh.$$" job.sh || exit 1
if ! mkdir submitting 2>/dev/null; then
  for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s job ] || sleep 1; done
fi
trap 'rmdir submitting 2>/dev/null' EXIT
if [ ! -s job ]; then
  known=$(squeue --me -h -t all -n "$name" -o %A) || exit 1
  if [ -n "$known" ]; then echo "$known" | head -n 1 > job.part
  else sbatch --parsable "$@" job.sh > job.part || exit 1; fi
  mv job.part job || exit 1
fi
cat job`;

/**
 * All jobs of the user in one question; then what those of ours said themselves, whose numbers and folders are the lines of
 * stdin. With "ahead" as "$1" also how many jobs of the same partition are before each that waits: of one
 * priority the first.
 */
const LOOK = `SLURM_TIME_FORMAT=%s squeue --me -h -r -t all -o '${SQUEUE_FORMAT}' < /dev/null || exit 1
[ "$1" != ahead ] || squeue -h -r -t PD -o '%i %P %Q %u' < /dev/null | awk -v me="$(id -un)" '
  { job[NR] = $1; partition[NR] = $2; priority[NR] = $3 + 0; mine[NR] = $4 == me; number[NR] = $1 + 0 }
  END { for (a in job) if (mine[a]) {
    before = 0
    for (b in job) if (partition[b] == partition[a])
      before += priority[b] > priority[a] || (priority[b] == priority[a] && number[b] < number[a])
    print "ahead " job[a] " " before
  } }'
while IFS='\t' read -r job folder; do
  [ ! -f "$folder/starts" ] || { read -r said < "$folder/starts" && echo "starts $job $said"; }
  [ ! -f "$folder/exit-code" ] || { read -r said < "$folder/exit-code" && echo "exit $job $said"; }
done
true`;

/** "$1" "yes" with accounting, "$2" and on the jobs that squeue no longer shows. */
const LOOK_BACK = `accounting="$1"
shift
if [ "$accounting" = yes ]; then
  sacct -XnP -o ${SACCT_FORMAT} -j "$(IFS=,; echo "$*")"
else
  for job in "$@"; do scontrol -o show job "$job" 2>/dev/null; done
  true
fi`;

const AHEAD_MS = 60_000;

export class SlurmClient {
  readonly #connection: SshConnection;
  readonly #accounting: boolean;
  /** Of the jobs that wait, how many are before each, and when that was asked: the queue of a whole cluster is long. */
  #ahead: ReadonlyMap<string, number> = new Map();
  #aheadAt = 0;
  #someWait = false;

  constructor(connection: SshConnection, { accounting }: { accounting: boolean }) {
    this.#connection = connection;
    this.#accounting = accounting;
  }

  /** Submits a job whose folders are there; a handle for each task. What sbatch refuses, and why, is the error. */
  async submit(job: SlurmJob): Promise<SlurmHandle[]> {
    const said = await this.#connection.run({
      what: 'submitting the job',
      script: SUBMIT,
      args: [job.tasks[0].folder, job.name, ...sbatchArguments(job)],
      stdin: batchScript(job),
    });
    const id = /^(\d+)(;|$)/m.exec(said.trim())?.[1];
    if (id === undefined) throw new UserError(`${this.#connection.host}: sbatch gave no job number`);
    const { tasks } = job;
    return tasks.map(({ folder }, at) => ({ job: tasks.length > 1 ? `${id}_${at}` : id, folder }));
  }

  /** What has become of jobs, in one question to Slurm, or two where it has forgotten some. */
  async states(handles: readonly SlurmHandle[]): Promise<Map<string, JobState>> {
    if (handles.length === 0) return new Map();
    const stdin = handles.map(({ job, folder }) => `${job}\t${folder}\n`).join('');
    const wantsAhead = this.#someWait && Date.now() - this.#aheadAt > AHEAD_MS;
    const args = wantsAhead ? ['ahead'] : [];
    const asked = { what: 'asking for jobs', script: LOOK, args, stdin, timeoutMs: 60_000 };
    const said = await this.#connection.run(asked);
    const queued = parseSqueue(said);
    this.#someWait = [...queued.values()].some(({ phase }) => phase === 'pending');
    const { starts, exits, ahead } = parseOwnWords(said);
    if (wantsAhead) {
      this.#ahead = ahead;
      this.#aheadAt = Date.now();
    }
    const lost = handles.filter(({ job }) => !queued.has(job) && !exits.has(job)).map(({ job }) => job);
    const remembered = lost.length > 0 ? await this.#lookBack(lost) : new Map<string, JobState>();
    return new Map(
      handles.map(({ job }) => {
        const state = queued.get(job) ?? remembered.get(job) ?? GONE;
        const before = state.phase === 'pending' ? (this.#ahead.get(job) ?? null) : null;
        return [job, withOwnWords({ ...state, ...starts.get(job), ahead: before }, exits.get(job))];
      }),
    );
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    await this.#connection.run({ what: 'cancelling', script: 'scancel "$@"', args: jobs });
  }

  async #lookBack(jobs: readonly string[]): Promise<Map<string, JobState>> {
    const args = [this.#accounting ? 'yes' : 'no', ...jobs];
    const said = await this.#connection.run({ what: 'asking for old jobs', script: LOOK_BACK, args });
    return this.#accounting ? parseSacct(said) : parseScontrol(said);
  }
}

/** "$1" the folder of a run. The script lies with the first one of an array; Slurm has it for all of them. */
const SCRIPT = `cd "$1" 2>/dev/null || exit 0
if [ -f job.sh ]; then cat job.sh
elif [ -f job-number ]; then scontrol write batch_script "$(cut -d_ -f1 job-number)" - 2>/dev/null; fi
true`;

/** The script of a run's job, as one that sbatch takes without options; null where there is none. */
export async function readScript(
  connection: SshConnection,
  folder: string,
  options: SlurmOptions,
): Promise<string | null> {
  const script = await connection.run({ what: 'reading the script', script: SCRIPT, args: [folder] });
  if (script === '') return null;
  const name = `tessera-${basename(folder)}`;
  const lines = sbatchArguments({ name, tasks: [{ folder, command: [] }], options });
  // A path may have what stands for something in a replacement.
  return script.replace('\n', () => `\n${lines.map((line) => `#SBATCH ${line}\n`).join('')}`);
}

function parseOwnWords(text: string) {
  const starts = new Map<string, Pick<JobState, 'starts'>>();
  const exits = new Map<string, number>();
  const ahead = new Map<string, number>();
  for (const line of text.split('\n')) {
    const start = /^starts (\S+) (\d+)/.exec(line);
    if (start) starts.set(start[1], { starts: Number(start[2]) });
    const exit = /^exit (\S+) (\d+)$/.exec(line);
    if (exit) exits.set(exit[1], Number(exit[2]));
    const before = /^ahead (\S+) (\d+)$/.exec(line);
    if (before) ahead.set(before[1], Number(before[2]));
  }
  return { starts, exits, ahead };
}

/**
 * A command that has done its work is at its end, whatever Slurm does with its job; one that was stopped is at its end once
 * Slurm has the job neither waiting nor running, nor leaving its node: then it may be about to wait again.
 */
function withOwnWords(state: JobState, exitCode: number | undefined): JobState {
  if (exitCode === 0) return { ...state, phase: 'ended', exitCode, outcome: 'completed' };
  if (exitCode === undefined || state.phase === 'pending' || state.phase === 'running') return state;
  const said = state.outcome === 'completed' ? null : state.outcome;
  return { ...state, phase: 'ended', exitCode, outcome: said ?? 'failed' };
}
