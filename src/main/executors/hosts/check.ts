/** Checks a host: what it is, whether the program runs there, and which devices work. */
import { z } from 'zod';
import type { Host, HostCheckLine, HostFacts, HostReport } from '../../../core/api/hosts.ts';
import { messageOf, throwIfCancelled } from '../../../core/errors.ts';
import { type RemoteProgram, type ShipOptions, shipProgram } from '../shipping/ship.ts';
import { targetOf } from '../shipping/target.ts';
import { slurmArguments } from '../slurm/batch-script.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { askHost } from './facts.ts';

const LEAST_FREE = 5 * 2 ** 30;
/** Times of events are the host's own. */
const MOST_SKEW = 60;
/** How long a check waits for a node of the cluster. */
const NODE_SECONDS = 120;

const devicesSchema = z.array(
  z.object({ id: z.string(), usable: z.boolean(), title: z.string(), detail: z.string() }),
);

/** @param cache a folder here, for what is fetched for other systems. Rejects only when cancelled. */
export async function checkHost(
  connection: SshConnection,
  host: Host,
  cache: string,
  options: ShipOptions = {},
): Promise<HostReport> {
  const begun = Date.now();
  const lines: HostCheckLine[] = [];
  const report = (facts: HostFacts | null): HostReport => ({
    at: begun,
    seconds: (Date.now() - begun) / 1000,
    lines,
    facts,
  });
  const step = async <T>(
    what: string,
    work: () => Promise<[T, HostCheckLine['state'], string]>,
  ): Promise<T | null> => {
    options.onProgress?.({ what, done: 0, total: 1 });
    try {
      const [value, state, text] = await work();
      lines.push({ what, state, text });
      return value;
    } catch (error) {
      throwIfCancelled(options.signal);
      lines.push({ what, state: 'bad', text: messageOf(error) });
      return null;
    }
  };
  const facts = await step('Connection', async () => {
    const found = await askHost(connection, host.folder, options.signal);
    const { user, hostname } = await connection.resolve();
    return [found, 'good', `${user}@${hostname}, through your ssh config and agent`];
  });
  if (facts === null) return report(null);
  lines.push(...plainLines(facts, host));
  const program = await step('Runtime', async () => {
    const target = targetOf(facts.system, facts.libc);
    const shipped = await shipProgram(connection, { root: facts.root, target, cache }, options);
    const script = '"$1" --version';
    const version = await connection.run({ what: 'starting Node', script, args: [shipped.node] });
    return [shipped, 'good', `Node ${version.trim().slice(1)} in ${facts.root}`];
  });
  if (program !== null)
    await step('Devices', () => tryDevices(connection, program, { host, facts, signal: options.signal }));
  return report(facts);
}

function plainLines(facts: HostFacts, { slurm: chosen }: Host): HostCheckLine[] {
  const { cores, memoryBytes, gpus, freeBytes, root, clockSkewSeconds, slurm } = facts;
  const machine = [`${cores} cores`, gigabytes(memoryBytes), ...gpus].join(', ');
  const lines: HostCheckLine[] = [
    { what: slurm ? 'Login node' : 'Machine', state: 'good', text: machine },
    {
      what: 'Space',
      state: freeBytes < LEAST_FREE ? 'warning' : 'good',
      text: `${gigabytes(freeBytes)} free in ${root}`,
    },
  ];
  if (Math.abs(clockSkewSeconds) > MOST_SKEW) {
    const way = clockSkewSeconds > 0 ? 'ahead of' : 'behind';
    const text = `${Math.abs(clockSkewSeconds)} s ${way} this machine's; times of a run are the host's`;
    lines.push({ what: 'Clock', state: 'warning', text });
  }
  if (slurm === null) return lines;
  const source = slurm.accounting ? 'with accounting' : 'without accounting: old jobs are soon forgotten';
  lines.push({ what: 'Scheduler', state: 'good', text: `Slurm ${slurm.version}, ${source}` });
  const names = chosen.partition?.split(',') ?? [];
  const used = slurm.partitions.filter(({ name, isDefault }) =>
    names.length > 0 ? names.includes(name) : isDefault,
  );
  const unknown = names.filter((name) => !slurm.partitions.some((one) => one.name === name));
  if (unknown.length > 0) {
    const known = slurm.partitions.map(({ name }) => name).join(', ');
    lines.push({
      what: 'Partition',
      state: 'bad',
      text: `there is no ${unknown.join(', ')}; choose from ${known}`,
    });
  }
  for (const { name, timeLimit, nodes, cores, gres } of used) {
    const limit =
      timeLimit === null ? 'no time limit' : `at most ${timeLimit}; longer runs resume by themselves`;
    const text = [`${name}: ${nodes} nodes of ${cores} cores`, ...(gres ? [gres] : []), limit].join(', ');
    lines.push({ what: 'Partition', state: 'good', text });
  }
  return lines;
}

/** On a cluster, devices are those of a node: a short job looks. */
async function tryDevices(
  connection: SshConnection,
  { node, entry }: RemoteProgram,
  { host, facts, signal }: { host: Host; facts: HostFacts; signal?: AbortSignal },
): Promise<[null, HostCheckLine['state'], string]> {
  const wait = [`--immediate=${NODE_SECONDS}`, '--time=5', '--ntasks=1', '--quiet'];
  const job = facts.slurm === null ? [] : ['srun', ...slurmArguments({ ...host.slurm, time: null }), ...wait];
  const said = await connection.run({
    what: 'trying its devices',
    script: '"$@"',
    args: [...job, node, entry('devices')],
    timeoutMs: 300_000,
    signal,
  });
  const devices = devicesSchema.parse(JSON.parse(said));
  const usable = devices.filter((device) => device.usable);
  const others = devices.filter((device) => !device.usable).map(({ id, detail }) => `${id}: ${detail}`);
  const hidden = facts.gpus.length > 0 && usable.every(({ id }) => id === 'cpu');
  const text = [`${usable.map(({ id }) => id).join(', ')} work`, ...(hidden ? others : [])].join('; ');
  return [null, usable.length === 0 ? 'bad' : hidden ? 'warning' : 'good', text];
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
}
