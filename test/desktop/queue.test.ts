import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ChosenDevice } from '../../src/core/engine/types.ts';
import { openConnection } from '../../src/core/store/db/open.ts';
import { reversed, type WantedChange } from '../../src/core/store/home/change-types.ts';
import { makeChanges } from '../../src/core/store/home/changes.ts';
import { pauseQueue, trainRunHere } from '../../src/core/store/runs/queue-requests.ts';
import { queueState } from '../../src/core/store/runs/queue-state.ts';
import { Store } from '../../src/core/store/store.ts';
import type { RunRecord } from '../../src/core/store/types.ts';
import { JournalWriter } from '../../src/core/training/journal.ts';
import type { PlaceState } from '../../src/core/training/place.ts';
import type { Executor, TrainerListener } from '../../src/main/executors/executor.ts';
import { LocalExecutor } from '../../src/main/executors/local.ts';
import { PLACE } from '../../src/main/executors/remote/status.ts';
import { RunService } from '../../src/main/services/runs/runs.ts';
import { Scheduler } from '../../src/main/services/runs/scheduler.ts';
import type { SchedulerOptions } from '../../src/main/services/runs/scheduler-options.ts';
import type { WorkerExit } from '../../src/main/workers/worker-exit.ts';
import { asProcess } from '../store/as-process.ts';
import { fakeExecutor } from '../store/fake-executor.ts';
import { ENDED } from '../store/foreign-writer.ts';
import { addRun, temporaryHome, temporaryStore } from '../store/home.ts';
import { parentProcess } from '../store/parent-process.ts';

const ENTRY = join(import.meta.dirname, '../store/fake-trainer.ts');

const CPU: ChosenDevice = { id: 'cpu', reason: 'not cuda (no driver)' };

function session(
  store: Store,
  changes: Partial<SchedulerOptions> = {},
  host: Executor = new LocalExecutor(undefined, { entry: ENTRY }),
  elsewhere?: ConstructorParameters<typeof RunService>[2],
) {
  const ended: RunRecord[] = [];
  const problems: unknown[] = [];
  const runs = new RunService(store, host, elsewhere);
  const scheduler = new Scheduler(store, runs, {
    slots: () => ({ cpu: 1 }),
    autoDevice: async () => CPU,
    onChange: () => {},
    onEnded: (run) => ended.push(run),
    onProblem: (error) => problems.push(error),
    ...changes,
  });
  return { scheduler, runs, ended, problems };
}

/** Runs of the fake trainer that take `steps` steps, some of them a millisecond; or with other config beside them. */
function addRuns(store: Store, ...runs: (number | Record<string, number>)[]): string[] {
  const ids = runs.map((run, seed) => {
    const config = typeof run === 'number' ? { steps: run } : run;
    return addRun(store, { seed, config: { pause: 1, ...config } }).id;
  });
  mkdirSync(store.datasets.folder(store.datasets.list()[0].id), { recursive: true });
  return ids;
}

const addAuto = (store: Store) =>
  addRun(store, { requestedDevice: 'auto', config: { pause: 1, steps: 10 } }).id;

function enqueue(store: Store, runs: readonly string[]): void {
  for (const run of runs) store.queue.put(run, 'end');
}

/** Puts a run into the queue, and returns it. */
function put(store: Store, run: string): string {
  store.queue.put(run, 'end');
  return run;
}

const statusOf = (store: Store, run: string) => store.runs.get(run).status;

/** A trainer that goes on for ever. */
const idle = () => ({
  ended: new Promise<WorkerExit>(() => {}),
  stopAfterEpoch: () => {},
  cancel: () => {},
  kill: () => {},
});

