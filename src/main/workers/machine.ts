/** Entry that says what its machine is, as JSON: a check of another machine runs it there. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { deviceChecks } from '../../core/engine/devices/checks.ts';
import { machineNumbers } from '../../core/machine-numbers.ts';

const INTERNET_MS = 3_000;

/** NVIDIA's GPUs, such as "NVIDIA A100-SXM4-80GB, 81920 MiB". */
async function gpus(): Promise<string[]> {
  try {
    const query = ['--query-gpu=name,memory.total', '--format=csv,noheader'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { windowsHide: true });
    return stdout.trim().split('\n');
  } catch {
    return [];
  }
}

async function reachesInternet(): Promise<boolean> {
  const socket = connect({ host: 'registry.npmjs.org', port: 443 });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(INTERNET_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const told = {
  ...(await machineNumbers()),
  node: process.env.TESSERA_NODE ?? null,
  devices: await deviceChecks.list(),
  gpus: await gpus(),
  internet: await reachesInternet(),
};
process.stdout.write(`${JSON.stringify(told)}\n`);
