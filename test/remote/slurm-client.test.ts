import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostJob, hostJob } from '../../src/core/api/hosts.ts';
import { systemClock } from '../../src/core/machine.ts';
import { GONE, type JobState } from '../../src/core/schedulers/job-state.ts';
import { slurm } from '../../src/core/schedulers/slurm.ts';
import type { PlaceState } from '../../src/core/training/place.ts';
import { batchScript } from '../../src/main/executors/jobs/batch-script.ts';
import { readScript } from '../../src/main/executors/jobs/job-script.ts';
import type { HostLink } from '../../src/main/executors/remote/host-link.ts';
import { HostWatch } from '../../src/main/executors/remote/host-watch.ts';
import { withOwnWords } from '../../src/main/executors/remote/status.ts';
import { Submissions } from '../../src/main/executors/remote/submissions.ts';
import { SshConnection } from '../../src/main/executors/ssh/connection.ts';
import type { Look, Question } from '../../src/main/workers/agent/questions.ts';
import { GOES_ON } from '../../src/main/workers/serve-trainings.ts';
import { some } from '../form.ts';
import { HOST_FACTS } from '../store/host-facts.ts';
import { askAgent, runFolder } from './agent.ts';
import { skipped } from './daemons.ts';
import { ACCOUNTING_PROGRAMS, SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS, ...ACCOUNTING_PROGRAMS);

/** Says what it was told, keeps a step for the next start, and goes on until told to stop or for so many seconds. */
const TRAINER = `step=$(cat step 2>/dev/null || echo 0)
trap 'echo told >> told; exit ${GOES_ON}' TERM
while [ "$step" -lt "$1" ]; do step=$((step + 1)); echo "$step" > step.new; mv step.new step; sleep 1 & wait $!; done`;

