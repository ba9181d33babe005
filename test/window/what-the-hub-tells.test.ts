/** Which answers of a window are old after what happens in the process behind it. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { deleting } from '../../src/core/api/changes.ts';
import type { TrainerEvent } from '../../src/core/training/events.ts';
import { Hub } from '../../src/main/hub/hub.ts';
import type { WorkerExit } from '../../src/main/workers/worker-exit.ts';
import { fakeExecutor } from '../store/fake-executor.ts';
import { addRun, completeRun, temporaryHome, temporaryStore } from '../store/home.ts';
import { RESULT } from '../store/records.ts';

vi.mock('../../src/renderer/state/connection.ts', () => ({ currentLink: () => new Promise(() => {}) }));

const { queryClient } = await import('../../src/renderer/state/api.ts');
const { refreshAfter } = await import('../../src/renderer/state/old-answers.ts');

const keyOf = (path: string, input?: unknown) => [path.split('.'), { type: 'query', input }];

/** Questions that a window has asked of two runs, and of all. */
const asked = (one: string, other: string) => ({
  'recommend.show': keyOf('recommend.show', { run: one, user: '1' }),
  'recommend.show of the other': keyOf('recommend.show', { run: other, user: '1' }),
  'compare.report': keyOf('compare.report', { runs: [one, other] }),
  'compare.slices': keyOf('compare.slices', { runs: [one, other] }),
  'compare.slices of the other': keyOf('compare.slices', { runs: [other] }),
  'compare.toBaseline': keyOf('compare.toBaseline', { run: other, metric: 'test/ndcg@10' }),
  'runs.show': keyOf('runs.show', { run: one }),
  'runs.table': keyOf('runs.table', {}),
  'studies.show': keyOf('studies.show', { study: 's' }),
  'models.expected': keyOf('models.expected', { runs: [other] }),
  'queue.show': keyOf('queue.show'),
  'projects.list': keyOf('projects.list'),
  'comparisons.list': keyOf('comparisons.list'),
  'trash.list': keyOf('trash.list'),
  'datasets.list': keyOf('datasets.list'),
  'settings.readView': keyOf('settings.readView', { key: 'runs:columns' }),
  'settings.read': keyOf('settings.read'),
  'hosts.list': keyOf('hosts.list'),
});

/** A window of the hub: what it asked, and what of it is old. */
function windowOf(hub: Hub, [one, other]: readonly string[]) {
  const keys = Object.entries(asked(one, other));
  const last = keyOf('runs.logs', { run: 'none' });
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  void (async () => {
    for await (const event of hub.bus.subscribe(abort.signal)) refreshAfter(event);
  })();
  const isOld = (key: readonly unknown[]) => queryClient.getQueryState(key)?.isInvalidated === true;
  /** The window has heard of everything so far: events come in their order. */
  const hear = async () => {
    queryClient.setQueryData(last, []);
    hub.bus.emit({ type: 'log', run: 'none' });
    await expect.poll(() => isOld(last)).toBe(true);
  };
  return {
    hear,
    /** Everything is answered. */
    async settle() {
      await hear();
      for (const [, key] of keys) queryClient.setQueryData(key, {});
    },
    old: () => keys.flatMap(([name, key]) => (isOld(key) ? [name] : [])),
  };
}

function trainingHub(home = temporaryHome()) {
  let tell = (_events: TrainerEvent[]) => {};
  const { promise: ended, resolve: end } = Promise.withResolvers<WorkerExit>();
  const host = fakeExecutor((_spec, listener) => {
    tell = (events) => listener.onReport({ events, offset: null });
    const cancel = () => end({ kind: 'cancelled', message: null, log: null });
    return { ended, stopAfterEpoch() {}, cancel, kill: cancel };
  });
  const hub = new Hub({ home, shell: 'browser', launch: () => ({ send() {}, kill() {} }), host });
  onTestFinished(() => hub.close());
  const [other, one] = [1, 2].map((seed) => addRun(hub.store, { seed }).id);
  completeRun(hub.store, other);
  return { hub, one, other, tell: (events: TrainerEvent[]) => tell(events), end };
}

it('a checkpoint changes what is asked of its run, and a result all that compares', async () => {
  const { hub, one, other, tell, end } = trainingHub();
  hub.store.queue.put(one, 'end');
  hub.start();
  await expect.poll(() => hub.store.runs.get(one).status).toBe('running');
  const window = windowOf(hub, [one, other]);
  await window.settle();
  tell([{ type: 'checkpoint', checkpoint: { path: '/a', epoch: 1, step: 1, kind: 'best' } }]);
  await expect.poll(() => window.old()).toEqual(['recommend.show', 'runs.show', 'queue.show']);
  await window.settle();
  tell([{ type: 'result', result: RESULT }]);
  end({ kind: 'completed', message: null, log: null });
  await expect
    .poll(() => window.old())
    .toEqual([
      ...['recommend.show', 'compare.report', 'compare.slices', 'compare.toBaseline', 'runs.show'],
      ...['runs.table', 'studies.show', 'models.expected', 'queue.show', 'projects.list'],
    ]);
});

it('points are told of once they are stored: whoever asks at once is answered with them', async () => {
  const { hub, one, tell } = trainingHub();
  hub.store.queue.put(one, 'end');
  hub.start();
  await expect.poll(() => hub.store.runs.get(one).status).toBe('running');
  const stored: number[] = [];
  hub.bus.watch(({ type }) => {
    if (type === 'series') stored.push(hub.store.series.read(one, 'train/loss').steps.length);
  });
  const point = { metric: 'train/loss', steps: [1], epochs: [1], times: [1], values: [1] };
  tell([{ type: 'series', points: [point] }]);
  await expect.poll(() => stored).toEqual([1]);
});

it('what is deleted, saved or set is old, and what it has nothing to do with is not', async () => {
  const { hub, one, other } = trainingHub();
  const window = windowOf(hub, [one, other]);
  const after = async (deed: () => unknown) => {
    await window.settle();
    await deed();
    await window.hear();
    return window.old();
  };
  const { id } = hub.store.comparisons.save({ name: 'Paper', notes: '', runs: [one], project: null });
  const { key } = hub.store;
  expect(await after(() => hub.change(key, [deleting('comparison', [id])]))).toEqual([
    'compare.report',
    'runs.show',
    'comparisons.list',
    'trash.list',
  ]);
  expect(await after(() => hub.news.changed('views'))).toEqual(['settings.readView']);
  expect(await after(() => hub.changeSettings({ threads: 2 }))).toEqual(['queue.show', 'settings.read']);
  expect(await after(() => hub.purge([{ kind: 'run', id: 'none' }]))).toEqual(['runs.show', 'trash.list']);
});

it('what another process has changed is asked for again, whatever it is', async () => {
  const home = temporaryHome();
  const { hub, one, other } = trainingHub(home);
  const window = windowOf(hub, [one, other]);
  await window.settle();
  temporaryStore(home).projects.create('another');
  await expect.poll(() => window.old()).toContain('projects.list');
  expect(window.old()).toEqual(
    expect.arrayContaining(['runs.table', 'comparisons.list', 'settings.read', 'hosts.list']),
  );
});