describe('the scheduler', () => {
  it('trains on where a run goes on at a host that is not known any more', async () => {
    const store = temporaryStore();
    const away = put(store, addRun(store, { place: 'gone' }).id);
    const unknown = new Error('no host "gone" has been added');
    const first = session(store, {}, undefined, () => fakeExecutor(() => ({ ...idle(), detach: () => {} })));
    first.scheduler.start();
    await expect.poll(() => first.scheduler.training).toBe(1);
    await first.scheduler.close();
    const [here] = addRuns(store, 5);
    put(store, here);
    const second = session(store, {}, undefined, () => {
      throw unknown;
    });
    second.scheduler.start();
    await expect.poll(() => statusOf(store, here)).toBe('completed');
    expect(new Set(second.problems)).toEqual(new Set([unknown]));
    // Nobody has taken it over: it can be followed once the host is known again.
    expect(store.lifecycle.lost().map(({ run }) => run)).toEqual([away]);
    await second.scheduler.close();
  });

  it.each([
    ['cancelled', (scheduler: Scheduler, run: string) => scheduler.cancel(run), 'cancel', 'cancelled'],
    ['held', (scheduler: Scheduler, run: string) => scheduler.pause(run), 'cancel', 'queued'],
    [
      'to end after its epoch',
      (scheduler: Scheduler, run: string) => scheduler.stopAfterEpoch(run),
      'finish',
      'out-of-memory',
    ],
  ] as const)(
    'asks again what was asked of a run elsewhere by a session that died: %s',
    async (_, ask, heard, status) => {
      const home = temporaryHome();
      const store = temporaryStore(home);
      const run = put(store, addRun(store, { place: 'box' }).id);
      const calls: string[] = [];
      const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
      const deaf = { ...idle(), detach: () => {} };
      const hears = {
        ...{ ended, kill: () => {} },
        cancel: () => calls.push('cancel'),
        stopAfterEpoch: () => calls.push('finish'),
      };
      let listener: TrainerListener | undefined;
      const start: Executor['start'] = (_, given) => {
        for (const phase of ['pending', 'running'] as const) given.onPlace({ ...PLACE, phase });
        listener = given;
        return deaf;
      };
      // Its host does not answer at first either.
      const attach: Executor['attach'] = ({ place }, { onPlace }) => {
        if (place) onPlace(place);
        setTimeout(() => onPlace({ ...PLACE, phase: 'running' }), 200);
        return hears;
      };
      const dead = new Store(home, openConnection(home), asProcess(ENDED));
      const first = session(dead, {}, fakeExecutor(idle), () => ({ start, attach: () => deaf }));
      first.scheduler.start();
      await expect.poll(() => first.scheduler.training).toBe(1);
      ask(first.scheduler, run);
      listener?.onPlace({ ...PLACE, phase: 'unreachable' });
      // It ends without a word, as a laptop does whose battery is empty.
      dead.close();

      const second = session(store, {}, fakeExecutor(idle), () => ({ start, attach }));
      second.scheduler.start();
      await expect.poll(() => calls).toEqual([heard]);
      resolve({ kind: heard === 'finish' ? 'out-of-memory' : 'cancelled', message: null, log: null });
      await expect.poll(() => statusOf(store, run)).toBe(status);
      await second.scheduler.close();
    },
  );

  it('gives up a run on a host that does not answer, where another process takes it home, once', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const run = put(store, addRun(store, { place: 'box' }).id);
    let asked = 0;
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    const worker = { ...idle(), ended, cancel: () => asked++, detach: () => {} };
    const start: Executor['start'] = (_, { onPlace }) => {
      for (const phase of ['running', 'unreachable'] as const) onPlace({ ...PLACE, phase });
      return worker;
    };
    const { scheduler } = session(store, {}, fakeExecutor(idle), () => ({ start, attach: () => worker }));
    scheduler.start();
    await expect.poll(() => scheduler.training).toBe(1);
    const elsewhere = new Store(home, openConnection(home), asProcess(parentProcess()));
    expect(queueState(elsewhere, {}).running).toMatchObject([{ state: 'unreachable', hostedHere: false }]);
    trainRunHere(elsewhere, run);
    trainRunHere(elsewhere, run);
    expect(queueState(elsewhere, {}).running).toMatchObject([{ state: 'stopping' }]);
    await expect.poll(() => asked).toBe(2);
    await wait(5_500);
    expect(asked).toBe(2);
    pauseQueue(elsewhere, true);
    resolve({ kind: 'cancelled', message: null, log: null });
    await expect.poll(() => store.runs.own(run)).toMatchObject({ status: 'queued', place: null });
    await scheduler.close();
    elsewhere.close();
  });

  it('lets runs of other machines go on when it closes, and the next session follows them where they began', async () => {
    const store = temporaryStore();
    store.hosts.put({ name: 'box', folder: '/scratch/ada', job: {} });
    const run = put(store, addRun(store, { place: 'box' }).id);
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    const calls: string[] = [];
    const worker = {
      ended,
      stopAfterEpoch: () => {},
      cancel: () => calls.push('cancel'),
      kill: () => calls.push('kill'),
      detach: () => calls.push('detach'),
    };
    const pending: PlaceState = { ...PLACE, phase: 'pending', job: '12', starts: 0 };
    const lastPlaces: (PlaceState | null)[] = [];
    const asked: unknown[] = [];
    const box: Executor = {
      start: (_, { onPlace }) => {
        onPlace(pending);
        return worker;
      },
      attach: ({ offset, place }) => {
        calls.push(`attach ${offset}`);
        lastPlaces.push(place);
        return worker;
      },
    };
    const elsewhere = (...place: unknown[]) => {
      asked.push(place);
      return box;
    };
    const begin = () => session(store, {}, fakeExecutor(idle), elsewhere);
    const first = begin();
    first.scheduler.start();
    await expect.poll(() => first.scheduler.training).toBe(1);
    await first.scheduler.close();
    expect([statusOf(store, run), calls]).toEqual(['running', ['detach']]);

    // Another program may not have asked whether it is needed.
    store.hosts.put({ name: 'box', folder: '/data/ada', job: {} });
    const second = begin();
    second.scheduler.start();
    await expect.poll(() => calls).toEqual(['detach', 'attach 0']);
    expect(lastPlaces).toEqual([pending]);
    expect(asked).toEqual([1, 2].map(() => ['box', '/scratch/ada']));
    resolve({ kind: 'out-of-memory', message: 'no luck', log: null });
    await expect.poll(() => statusOf(store, run)).toBe('out-of-memory');
    expect(store.runs.attempts(run)).toMatchObject([{ lastPlace: pending }]);

    // Its next job is submitted otherwise; a run of this machine has none.
    second.scheduler.pause(undefined);
    second.scheduler.requeue(run, { memory: '64G' });
    expect(store.runs.own(run)).toMatchObject({ status: 'queued', job: { memory: '64G' } });
    const [here] = addRuns(store, 10);
    store.lifecycle.endWaiting(here, 'cancelled', null);
    expect(() => second.scheduler.requeue(here, { memory: '64G' })).toThrow('has no job');
    expect(statusOf(store, here)).toBe('cancelled');
    await second.scheduler.close();
  });

  it('trains the other runs while nobody can say what "auto" stands for, and those too once somebody can', async () => {
    const store = temporaryStore();
    const auto = addAuto(store);
    const [first, second] = addRuns(store, 10, 10);
    let known = false;
    const { scheduler, problems, ended } = session(store, {
      autoDevice: async () => {
        if (known) return CPU;
        throw new Error('the analyst ended before it had an answer');
      },
    });
    enqueue(store, [auto, first, second]);
    scheduler.start();
    await expect.poll(() => ended.map(({ id }) => id)).toEqual([first, second]);
    expect(statusOf(store, auto)).toBe('queued');
    expect(String(problems[0])).toContain('the analyst ended');
    known = true;
    scheduler.wake();
    await expect.poll(() => statusOf(store, auto)).toBe('completed');
    await scheduler.close();
  });

  it('kills no trainer that is stopping, whatever is asked of its run, unless all are to stop once more', async () => {
    const store = temporaryStore();
    const [run] = addRuns(store, 10);
    let asked = 0;
    const { promise: exit, resolve } = Promise.withResolvers<WorkerExit>();
    const cancel = () => {
      asked += 1;
      if (asked === 2) resolve({ kind: 'cancelled', message: 'killed', log: null });
    };
    const worker = { ended: exit, stopAfterEpoch: () => {}, kill: () => {}, cancel };
    const { scheduler } = session(
      store,
      {},
      fakeExecutor(() => worker),
    );
    enqueue(store, [run]);
    scheduler.start();
    await expect.poll(() => scheduler.training).toBe(1);
    scheduler.pause(run);
    scheduler.cancel(run);
    const closed = scheduler.close();
    expect(asked).toBe(1);
    scheduler.stop();
    await closed;
    expect([asked, statusOf(store, run)]).toEqual([2, 'cancelled']);
  });

  it.skipIf(process.platform !== 'linux')(
    'trains the queue beside a process that trains some of its runs, one on each device',
    async () => {
      const home = temporaryHome();
      const store = temporaryStore(home);
      const [long, short] = addRuns(store, 1_000_000, 10);
      enqueue(store, [long, short]);
      const elsewhere = new Store(home, openConnection(home), asProcess(parentProcess()));
      const study = session(elsewhere, { takes: (run) => run === long });
      study.scheduler.start();
      await expect.poll(() => statusOf(store, long)).toBe('running');
      const hub = session(store);
      hub.scheduler.start();
      await wait(300);
      expect([hub.scheduler.state().heldBy, statusOf(store, short)]).toEqual([null, 'queued']);
      study.scheduler.cancel(long);
      await expect.poll(() => statusOf(store, long)).toBe('cancelled');
      hub.scheduler.wake();
      await expect.poll(() => statusOf(store, short)).toBe('completed');
      // Now the hub has the queue: what is left of the study is trained there.
      const [late] = addRuns(store, 20);
      const left = session(elsewhere, { takes: (run) => run === late });
      enqueue(store, [late]);
      left.scheduler.start();
      hub.scheduler.wake();
      await expect.poll(() => statusOf(store, late)).toBe('completed');
      expect([left.ended, hub.ended.map(({ id }) => id)]).toEqual([[], [short, late]]);
      for (const one of [study, left, hub]) await one.scheduler.close();
      elsewhere.close();
    },
  );

  it('trains on where a study could not give its lock back', async () => {
    const store = temporaryStore();
    const [first, second] = addRuns(store, 10, 10);
    vi.spyOn(store.locks, 'release').mockImplementationOnce(() => {
      throw new Error('database or disk is full');
    });
    const { scheduler, problems } = session(store, { takes: () => true });
    enqueue(store, [first, second]);
    scheduler.start();
    await expect.poll(() => statusOf(store, first)).toBe('completed');
    scheduler.wake();
    await expect.poll(() => statusOf(store, second)).toBe('completed');
    expect(String(problems[0])).toContain('disk is full');
    await scheduler.close();
    expect(store.locks.holder('scheduler')).toBeNull();
  });

  it('waits only so long for a device that does not answer', async () => {
    const store = temporaryStore();
    const auto = addAuto(store);
    const [cpu] = addRuns(store, 10);
    const answer = Promise.withResolvers<ChosenDevice>();
    const start = vi.spyOn(LocalExecutor.prototype, 'start');
    onTestFinished(() => start.mockRestore());
    const { scheduler, ended } = session(store, { autoDevice: () => answer.promise, autoMs: 50 });
    enqueue(store, [auto, cpu]);
    scheduler.start();
    await expect.poll(() => ended.map(({ id }) => id)).toEqual([cpu]);
    answer.resolve(CPU);
    await expect.poll(() => ended.map(({ id }) => id)).toEqual([cpu, auto]);
    // The trainer need not find out again what is known by then.
    expect(start.mock.calls.map(([spec]) => spec.auto)).toEqual([undefined, CPU]);
    await scheduler.close();
  });

  it('tells a trainer on another machine nothing of the devices of this one', async () => {
    const store = temporaryStore();
    const auto = addAuto(store);
    const there = addRun(store, {
      requestedDevice: 'auto',
      place: 'box',
      config: { pause: 1, steps: 10 },
    }).id;
    mkdirSync(store.datasets.folder(store.datasets.list()[0].id), { recursive: true });
    const local = new LocalExecutor(undefined, { entry: ENTRY });
    const told = new Map<string, ChosenDevice | undefined>();
    const listening = fakeExecutor((spec, listener) => {
      told.set(spec.runId, spec.auto);
      return local.start(spec, listener);
    });
    const runs = new RunService(store, listening, () => listening);
    const ended = [auto, there].map((run) => runs.beginQueued(put(store, run), CPU)?.ended);
    await Promise.all(ended);
    expect([told.get(auto), told.get(there)]).toEqual([CPU, undefined]);
  });

  it('begins nothing on a machine that is paused, lets what trains there go on, and begins it once that is taken back', async () => {
    const store = temporaryStore();
    store.hosts.put({ name: 'lab', folder: null, job: {} });
    const [here, next] = addRuns(store, { steps: 400, waitFrom: 10 }, 10);
    const there = addRun(store, { place: 'lab', config: {} }).id;
    const { scheduler } = session(store, { slots: () => ({ cpu: 1 }) }, undefined, () => fakeExecutor(idle));
    enqueue(store, [here]);
    scheduler.start();
    await expect.poll(() => statusOf(store, here)).toBe('running');
    const [pause] = makeChanges(
      store,
      ['lab', ''].map((name): WantedChange => ({ of: 'machine', name, to: true })),
    );
    enqueue(store, [there, next]);
    scheduler.wake();
    await wait(300);
    expect([here, there, next].map((run) => statusOf(store, run))).toEqual(['running', 'queued', 'queued']);
    expect(scheduler.state().pausedMachines).toEqual(['', 'lab']);
    makeChanges(store, reversed([pause]));
    scheduler.wake();
    await expect.poll(() => statusOf(store, there)).toBe('running');
    scheduler.cancel(here);
    await expect.poll(() => statusOf(store, here)).toBe('cancelled');
    await wait(100);
    expect(statusOf(store, next)).toBe('queued');
    makeChanges(store, [{ of: 'machine', name: '', to: false }]);
    scheduler.wake();
    await expect.poll(() => statusOf(store, next)).toBe('completed');
    await Promise.race([scheduler.close(), wait(500)]);
  });

  it('trains one run a slot, in order, and two where there are two', async () => {
    const store = temporaryStore();
    const ids = addRuns(store, 50, 50, 50);
    let slots = 1;
    const { scheduler, ended } = session(store, { slots: () => ({ cpu: slots }) });
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, scheduler.state().running.length);
    }, 5);
    enqueue(store, ids);
    scheduler.reorder([ids[2]]);
    scheduler.start();
    await expect.poll(() => ended.length).toBe(3);
    expect(most).toBe(1);
    expect(ended.map(({ id }) => id)).toEqual([ids[2], ids[0], ids[1]]);
    expect(ended.every(({ status }) => status === 'completed')).toBe(true);
    slots = 2;
    // Each waits to be cancelled, so that the other is sure to find it running.
    const both = addRuns(store, { steps: 400, waitFrom: 10 }, { steps: 400, waitFrom: 10 });
    enqueue(store, both);
    scheduler.wake();
    await expect.poll(() => most).toBe(2);
    clearInterval(watch);
    await scheduler.close();
  });

  it('holds a running run with its checkpoint, and lets it go on from there as if nothing had been', async () => {
    const store = temporaryStore();
    // On a busy machine it could be through before it is held.
    const [held, whole] = addRuns(store, { steps: 800, waitFrom: 400 }, 800);
    const { scheduler, ended } = session(store, { slots: () => ({ cpu: 2 }) });
    enqueue(store, [held, whole]);
    scheduler.start();
    const steps = (run: string) => store.series.list(run)[0]?.lastStep ?? 0;
    await expect.poll(() => steps(held)).toBeGreaterThan(100);
    scheduler.pause(held);
    await expect.poll(() => scheduler.state().waiting).toMatchObject([{ held: true, run: { id: held } }]);
    scheduler.resume(held);
    await expect.poll(() => ended.filter(({ status }) => status === 'completed').length).toBe(2);
    expect(store.runs.attempts(held).map(({ outcome }) => outcome)).toEqual(['cancelled', 'completed']);
    expect(store.runs.attempts(held)[1].fromStep).toBeGreaterThan(0);
    expect(store.series.read(held, 'train/loss').values).toEqual(
      store.series.read(whole, 'train/loss').values,
    );
    await scheduler.close();
  });

  it('takes back a pause and a cancellation of what trains, before it has stopped and after, and loses nothing of it', async () => {
    const store = temporaryStore();
    const waits = { steps: 800, waitFrom: 400 };
    const [paused, cancelled] = addRuns(store, waits, waits);
    const { scheduler, ended } = session(store);
    const change = (wanted: readonly WantedChange[]) => {
      const made = makeChanges(store, wanted);
      for (const { of, id, to } of made.filter((one) => one.of === 'turn'))
        scheduler.turned(id, of === 'turn' && to.at !== null && !to.held);
      return made;
    };
    enqueue(store, [paused, cancelled]);
    scheduler.start();
    const steps = (run: string) => store.series.list(run)[0]?.lastStep ?? 0;
    await expect.poll(() => steps(paused)).toBeGreaterThan(100);
    change(reversed(change([{ of: 'turn', id: paused, to: { held: true } }])));
    await expect
      .poll(() => ended.map(({ id, status }) => [id, status]))
      .toContainEqual([paused, 'completed']);
    await expect.poll(() => steps(cancelled)).toBeGreaterThan(100);
    const made = change([{ of: 'turn', id: cancelled, to: { at: null } }]);
    await expect.poll(() => statusOf(store, cancelled)).toBe('cancelled');
    change(reversed(made));
    await expect.poll(() => statusOf(store, cancelled)).toBe('completed');
    for (const run of [paused, cancelled]) {
      expect(store.runs.attempts(run).map(({ outcome }) => outcome)).toEqual(['cancelled', 'completed']);
      expect(store.runs.attempts(run)[1].fromStep).toBeGreaterThan(0);
    }
    await scheduler.close();
  });

  it('takes back that a run is to end after its epoch, until it has, and does it again', async () => {
    const store = temporaryStore();
    const epochs = { steps: 20_000, checkpointEvery: 10_000 };
    const [back, again] = addRuns(store, epochs, epochs);
    const { scheduler, ended } = session(store);
    const change = (wanted: readonly WantedChange[]) => {
      const made = makeChanges(store, wanted);
      for (const one of made) if (one.of === 'turn') scheduler.turned(one.id, true);
      return made;
    };
    enqueue(store, [back, again]);
    scheduler.start();
    const steps = (run: string) => store.series.list(run)[0]?.lastStep ?? 0;
    for (const run of [back, again]) {
      await expect.poll(() => steps(run)).toBeGreaterThan(100);
      const made = change([{ of: 'turn', id: run, to: { finishing: true } }]);
      expect(made).toMatchObject([{ from: { finishing: false }, to: { finishing: true } }]);
      expect(scheduler.stateOf(run)).toBe('finishing');
      await wait(50);
      change(reversed(made));
      expect([scheduler.stateOf(run), store.lifecycle.wish(run)]).toEqual(['training', null]);
      if (run === again) change(made);
      await expect.poll(() => ended.map(({ id }) => id)).toContain(run);
      expect([steps(run), store.runs.get(run).status]).toEqual([
        run === again ? 10_000 : 20_000,
        'completed',
      ]);
      expect(() => change(reversed(made))).toThrow(/has ended since/);
    }
    await scheduler.close();
  });

  it('takes back that a trainer whose host is gone is to end after its epoch, and not once it is testing', async () => {
    const store = temporaryStore();
    const [run] = addRuns(store, 10);
    const dead = new Store(store.home, openConnection(store.home), asProcess(ENDED));
    const attempt = dead.lifecycle.begin(run, null);
    const journal = join(store.runs.folder(run), String(dead.lifecycle.journal(run, attempt)));
    mkdirSync(store.runs.folder(run), { recursive: true });
    dead.close();
    const trainer = new JournalWriter(journal);
    onTestFinished(() => trainer.close());
    const made = makeChanges(store, [{ of: 'turn', id: run, to: { finishing: true } }]);
    expect(trainer.request()).toBe('stopAfterEpoch');
    makeChanges(store, reversed(made));
    expect(trainer.request()).toBe('goOn');
    makeChanges(store, made);
    const progress = {
      epoch: 3,
      epochs: 9,
      done: 0,
      total: 1,
      unit: 'batches',
      rate: 1,
      secondsLeft: 1,
      loss: null,
    };
    trainer.append([{ type: 'progress', phase: 'test', time: Date.now(), ...progress }]);
    expect(() => makeChanges(store, reversed(made))).toThrow(/has ended its last epoch since/);
  });

  it('lets a run go on where another machine has not heard yet that it is to stop', async () => {
    const store = temporaryStore();
    const [run] = addRuns(store, 10);
    const heard: string[] = [];
    const { promise: exit, resolve } = Promise.withResolvers<WorkerExit>();
    const worker = {
      ...{ ended: exit, stopAfterEpoch: () => {}, kill: () => {} },
      cancel: () => heard.push('stop'),
      takeBack: () => heard.push('go on') > 0,
    };
    const { scheduler } = session(
      store,
      {},
      fakeExecutor(() => worker),
    );
    enqueue(store, [run]);
    scheduler.start();
    await expect.poll(() => scheduler.training).toBe(1);
    const made = makeChanges(store, [{ of: 'turn', id: run, to: { at: null } }]);
    scheduler.turned(run, false);
    expect([scheduler.stateOf(run), store.lifecycle.wish(run)]).toEqual(['stopping', 'stop']);
    makeChanges(store, reversed(made));
    scheduler.turned(run, true);
    expect([scheduler.stateOf(run), store.lifecycle.wish(run), heard]).toEqual([
      'training',
      null,
      ['stop', 'go on'],
    ]);
    // It can be asked again.
    makeChanges(store, made);
    scheduler.turned(run, false);
    expect(heard).toEqual(['stop', 'go on', 'stop']);
    resolve({ kind: 'cancelled', message: null, log: null });
    await expect.poll(() => statusOf(store, run)).toBe('cancelled');
    await scheduler.close();
  });

  it('leaves what trains at the front for the next session', async () => {
    const home = temporaryHome();
    const store = temporaryStore(home);
    const [long, next] = addRuns(store, 1_000_000, 20);
    const first = session(store);
    enqueue(store, [long, next]);
    first.scheduler.start();
    await expect.poll(() => statusOf(store, long)).toBe('running');
    await first.scheduler.close();
    expect(first.problems).toEqual([]);
    expect(store.queue.list().map(({ run }) => run)).toEqual([long, next]);
    expect([statusOf(store, long), statusOf(store, next)]).toEqual(['queued', 'queued']);
    expect(store.locks.holder('scheduler')).toBeNull();

    const again = session(temporaryStore(home));
    again.scheduler.start();
    await expect.poll(() => statusOf(store, long)).toBe('running');
    again.scheduler.cancel(long);
    await expect.poll(() => statusOf(store, next)).toBe('completed');
    expect(statusOf(store, long)).toBe('cancelled');
    expect(again.scheduler.state().resumable.map(({ id }) => id)).toEqual([long]);
    expect(() => again.scheduler.requeue(next)).toThrow(/has completed/);
    await again.scheduler.close();
  });
});
