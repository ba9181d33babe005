import { expect, it } from 'vitest';
import type { RemoteRun, SshConnection } from '../ssh/connection.ts';
import { cleanHost } from './clean.ts';

it('waits for what is counted and removed without a word', async () => {
  const asked: RemoteRun[] = [];
  const run = async (command: RemoteRun) => {
    asked.push(command);
    return '3\n';
  };
  expect(await cleanHost({ host: 'box', run } as SshConnection, '/there', true)).toBe(3 * 1024);
  expect(asked[0].silenceMs).toBeGreaterThan(600_000);
});
