/** A cluster with Slurm of a simulated world: its programs answer as the real ones do. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HostFacts } from '../../src/core/api/hosts.ts';
import type { Said } from '../../src/main/workers/agent/system.ts';
import { GOES_ON } from '../../src/main/workers/serve-trainings.ts';
import { SimulatedHost } from './host.ts';
import type { SimulatedTrainer } from './trainer.ts';
import type { SimulatedProcess } from './world.ts';

export interface Job {
  id: string;
  name: string;
  folder: string;
  spec: string;
  state: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TIMEOUT' | 'NODE_FAIL';
  reason: string;
  trainer: SimulatedTrainer | null;
  /** Told to stop, its script says so before it is put back; told of its limit, it puts itself back. */
  saysSo: boolean;
  process: SimulatedProcess | null;
}

const SILENT = 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)';

/** Of an array, or null. */
function indicesOf(args: readonly string[]): string[] | null {
  const array = args.find((arg) => arg.startsWith('--array='));
  return array?.slice('--array='.length).split('%')[0].split(',') ?? null;
}

export class SimulatedCluster extends SimulatedHost {
  readonly jobs: Job[] = [];
  /** How many jobs a user may have there at once, and one array; no array at all where that is none. */
  mostJobs = Number.POSITIVE_INFINITY;
  largestArray = 1_001;
  /** For how long a job that is requeued seems to have ended. */
  momentsMs = [1_500, 1_500, 20_000];
  #lastId = 40;

  override get facts(): HostFacts {
    return {
      ...super.facts,
      scheduler: { kind: 'slurm', version: '23.11', accounting: true, partitions: [] },
    };
  }

  protected override run(program: string, args: readonly string[]): Said {
    const answer = (stdout: string): Said => ({ code: 0, stdout, stderr: '' });
    if (this.isSilent) return { code: 1, stdout: '', stderr: SILENT };
    if (program === 'squeue') return answer(this.#queue(args));
    if (program === 'sacct') return answer(this.#past(args.at(-1)?.split(',') ?? []));
    if (program === 'scancel') {
      for (const id of args) this.end(id, 'CANCELLED');
      return answer('');
    }
    const refusal = this.#refusalOf(args);
    if (refusal !== null) return { code: 1, stdout: '', stderr: `sbatch: error: ${refusal}` };
    this.#submit(args);
    // It has submitted the job, and nobody hears of it.
    if (this.machine.world.chance.is(0.1)) return { code: 1, stdout: '', stderr: SILENT };
    return answer(`${this.#lastId}\n`);
  }

  #queue(args: readonly string[]): string {
    const name = args[args.indexOf('-n') + 1];
    const shown = this.jobs.filter(({ state }) => state === 'PENDING' || state === 'RUNNING');
    if (args.includes('-n'))
      // Also of those that are about to wait again.
      return this.jobs
        .filter((job) => job.name === name && ['PENDING', 'RUNNING', 'NODE_FAIL'].includes(job.state))
        .map(({ id }) => `${id.split('_')[0]}\n`)
        .join('');
    if (args.at(-1) === '%i|%P|%Q|%u') return shown.map(({ id }) => `${id}|main|1|ada\n`).join('');
    return shown
      .map(
        ({ id, state, reason }) =>
          `${id}|${state}|10:00|N/A|1|${state === 'RUNNING' ? 'n1' : ''}|${reason}\n`,
      )
      .join('');
  }

  #past(ids: readonly string[]): string {
    return this.jobs
      .filter(({ id }) => ids.includes(id))
      .map(({ id, state }) => `${id}|${state}|0:0|n1|None\n`)
      .join('');
  }

