import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram, skipped } from './daemons.ts';
import { ACCOUNTING_PROGRAMS, SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd } from './sshd.ts';

const noSsh = skipped('ssh', 'ssh-keygen', 'sshd');
const noSlurm = skipped(...SLURM_PROGRAMS, ...ACCOUNTING_PROGRAMS);

it.skipIf(noSsh)(
  `the server of the tests lets its own key in and leaves nothing behind (${noSsh ?? 'sshd'})`,
  async () => {
    const sshd = await startSshd({ WORD: 'two words' });
    const said = await runProgram(['ssh', '-F', sshd.config, 'box', 'echo "$HOME $WORD"']);
    expect(said).toBe(`${sshd.home} two words\n`);
    const pid = sshd.daemons.pid('sshd');
    await sshd.end();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  },
);

describe.skipIf(noSlurm).each([false, true])(
  `the cluster of the tests, accounting %s (${noSlurm ?? 'slurm'})`,
  (accounting) => {
    let slurm: TestSlurm;
    beforeAll(async () => {
      slurm = await startSlurm({ accounting });
    });
    afterAll(() => slurm.end());

    it('runs a job on each node', async () => {
      const job = await slurm.run(
        'sbatch',
        '--parsable',
        '--array=1-4',
        '--output=/dev/null',
        '--wrap=sleep 1',
      );
      await expect
        .poll(() => slurm.run('squeue', '-h', '-j', job.trim(), '-t', 'all', '-o', '%T %N'))
        .toMatch(/^(COMPLETED n[12]\s+){4}$/);
    });

    if (!accounting) return;
    it('keeps what became of jobs', async () => {
      await expect.poll(() => slurm.run('sacct', '-XnP', '-o', 'JobID,State')).toContain('1_4|COMPLETED');
    });
  },
);
