/** Answers one question of a desktop. */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { JobState } from '../../../core/schedulers/job-state.ts';
import { SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import { askTrainer, bytesAt, CLOSED, isThere, sizeOf, tailOf } from './folders.ts';
import { endGroup, startGroup, stateOfGroup } from './groups.ts';
import { Jobs, SchedulerFailure, saidBy } from './jobs.ts';
import {
  type AgentFailure,
  type AskedRun,
  JOURNAL,
  type Look,
  type MadeFile,
  type Question,
  type RunState,
  type SeenRun,
  type StrayThere,
  type Submitted,
  TRY_AGAIN,
} from './questions.ts';
import { straysIn } from './strays.ts';
import type { AgentSystem } from './system.ts';

/** Of all journals in one answer, and at least of each while that lasts. */
const MOST_BYTES = 8 * 2 ** 20;
const LEAST_BYTES = 2 ** 18;
const LOG_BYTES = 4_000;
/** With less, a training that ended may have ended for that. */
const LEAST_FREE = 64 * 2 ** 10;

/** `root`: Tessera's folder there. Never rejects for what a program of the host says. */
export async function answerTo(
  system: AgentSystem,
  root: string,
  question: Question,
): Promise<Look | MadeFile[] | StrayThere[] | Submitted | true | AgentFailure> {
  const folderOf = (name: string) => {
    if (!/^\w[\w.-]*$/.test(name)) throw new Error(`"${name}" is no name of a run`);
    return join(root, 'runs', name);
  };
  const jobs = new Jobs(system, root, folderOf);
  try {
    switch (question.op) {
      case 'look':
        return look(system, root, jobs, question);
      case 'start':
        startGroup(system, folderOf(question.name), question.command);
        return true;
      case 'submit':
        return jobs.submit(question);
      case 'end':
        endAll(system, jobs, question);
        return true;
      case 'made':
        return await made(folderOf(question.name), question.only);
      case 'strays':
        return straysIn(system, root, jobs, question.known);
      case 'remove':
        system.remove(folderOf(question.name));
        return true;
    }
  } catch (error) {
    if (error instanceof SchedulerFailure) return { failed: error.failed };
    return { failed: { what: question.op, code: 1, said: saidBy(error) } };
  }
}

/** Where the cluster could not be asked. */
const UNKNOWN: RunState = { state: 'begun', exitCode: null, job: null, starts: 1 };

function look(
  system: AgentSystem,
  root: string,
  jobs: Jobs,
  { runs, cluster }: Extract<Question, { op: 'look' }>,
): Look {
  let left = MOST_BYTES;
  // Some file systems have no end.
  const freeBytes = Math.min(system.freeBytes(root), Number.MAX_SAFE_INTEGER);
  const answer: Look = { runs: [], freeBytes, jobs: null, ahead: null, trouble: null };
  const attempt = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SchedulerFailure)) throw error;
      answer.trouble ??= error.message;
      return null;
    }
  };
  const seen = (asked: AskedRun): SeenRun => {
    const folder = jobs.folderOf(asked.name);
    if (asked.request && isThere(folder)) askTrainer(system, folder, asked.request);
    // The programs of its cluster are not found just now, or not on this login node.
    const scheduler = cluster === null ? jobs.schedulerOf(asked.name) : null;
    if (scheduler !== null)
      throw new SchedulerFailure(
        'asking for jobs',
        TRY_AGAIN,
        `${SCHEDULERS[scheduler].title} does not answer`,
      );
    // How it ended is asked first: what it wrote before that is then there to be read.
    const state =
      cluster === null ? stateOfGroup(system, folder) : (attempt(() => jobs.stateOf(asked.name)) ?? UNKNOWN);
    const file = join(folder, JOURNAL);
    const share = Math.max(LEAST_BYTES, Math.floor(MOST_BYTES / runs.length));
    const bytes = bytesAt(file, asked.offset, Math.min(share, Math.max(0, left)));
    left -= bytes.length;
    const isBad = state.state === 'lost' || (state.state === 'ended' && state.exitCode !== 0);
    return {
      ...{ name: asked.name, ...state, closed: isThere(join(folder, CLOSED)) },
      ...{ journal: bytes.toString('base64'), bytes: sizeOf(file) },
      log: isBad ? logOf(folder, freeBytes) : null,
    };
  };
  answer.runs = runs.map(seen);
  // One that has done its work is at its end; any other may wait again.
  const known = answer.runs.filter(({ job, exitCode }) => job !== null && exitCode !== 0);
  if (cluster?.queue && known.length > 0)
    attempt(() => {
      const states = jobs.states(cluster.kind, {
        jobs: known.flatMap(({ job }) => job ?? []),
        begun: new Set(known.flatMap(({ job, starts }) => (starts > 0 && job) || [])),
        accounting: cluster.accounting,
      });
      answer.jobs = states;
      // Why a job ended without an exit code; of one that goes on nobody reads it.
      for (const run of answer.runs)
        if (run.job !== null && !goesOn(states[run.job]))
          run.log ??= logOf(jobs.folderOf(run.name), freeBytes);
    });
  if (cluster?.ahead && answer.trouble === null) answer.ahead = attempt(() => jobs.ahead(cluster.kind));
  return answer;
}

const goesOn = (state?: JobState) => state?.phase === 'pending' || state?.phase === 'running';

function logOf(folder: string, freeBytes: number): string {
  // The first as earlier versions called it.
  const said = ['slurm.log', 'job.log', 'output.log'].map((name) =>
    tailOf(join(folder, name), LOG_BYTES).trim(),
  );
  const full = freeBytes < LEAST_FREE ? ['No space left on device'] : [];
  return [...said, ...full].filter((text) => text !== '').join('\n');
}

function endAll(system: AgentSystem, jobs: Jobs, { names }: Extract<Question, { op: 'end' }>): void {
  const there = names.filter((name) => isThere(jobs.folderOf(name)));
  const isJob = (name: string) => jobs.schedulerOf(name) !== null;
  jobs.end(there.filter(isJob));
  for (const name of there) if (!isJob(name)) endGroup(system, jobs.folderOf(name));
}

/** What was sent, and what keeps its life: none of it is fetched. */
const NOT_MADE =
  /^(inputs\/|(spec\.json|events\.jsonl.*|output\.log|slurm\.log|job.*|submission\.json|submitting|group\.json|exit-code|starts|pid|child|begun|closed)$)/;

async function made(folder: string, only: readonly string[] | null): Promise<MadeFile[]> {
  // A scratch disk that was purged.
  if (!isThere(folder)) return [];
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.name.endsWith('.part'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((path) => !NOT_MADE.test(path) && (only === null || only.includes(path)));
  const files: MadeFile[] = [];
  for (const path of all) {
    const file = join(folder, path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    files.push({ path, size: sizeOf(file), hash: hash.digest('hex') });
  }
  return files;
}
