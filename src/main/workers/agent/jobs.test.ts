import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runFolder } from '../../../../test/remote/agent.ts';
import { temporaryHome } from '../../../../test/store/home.ts';
import { ownIdentity } from '../../../core/process-identity.ts';
import { type Answer, readAnswer } from '../../executors/remote/host-link.ts';
import { answerTo } from './answer.ts';
import { framed, type Question } from './questions.ts';
import { type AgentSystem, agentSystem, type Said } from './system.ts';

const said = (stdout: string): Said => ({ code: 0, stdout, stderr: '' });

/** A cluster whose programs answer what is given, with the folders of runs in a home of it. */
function cluster(
  runs: string[],
  programs: Record<string, (args: readonly string[]) => Said>,
  other: Partial<AgentSystem> = {},
) {
  const root = temporaryHome();
  const folders = runs.map((name) => runFolder(root, name));
  const asked: string[] = [];
  const system: AgentSystem = {
    ...agentSystem,
    ...{ user: 'ada', node: 'login1', self: ownIdentity(), now: () => Date.now(), identityOf: () => null },
    ...{ startGroup: () => 0, groupIn: () => [], kill: () => {}, freeBytes: () => 1 },
    ...other,
    run: (program, args) => {
      asked.push(program);
      return programs[program]?.(args) ?? said('');
    },
  };
  const ask = async <Q extends Question>(question: Q): Promise<Answer<Q>> =>
    readAnswer('box', question, framed(await answerTo(system, root, question)));
  const submit = () =>
    ask({ op: 'submit', kind: 'slurm', runs, options: [], script: '#!/bin/sh\n', atOnce: 2 });
  const look = () =>
    ask({
      op: 'look',
      runs: runs.map((name) => ({ name, offset: 0, request: null })),
      cluster: { kind: 'slurm', queue: false, ahead: false, accounting: false },
    });
  return { folders, asked, ask, submit, look };
}

const jobIn = (folder: string) => readFileSync(join(folder, 'job-number'), 'utf8').trim();

it('submits the others of an array where one of them is removed before or meanwhile', async () => {
  const { folders, submit } = cluster(['before', 'meanwhile', 'stays'], {
    sbatch: () => {
      rmSync(folders[1], { recursive: true });
      return said('12\n');
    },
  });
  rmSync(folders[0], { recursive: true });
  await submit();
  expect(jobIn(folders[2])).toBe('12_2');
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false, true]);
});

it('takes a submission that was cut for one that goes on for two minutes, and for none then', async () => {
  const { folders, look } = cluster(['cut'], {});
  writeFileSync(join(folders[0], 'submission.json'), '{"name":"tessera-cut","index":null}');
  const lock = join(folders[0], '../../submitting');
  mkdirSync(lock);
  expect((await look()).runs[0].state).toBe('begun');
  const before = Date.now() / 1000 - 200;
  utimesSync(lock, before, before);
  expect((await look()).runs[0].state).toBe('never');
});

it('asks once for an array whose number was not kept, and finds its tasks whatever else is said', async () => {
  const { folders, asked, look } = cluster(['a', 'b'], {
    squeue: () => said('CLUSTER: lab\n12\n12\n'),
  });
  for (const [index, folder] of folders.entries())
    writeFileSync(join(folder, 'submission.json'), JSON.stringify({ name: 'tessera-a', index }));
  // A disk that lost what was written last.
  writeFileSync(join(folders[1], 'job-number'), '');
  expect((await look()).runs.map(({ job }) => job)).toEqual(['12_0', '12_1']);
  expect(asked).toEqual(['squeue']);
});

it('says how much is free where that is more than anybody has', async () => {
  const { look } = cluster(['run'], {}, { freeBytes: () => 2 ** 63 });
  expect((await look()).freeBytes).toBe(Number.MAX_SAFE_INTEGER);
});

it('looks at journals also where the answer of a scheduler cannot be read', async () => {
  const { folders, ask } = cluster(['run'], { qstat: () => said('{"Jobs":{"12.server":{"comment":"a\n') });
  writeFileSync(join(folders[0], 'job-number'), '12\n');
  writeFileSync(join(folders[0], 'events.jsonl'), 'told');
  const looked = await ask({
    op: 'look',
    runs: [{ name: 'run', offset: 0, request: null }],
    cluster: { kind: 'pbs', queue: true, ahead: false, accounting: true },
  });
  expect(looked).toMatchObject({ jobs: null, trouble: expect.stringContaining('cannot be read') });
  expect(looked.runs[0].bytes).toBe(4);
});

