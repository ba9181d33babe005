/**
 * Entry that says what its machine is, as JSON. A check of another machine runs it there, and here with "numbers", for what is
 * compared alone.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { listDevices, openDevice, trainNumbers } from '../../core/engine/index.ts';
import { processorHere } from '../../core/processor.ts';

const INTERNET_MS = 3_000;

/** NVIDIA's GPUs, such as "NVIDIA A100-SXM4-80GB, 81920 MiB". */
async function gpus(): Promise<string[]> {
  try {
    const query = ['--query-gpu=name,memory.total', '--format=csv,noheader'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query);
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

const { context } = await openDevice('cpu', { threads: 1 });
const compared = { processor: processorHere(), numbers: await trainNumbers(context) };
await context.dispose();
const rest = process.argv[2] !== 'numbers' && {
  node: process.env.SLURMD_NODENAME ?? null,
  devices: await listDevices(),
  gpus: await gpus(),
  internet: await reachesInternet(),
};
process.stdout.write(`${JSON.stringify({ ...compared, ...rest })}\n`);