describe.skipIf(why).each(some([false, true], 1))(
  `jobs of Slurm, accounting %s (${why ?? 'slurm'})`,
  (accounting) => {
    let cluster: TestSlurm;
    let sshd: TestSshd;
    let root: string;
    beforeAll(async () => {
      cluster = await startSlurm({ accounting });
      sshd = await startSshd(cluster.env);
      root = join(sshd.home, 'runs 100%');
    });
    afterAll(() => Promise.all([cluster?.end(), sshd?.end()]));

    const facts = { kind: 'slurm' as const, version: '', accounting, partitions: [] };
    const options = (given: Partial<HostJob> = {}) =>
      hostJob.parse({
        ...{ partition: null, account: null, time: null, memory: null, gpus: null, atOnce: 2, lines: [] },
        ...given,
      });

    /** Submits a script for each name, as one job or an array. Resolves with their numbers. */
    async function submit(
      names: string[],
      script: string,
      given: Partial<HostJob> = {},
      args: string[] = [],
    ) {
      const tasks = names.map((name, at) => ({
        folder: runFolder(root, name),
        command: ['sh', '-c', script, 'sh', ...(args.length > 0 ? args : [String(at)])],
      }));
      const { atOnce, ...rest } = options(given);
      const job = { tasks, options: { ...rest, atOnce } };
      const question = {
        op: 'submit',
        runs: names,
        kind: 'slurm',
        options: slurm.optionsOf(job.options).flat(),
        script: batchScript(job, facts),
        atOnce,
      } as const;
      const { why } = await askAgent(root, { ...question, runs: names }, cluster.env);
      if (why) throw new Error(why.said);
      return (await look(names)).runs.map(({ job: id }) => id ?? '');
    }

    const look = (names: string[], ahead = false): Promise<Look> => {
      const runs = names.map((name) => ({ name, offset: 0, request: null }));
      return askAgent(
        root,
        { op: 'look', runs, cluster: { kind: 'slurm', queue: true, ahead, accounting } },
        cluster.env,
      );
    };
    const statesOf = async (names: string[]): Promise<JobState[]> => {
      const { runs, jobs } = await look(names);
      return runs.map(({ job, starts, exitCode }) =>
        withOwnWords({ ...(jobs?.[job ?? ''] ?? GONE), starts }, exitCode),
      );
    };
    const stateOf = async (name: string) => (await statesOf([name]))[0];
    const until = (name: string, state: Partial<JobState>, timeout = 60_000) =>
      expect.poll(() => stateOf(name), { timeout, interval: 500 }).toMatchObject(state);
    const fileOf = (name: string, file: string) => readFileSync(join(runFolder(root, name), file), 'utf8');

    it('runs a job and keeps its exit code and its node', async () => {
      const lines = ['#SBATCH --comment="a b"', 'export WORD="two words"', 'echo before >&2'];
      await submit(['good'], 'echo "$WORD" "$1"', { lines }, ["it's\n$HOME"]);
      await until('good', { phase: 'ended', outcome: 'completed', exitCode: 0, starts: 1 });
      expect(fileOf('good', 'output.log')).toBe("two words it's\n$HOME\n");
      await submit(['bad'], 'exit 3', { lines });
      await until('bad', { phase: 'ended', outcome: 'failed', exitCode: 3 });
      // What a site's own lines say is kept too.
      expect((await look(['bad'])).runs[0].log).toBe('before');
      await expect(submit(['refused'], 'true', { partition: 'nowhere' })).rejects.toThrow(
        /invalid partition/i,
      );
    });

    it('counts the jobs before one that waits, and has its script also where its folder has not', async () => {
      const later = { lines: ['#SBATCH --begin=now+1hour'] };
      const [first] = await submit(['first'], 'true', later);
      const [second] = await submit(['second'], 'true', { ...later, time: '10' });
      expect((await look(['first', 'second'], true)).ahead).toEqual({ [first]: 0, [second]: 1 });
      const [state] = await statesOf(['first']);
      expect(state.phase).toBe('pending');
      expect(Math.abs((state.submittedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      const connection = new SshConnection('box', sshd.config);
      const folder = runFolder(root, 'second');
      const script = await readScript(connection, folder, 'slurm', options({ time: '10' }));
      expect(script).toMatch(
        /^#!\/bin\/sh\n#SBATCH --job-name=tessera-second\n#SBATCH --output=.*100%%\/runs\/second\/job.log\n#SBATCH --time=10\n/,
      );
      rmSync(join(folder, 'job.sh'));
      expect(await readScript(connection, folder, 'slurm', options({ time: '10' }))).toBe(script);
      expect(await readScript(connection, runFolder(root, 'never'), 'slurm', options())).toBeNull();
      await connection.close();
      await askAgent(root, { op: 'end', names: ['first', 'second'] }, cluster.env);
      await until('first', { phase: 'ended', outcome: 'cancelled' });
    });

    it('submits a job once, however often it is asked, and finds one whose number was not kept', async () => {
      const twice = await Promise.allSettled([submit(['once'], 'sleep 1'), submit(['once'], 'sleep 1')]);
      expect(twice.map(({ status }) => status)).toContain('fulfilled');
      const [job] = await submit(['once'], 'sleep 1');
      rmSync(join(runFolder(root, 'once'), 'job-number'));
      expect(await submit(['once'], 'sleep 1')).toEqual([job]);
      const said = await cluster.run('squeue', '-h', '-t', 'all', '-o', '%A %j');
      expect(said.match(/^.*tessera-once$/gm)).toEqual([expect.stringMatching(`^${job} `)]);
    });

    it('finds and cancels jobs whatever its user has set to see and to cancel', async () => {
      const env = {
        ...cluster.env,
        SQUEUE_STATES: 'PENDING',
        SQUEUE_PARTITION: 'other',
        SCANCEL_STATE: 'PENDING',
      };
      await submit(['mine'], 'sleep 60');
      await until('mine', { phase: 'running' });
      await askAgent(root, { op: 'end', names: ['mine'] }, env);
      await until('mine', { phase: 'ended', outcome: 'cancelled' }, 15_000);
    });

    it('finds the tasks of an array whose numbers were not kept while they run', async () => {
      const names = ['task-0', 'task-1'];
      const jobs = await submit(names, 'sleep 6');
      for (const name of names) await until(name, { phase: 'running' });
      for (const name of names) rmSync(join(runFolder(root, name), 'job-number'));
      expect((await look(names)).runs.map(({ job }) => job)).toEqual(jobs);
    });

    it('submits of an array what has no job yet, and nothing that was given up', async () => {
      const [kept] = await submit(['kept'], 'sleep 1');
      await askAgent(root, { op: 'end', names: [runFolder(root, 'dropped') && 'dropped'] }, cluster.env);
      const [again, dropped, added] = await submit(['kept', 'dropped', 'added'], 'echo "$1" > which');
      expect([again, dropped, added]).toEqual([kept, '', expect.stringMatching(/_2$/)]);
      await until('added', { phase: 'ended', outcome: 'completed' });
      expect(fileOf('added', 'which')).toBe('2\n');
    });

    it('runs an array with a limit, asks for all of it at once, and says why jobs wait', async () => {
      const names = Array.from({ length: 5 }, (_, at) => `sweep-${at}`);
      const held = 'until [ -e ../../go ]; do sleep 0.2; done';
      const jobs = await submit(names, `${held}; exit $(($1 / 4))`, { time: '10' });
      expect(jobs.map((id) => id.replace(/^\d+/, ''))).toEqual(['_0', '_1', '_2', '_3', '_4']);
      await expect.poll(async () => (await stateOf(names[1])).phase).toBe('running');
      const states = await statesOf(names);
      expect(states.filter(({ phase }) => phase === 'running')).toHaveLength(2);
      expect(states[0]).toMatchObject({
        phase: 'running',
        secondsLeft: expect.any(Number),
        node: expect.stringMatching(/^n[12]$/),
      });
      await until(names[4], { phase: 'pending', reason: 'JobArrayTaskLimit' });
      writeFileSync(join(root, 'go'), '');
      await until(names[4], { phase: 'ended', outcome: 'failed', exitCode: 1 });
      await until(names[0], { phase: 'ended', outcome: 'completed' });
    });

    /**
     * What is requeued waits for two minutes, unless it is released; Slurm must have heard of the end of the last start before,
     * or takes it for that of the next one.
     */
    async function untilEnded(name: string, job: string): Promise<JobState> {
      let waited = 0;
      const seen = async () => {
        const state = await stateOf(name);
        waited = state.reason === 'BeginTime' ? waited + 1 : 0;
        if (waited > 5) await cluster.run('scontrol', 'update', `JobId=${job}`, 'StartTime=now');
        return state;
      };
      await expect.poll(seen, { timeout: 200_000, interval: 1_000 }).toMatchObject({ phase: 'ended' });
      return stateOf(name);
    }

    it('tells apart what was cancelled, what was requeued by hand, and what is gone', async () => {
      await submit(['cancelled'], TRAINER, {}, ['60']);
      await until('cancelled', { phase: 'running', starts: 1 });
      await askAgent(root, { op: 'end', names: ['cancelled'] }, cluster.env);
      await until('cancelled', { phase: 'ended', outcome: 'cancelled' });
      const [again] = await submit(['again'], TRAINER, {}, ['6']);
      await until('again', { phase: 'running', starts: 1 });
      await cluster.run('scontrol', 'requeue', again);
      expect(await untilEnded('again', again)).toMatchObject({ outcome: 'completed', starts: 2 });
      writeFileSync(join(runFolder(root, 'nobody'), 'job-number'), '999999\n');
      expect(await stateOf('nobody')).toMatchObject({ phase: 'gone', outcome: null });
      await askAgent(root, { op: 'end', names: ['nobody'] }, cluster.env);
      // Its own word outlives Slurm's memory.
      const folder = runFolder(root, 'forgotten');
      writeFileSync(join(folder, 'job-number'), '999998\n');
      writeFileSync(join(folder, 'exit-code'), '0\n');
      expect(await stateOf('forgotten')).toMatchObject({ phase: 'ended', outcome: 'completed', exitCode: 0 });
    });

    it('submits in smaller arrays what one may not have, and as many jobs as the cluster takes', async () => {
      const link = {
        name: 'box',
        facts: async () => ({ ...HOST_FACTS, root, scheduler: facts }),
        ask: <Q extends Question>(question: Q) => askAgent(root, question, cluster.env),
      } as Partial<HostLink> as HostLink;
      const submitAll = (names: string[]) => {
        const submissions = new Submissions(link, { ...systemClock, sleep: async () => {} });
        const { signal } = new AbortController();
        const job = options({ lines: ['#SBATCH --begin=now+1hour'] });
        for (const name of names) runFolder(root, name);
        return Promise.allSettled(names.map((name) => submissions.submit(name, ['true'], job, signal)));
      };
      const large = Array.from({ length: 250 }, (_, at) => `large-${at}`);
      expect((await submitAll(large)).map(({ status }) => status)).toEqual(large.map(() => 'fulfilled'));
      expect(new Set((await look(large)).runs.map(({ job }) => job?.split('_')[0])).size).toBe(2);
      await askAgent(root, { op: 'end', names: large, cluster: true }, cluster.env);
      if (!accounting) return;
      await cluster.run('sacctmgr', '-i', 'modify', 'user', userInfo().username, 'set', 'MaxSubmitJobs=2');
      const few = ['first', 'second', 'third'].map((name) => `few-${name}`);
      const said = await submitAll(few);
      expect(said.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(said[2]).toMatchObject({ reason: { message: expect.stringMatching(/no more jobs of yours/) } });
      await cluster.run('sacctmgr', '-i', 'modify', 'user', userInfo().username, 'set', 'MaxSubmitJobs=-1');
      expect((await submitAll(few)).map(({ status }) => status)).toEqual(few.map(() => 'fulfilled'));
      expect((await look(few)).runs.map(({ job }) => job)).toEqual(few.map(() => expect.any(String)));
      await askAgent(root, { op: 'end', names: few, cluster: true }, cluster.env);
    });

    // Nothing of this depends on accounts.
    if (accounting) return;
    it('asks once every few seconds, however many jobs there are', async () => {
      const [programs, asked] = [join(sshd.home, 'programs'), join(sshd.home, 'asked')];
      mkdirSync(programs);
      const counting = `#!/bin/sh\necho >> '${asked.replaceAll("'", `'\\''`)}'\nexec /usr/bin/squeue "$@"\n`;
      writeFileSync(join(programs, 'squeue'), counting, { mode: 0o755 });
      const names = Array.from({ length: 200 }, (_, at) => `many-${at}`);
      await submit(names, 'sleep 600', { atOnce: 1 });
      writeFileSync(asked, '');
      const env = { ...cluster.env, PATH: `${programs}:${process.env.PATH}` };
      const link = {
        ...{ name: 'box', isShared: true, facts: async () => ({ ...HOST_FACTS, scheduler: facts }) },
        ask: (question: Parameters<HostLink['ask']>[0]) => askAgent(root, question, env),
      } as unknown as HostLink;
      const watch = new HostWatch(link, systemClock);
      const phases = new Map<string, PlaceState['phase']>();
      const unfollow = names.map((name) =>
        watch.follow({
          ...{ name, asks: () => ({ offset: 0, request: null }), asked: () => {}, trouble: () => {} },
          seen: (_, { place }) => phases.set(name, place.phase),
        }),
      );
      await new Promise((later) => setTimeout(later, 20_000));
      for (const one of unfollow) one();
      expect([...phases.values()].filter((phase) => phase === 'pending').length).toBeGreaterThanOrEqual(199);
      // The jobs that are ahead are two more.
      expect(readFileSync(asked, 'utf8').length).toBeLessThanOrEqual(8);
      await cluster.run('scancel', '--me');
    });

    it('is told before the time limit, requeues itself and goes on', async () => {
      // It is told when half a minute is left, and Slurm looks twice a minute: before it could end by itself.
      const [job] = await submit(['limited'], TRAINER, { time: '1' }, ['70']);
      const ended = await untilEnded('limited', job);
      const said = ['output.log', 'job.log', 'step', 'told'].map((file) => fileOf('limited', file));
      expect(ended, said.join('|')).toMatchObject({ outcome: 'completed', exitCode: 0 });
      expect(ended.starts).toBeGreaterThan(1);
      expect(fileOf('limited', 'told')).toBe('told\n'.repeat(ended.starts - 1));
    });

    it('goes on after preemption, and after its node went down', async () => {
      const both = ['#SBATCH --exclusive', '#SBATCH --nodes=2'];
      const [low] = await submit(['low'], TRAINER, { lines: both }, ['20']);
      await until('low', { phase: 'running', starts: 1 });
      await submit(['high'], 'sleep 2', { partition: 'high', lines: both });
      await until('low', { phase: 'pending' });
      expect(existsSync(join(runFolder(root, 'low'), 'told'))).toBe(true);
      await until('high', { outcome: 'completed' });
      // Slurm may preempt it more than once.
      const ended = await untilEnded('low', low);
      expect(ended).toMatchObject({ outcome: 'completed', exitCode: 0 });
      expect(ended.starts).toBeGreaterThan(1);

      const [lost] = await submit(['lost'], 'sleep 8', { lines: ['#SBATCH --nodelist=n2'] });
      await until('lost', { phase: 'running', starts: 1 });
      await cluster.run('scontrol', 'update', 'NodeName=n2', 'State=DOWN', 'Reason=test');
      await until('lost', { phase: 'pending' });
      // It may have come back by itself.
      await cluster.run('scontrol', 'update', 'NodeName=n2', 'State=RESUME').catch(() => {});
      expect(await untilEnded('lost', lost)).toMatchObject({ outcome: 'completed', starts: 2 });
    });
  },
);
