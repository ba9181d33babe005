/** What users do and what fails, each at any moment. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../src/core/errors.ts';
import type { Scheduler } from '../../src/main/services/runs/scheduler.ts';
import { type Job, SimulatedCluster } from './cluster.ts';
import type { SimulatedHost } from './host.ts';
import { addRun, type Stage } from './play.ts';

export interface Act {
  /** How often it is done where it could be. */
  often: number;
  does(stage: Stage): void;
}

/** What the user asks of one run; refused in words where it cannot be. */
function wish(
  name: string,
  often: number,
  ask: (scheduler: Scheduler, run: string, stage: Stage) => void,
): Act {
  return {
    often,
    does: (stage) => {
      const desktop = stage.world.chance.of([stage.desktop, stage.second].filter((one) => one !== null));
      const run = stage.world.chance.of(stage.runs);
      if (!desktop || run === undefined) return;
      try {
        ask(desktop.scheduler, run, stage);
        stage.world.tell(`${name} ${run}`);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        stage.world.tell(`${name} ${run} is refused: ${error.message}`);
      }
    },
  };
}

type State = Partial<
  Pick<SimulatedCluster, 'isCut' | 'refuses' | 'hangs' | 'isForbidden' | 'isSilent' | 'isFull'>
>;

/** Something of a host that fails for a while. */
function trouble(name: string, often: number, begin: State, end: State): Act {
  return {
    often,
    does: ({ world, hosts }) => {
      const host = world.chance.of(hosts);
      world.tell(`${host.machine.name}: ${name}`);
      Object.assign(host, begin);
      world.at(world.chance.between(1_000, 90_000), null, () => {
        world.tell(`${host.machine.name}, no longer: ${name}`);
        Object.assign(host, end);
      });
    },
  };
}

/** Nothing can be stored for a while. */
function onDisk(what: string, often: number, kind: 'full' | 'busy'): Act {
  return {
    often,
    does: ({ world, disk }) => {
      if (disk.trouble) return;
      world.tell(`the database ${what}`);
      disk.trouble = kind;
      world.at(world.chance.between(1_000, 90_000), null, () => {
        world.tell(`the database no longer ${what}`);
        disk.trouble = null;
      });
    },
  };
}

/** What befalls a host. */
function onHost(often: number, does: (host: SimulatedHost) => string | undefined): Act {
  return {
    often,
    does: ({ world, hosts }) => {
      const told = does(world.chance.of(hosts));
      if (told) world.tell(told);
    },
  };
}

/** What befalls a job that runs. */
function onJob(often: number, what: string, does: (cluster: SimulatedCluster, job: Job) => void): Act {
  return {
    often,
    does: ({ world, cluster, mayCancel }) => {
      const job = world.chance.of(cluster.running);
      if (job === undefined) return;
      world.tell(`${SimulatedCluster.nameOf(job)} ${what}`);
      if (what === 'is cancelled there') mayCancel.add(job.trainer?.spec.runId ?? '');
      does(cluster, job);
    },
  };
}

