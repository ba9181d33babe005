import { expect, it, onTestFinished, vi } from 'vitest';
import { fakeExecutor } from '../../../test/store/fake-executor.ts';
import { addRun, temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import { evaluationRequest } from '../../core/api/language.ts';
import type { WorkState } from '../../core/api/work.ts';
import { UserError } from '../../core/errors.ts';
import { makeChanges } from '../../core/store/home/changes.ts';
import type { Store } from '../../core/store/store.ts';
import { waitingEvaluations } from '../services/runs/evaluations.ts';
import type { WorkerExit } from '../workers/worker-exit.ts';
import { Hub } from './hub.ts';
import { WorkService } from './work.ts';

/** Computes what it is asked for as a test says. */
function analyst() {
  const calls: {
    path: string;
    end(result: unknown): void;
    fail(error: unknown): void;
    tell(step: object): void;
  }[] = [];
  const ask = async (path: readonly string[], _input: unknown, signal: AbortSignal | undefined) => {
    const steps: object[] = [];
    let wake = () => {};
    const ended = Promise.withResolvers<unknown>();
    ended.promise.catch(() => {});
    signal?.addEventListener('abort', () => ended.reject(signal.reason));
    const tell = (step: object) => {
      steps.push(step);
      wake();
    };
    calls.push({ path: path.join('.'), end: ended.resolve, fail: ended.reject, tell });
    return (async function* () {
      const end = ended.promise.then((result) => ({ result }));
      for (;;) {
        const next = new Promise<null>((resolve) => {
          wake = () => resolve(null);
        });
        while (steps.length > 0) yield steps.shift();
        const over = await Promise.race([end, next]);
        if (over !== null) return over.result;
      }
    })();
  };
  return { calls, ask };
}

function service(store: Store) {
  const { calls, ask } = analyst();
  const told: WorkState[] = [];
  const work: WorkService = new WorkService(store, {
    ask,
    onChange: (state) => told.push(state),
    wake: () => work.lookAtEvaluations(true),
  });
  return { work, calls, told, statuses: () => work.list().map(({ name, status }) => `${name} ${status}`) };
}

const evaluation = (run: string) => ({ of: 'evaluation', input: evaluationRequest.parse({ run }) }) as const;
const modelExport = (run: string) => ({ of: 'model-export', input: { run, folder: '' } }) as const;

it('goes on whoever looks, tells how far it is, and keeps how it ended', async () => {
  const store = temporaryStore();
  const [one, other] = [addRun(store, { name: 'one' }).id, addRun(store, { name: 'other' }).id];
  const { work, calls, statuses, told } = service(store);
  const onEnd = vi.fn(async (_isOver: boolean) => {});
  work.start(modelExport(one), onEnd);
  calls[0].tell({ doing: 'Writing the graph' });
  await expect
    .poll(() => work.list())
    .toMatchObject([{ subject: one, doing: 'Writing the graph', fraction: null }]);
  expect([calls[0].path, onEnd.mock.calls]).toEqual(['runs.exportModel', []]);
  calls[0].end({ folder: '/there', files: ['model.onnx'] });
  await expect.poll(statuses).toEqual(['one completed']);
  expect(told.at(-1)).toMatchObject({ result: { folder: '/there' }, problem: null });
  expect(onEnd.mock.calls).toEqual([[true]]);

  // One that is stopped is no failure, and can be begun again.
  const { id } = work.start(modelExport(other));
  work.stop(id);
  await expect.poll(statuses).toEqual(['one completed', 'other stopped']);
  expect(work.list()[1].problem).toBeNull();
  // What failed keeps the files that it was of.
  work.start(modelExport(other), onEnd);
  calls[2].fail(new UserError('the disk is full'));
  await expect
    .poll(() => work.list().at(-1))
    .toMatchObject({ status: 'failed', problem: { problem: 'the disk is full' } });
  await expect.poll(() => onEnd.mock.calls).toEqual([[true], [false]]);
  for (let count = 0; count < 4; count++) work.start(modelExport(one));
  expect(() => work.start(modelExport(one))).toThrow(/^4 exports and imports are running/);
  expect(() => work.start(modelExport('none'))).toThrow();
});

it('evaluates one run after the other, and in the next session what was not done', async () => {
  const home = temporaryHome();
  const store = temporaryStore(home);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => addRun(store, { name }).id);
  const first = service(store);
  for (const run of [a, b, c]) first.work.start(evaluation(run));
  expect(first.statuses()).toEqual(['a running', 'b waiting', 'c waiting']);
  expect(first.calls).toHaveLength(1);
  first.calls[0].tell({ what: 'answers', done: 1, total: 4 });
  await expect.poll(() => first.work.list()[0]).toMatchObject({ doing: 'answers', fraction: 0.25 });
  first.calls[0].end({ large: true });
  await expect.poll(first.statuses).toEqual(['a completed', 'b running', 'c waiting']);
  // It is in the folder of its run.
  expect(first.work.list()[0].result).toBeNull();
  first.work.close();
  await expect.poll(() => first.work.isEvaluating).toBe(false);

  const second = service(temporaryStore(home));
  expect(second.statuses()).toEqual(['b waiting', 'c waiting']);
  second.work.lookAtEvaluations(false);
  expect(second.calls).toHaveLength(0);
  second.work.lookAtEvaluations(true);
  expect(second.statuses()).toEqual(['b running', 'c waiting']);
  second.work.stop(second.work.list()[1].id);
  expect(second.statuses()).toEqual(['b running']);
  // Taken away by another process.
  store.settings.write('queue.evaluations', []);
  second.work.lookAtEvaluations(false);
  await expect.poll(second.statuses).toEqual(['b stopped']);
  expect(waitingEvaluations(store)).toEqual([]);
});