  #refusalOf(args: readonly string[]): string | null {
    const indices = indicesOf(args);
    if (indices && Math.max(...indices.map(Number)) >= this.largestArray)
      return 'Batch job submission failed: Invalid job array specification';
    const known = this.jobs.filter(({ state }) => ['PENDING', 'RUNNING', 'NODE_FAIL'].includes(state));
    if (known.length + (indices?.length ?? 1) <= this.mostJobs) return null;
    return "AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)";
  }

  #submit(args: readonly string[]): void {
    const file = args.at(-1) ?? '';
    const name = args.find((arg) => arg.startsWith('--job-name='))?.split('=')[1] ?? '';
    const array = indicesOf(args);
    const indices = array ?? ['0'];
    const script = readFileSync(file, 'utf8');
    this.#lastId++;
    for (const index of indices) {
      const [, spec = ''] = new RegExp(`^ *${index}\\) .* '?(\\S+?)'? ;;$`, 'm').exec(script) ?? [];
      const id = array === null ? String(this.#lastId) : `${this.#lastId}_${index}`;
      const job: Job = {
        ...{ id, name, spec, folder: dirname(spec), state: 'PENDING', reason: 'Priority' },
        ...{ trainer: null, process: null, saysSo: false },
      };
      this.jobs.push(job);
      this.#startLater(job);
    }
  }

  #startLater(job: Job): void {
    const { world } = this.machine;
    world.at(world.chance.between(1_000, 40_000), null, () => this.#start(job));
  }

  /** As the script of a job does. */
  #start(job: Job): void {
    if (job.state !== 'PENDING') return;
    job.state = 'RUNNING';
    const at = (name: string) => join(job.folder, name);
    const isDone = existsSync(at('exit-code')) && readFileSync(at('exit-code'), 'utf8').trim() === '0';
    if (!existsSync(job.folder)) {
      job.state = 'FAILED';
      return;
    }
    const isOther = existsSync(at('job-number')) && readFileSync(at('job-number'), 'utf8').trim() !== job.id;
    if (existsSync(at('closed')) || isDone || isOther) {
      job.state = 'COMPLETED';
      return;
    }
    rmSync(at('exit-code'), { force: true });
    const starts = existsSync(at('starts')) ? Number(readFileSync(at('starts'), 'utf8')) + 1 : 1;
    writeFileSync(at('starts'), String(starts));
    job.trainer = this.train(job.folder, job.spec, (code) => this.#ended(job, code));
    job.process = job.trainer.process;
    job.process.onEnd.push((code) => {
      if (code !== null || job.state !== 'RUNNING') return;
      // Killed, its script says so; where its node has failed, nobody does.
      if (this.machine.world.chance.is(0.5)) this.#requeue(job);
      else this.#ended(job, 137);
    });
  }

  #ended(job: Job, code: number): void {
    if (code === GOES_ON) {
      if (existsSync(job.folder) && job.saysSo) writeFileSync(join(job.folder, 'exit-code'), `${code}\n`);
      this.#requeue(job);
      return;
    }
    if (existsSync(job.folder)) writeFileSync(join(job.folder, 'exit-code'), `${code}\n`);
    if (job.state === 'RUNNING') job.state = code === 0 ? 'COMPLETED' : 'FAILED';
  }

  #requeue(job: Job): void {
    Object.assign(job, { state: 'NODE_FAIL', trainer: null, process: null });
    const { world } = this.machine;
    world.at(world.chance.of(this.momentsMs), null, () => {
      if (job.state !== 'NODE_FAIL') return;
      Object.assign(job, { state: 'PENDING', reason: 'BeginTime' });
      this.#startLater(job);
    });
  }

  /** Those that train. */
  get running(): Job[] {
    return this.jobs.filter(({ state }) => state === 'RUNNING');
  }

  /** Before its time limit, or for a job of a higher priority. */
  warn(job: Job, isPreempted = this.machine.world.chance.is(0.5)): void {
    job.saysSo = isPreempted;
    job.trainer?.stop(true);
  }

  /** Its node fails; it waits for another one. */
  loseNode(job: Job): void {
    const { process } = job;
    this.#requeue(job);
    process?.end(null);
  }

  end(id: string, state: Job['state']): void {
    for (const job of this.jobs) {
      if (job.id !== id || !['RUNNING', 'PENDING', 'NODE_FAIL'].includes(job.state)) continue;
      job.state = state;
      job.process?.end(null);
    }
  }

  /** Slurm knows nothing of it any more, and nothing of it runs. */
  forget(job: Job): void {
    this.end(job.id, 'FAILED');
    this.jobs.splice(this.jobs.indexOf(job), 1);
  }

  /** What it is called in a story. */
  static nameOf({ id, folder }: Job): string {
    return `job ${id} of ${basename(folder)}`;
  }
}
