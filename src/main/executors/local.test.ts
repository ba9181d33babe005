import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import type { TrainerEvent, TrainSpec } from '../../core/training/events.ts';
import type { CallReply, CallRequest } from '../workers/calls.ts';
import { forkLauncher } from '../workers/launch.ts';
import { LocalExecutor, type LocalExecutorOptions } from './local.ts';

const ENTRY = join(import.meta.dirname, '../../../test/store/fake-trainer.ts');

function specOf(config: Record<string, unknown>): TrainSpec {
  const folder = temporaryHome();
  const where = { datasetDir: folder, runDir: folder, resumeFrom: null };
  return { runId: 'r', model: 'fake', config, seed: 1, device: 'cpu', threads: 1, ...where };
}

function startFake(config: Record<string, unknown>, options: LocalExecutorOptions = {}, execArgv?: string[]) {
  const events: TrainerEvent[] = [];
  const host = new LocalExecutor(forkLauncher(execArgv), { entry: ENTRY, ...options });
  const worker = host.start(specOf(config), {
    onReport: (report) => events.push(...report.events),
    onPlace: () => {},
  });
  return { worker, events };
}

describe('the ending of a worker', () => {
  const cases: [mode: string, kind: string, message: RegExp | null][] = [
    ['train', 'completed', null],
    ['mistaken', 'failed', /^dim 65 is not a multiple of heads 2$/],
    ['buggy', 'failed', /^TypeError: x is undefined$/],
    ['thirsty', 'out-of-memory', /^the trainer ran out of memory \(Array buffer allocation failed\)$/],
    ['killed', 'killed', /^killed \(SIGKILL\), often the system running out of memory$/],
    ['stopped', 'killed', /^killed \(SIGTERM\)$/],
    ['fatal', 'crashed', /^the trainer died of SIGSEGV$/],
    ['mute', 'crashed', /^the trainer ended without a result$/],
    ['thrown', 'crashed', /^the trainer exited with code 1 \(Error: nobody catches this\)$/],
  ];
  // Windows has no such signals.
  const known = cases.filter(([mode]) => process.platform !== 'win32' || !/killed|stopped|fatal/.test(mode));
  it.each(known)('that is %s: %s', async (mode, kind, message) => {
    const ending = await startFake({ mode }).worker.ended;
    expect(ending.kind).toBe(kind);
    if (message === null) expect(ending.message).toBeNull();
    else expect(ending.message).toMatch(message);
  });

  it("is out of memory where V8's heap is full, and quotes V8", async () => {
    const { worker } = startFake({ mode: 'greedy' }, {}, ['--max-old-space-size=40']);
    const ending = await worker.ended;
    expect(ending).toMatchObject({
      kind: 'out-of-memory',
      message: expect.stringMatching(/heap out of memory/),
    });
    expect(ending.log).toContain('FATAL ERROR');
  });

  it('is crashed where there is no trainer to start', async () => {
    const { worker } = startFake({}, { entry: '/nowhere/trainer.ts' });
    expect(await worker.ended).toMatchObject({
      kind: 'crashed',
      message: expect.stringContaining('nowhere'),
    });
  });

  it('comes after every event, in order', async () => {
    const { worker, events } = startFake({ steps: 2000 });
    await worker.ended;
    const steps = events.flatMap((event) => (event.type === 'series' ? event.points[0].steps : []));
    expect(steps).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
    expect([events[0].type, events.at(-1)?.type]).toEqual(['started', 'result']);
    const result = events.find((event) => event.type === 'result')?.result;
    expect(result?.ranks[0].ranks).toEqual(Int32Array.of(1, 2, 3));
  });
});

it('a trainer exits only after its host has acknowledged its last message', async () => {
  const child = fork(join(import.meta.dirname, '../workers/trainer.ts'), { serialization: 'advanced' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = Promise.withResolvers<unknown>();
  child.on('message', (reply: CallReply) => reply.type === 'failed' && ended.resolve(reply));
  child.send({ type: 'call', id: 1, input: specOf({}) } satisfies CallRequest);
  expect(await ended.promise).toMatchObject({ name: 'UserError' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  child.send({ type: 'acknowledge', id: 1 } satisfies CallRequest);
  expect(await once(child, 'exit')).toEqual([1, null]);
});

describe('a cancelled worker', () => {
  it('stops by itself and hands in what it has', async () => {
    const { worker, events } = startFake({ steps: 1e9, pause: 5 });
    setTimeout(() => worker.cancel(), 300);
    expect(await worker.ended).toEqual({ kind: 'cancelled', message: null, log: null });
    expect(events.at(-1)).toMatchObject({ type: 'result', result: { status: 'cancelled' } });
  });

  it('is killed at once where it is asked again', async () => {
    const { worker } = startFake({ mode: 'deaf' });
    worker.cancel();
    worker.cancel();
    expect(await worker.ended).toMatchObject({
      kind: 'cancelled',
      message: 'the trainer was killed before it had stopped',
    });
  });

  it('is killed where it does not listen', async () => {
    const { worker } = startFake({ mode: 'deaf' }, { graceMs: 1000 });
    worker.cancel();
    const ending = await worker.ended;
    expect(ending.kind).toBe('cancelled');
    expect(ending.message).toBe('the trainer did not stop within 1 s of being asked and was killed');
  });
});
