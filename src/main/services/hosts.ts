/** The hosts of a home: what the user said of them, kept with the settings. */
import { join } from 'node:path';
import { z } from 'zod';
import { type Host, type HostChanges, hostSchema, type SlurmOptions } from '../../core/api/hosts.ts';
import { UserError } from '../../core/errors.ts';
import type { Store } from '../../core/store/store.ts';
import type { Executor } from '../executors/executor.ts';
import { type CheckOptions, checkHost } from '../executors/hosts/check.ts';
import { cleanHost } from '../executors/hosts/clean.ts';
import { askHost, offersCuda } from '../executors/hosts/facts.ts';
import type { HostLink } from '../executors/remote/host-link.ts';
import { type LeftRuns, nameOf, RemoteExecutor } from '../executors/remote/remote-executor.ts';
import { folderOf } from '../executors/remote/run-files.ts';
import { SshLink } from '../executors/remote/ssh-link.ts';
import { withJob } from '../executors/slurm/batch-script.ts';
import { readScript } from '../executors/slurm/job-script.ts';
import { SshConnection } from '../executors/ssh/connection.ts';

const KEY = 'hosts';
const hostsSchema = z.array(hostSchema).default([]);

export function listHosts(store: Store): Host[] {
  return store.settings.read(KEY, hostsSchema);
}

/** Throws UserError for a host that was never added. */
export function findHost(store: Store, name: string): Host {
  const host = listHosts(store).find((one) => one.name === name);
  if (host) return host;
  throw new UserError({
    code: 'invalid',
    problem: `no host "${name}" has been added`,
    fix: { cli: `add it with "tessera host add ${name}"`, window: 'add it in Settings' },
  });
}

/** Bytes of memory of a host; null where it has not been checked, and of a cluster, whose nodes have their own. */
export function hostMemory(store: Store, name: string): number | null {
  const facts = findHost(store, name).report?.facts;
  return facts && facts.slurm === null ? facts.memoryBytes : null;
}

/** Connects to a host and remembers it, or changes what is known of it. Rejects with SshError where it cannot be reached. */
export async function addHost(store: Store, { name, folder, slurm }: HostChanges): Promise<Host> {
  const known = listHosts(store).find((one) => one.name === name) ?? hostSchema.parse({ name });
  const host = { ...known, folder: folder ?? known.folder, slurm: { ...known.slurm, ...slurm } };
  await withConnection(host, (connection) => askHost(connection, host.folder));
  return save(store, host);
}

/** Sends the program there and tries every device; what was found is remembered. */
export async function checkKnownHost(store: Store, name: string, options: CheckOptions): Promise<Host> {
  const host = findHost(store, name);
  const cache = join(store.home, 'packages');
  const report = await withConnection(host, (connection) => checkHost(connection, host, cache, options));
  return save(store, { ...findHost(store, name), report });
}

/** Resolves with the bytes that were freed. */
export async function cleanKnownHost(store: Store, name: string, all: boolean): Promise<number> {
  const host = findHost(store, name);
  return withConnection(host, async (connection) => {
    const { root } = await askHost(connection, host.folder);
    return cleanHost(connection, root, all);
  });
}

/** The script of a run's job, from the cluster; null where there is none yet, or no longer. */
export async function jobScript(store: Store, id: string): Promise<string | null> {
  const { place, slurm } = store.runs.own(id);
  const attempt = store.runs.attempts(id).at(-1);
  const journal = attempt && store.lifecycle.journal(id, attempt.number);
  if (place === null || !journal) return null;
  const host = findHost(store, place);
  // Its runs may share the connection: it is left open.
  const connection = new SshConnection(host.name);
  const { root } = await askHost(connection, host.folder);
  const folder = folderOf({ root, name: nameOf(join(store.runs.folder(id), journal)) });
  return readScript(connection, folder, withJob(host.slurm, slurm ?? {}));
}

/** Forgets a host; what is there stays. */
export function removeHost(store: Store, name: string): void {
  findHost(store, name);
  store.settings.write(
    KEY,
    listHosts(store).filter((one) => one.name !== name),
  );
}

function save(store: Store, host: Host): Host {
  const others = listHosts(store).filter(({ name }) => name !== host.name);
  store.settings.write(
    KEY,
    [...others, host].sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  return host;
}

async function withConnection<T>(host: Host, work: (connection: SshConnection) => Promise<T>): Promise<T> {
  const connection = new SshConnection(host.name);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** What trains on the hosts of a home: one connection each, made when it is needed. Throws UserError for an unknown host. */
export function remoteExecutors(
  store: Store,
  linkTo: (host: Host, options: () => SlurmOptions) => HostLink = sshTo(store),
): (name: string) => Executor {
  const known = new Map<string, Executor>();
  const executorOf = (name: string) => {
    const host = findHost(store, name);
    const key = JSON.stringify([name, host.folder]);
    const options = () => findHost(store, name).slurm;
    const found = known.get(key);
    if (found) return found;
    const executor = new RemoteExecutor(
      linkTo(host, options),
      options,
      leftRuns(store, name),
      store.machine.clock,
    );
    known.set(key, executor);
    return executor;
  };
  // They end there what could not be ended before.
  for (const { name } of listHosts(store)) if (leftRuns(store, name).list().length > 0) executorOf(name);
  return executorOf;
}

const sshTo =
  ({ home }: Store) =>
  ({ name, folder }: Host, options: () => SlurmOptions) =>
    new SshLink(name, {
      folder,
      cache: join(home, 'packages'),
      cuda: (facts) => offersCuda(options(), facts),
    });

const leftSchema = z.record(z.string(), z.array(z.string())).default({});

/** Of a host, kept with the settings. */
function leftRuns(store: Store, host: string): LeftRuns {
  const read = () => store.settings.read('hosts.left', leftSchema);
  const list = () => read()[host] ?? [];
  // Read in the transaction that writes: another process may name one at the same time.
  const change = (changed: (names: readonly string[]) => string[]) =>
    store.transaction(() => store.settings.write('hosts.left', { ...read(), [host]: changed(list()) }));
  return {
    list,
    add: (name) => change((names) => [...names, name]),
    remove: (name) => change((names) => names.filter((other) => other !== name)),
  };
}

/** Runs trained at the same time, by host: one, or on a cluster as many as may wait there. */
export function hostSlots(store: Store): Record<string, number> {
  return Object.fromEntries(
    listHosts(store).map(({ name, report }) => [name, report?.facts?.slurm ? 200 : 1]),
  );
}
