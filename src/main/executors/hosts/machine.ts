/** Asks a machine about itself: this one, a host, or a node of a cluster. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Host, slurmArguments } from '../../../core/api/hosts.ts';
import { processEntry } from '../../../core/process-entry.ts';
import type { RemoteProgram } from '../shipping/ship.ts';
import type { SshConnection } from '../ssh/connection.ts';

/** How long a check waits for a node of the cluster. */
const NODE_SECONDS = 120;

const compared = z.object({
  processor: z.object({ model: z.string(), instructions: z.string() }),
  numbers: z.object({ digest: z.string(), losses: z.array(z.number()) }),
});
const machine = compared.extend({
  node: z.string().nullable(),
  devices: z.array(
    z.object({ id: z.string(), usable: z.boolean(), preferred: z.boolean(), detail: z.string() }),
  ),
  gpus: z.array(z.string()),
  internet: z.boolean(),
});

export type ComparedMachine = z.output<typeof compared>;
export type Machine = z.output<typeof machine>;

export async function askThisMachine(signal?: AbortSignal): Promise<ComparedMachine> {
  const entry = processEntry(import.meta.dirname, 'machine', '../../workers/machine.ts');
  // Inside Electron it has to run as Node.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, [entry, 'numbers'], { env, signal });
  return compared.parse(JSON.parse(stdout));
}

/** On a cluster, a short job asks a node. */
export async function askMachine(
  connection: SshConnection,
  { node, entry }: RemoteProgram,
  { host, isCluster, signal }: { host: Host; isCluster: boolean; signal?: AbortSignal },
): Promise<Machine> {
  const wait = [`--immediate=${NODE_SECONDS}`, '--time=5', '--ntasks=1', '--quiet'];
  // What jobs load, such as modules.
  const lines = host.slurm.lines.filter((line) => !line.startsWith('#'));
  const script = [...lines, 'exec "$@"'].join('\n');
  const job = isCluster
    ? ['srun', ...slurmArguments({ ...host.slurm, time: null }), ...wait, 'sh', '-c', script, 'sh']
    : [];
  const said = await connection.run({
    what: 'trying its devices',
    script: '"$@"',
    args: [...job, node, entry('machine')],
    timeoutMs: 300_000,
    signal,
  });
  return machine.parse(JSON.parse(said));
}
