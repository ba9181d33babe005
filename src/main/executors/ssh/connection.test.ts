import { afterEach, expect, it, vi } from 'vitest';
import { reachThisMachine } from '../../../../test/remote/this-machine.ts';
import { SshConnection } from './connection.ts';

afterEach(() => vi.unstubAllEnvs());

it.skipIf(process.platform === 'win32')('is given up although what ssh has started goes on', async () => {
  reachThisMachine();
  const begun = performance.now();
  const run = new SshConnection('box').run({ what: 'waiting', script: 'sleep 3 & sleep 3', silenceMs: 200 });
  await expect(run).rejects.toMatchObject({ problem: 'timeout' });
  expect(performance.now() - begun).toBeLessThan(2_500);
});
