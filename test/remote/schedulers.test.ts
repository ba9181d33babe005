/** Jobs of every scheduler but Slurm, which slurm-client.test.ts asks more of: the agent submits, sees and ends them in the same way. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostJob, NO_OPTIONS } from '../../src/core/api/hosts.ts';
import type { SchedulerFacts, SchedulerKind } from '../../src/core/schedulers/facts.ts';
import { GONE, type JobState } from '../../src/core/schedulers/job-state.ts';
import { PROBE, SCHEDULERS, schedulerFacts } from '../../src/core/schedulers/schedulers.ts';
import { batchScript } from '../../src/main/executors/jobs/batch-script.ts';
import { withOwnWords } from '../../src/main/executors/remote/status.ts';
import { GOES_ON } from '../../src/main/workers/serve-trainings.ts';
import { askAgent, runFolder } from './agent.ts';
import { runProgram, skipped } from './daemons.ts';
import { GRID_ENGINE_PROGRAMS, startGridEngine } from './grid-engine.ts';

interface TestCluster {
  env: { PATH: string };
  end(): unknown;
}

async function startPbs(): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-pbs-'));
  await mkdir(join(folder, 'bin'));
  const standIn = join(import.meta.dirname, 'stand-in-pbs.ts');
  for (const name of ['qsub', 'qstat', 'qdel', 'qselect']) {
    const script = `#!/bin/sh\nexec '${process.execPath}' '${standIn}' '${folder}/jobs' ${name} "$@"\n`;
    writeFileSync(join(folder, 'bin', name), script, { mode: 0o755 });
  }
  return {
    env: { PATH: `${folder}/bin:/usr/bin:/bin` },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const noShell = process.platform === 'win32' ? 'skipped: there is no POSIX shell' : null;
const noGridEngine = skipped(...GRID_ENGINE_PROGRAMS);
const CLUSTERS: readonly {
  kind: SchedulerKind;
  start(): Promise<TestCluster>;
  /** Why it is skipped. */
  why: string | null;
  /** Such a job waits, for a reason. */
  waits: Partial<HostJob>;
  reason: RegExp;
}[] = [
  { kind: 'pbs', start: startPbs, why: noShell, waits: { partition: 'later' }, reason: /^Not Running: / },
  { kind: 'sge', start: startGridEngine, why: noGridEngine, waits: { lines: ['#$ -h'] }, reason: /^hqw$/ },
];

/** Says what it was told, keeps a step for the next start, and goes on until told to stop or for so many steps. */
const TRAINER = `step=$(cat step 2>/dev/null || echo 0)
trap 'echo told >> told; exit ${GOES_ON}' TERM
while [ "$step" -lt "$1" ]; do step=$((step + 1)); echo "$step" > step.new; mv step.new step; sleep 1 & wait $!; done`;

