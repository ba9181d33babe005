/** The scenarios of hosts on a real sshd and a real Slurm: the same must come of them, bit for bit. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTimeOf } from '../../src/core/process-identity.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { Store } from '../../src/core/store/store.ts';
import { createRun } from '../../src/main/services/runs/create-run.ts';
import { some } from '../form.ts';
import { skipped } from './daemons.ts';
import { Desktop, endStopped, type Shown, stopTrainer, tensors, train, until } from './desktop.ts';
import {
  type Acts,
  expectedOf,
  type HostKind,
  type Outcome,
  outcomeOf,
  playScenario,
  SCENARIOS,
  type Scenario,
} from './scenarios.ts';
import { SLURM_PROGRAMS, startSlurm, type TestSlurm } from './slurm.ts';
import { startSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd', ...SLURM_PROGRAMS);
const LONGEST_SECONDS = 200;

/** A small disk is made by mounting one, which not every machine that may do all else allows. */
function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'tessera-mount-'));
  try {
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', place]).status !== 0) return false;
    return spawnSync('umount', [place]).status === 0;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What is done to a job; it trains where `pid` is. */
function actsOfJobs(cluster: TestSlurm, job: () => string, pid: () => number) {
  const stateOf = async () =>
    (await cluster.run('squeue', '-h', '-t', 'all', '-j', job(), '-o', '%T %r')).trim();
  const update = (...what: string[]) => cluster.run('scontrol', 'update', ...what);
  const goOn = () => process.kill(pid(), 'SIGCONT');
  /** What is requeued waits for two minutes. */
  const release = async () => {
    await until(async () => /^PENDING BeginTime/.test(await stateOf()), LONGEST_SECONDS);
    await wait(3_000);
    await update(`JobId=${job()}`, 'StartTime=now');
  };
  const signals = () =>
    BigInt(`0x${/^ShdPnd:\s*(\w+)/m.exec(readFileSync(`/proc/${pid()}/status`, 'utf8'))?.[1]}`);
  return {
    'it is preempted': async () => {
      const all = ['--partition=high', '--exclusive', '--nodes=2', '--output=/dev/null'];
      await cluster.run('sbatch', ...all, '--wrap=sleep 3');
      await wait(1_000);
      goOn();
      await release();
    },
    'it reaches its time limit': async () => {
      // It has been told to end, by the script that Slurm told.
      await until(() => ((signals() >> 14n) & 1n) === 1n, LONGEST_SECONDS);
      goOn();
      await release();
    },
    'its job is requeued': async () => {
      await cluster.run('scontrol', 'requeue', job());
      await release();
    },
    'its node goes down': async () => {
      const node = (await cluster.run('squeue', '-h', '-j', job(), '-o', '%N')).trim();
      await update(`NodeName=${node}`, 'State=DRAIN', 'Reason=test');
      // It stays on a node that is drained.
      expect(await stateOf()).toMatch(/^RUNNING/);
      goOn();
      await update(`NodeName=${node}`, 'State=DOWN', 'Reason=test');
      await release();
      await update(`NodeName=${node}`, 'State=RESUME');
    },
    'its job is cancelled there': () => cluster.run('scancel', job()).then(() => {}),
  };
}

describe.skipIf(why)(`a run on a real host (${why ?? 'sshd, slurm'})`, () => {
  let cluster: TestSlurm;
  let plain: Desktop;
  let config: Record<string, unknown>;
  let whole: Outcome & Pick<Shown, 'checkpoints'>;

  const start = async (on: HostKind) => {
    const server = await startSshd({ PATH: '/usr/bin:/bin', ...(on === 'cluster' ? cluster.env : {}) });
    const desktop = new Desktop(server);
    await desktop.prepare();
    return desktop;
  };
  beforeAll(async () => {
    cluster = await startSlurm({ accounting: false });
    plain = await start('box');
    expect(await plain.run(...train('whole'))).toMatchObject({ code: 0 });
    const store = openStore(plain.home);
    const { id, checkpoints } = await plain.show('whole');
    whole = { ...outcomeOf(store, id), checkpoints };
    config = store.runs.own(id).config;
    store.close();
  });
  afterAll(async () => {
    endStopped();
    await plain?.server.end();
    await cluster?.end();
  });

  function worldOf(desktop: Desktop, store: Store) {
    const { server, root } = desktop;
    const disk = join(root, 'runs');
    let hub: ReturnType<Desktop['hub']> | null = null;
    let pid = 0;
    let isMounted = false;
    const job = () => readFileSync(join(disk, desktop.runs[0], 'job-number'), 'utf8').trim();
    const kill = async () => {
      hub?.child.kill('SIGKILL');
      await hub?.finished;
      hub = null;
    };
    const acts: Acts = {
      'the desktop opens': () => {
        hub = desktop.hub();
      },
      'the desktop is killed': kill,
      'the line is cut': server.cut,
      'the line is back': server.start,
      'the key is refused': server.refuse,
      'the key is accepted': server.accept,
      'its disk is full': () => {
        mkdirSync(disk, { recursive: true });
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk]);
        isMounted = true;
      },
      'its disk has room': () => {
        expect(store.runs.list()[0].message).toMatch(/no space left|disk is full/i);
        execFileSync('mount', ['-o', 'remount,size=50m', disk]);
      },
      'it is stopped in its middle': async () => {
        pid = await stopTrainer(root);
      },
      'it goes on': () => void process.kill(pid, 'SIGCONT'),
      'its trainer is killed': () => void process.kill(pid, 'SIGKILL'),
      ...actsOfJobs(cluster, job, () => pid),
    };
    const add = (job: Scenario['job']) => {
      const request = { ...{ model: 'sasrec', config, dataset: 'sample', seed: 7, device: 'cpu' }, job };
      const { id } = createRun(store, { ...request, device: 'cpu', threads: 1, place: 'box', name: 'run' });
      store.queue.put(id, 'end');
      return id;
    };
    const end = async () => {
      await kill();
      if (isMounted) execFileSync('umount', [disk]);
      store.close();
      await server.end();
    };
    return {
      store,
      root,
      acts,
      add,
      until: (isSo: () => boolean) => until(isSo, LONGEST_SECONDS),
      end,
      pid: () => pid,
    };
  }

  const play = async ({ host, ...scenario }: Scenario & { host: HostKind }) => {
    const desktop = await start(host);
    const world = worldOf(desktop, openStore(desktop.home));
    try {
      const outcome = await playScenario(world, scenario);
      expect(outcome).toMatchObject(expectedOf(scenario, whole));
      // Nobody may have asked for its exit code yet.
      expect([null, 'zombie']).toContain(startTimeOf(world.pid()));
      if (outcome.result) expect(tensors(await desktop.show(outcome.run))).toEqual(tensors(whole));
    } finally {
      await world.end();
    }
  };
  const each = SCENARIOS.flatMap((scenario) => scenario.on.map((host) => ({ ...scenario, host }))).filter(
    ({ before }) => !before?.includes('its disk is full') || mayMount(),
  );
  // What is done to a cluster is done to all that trains there.
  const isAlone = ({ on }: Scenario) => on.length === 1 && on[0] === 'cluster';
  for (const one of some(each, 9))
    (isAlone(one) ? it : it.concurrent)(`${one.name} (${one.host})`, () => play(one));
});
