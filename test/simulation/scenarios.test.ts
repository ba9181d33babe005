/** The scenarios of hosts in a simulated world. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openConnection } from '../../src/core/store/db/open.ts';
import { Store } from '../../src/core/store/store.ts';
import { some } from '../form.ts';
import {
  type Acts,
  expectedOf,
  type HostKind,
  type Outcome,
  playScenario,
  SCENARIOS,
  type Scenario,
} from '../remote/scenarios.ts';
import { Invariants } from './invariants.ts';
import { addRun, PLACE, Stage } from './play.ts';
import { SimulatedProcess } from './world.ts';

const SEEDS = some([1, 2, 3, 4, 5], 2);
/** Between two looks at whether something is so, and for how long. */
const LOOK_MS = 50;
const LONGEST_MS = 7_200_000;
/** For how long a job that is requeued seems to have ended: one look at the queue meets it, a second one does not. */
const MOMENT_MS = 4_500;

async function play(scenario: Scenario, on: HostKind, seed: number): Promise<Outcome> {
  const folder = mkdtempSync(join(PLACE, 'tessera-scenario-'));
  const stage = new Stage(seed, folder);
  const { world, cluster } = stage;
  // Nothing happens that is not said.
  world.chance.is = () => false;
  cluster.momentsMs = [MOMENT_MS];
  const host = stage[on];
  const invariants = new Invariants(stage);
  const user = new SimulatedProcess(stage.laptop, 'user');
  const store = new Store(stage.home, openConnection(stage.home), user.asked);
  const until = async (isSo: () => boolean) => {
    for (const since = world.time; !isSo(); await world.pass(LOOK_MS, () => invariants.check()))
      if (world.time - since > LONGEST_MS)
        throw new Error(`it is not so: ${isSo}\n${world.story.join('\n')}`);
  };
  const trainer = () => [...host.trainers][0];
  const job = () => cluster.running[0];
  const goOn = () => {
    trainer().isHeld = false;
  };
  const state = (change: Partial<typeof host>) => () => void Object.assign(host, change);
  const acts: Acts = {
    'the desktop opens': () => stage.start(),
    'the desktop is killed': () => stage.kill(),
    'the line is cut': state({ isCut: true }),
    'the line is back': state({ isCut: false }),
    'the key is refused': state({ refuses: 'denied' }),
    'the key is accepted': state({ refuses: null }),
    'its disk is full': state({ isFull: true }),
    'its disk has room': state({ isFull: false }),
    'it is stopped in its middle': async () => {
      await until(() => trainer()?.epochs > 0);
      trainer().isHeld = true;
    },
    'it goes on': goOn,
    'its trainer is killed': () => trainer().process.end(null),
    'it is preempted': () => {
      cluster.warn(job(), true);
      goOn();
    },
    'it reaches its time limit': () => {
      cluster.warn(job(), false);
      goOn();
    },
    'its job is requeued': () => cluster.loseNode(job()),
    'its node goes down': () => cluster.loseNode(job()),
    'its job is cancelled there': () => cluster.end(job().id, 'CANCELLED'),
  };
  const add = () => {
    addRun(stage, on);
    if (scenario.status === 'cancelled') stage.mayCancel.add(stage.runs[0]);
    return stage.runs[0];
  };
  try {
    const outcome = await playScenario({ store, root: host.root, acts, add, until }, scenario);
    if (invariants.unsettled() !== null) await world.pass(60_000, () => invariants.check());
    invariants.checkSettled();
    return outcome;
  } finally {
    stage.kill();
    invariants.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a run on a simulated host', () => {
  const each = SCENARIOS.flatMap((scenario) => scenario.on.map((on) => ({ ...scenario, host: on })));
  for (const { host, ...scenario } of each)
    it(`${scenario.name} (${host})`, async () => {
      const whole = await play({ name: '', on: [host], steps: [] }, host, 1);
      for (const seed of SEEDS)
        expect(await play(scenario, host, seed)).toMatchObject(expectedOf(scenario, whole));
    });
});
