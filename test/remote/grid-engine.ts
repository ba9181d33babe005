/** A cluster with Grid Engine of a test: a master and one node, in a network of their own that has nothing but a loopback. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { Daemons, runProgram } from './daemons.ts';

/** What it needs, of Debian's gridengine-master, gridengine-exec and gridengine-client, and of util-linux and iproute2. */
export const GRID_ENGINE_PROGRAMS = ['sge_qmaster', 'sge_execd', 'qsub', 'unshare', 'nsenter', 'ip'];

const [CONFIG, RESOURCES, PROGRAMS] = [
  '/usr/share/gridengine/default-configuration',
  '/usr/share/gridengine/util/resources',
  '/usr/lib/gridengine',
];
const CLIENTS = ['qsub', 'qstat', 'qdel', 'qacct', 'qconf', 'qmod'];
/** Nobody else is in that network. */
const PORTS = { SGE_QMASTER_PORT: '6444', SGE_EXECD_PORT: '6445' };

export interface TestGridEngine {
  /** For whoever calls qsub and its like. */
  env: { PATH: string };
  /** Runs one of its programs. */
  run(...command: string[]): Promise<string>;
  end(): Promise<void>;
}

export async function startGridEngine(): Promise<TestGridEngine> {
  const daemons = new Daemons('grid-engine');
  const root = daemons.path('root');
  const env = { SGE_ROOT: root, SGE_CELL: 'default', SGE_ND: '1', ...PORTS };
  for (const folder of ['root/default/common', 'spool/qmaster/job_scripts', 'spool/execd', 'bin'])
    mkdirSync(daemons.path(folder), { recursive: true });
  for (const folder of ['util', 'bin', 'lib', 'utilbin'])
    symlinkSync(`/var/lib/gridengine/${folder}`, `${root}/${folder}`);
  const bin = daemons.path('bin');
  const run = ([name, ...args]: readonly string[]) => runProgram([`${bin}/${name}`, ...args]);
  await daemons.startAll(async () => {
    await spool(daemons, env);
    const inside = ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
    await daemons.start('qmaster', [...inside, `${PROGRAMS}/sge_qmaster`], async () => write(), env);
    /** Its programs, for whoever is in the network of this machine. */
    function write(): void {
      const enter = `exec nsenter --net=/proc/${daemons.pid('qmaster')}/ns/net`;
      const set = Object.entries(env).map(([key, value]) => `${key}='${value}'`);
      for (const name of [...CLIENTS, 'sge_execd']) {
        const script = `#!/bin/sh\n${enter} env ${set.join(' ')} ${PROGRAMS}/${name} "$@"\n`;
        writeFileSync(`${bin}/${name}`, script, { mode: 0o755 });
      }
    }
    await untilAnswered(() => run(['qconf', '-sh']));
    await run(['qconf', '-as', 'localhost']);
    await daemons.start('execd', [`${bin}/sge_execd`], () => run(['qconf', '-sel']));
    await configure(daemons, run);
  });
  return {
    env: { PATH: `${bin}:/usr/bin:/bin` },
    run: (...command) => run(command),
    end: () => daemons.end(),
  };
}

/** What the master finds when it starts for the first time. */
async function spool(daemons: Daemons, env: Record<string, string>): Promise<void> {
  const [root, spooled] = [env.SGE_ROOT, daemons.path('spool')];
  const places = `${root}/default/common;${spooled}/qmaster`;
  const common = (name: string, lines: readonly string[]) =>
    writeFileSync(`${root}/default/common/${name}`, `${lines.join('\n')}\n`);
  common('act_qmaster', ['localhost']);
  common('host_aliases', [`localhost ${(await runProgram(['hostname'])).trim()}`]);
  common('bootstrap', [
    'admin_user root',
    'default_domain none',
    'ignore_fqdn false',
    'spooling_method classic',
    'spooling_lib libspoolc',
    `spooling_params ${places}`,
    `binary_path ${PROGRAMS}`,
    `qmaster_spool_dir ${spooled}/qmaster`,
    'security_mode none',
    'listener_threads 2',
    'worker_threads 2',
    'scheduler_threads 1',
  ]);
  // Jobs of root are jobs, too.
  const config = withLines(readFileSync(CONFIG, 'utf8'), {
    execd_spool_dir: `${spooled}/execd`,
    min_uid: '0',
    min_gid: '0',
    load_report_time: '00:00:05',
  });
  writeFileSync(daemons.path('config'), config);
  const made = (...command: string[]) => runProgram(command, env);
  await made(`${PROGRAMS}/spoolinit`, 'classic', 'libspoolc', places, 'init');
  await made(`${PROGRAMS}/spooldefaults`, 'configuration', daemons.path('config'));
  await made(`${PROGRAMS}/spooldefaults`, 'complexes', `${RESOURCES}/centry`);
  await made(`${PROGRAMS}/spooldefaults`, 'usersets', `${RESOURCES}/usersets`);
  await made(`${PROGRAMS}/spooldefaults`, 'managers', 'root');
}

/** A queue with two places, and a scheduler that looks once a second. */
async function configure(daemons: Daemons, run: (command: string[]) => Promise<string>): Promise<void> {
  const template = await run(['qconf', '-sq']);
  const place = { hostlist: 'localhost', pe_list: 'NONE', load_thresholds: 'NONE', slots: '2' };
  const queue = { qname: 'all.q', ...place, h_rt: '01:00:00', shell: '/bin/sh' };
  writeFileSync(daemons.path('queue'), withLines(template, queue));
  await run(['qconf', '-Aq', daemons.path('queue')]);
  const soon = { schedule_interval: '0:0:1', flush_submit_sec: '1', flush_finish_sec: '1' };
  writeFileSync(daemons.path('scheduler'), withLines(await run(['qconf', '-ssconf']), soon));
  await run(['qconf', '-Msconf', daemons.path('scheduler')]);
}

/** A file of settings, a line each, with other values. */
function withLines(text: string, values: Record<string, string>): string {
  return Object.entries(values).reduce(
    (all, [key, value]) => all.replace(new RegExp(`^${key} .*`, 'm'), `${key} ${value}`),
    text,
  );
}

async function untilAnswered(ask: () => Promise<string>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((later) => setTimeout(later, 100));
    }
  }
}
