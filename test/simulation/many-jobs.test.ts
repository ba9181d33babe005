/** How often a cluster is asked while very many jobs wait there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { HostFacts } from '../../src/core/api/hosts.ts';
import { HostWatch } from '../../src/main/executors/remote/host-watch.ts';
import type { Said } from '../../src/main/workers/agent/system.ts';
import { SimulatedHost, SimulatedLink } from './host.ts';
import { SimulatedMachine, SimulatedProcess, World } from './world.ts';

const JOBS = 200;
const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'tessera-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Its jobs wait; the first of them train, if so it is said. */
class Waiting extends SimulatedHost {
  asked = 0;
  training = 0;

  override get facts(): HostFacts {
    return {
      ...super.facts,
      scheduler: { kind: 'slurm', version: '23.11', accounting: true, partitions: [] },
    };
  }

  protected override run(program: string): Said {
    if (program !== 'squeue') return { code: 0, stdout: '', stderr: '' };
    this.asked++;
    const line = (_: unknown, at: number) =>
      `7_${at}|${at < this.training ? 'RUNNING' : 'PENDING'}|10:00|N/A|1||Priority\n`;
    return { code: 0, stdout: Array.from({ length: JOBS }, line).join(''), stderr: '' };
  }
}

it.each([
  ['that wait', 0, true, { looks: 110, queues: 210 }],
  // Each look is a login.
  ['of which two train, where no connection is shared', 2, false, { looks: 240, queues: 210 }],
])('asks for %s little and ever less', async (_, training, isShared, most) => {
  const world = new World(1);
  const host = new Waiting(world, 'cluster', join(folder, `${training} ${isShared}`));
  host.training = training;
  const desktop = new SimulatedProcess(new SimulatedMachine(world, 'laptop'), 'desktop');
  let looks = 0;
  const link = new SimulatedLink(host, desktop);
  const ask = link.ask.bind(link);
  Object.assign(link, {
    isShared,
    ask: (...asked: Parameters<typeof ask>) => {
      looks++;
      return ask(...asked);
    },
  });
  const watch = new HostWatch(link, desktop.asked.clock);
  const phases = new Map<string, string>();
  for (let at = 0; at < JOBS; at++) {
    const name = `run-${at}`;
    mkdirSync(join(host.root, 'runs', name), { recursive: true });
    writeFileSync(join(host.root, 'runs', name, 'job-number'), `7_${at}\n`);
    watch.follow({
      ...{ name, asks: () => ({ offset: 0, request: null }), asked: () => {} },
      seen: (_, { place }) => phases.set(name, place.phase),
      trouble: (error) => phases.set(name, String(error)),
    });
  }
  await world.pass(HOUR_MS, () => {});
  desktop.end(null);
  expect([...phases.values()].filter((phase) => phase === 'pending')).toHaveLength(JOBS - training);
  expect(looks).toBeLessThanOrEqual(most.looks);
  expect(host.asked).toBeLessThanOrEqual(most.queues);
});