it('takes a job for one also where the cluster was not found', async () => {
  const { folders, asked, ask } = cluster(['job'], {});
  writeFileSync(join(folders[0], 'job-number'), '12\n');
  const runs = [{ name: 'job', offset: 0, request: null }];
  await expect(ask({ op: 'look', runs, cluster: null })).rejects.toThrow('Slurm does not answer');
  await ask({ op: 'end', names: ['job'] });
  expect(asked).toEqual(['scancel']);
});

it('takes a submission for over that a clock which was set back says has yet to begin', async () => {
  const { folders, look, submit } = cluster(['cut'], { sbatch: () => said('12\n') });
  const lock = join(folders[0], '../../submitting');
  mkdirSync(lock);
  const later = Date.now() / 1000 + 3_600;
  utimesSync(lock, later, later);
  expect((await look()).runs[0].state).toBe('never');
  await submit();
  expect(jobIn(folders[0])).toBe('12');
});

it('looks at the others where what it kept of one is damaged', async () => {
  const { folders, look } = cluster(['damaged', 'other'], {});
  writeFileSync(join(folders[0], 'submission.json'), '{"name":"tess\0\0\0');
  writeFileSync(join(folders[1], 'job-number'), '12\n');
  expect((await look()).runs.map(({ state }) => state)).toEqual(['never', 'runs']);
});

it('looks at the others where what it kept of a trainer is damaged', async () => {
  const { folders, ask } = cluster(['damaged', 'other'], {});
  for (const folder of folders) mkdirSync(join(folder, 'begun'));
  writeFileSync(join(folders[0], 'group.json'), '{"pid":1\0\0');
  const runs = ['damaged', 'other'].map((name) => ({ name, offset: 0, request: null }));
  const looked = await ask({ op: 'look', runs, cluster: null });
  expect(looked.runs.map(({ state }) => state)).toEqual(['runs', 'runs']);
});

it('submits nothing again whose submission was not heard of, and that Slurm has forgotten since it ended', async () => {
  const { folders, asked, submit } = cluster(['run'], {
    sbatch: () => ({ code: 1, stdout: '', stderr: 'Unable to contact slurm controller' }),
  });
  expect(await submit()).toMatchObject({ refused: ['run'], why: { code: 1 } });
  writeFileSync(join(folders[0], 'starts'), '1\n');
  writeFileSync(join(folders[0], 'exit-code'), '0\n');
  await submit();
  expect(asked).toEqual(['sbatch']);
});

it('takes for its job none of others that it was to be submitted with', async () => {
  const runs = ['first', 'second'];
  const names: string[] = [];
  const { folders, ask, look } = cluster(runs, {
    sbatch: (args) => {
      names.push(args.find((arg) => arg.startsWith('--job-name='))?.slice('--job-name='.length) ?? '');
      return names.length === 1 ? { code: 1, stdout: '', stderr: 'too many' } : said('12\n');
    },
    squeue: (args) => said(args.includes(names[1]) ? '12\n' : ''),
  });
  const submit = (some: string[]) =>
    ask({ op: 'submit', kind: 'slurm', runs: some, options: [], script: '#!/bin/sh\n', atOnce: 2 });
  expect(await submit(runs)).toMatchObject({ refused: runs, why: { said: 'too many' } });
  expect(await submit(['first'])).toEqual({ refused: [], why: null });
  expect(jobIn(folders[0])).toBe('12');
  expect((await look()).runs.map(({ job }) => job)).toEqual(['12', null]);
});

it('says of a folder that it may not write that, and not that another submission is at it', async () => {
  const { folders, submit } = cluster(['run'], {});
  rmSync(join(folders[0], '../..'), { recursive: true });
  await expect(submit()).rejects.toThrow('ENOENT');
});

it('keeps a job whose number cannot be kept', async () => {
  const { submit, look } = cluster(
    ['run'],
    { sbatch: () => said('12\n'), squeue: () => said('12\n') },
    {
      write: (file, text) => {
        if (file.endsWith('job-number')) throw new Error('ENOSPC');
        agentSystem.write(file, text);
      },
    },
  );
  expect(await submit()).toEqual({ refused: [], why: null });
  expect((await look()).runs.map(({ job }) => job)).toEqual(['12']);
});
