/** A Slurm cluster of a test on this machine: a controller, nodes and two partitions, with or without accounting. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { Daemons, freePorts, runProgram } from './daemons.ts';

/** What it needs, of Debian's munge, slurm-wlm, slurmdbd and mariadb-server. */
export const SLURM_PROGRAMS = ['munged', 'slurmctld', 'slurmd', 'sbatch'];
export const ACCOUNTING_PROGRAMS = ['slurmdbd', 'mariadbd', 'mariadb-install-db'];

export const NODES = ['n1', 'n2'];

export interface TestSlurm {
  /** For whoever calls sbatch and its like. */
  env: { SLURM_CONF: string };
  daemons: Daemons;
  /** Runs one of Slurm's programs. */
  run(...command: string[]): Promise<string>;
  /** Starts the daemon of a node that has been stopped: `daemons.stop('n1')`. */
  startNode(name: string): Promise<void>;
  end(): Promise<void>;
}

export async function startSlurm({ accounting }: { accounting: boolean }): Promise<TestSlurm> {
  const daemons = new Daemons('slurm');
  const [controller, database, ...nodes] = await freePorts(2 + NODES.length);
  const env = { SLURM_CONF: daemons.path('slurm.conf') };
  for (const folder of ['munge', 'state', ...NODES]) mkdirSync(daemons.path(folder));
  write(daemons, 'slurm.conf', slurmConf(daemons, { controller, database, nodes, accounting }));
  write(daemons, 'plugstack.conf', []);
  const run = (...command: string[]) => runProgram(command, env);
  const startNode = (name: string) =>
    daemons.start(
      name,
      ['slurmd', '-D', '-N', name],
      () => run('sinfo', '-hn', name, '-o', '%t').then(isIdle),
      env,
    );
  await daemons.startAll(async () => {
    await startMunge(daemons);
    if (accounting) {
      await startDatabase(daemons, database, env);
      await run('sacctmgr', '-i', 'add', 'cluster', 'loopback');
      await run('sacctmgr', '-i', 'add', 'account', 'lab');
      await run('sacctmgr', '-i', 'add', 'user', userInfo().username, 'account=lab');
    }
    await daemons.start('slurmctld', ['slurmctld', '-D'], () => run('scontrol', 'ping').then(isUp), env);
    await Promise.all(NODES.map(startNode));
  });
  return { env, daemons, run, startNode, end: () => daemons.end() };
}

const isUp = (text: string) => text.includes('UP');
const isIdle = (text: string) => text.includes('idle');

function write(daemons: Daemons, name: string, lines: readonly string[]): void {
  writeFileSync(daemons.path(name), `${lines.join('\n')}\n`, { mode: 0o600 });
}

async function startMunge(daemons: Daemons): Promise<void> {
  writeFileSync(daemons.path('munge', 'key'), randomBytes(1024), { mode: 0o600 });
  const file = (name: string) => `--${name}=${daemons.path('munge', name)}`;
  const files = ['socket', 'pid-file', 'log-file', 'seed-file'].map(file);
  const key = `--key-file=${daemons.path('munge', 'key')}`;
  await daemons.start('munged', ['munged', '--foreground', key, ...files], () =>
    runProgram(['munge', '-n', '-S', daemons.path('munge', 'socket')]),
  );
}

async function startDatabase(daemons: Daemons, port: number, env: Record<string, string>): Promise<void> {
  const { username } = userInfo();
  const socket = daemons.path('mariadb.sock');
  const common = ['--no-defaults', `--datadir=${daemons.path('db')}`, `--user=${username}`];
  await runProgram([
    'mariadb-install-db',
    ...common,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const small = ['--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=0'];
  const alone = [`--socket=${socket}`, '--skip-networking', '--skip-grant-tables'];
  // The client library loses its options when a first connection fails, and then refuses every answer: so slurmdbd must
  // find its database.
  await daemons.start('mariadbd', ['mariadbd', ...common, ...alone, ...small], () =>
    runProgram(['mariadb', '--no-defaults', '-S', socket, '-e', 'CREATE DATABASE IF NOT EXISTS slurm']),
  );
  write(daemons, 'slurmdbd.conf', [
    'AuthType=auth/munge',
    `AuthInfo=socket=${daemons.path('munge', 'socket')}`,
    'DbdHost=localhost',
    'DbdAddr=127.0.0.1',
    `DbdPort=${port}`,
    `SlurmUser=${username}`,
    `PidFile=${daemons.path('slurmdbd.pid')}`,
    'StorageType=accounting_storage/mysql',
    'StorageHost=localhost',
    `StorageUser=${username}`,
    'StorageLoc=slurm',
  ]);
  // It has no setting for a socket; its library reads this one.
  const answers = () => runProgram(['sacctmgr', '-n', 'show', 'cluster'], env);
  await daemons.start('slurmdbd', ['slurmdbd', '-D'], answers, { ...env, MYSQL_UNIX_PORT: socket });
}

interface ClusterPorts {
  controller: number;
  database: number;
  nodes: number[];
  accounting: boolean;
}

function slurmConf(daemons: Daemons, { controller, database, nodes, accounting }: ClusterPorts): string[] {
  const { username } = userInfo();
  const socket = daemons.path('munge', 'socket');
  const storage = [
    'AccountingStorageType=accounting_storage/slurmdbd',
    'AccountingStorageHost=127.0.0.1',
    `AccountingStoragePort=${database}`,
    `AccountingStoragePass=${socket}`,
    'AccountingStorageEnforce=limits',
  ];
  return [
    'ClusterName=loopback',
    `SlurmctldHost=${hostname()}(127.0.0.1)`,
    `SlurmctldPort=${controller}`,
    'AuthType=auth/munge',
    // A job that is requeued waits as long as its credential would be good for: 120 s by default.
    `AuthInfo=socket=${socket},cred_expire=10`,
    'CredType=cred/munge',
    `SlurmUser=${username}`,
    `SlurmdUser=${username}`,
    `StateSaveLocation=${daemons.path('state')}`,
    `SlurmdSpoolDir=${daemons.path('%n')}`,
    `SlurmctldPidFile=${daemons.path('slurmctld.pid')}`,
    `SlurmdPidFile=${daemons.path('%n.pid')}`,
    `PlugStackConfig=${daemons.path('plugstack.conf')}`,
    // A container has no cgroups that Slurm may write, and no D-Bus to ask for some.
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'MpiDefault=none',
    // Nodes may claim more cores than this machine has.
    'SlurmdParameters=config_overrides',
    'ReturnToService=2',
    'PreemptType=preempt/partition_prio',
    'PreemptMode=REQUEUE',
    'SchedulerParameters=bf_interval=1,sched_min_interval=100000,requeue_delay=1',
    'KillWait=5',
    'SlurmdTimeout=10',
    'MinJobAge=300',
    // A test submits more than one array may have.
    'MaxArraySize=210',
    ...(accounting ? storage : ['AccountingStorageType=accounting_storage/none']),
    ...NODES.map(
      (name, at) =>
        `NodeName=${name} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${nodes[at]} CPUs=2 RealMemory=2000`,
    ),
    `PartitionName=low Nodes=${NODES.join()} Default=YES MaxTime=1:00:00 PriorityTier=1 GraceTime=5`,
    `PartitionName=high Nodes=${NODES.join()} MaxTime=INFINITE PriorityTier=10`,
  ];
}
