import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SimulatedHost, SimulatedLink } from '../../../../test/simulation/host.ts';
import { SimulatedMachine, SimulatedProcess, World } from '../../../../test/simulation/world.ts';
import { HostWatch } from './host-watch.ts';

it('does not ask without end for a journal that is said to be longer than what comes of it', async () => {
  const world = new World(1);
  const root = mkdtempSync(join(tmpdir(), 'tessera-watch-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const host = new SimulatedHost(world, 'box', root);
  const desktop = new SimulatedProcess(new SimulatedMachine(world, 'laptop'), 'desktop');
  const link = new SimulatedLink(host, desktop);
  let looks = 0;
  Object.assign(link, {
    ask: async () => {
      looks++;
      await desktop.pause(10);
      const run = { name: 'run', state: 'runs', exitCode: null, job: null, starts: 1, log: null };
      return {
        runs: [{ ...run, closed: false, journal: '', bytes: 2 ** 40 }],
        queue: null,
        past: null,
        ahead: null,
        trouble: null,
      };
    },
  });
  const ignore = { asked: () => {}, seen: () => {}, trouble: () => {} };
  new HostWatch(link, desktop.asked.clock).follow({
    ...{ name: 'run', asks: () => ({ offset: 0, request: null }), ...ignore },
  });
  await world.pass(60_000, () => {});
  desktop.end(null);
  expect(looks).toBeLessThanOrEqual(31);
});
