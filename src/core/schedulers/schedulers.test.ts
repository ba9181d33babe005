import { expect, it } from 'vitest';
import { SCHEDULER_KINDS, type SchedulerKind } from './facts.ts';
import { parseJobs } from './pbs.ts';
import type { Ask, JobRequest } from './scheduler.ts';
import { refusalOf, SCHEDULERS, secondsOf, silentScheduler, waitWords } from './schedulers.ts';

const NOTHING: JobRequest = {
  ...{ partition: null, account: null, time: null, memory: null, gpus: null },
  ...{ lines: [], atOnce: 4 },
};

it('asks each scheduler for a job in its own words, and for nothing that it does not know', () => {
  const asked = { ...NOTHING, partition: 'long', account: 'lab', time: '1-12', memory: '32G' };
  const words = Object.fromEntries(
    SCHEDULER_KINDS.map((kind) => [kind, SCHEDULERS[kind].optionsOf(asked).flat().join(' ')]),
  );
  expect(words).toMatchObject({
    slurm: expect.stringContaining('--partition=long --account=lab --time=1-12 --mem=32G'),
    pbs: expect.stringContaining('-q long -A lab -l walltime=129600 -l select=1:mem=32gb'),
    sge: expect.stringContaining('-q long -P lab -l h_rt=129600 -l h_vmem=32G'),
  });
  expect(SCHEDULERS.pbs.optionsOf({ ...NOTHING, memory: '500', gpus: '2' })).toContainEqual([
    ...['-l', 'select=1:mem=500mb:ngpus=2'],
  ]);
  expect(SCHEDULERS.sge.optionsOf({ ...NOTHING, memory: '2T' })).toContainEqual(['-l', 'h_vmem=2048G']);
  const refused = (job: Partial<JobRequest>) =>
    SCHEDULER_KINDS.filter((kind) => refusalOf(kind, { ...NOTHING, ...job }) !== null);
  expect(['1', 'a100:1'].map((gpus) => refused({ gpus }))).toEqual([['sge'], ['pbs', 'sge']]);
  expect([refused({ partition: 'a,b' }), refused(asked)]).toEqual([['pbs'], []]);
  const gpus: Record<SchedulerKind, JobRequest> = {
    slurm: { ...NOTHING, gpus: '1' },
    pbs: { ...NOTHING, lines: ['#PBS -l select=1:ngpus=1'] },
    sge: { ...NOTHING, lines: ['#$ -l gpu=1'] },
  };
  for (const kind of SCHEDULER_KINDS)
    expect([gpus[kind], NOTHING].map(SCHEDULERS[kind].asksForGpus)).toEqual([true, false]);
});

it('knows when a job is ended, as far as that was said', () => {
  const rest = { nodes: 0, cores: 0, memoryBytes: 0, gres: null };
  const partition = (name: string, timeLimit: string | null, isDefault: boolean) => ({
    ...{ name, timeLimit, isDefault, ...rest },
  });
  const partitions = [partition('short', '01:00:00', true), partition('long', null, false)];
  const facts = { kind: 'pbs', version: '', accounting: true, partitions } as const;
  expect(secondsOf(NOTHING, facts)).toBe(3_600);
  expect(secondsOf({ partition: 'long', time: '0:30' }, facts)).toBe(30);
  expect(secondsOf({ partition: 'long', time: null }, facts)).toBe(Number.POSITIVE_INFINITY);
});

it('tells apart how jobs of PBS ended', () => {
  const told = {
    '7.server': { job_state: 'F', substate: 92, Exit_status: 0 },
    '8[3].server': { job_state: 'X', substate: 93, Exit_status: 3 },
    '9.server': { job_state: 'F', substate: 93, Exit_status: -29 },
    '10.server': { job_state: 'F', substate: 93, Exit_status: -27 },
    '11.server': { job_state: 'F', substate: 91, Exit_status: 271 },
    '12.server': { job_state: 'F', substate: 91 },
  };
  const ends = [...parseJobs(JSON.stringify({ Jobs: told }))].map(
    ([job, { outcome, exitCode }]) => `${job} ${outcome} ${exitCode}`,
  );
  expect(ends).toEqual([
    '7 completed 0',
    '8_3 failed 3',
    '9 timed-out null',
    '10 out-of-memory null',
    '11 cancelled 143',
    '12 cancelled null',
  ]);
});

it('tells apart what Grid Engine shows, what it has accounts of, and what was deleted before it began', () => {
  const shown = (number: number, state: string, more = '') =>
    `<job_list><JB_job_number>${number}</JB_job_number><JB_name>j</JB_name><state>${state}</state>${more}</job_list>`;
  const queue = [
    shown(1, 'r', '<queue_name>all.q@n1</queue_name>'),
    shown(2, 'Rq', '<tasks>3</tasks>'),
    ...[3, 4, 5].map((number) => shown(number, 'z')),
  ];
  const account = (failed: string, code: string) =>
    `${'='.repeat(20)}\njobnumber    3\ntaskid       undefined\nhostname     n1\nfailed       ${failed}\nexit_status  ${code}\nru_wallclock 7s\ncategory     -l h_rt=6\n`;
  const late = account(
    '37  : qmaster enforced h_rt, h_cpu, or h_vmem limit',
    '137                  (Killed)',
  );
  const ask: Ask = (_, [program, , number]) =>
    program === 'qstat' ? queue.join('\n') : number === '3' ? account('25  : rescheduling', '99') + late : '';
  const jobs = ['1', '2_3', '3', '4', '5', '6'];
  const asked = { user: 'ada', jobs, begun: new Set(['4']), accounting: true };
  const states = SCHEDULERS.sge.states(ask, asked);
  expect(jobs.map((job) => states.get(job))).toMatchObject([
    { phase: 'running', node: 'n1' },
    { phase: 'pending', reason: 'Rq' },
    { phase: 'ended', outcome: 'timed-out', exitCode: 137, node: 'n1' },
    // Its account is still to come.
    { phase: 'running' },
    { phase: 'ended', outcome: 'cancelled' },
    undefined as never,
  ]);
});

it('says in our words why jobs wait, and which scheduler does not answer', () => {
  expect(
    ['Priority', 'hqw', 'Rq', 'Not Running: Insufficient amount of resource: ncpus', 'Ufo'].map(waitWords),
  ).toEqual([
    'other jobs have a higher priority',
    'the job is held',
    'it was stopped, and starts again in a moment',
    'it waits until enough is free',
    '',
  ]);
  const silent = [
    'slurm_load_jobs error: Unable to contact slurm controller (connect failure)',
    'Connection refused\nqstat: cannot connect to server pbs1 (errno=111)',
    'error: commlib error: got select error (Connection refused)',
    'qsub: Unknown queue',
  ];
  expect(silent.map((said) => silentScheduler(said)?.title)).toEqual([
    'Slurm',
    'PBS',
    'Grid Engine',
    undefined,
  ]);
});
