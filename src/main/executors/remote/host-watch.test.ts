import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SimulatedHost, SimulatedLink } from '../../../../test/simulation/host.ts';
import { SimulatedMachine, SimulatedProcess, World } from '../../../../test/simulation/world.ts';
import type { JournalRequest } from '../../../core/training/journal.ts';
import type { Look, Question } from '../../workers/agent/questions.ts';
import { SshError } from '../ssh/ssh-error.ts';
import { HostWatch } from './host-watch.ts';

/** A watch of a host that answers as it is told to, a hundredth of a second later. */
function watching(answer: (question: Question) => Partial<Look['runs'][number]>) {
  const world = new World(1);
  const root = mkdtempSync(join(tmpdir(), 'tessera-watch-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const desktop = new SimulatedProcess(new SimulatedMachine(world, 'laptop'), 'desktop');
  onTestFinished(() => desktop.end(null));
  const link = new SimulatedLink(new SimulatedHost(world, 'box', root), desktop);
  const ask = async (question: Question) => {
    await desktop.pause(10);
    const run = { name: 'run', state: 'runs', exitCode: null, job: null, starts: 1, log: null, journal: '' };
    const runs = [{ ...run, closed: false, bytes: 0, ...answer(question) }];
    return { runs, jobs: null, ahead: null, trouble: null };
  };
  return { world, watch: new HostWatch(Object.assign(link, { ask }), desktop.asked.clock) };
}

it('does not ask without end for a journal that is said to be longer than what comes of it', async () => {
  let looks = 0;
  const { world, watch } = watching(() => {
    looks++;
    return { bytes: 2 ** 40 };
  });
  const ignore = { asked: () => {}, seen: () => {}, trouble: () => {} };
  watch.follow({ ...{ name: 'run', asks: () => ({ offset: 0, request: null }), ...ignore } });
  await world.pass(60_000, () => {});
  expect(looks).toBeLessThanOrEqual(31);
});

it('asks a trainer again where its host did not answer, and once where it did', async () => {
  let request: JournalRequest | null = 'stopAfterEpoch';
  const asked: unknown[] = [];
  const { world, watch } = watching((question) => {
    asked.push(question.op === 'look' && question.runs[0].request);
    if (asked.length === 1) throw new SshError('lost', 'the connection to box was lost');
    return {};
  });
  const done = (one: JournalRequest) => {
    if (request === one) request = null;
  };
  const ignore = { seen: () => {}, trouble: () => {} };
  watch.follow({ ...{ name: 'run', asks: () => ({ offset: 0, request }), asked: done, ...ignore } });
  await world.pass(60_000, () => {});
  expect(asked.slice(0, 4)).toEqual(['stopAfterEpoch', 'stopAfterEpoch', null, null]);
});