describe.each(CLUSTERS)('$kind', ({ kind, start, why, waits, reason }) => {
  const { title, script } = SCHEDULERS[kind];
  describe.skipIf(why)(`${title} (${why ?? 'there'})`, () => {
    let cluster: TestCluster;
    let root: string;
    let facts: SchedulerFacts;
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'tessera-runs-'));
      cluster = await start();
      const said = await runProgram(['sh', '-c', `kind=\n${PROBE}\ntrue`], cluster.env);
      const lines = said.split('\n').map((line) => line.split(/ (.*)/s, 2));
      const found = schedulerFacts((word) =>
        lines.flatMap(([key, value]) => (key === word && value ? [value] : [])),
      );
      if (found === null) throw new Error(`no scheduler was found: ${said}`);
      facts = found;
    });
    afterAll(async () => {
      await cluster?.end();
      rmSync(root, { recursive: true, force: true });
    });

    /** Submits a script for each name, as one job or an array. Resolves with their numbers. */
    async function submit(runs: string[], text: string, args: string[] = [], given: Partial<HostJob> = {}) {
      const options = { ...NO_OPTIONS, atOnce: 2, ...given };
      const tasks = runs.map((name, at) => ({
        folder: runFolder(root, name),
        command: ['sh', '-c', text, 'sh', ...(args.length > 0 ? args : [String(at)])],
      }));
      const { why: refusal } = await ask({
        ...{ op: 'submit', kind, runs, atOnce: options.atOnce },
        options: SCHEDULERS[kind].optionsOf(options).flat(),
        script: batchScript({ tasks, options }, facts),
      });
      if (refusal) throw new Error(refusal.said);
      return (await look(runs)).runs.map(({ job }) => job ?? '');
    }
    const ask = <Q extends Parameters<typeof askAgent>[1]>(question: Q) =>
      askAgent(root, question, cluster.env);
    const look = (runs: string[]) =>
      ask({
        op: 'look',
        runs: runs.map((name) => ({ name, offset: 0, request: null })),
        cluster: { kind, queue: true, ahead: true, accounting: facts.accounting },
      });
    const end = (...names: string[]) => ask({ op: 'end', names });
    async function stateOf(name: string): Promise<JobState> {
      const { runs, jobs, trouble } = await look([name]);
      expect(trouble).toBeNull();
      const [{ job, starts, exitCode }] = runs;
      return withOwnWords({ ...(jobs?.[job ?? ''] ?? GONE), starts }, exitCode);
    }
    const until = (name: string, state: object, timeout = 60_000) =>
      expect.poll(() => stateOf(name), { timeout, interval: 500 }).toMatchObject(state);
    const fileOf = (name: string, file: string) => readFileSync(join(runFolder(root, name), file), 'utf8');

    it('is found, with its queues', () => {
      expect(facts).toMatchObject({ kind, version: expect.stringMatching(/^\d/), accounting: true });
      expect(facts.partitions).toContainEqual(
        expect.objectContaining({ isDefault: true, timeLimit: '01:00:00' }),
      );
    });

    it('runs a job, and keeps its exit code and its node', async () => {
      const [job] = await submit(['good'], 'echo "$1" "$TESSERA_NODE"', ["it's\n$HOME"]);
      expect(job).toMatch(/^\d+$/);
      await until('good', { phase: 'ended', outcome: 'completed', exitCode: 0, starts: 1 });
      expect(fileOf('good', 'output.log')).toMatch(/^it's\n\$HOME \S+\n$/);
      await submit(['bad'], 'exit 3', [], { lines: ['echo before >&2'] });
      await until('bad', { phase: 'ended', outcome: 'failed', exitCode: 3 });
      expect((await look(['bad'])).runs[0].log).toBe('before');
      await expect(submit(['refused'], 'true', [], { partition: 'nowhere' })).rejects.toThrow(
        /unknown queue/i,
      );
    });

    it('submits a job once, and finds one whose number was not kept', async () => {
      const [job] = await submit(['once'], 'sleep 60');
      rmSync(join(runFolder(root, 'once'), 'job-number'));
      expect(await submit(['once'], 'sleep 60')).toEqual([job]);
      await until('once', { phase: 'running', node: expect.any(String) });
      await end('once');
    });

    it('says that a job waits and why, and ends it', async () => {
      await submit(['waits'], 'true', [], waits);
      await until('waits', { phase: 'pending', reason: expect.stringMatching(reason) });
      const { submittedAt } = await stateOf('waits');
      expect(Math.abs((submittedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      await end('waits');
      await until('waits', { phase: 'ended', outcome: 'cancelled' });
    });

    it('tells a job that was cancelled from one that is gone', async () => {
      await submit(['cancelled'], 'sleep 60');
      await until('cancelled', { phase: 'running', starts: 1 });
      await end('cancelled');
      // The account of a job may come some seconds after its end.
      await until('cancelled', { phase: 'ended', outcome: 'cancelled' });
      writeFileSync(join(runFolder(root, 'nobody'), 'job-number'), '999999\n');
      writeFileSync(
        join(runFolder(root, 'nobody'), 'submission.json'),
        JSON.stringify({ kind, name: 'x', index: null }),
      );
      expect(await stateOf('nobody')).toMatchObject({ phase: 'gone', outcome: null });
      await end('nobody');
    });

    it('runs an array with a limit, and submits of it what has no job yet', async () => {
      const names = ['task-0', 'task-1', 'task-2', 'task-3'];
      const [kept] = await submit(['task-1'], 'sleep 1; exit "$1"');
      const held = 'until [ -e ../../go ]; do sleep 0.2; done';
      const jobs = await submit(names, `echo "$1" > which; ${held}; exit $(($1 / 3))`);
      expect(jobs[1]).toBe(kept);
      expect(new Set([jobs[0], jobs[2], jobs[3]].map((job) => job.split('_')[0])).size).toBe(1);
      await until('task-0', { phase: 'running' });
      const { runs, jobs: states } = await look(names);
      const phases = runs.map(({ job }) => states?.[job ?? '']?.phase);
      expect(phases[3]).toBe('pending');
      writeFileSync(join(root, 'go'), '');
      await until('task-3', { phase: 'ended', outcome: 'failed', exitCode: 1 });
      await until('task-0', { phase: 'ended', outcome: 'completed' });
      expect([fileOf('task-2', 'which'), existsSync(join(runFolder(root, 'task-1'), 'which'))]).toEqual([
        '2\n',
        false,
      ]);
      const [last] = await submit(['task-0', 'task-4'], 'true');
      expect(last).toBe(jobs[0]);
      await until('task-4', { phase: 'ended', outcome: 'completed' });
    });

    it('tells a job before its time limit, which goes on where it may', async () => {
      // Of a limit that short the half is left.
      await submit(['limited'], TRAINER, ['12'], { time: '0:16' });
      const goesOn = script.requeue !== null;
      const exitCode = goesOn ? 0 : GOES_ON;
      await until('limited', { phase: 'ended', exitCode, starts: goesOn ? 2 : 1 }, 90_000);
      expect(fileOf('limited', 'told')).toBe('told\n');
      expect(Number(fileOf('limited', 'step'))).toBeGreaterThan(4);
    });

    it('says that a job which heeds nothing has reached its time limit', async () => {
      await submit(['deaf'], 'trap "" TERM; sleep 30; sleep 30', [], { time: '0:06' });
      await until('deaf', { phase: 'ended', outcome: 'timed-out' }, 90_000);
    });
  });
});