it('evaluates no run that is gone by its turn', async () => {
  const store = temporaryStore();
  const { id } = addRun(store);
  const { work, calls, statuses } = service(store);
  expect(() => work.start(evaluation('none'))).toThrow('none');
  store.settings.write('queue.evaluations', [
    { id: '1', input: evaluation('none').input },
    { id: '2', input: evaluation(id).input },
  ]);
  work.lookAtEvaluations(true);
  await expect.poll(() => calls.length).toBe(1);
  expect(statuses()).toHaveLength(1);
});

it('computes between the trainings of the processor, and none of both at once', async () => {
  const exits: (() => void)[] = [];
  const host = fakeExecutor(() => {
    const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
    const cancel = () => resolve({ kind: 'cancelled', message: null, log: null });
    exits.push(() => resolve({ kind: 'failed', message: 'x', log: null }));
    return { ended, stopAfterEpoch() {}, cancel, kill: cancel };
  });
  const hub = new Hub({
    home: temporaryHome(),
    shell: 'browser',
    launch: () => ({ send() {}, kill() {} }),
    host,
  });
  onTestFinished(() => hub.close());
  const { calls, ask } = analyst();
  vi.spyOn(hub, 'askAnalyst').mockImplementation((path, input, signal) =>
    path[0] === 'language' ? ask(path, input, signal) : Promise.resolve(),
  );
  const [one, other] = [1, 2].map((seed) => addRun(hub.store, { seed, requestedDevice: 'cpu' }).id);
  for (const run of [one, other]) hub.store.queue.put(run, 'end');
  const statusOf = (run: string) => hub.store.runs.get(run).status;
  hub.start();
  await expect.poll(() => statusOf(one)).toBe('running');
  hub.work.start(evaluation(one));
  await new Promise(setImmediate);
  expect(hub.work.list().map(({ status }) => status)).toEqual(['waiting']);
  exits[0]();
  await expect.poll(() => hub.work.list().map(({ status }) => status)).toEqual(['running']);
  expect(statusOf(other)).toBe('queued');
  makeChanges(hub.store, [{ of: 'paused', to: true }]);
  calls[0].end({});
  await expect.poll(() => hub.work.list().map(({ status }) => status)).toEqual(['completed']);
  hub.work.start(evaluation(one));
  await new Promise(setImmediate);
  expect([statusOf(other), hub.work.list().at(-1)?.status]).toEqual(['queued', 'waiting']);
});