export const acts: readonly Act[] = [
  wish('cancel', 0.5, (scheduler, run, { cancelled, mayCancel }) => {
    scheduler.cancel(run);
    cancelled.add(run);
    mayCancel.add(run);
  }),
  wish('pause', 0.4, (scheduler, run, { cancelled }) => {
    scheduler.pause(run);
    cancelled.delete(run);
  }),
  wish('resume', 0.8, (scheduler, run, { cancelled }) => {
    scheduler.resume(run);
    cancelled.delete(run);
  }),
  wish('end after this epoch', 0.5, (scheduler, run) => scheduler.stopAfterEpoch(run)),
  wish('train here', 0.3, (scheduler, run, { cancelled }) => {
    scheduler.trainHere(run);
    cancelled.delete(run);
  }),
  wish('check', 0.3, (scheduler, run) => scheduler.check(run)),
  {
    often: 0.5,
    does: (stage) => {
      if (stage.runs.length < 6) addRun(stage, stage.world.chance.of([null, 'box', 'cluster']));
    },
  },
  {
    often: 0.9,
    does: (stage) => {
      const { world } = stage;
      if (!stage.desktop) return;
      world.tell('the desktop is killed');
      stage.kill();
      world.at(world.chance.between(500, 60_000), null, () => stage.start());
    },
  },
  {
    // As the desktop ends: what has not stopped by then is killed with it.
    often: 0.4,
    does: (stage) => {
      const { desktop, world } = stage;
      if (!desktop) return;
      world.tell('the desktop is quit');
      const over = () => {
        if (stage.desktop !== desktop) return;
        world.tell('the desktop has ended');
        stage.kill();
        world.at(world.chance.between(500, 30_000), null, () => stage.start());
      };
      desktop.scheduler.close().then(over, over);
      world.at(25_000, null, over);
    },
  },
  {
    often: 0.3,
    does: (stage) => {
      const { world, second, disk } = stage;
      if (disk.trouble || stage.laptop.asleepUntil > world.time) return;
      world.tell(second ? 'the second program is killed' : 'a second desktop opens the home');
      second?.process.end(null);
      stage.second = second ? null : stage.open();
    },
  },
  {
    // It trains here what it is for, while no desktop does; the next one waits for that.
    often: 0.4,
    does: (stage) => {
      const { world, disk, runs } = stage;
      if (disk.trouble || stage.laptop.asleepUntil > world.time || stage.second || runs.length > 5) return;
      world.tell('the desktop is killed, and a command trains a run of its own');
      stage.kill();
      let own = -1;
      stage.second = stage.open((run) => run === runs[own]);
      own = addRun(stage, null, stage.second);
      world.at(world.chance.between(3_000, 30_000), null, () => stage.start());
    },
  },
  trouble('the network is cut', 0.9, { isCut: true }, { isCut: false }),
  trouble('the key is refused', 0.7, { refuses: 'denied' }, { refuses: null }),
  trouble('it hangs', 0.4, { hangs: true }, { hangs: false }),
  trouble('its controller is silent', 0.6, { isSilent: true }, { isSilent: false }),
  trouble('its disk is full', 0.2, { isFull: true }, { isFull: false }),
  trouble('its folder may not be changed', 0.2, { isForbidden: true }, { isForbidden: false }),
  onDisk('is full', 0.2, 'full'),
  onDisk('is locked by another program', 0.3, 'busy'),
  onHost(0.4, (host) => {
    const [trainer] = host.trainers;
    trainer?.process.end(null);
    return trainer && `${trainer.process.name} is killed`;
  }),
  onHost(0.15, (host) => {
    host.machine.reboot();
    return `${host.machine.name} is started again`;
  }),
  onHost(0.3, ({ machine }) => {
    const ms = machine.world.chance.of([-3_600_000, 3_600_000, 90_000]);
    machine.skew += ms;
    return `the clock of ${machine.name} steps by ${ms / 1000} s`;
  }),
  {
    often: 0.1,
    does: ({ world, hosts, purged, runs: known }) => {
      const { root, runs } = world.chance.of(hosts);
      const name = world.chance.of(runs);
      if (name === undefined) return;
      world.tell(`${name} is purged there`);
      for (const id of known) if (name.startsWith(id)) purged.add(id);
      rmSync(join(root, 'runs', name), { recursive: true, force: true });
    },
  },
  onJob(0.5, 'is told to stop', (cluster, job) => cluster.warn(job)),
  onJob(0.3, 'loses its node', (cluster, job) => cluster.loseNode(job)),
  onJob(0.2, 'is cancelled there', (cluster, job) => cluster.end(job.id, 'CANCELLED')),
  onJob(0.2, 'is forgotten', (cluster, job) => cluster.forget(job)),
  {
    often: 0.2,
    does: ({ laptop, world }) => {
      const ms = world.chance.between(10_000, 300_000);
      world.tell(`the laptop sleeps for ${Math.round(ms / 1000)} s`);
      laptop.asleepUntil = world.time + ms;
    },
  },
];

/** Those that happen at the very moment at which something was stored. */
export const sudden = [acts[0], acts[7], acts[7], acts[8], acts[9], acts[10]];
