/** The hosts of a home: added, checked, cleaned and removed, and what trains there. */
import { join } from 'node:path';
import { type Host, type HostChanges, type HostJob, hostSchema, NO_OPTIONS } from '../../core/api/hosts.ts';
import { UserError } from '../../core/errors.ts';
import type { StoredHost } from '../../core/store/home/hosts.ts';
import { pauseMachine } from '../../core/store/runs/queue-requests.ts';
import type { Store } from '../../core/store/store.ts';
import type { Executor } from '../executors/executor.ts';
import { type CheckOptions, checkHost } from '../executors/hosts/check.ts';
import { cleanHost } from '../executors/hosts/clean.ts';
import { askHost, offersCuda } from '../executors/hosts/facts.ts';
import { withJob } from '../executors/jobs/batch-script.ts';
import { readScript } from '../executors/jobs/job-script.ts';
import type { HostLink } from '../executors/remote/host-link.ts';
import { nameOf, RemoteExecutor } from '../executors/remote/remote-executor.ts';
import { folderOf } from '../executors/remote/run-files.ts';
import { SshLink } from '../executors/remote/ssh-link.ts';
import { SshConnection } from '../executors/ssh/connection.ts';

export function listHosts(store: Store): Host[] {
  return store.hosts.list().map(hostOf);
}

/** Options that a later version adds are left to the cluster. */
function hostOf({ job, ...row }: StoredHost): Host {
  return hostSchema.parse({ ...row, job: { ...NO_OPTIONS, ...job } });
}

/** Throws UserError for a host that was never added. */
export function findHost(store: Store, name: string): Host {
  const found = store.hosts.find(name);
  if (found) return hostOf(found);
  throw new UserError({
    code: 'invalid',
    problem: `no host "${name}" has been added`,
    fix: { cli: `add it with "tessera host add ${name}"`, window: 'add it in Machines' },
  });
}

/** Bytes of memory of a host; null where it has not been checked, and of a cluster, whose nodes have their own. */
export function hostMemory(store: Store, name: string): number | null {
  const facts = findHost(store, name).report?.facts;
  return facts && facts.scheduler === null ? facts.memoryBytes : null;
}

/**
 * Connects to a host and remembers it, or changes what is known of it. Throws UserError where runs are in the folder that it has;
 * rejects with SshError where it cannot be reached.
 */
export async function addHost(store: Store, changes: HostChanges): Promise<Host> {
  const { folder } = changedHost(store, changes);
  await withConnection(changes.name, (connection) => askHost(connection, folder));
  // Asked again: runs may have begun there meanwhile.
  return store.transaction(() => {
    const { name, folder, job } = changedHost(store, changes);
    store.hosts.put({ name, folder, job });
    return findHost(store, name);
  });
}

function changedHost(store: Store, { name, folder, job }: HostChanges): Host {
  const stored = store.hosts.find(name);
  const known = stored ? hostOf(stored) : hostSchema.parse({ name });
  if (stored && folder && folder !== known.folder)
    store.hosts.requireUnused(name, 'cannot get another folder', ['there']);
  return { ...known, folder: folder ?? known.folder, job: { ...known.job, ...job } };
}

/** Sends the program there and tries every device; what was found is remembered. */
export async function checkKnownHost(store: Store, name: string, options: CheckOptions): Promise<Host> {
  const host = findHost(store, name);
  const cache = join(store.home, 'packages');
  const report = await withConnection(name, (connection) => checkHost(connection, host, cache, options));
  store.hosts.setReport(name, report);
  return findHost(store, name);
}

/** Resolves with the bytes that were freed. */
export async function cleanKnownHost(store: Store, name: string, all: boolean): Promise<number> {
  const host = findHost(store, name);
  return withConnection(name, async (connection) => {
    const { root } = await askHost(connection, host.folder);
    return cleanHost(connection, root, all);
  });
}

/** The script of a run's job, from the cluster; null where there is none yet, or no longer. */
export async function jobScript(store: Store, id: string): Promise<string | null> {
  const { place, job } = store.runs.own(id);
  const attempt = store.runs.attempts(id).at(-1);
  const journal = attempt && store.lifecycle.journal(id, attempt.number);
  if (place === null || !journal) return null;
  const host = findHost(store, place);
  // Its runs may share the connection: it is left open.
  const connection = new SshConnection(host.name);
  const { root, scheduler } = await askHost(connection, store.lifecycle.hostFolder(id, attempt.number));
  const folder = folderOf({ root, name: nameOf(join(store.runs.folder(id), journal)) });
  if (scheduler === null) return null;
  return readScript(connection, folder, scheduler.kind, withJob(host.job, job ?? {}));
}

const REMOVED_LATER = {
  cli: 'cancel them, and wait until they have ended; where the host is gone for good, add --give-up',
  window: 'cancel them, or wait until they have ended',
};

/** Forgets a host; what is there stays, with `giveUp` also what is still to be ended. Throws UserError where runs need it. */
export function removeHost(store: Store, name: string, giveUp: boolean): void {
  findHost(store, name);
  store.transaction(() => {
    if (giveUp) store.hosts.giveUpEndings(name);
    store.hosts.requireUnused(name, 'cannot be removed', ['there', 'waits'], REMOVED_LATER);
    store.hosts.remove(name);
    // One of the same name that is added later is another one.
    pauseMachine(store, name, false);
  });
}

async function withConnection<T>(name: string, work: (connection: SshConnection) => Promise<T>): Promise<T> {
  const connection = new SshConnection(name);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** What trains on a host, in a folder there; null for the usual one. */
export type Elsewhere = ((host: string, folder: string | null) => Executor) & { endLeft?(): void };

/**
 * What trains on the hosts of a home: one connection for each folder of one, made when it is needed. Throws UserError for an
 * unknown host.
 */
export function remoteExecutors(
  store: Store,
  linkTo: (host: Host, options: () => HostJob) => HostLink = sshTo(store),
): Elsewhere {
  const known = new Map<string, Executor>();
  const executorOf = (name: string, folder: string | null) => {
    const host = { ...findHost(store, name), folder };
    const key = JSON.stringify([name, folder]);
    const options = () => findHost(store, name).job;
    const found = known.get(key);
    if (found) return found;
    const left = store.hosts.endings({ host: name, folder });
    const executor = new RemoteExecutor(linkTo(host, options), options, left, store.machine.clock);
    known.set(key, executor);
    return executor;
  };
  /** Ends there what could not be ended before, by whatever process. */
  const endLeft = () => {
    for (const { host, folder } of store.hosts.withEndings()) executorOf(host, folder).endLeft?.();
  };
  endLeft();
  return Object.assign(executorOf, { endLeft });
}

const sshTo =
  (store: Store) =>
  ({ name, folder }: Host, options: () => HostJob) =>
    new SshLink(name, {
      folder,
      cache: join(store.home, 'packages'),
      cuda: (facts) => offersCuda(options(), facts),
      scheduler: () => findHost(store, name).report?.facts?.scheduler?.kind ?? null,
    });

/** Runs trained at the same time, by host: one, or on a cluster as many as may wait there. */
export function hostSlots(store: Store): Record<string, number> {
  return Object.fromEntries(
    listHosts(store).map(({ name, report }) => [name, report?.facts?.scheduler ? 200 : 1]),
  );
}
