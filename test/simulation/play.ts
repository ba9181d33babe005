/** One seed: what is done and what fails while runs train, what must be so after each event, and what must come of it. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../src/core/errors.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { datasetSummary, newRun } from '../store/records.ts';
import type { Disk } from '../store/scripted-session.ts';
import { acts, sudden } from './acts.ts';
import { SimulatedCluster } from './cluster.ts';
import { Desktop } from './desktop.ts';
import { SimulatedHost } from './host.ts';
import { Invariants } from './invariants.ts';
import type { SimulatedTrainer } from './trainer.ts';
import { SimulatedMachine, World } from './world.ts';

/** How long faults go on, and how long everything has afterwards to settle. */
const FAULTS_MS = 120_000;
const CALM_MS = 7_200_000;
const ROUND_MS = 120_000;
/** How often something happens at the very moment at which something was stored. */
const AT_ONCE = 0.08;
/** How often a cluster takes few jobs of a user, or no array. */
const LIMITED = 0.2;

export class Stage {
  readonly world: World;
  readonly home: string;
  readonly laptop: SimulatedMachine;
  readonly box: SimulatedHost;
  readonly cluster: SimulatedCluster;
  readonly disk: Disk = { trouble: null };
  /** Those of the laptop that live. */
  readonly trainers = new Set<SimulatedTrainer>();
  readonly runs: string[] = [];
  /** Runs of which the user has asked that they end, and those that were cancelled by anybody. */
  readonly cancelled = new Set<string>();
  readonly mayCancel = new Set<string>();
  /** Runs of which something was lost with its host. */
  readonly purged = new Set<string>();
  desktop: Desktop | null = null;
  /** Another program that has the home open. */
  second: Desktop | null = null;

  constructor(seed: number, folder: string) {
    this.world = new World(seed);
    this.home = join(folder, 'home');
    cpSync(templateHome(), this.home, { recursive: true });
    this.laptop = new SimulatedMachine(this.world, 'laptop');
    this.box = new SimulatedHost(this.world, 'box', join(folder, 'box'));
    this.cluster = new SimulatedCluster(this.world, 'cluster', join(folder, 'cluster'));
  }

  get hosts(): SimulatedHost[] {
    return [this.box, this.cluster];
  }

  start(): void {
    if (this.desktop) return;
    const { asleepUntil } = this.laptop;
    if (asleepUntil > this.world.time) {
      this.world.at(asleepUntil - this.world.time, null, () => this.start());
      return;
    }
    if (this.disk.trouble) {
      // Whoever starts it is told so, and tries again.
      this.world.at(5_000, null, () => this.start());
      return;
    }
    this.world.tell('the desktop starts');
    this.desktop = this.open();
  }

  open(takes?: (run: string) => boolean): Desktop {
    return new Desktop(this.laptop, this.home, this.disk, this.hosts, this.trainers, takes);
  }

  /** It is killed: nothing of it goes on. */
  kill(): void {
    this.desktop?.process.end(null);
    this.desktop = null;
  }
}

/** In memory, where the system has such a folder. */
export const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let template: string | null = null;

/** A home with a data set and a host, made once. */
function templateHome(): string {
  if (template !== null) return template;
  template = mkdtempSync(join(PLACE, 'tessera-template-'));
  const store = openStore(template);
  const dataset = datasetSummary('beauty');
  store.datasets.add(dataset);
  mkdirSync(join(template, 'datasets', dataset.id), { recursive: true });
  for (const name of ['box', 'cluster']) store.hosts.put({ name, folder: null, job: {} });
  store.close();
  process.on('exit', () => rmSync(template ?? '', { recursive: true, force: true }));
  return template;
}

/** Adds a run that waits for the laptop, or for the host; returns which one of all it is. */
export function addRun(stage: Stage, place: string | null, by = stage.desktop): number {
  const { store, scheduler } = by ?? {};
  if (!store || !scheduler || stage.disk.trouble) return -1;
  const [dataset] = store.datasets.list();
  const { id } = store.runs.create({ ...newRun(dataset, { seed: stage.runs.length + 1 }), place });
  store.queue.put(id, 'end');
  stage.runs.push(id);
  scheduler.wake();
  return stage.runs.length - 1;
}

export interface Played {
  seed: number;
  /** What was wrong; null where all was right. */
  violation: string | null;
  story: readonly string[];
}

export async function play(seed: number): Promise<Played> {
  const folder = mkdtempSync(join(PLACE, 'tessera-world-'));
  const stage = new Stage(seed, folder);
  const invariants = new Invariants(stage);
  const { world, cluster } = stage;
  if (world.chance.is(LIMITED)) cluster.mostJobs = world.chance.between(1, 2);
  if (world.chance.is(LIMITED)) cluster.largestArray = world.chance.between(0, 1);
  let mayAct = true;
  const check = () => {
    // What fails just after something was stored finds most.
    if (invariants.check() && mayAct && world.chance.is(AT_ONCE)) world.chance.of(sudden).does(stage);
  };
  try {
    stage.start();
    for (const place of [null, 'box', 'cluster', 'cluster']) addRun(stage, place);
    await world.pass(500, check);
    while (world.time < FAULTS_MS) {
      const act = world.chance.of(acts);
      if (world.chance.is(act.often)) act.does(stage);
      await world.pass(world.chance.between(200, 9_000), check);
    }
    mayAct = false;
    heal(stage);
    for (const end = world.time + CALM_MS; world.time < end && invariants.unsettled() !== null; ) {
      await world.pass(ROUND_MS, check);
      release(stage);
    }
    invariants.checkSettled();
    return { seed, violation: null, story: world.story };
  } catch (error) {
    return { seed, violation: messageOf(error), story: world.story };
  } finally {
    stage.kill();
    stage.second?.process.end(null);
    invariants.close();
    stage.laptop.reboot();
    for (const { machine } of stage.hosts) machine.reboot();
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  }
}

/** No fault goes on, and somebody sees to it that what waits is trained. */
function heal(stage: Stage): void {
  const { hosts, laptop, disk } = stage;
  stage.world.tell('everything is mended');
  for (const host of hosts)
    Object.assign(host, {
      ...{ isCut: false, refuses: null, hangs: false, isForbidden: false },
      ...{ isSilent: false, isFull: false },
    });
  Object.assign(laptop, { isFull: false, asleepUntil: 0 });
  disk.trouble = null;
  stage.start();
}

/** What the user holds is trained too. */
function release(stage: Stage): void {
  for (const run of stage.runs) {
    const { store, scheduler } = stage.desktop ?? {};
    if (store?.queue.list().some((entry) => entry.run === run && entry.held)) scheduler?.resume(run);
  }
}
