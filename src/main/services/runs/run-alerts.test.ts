import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { RESULT } from '../../../../test/store/records.ts';
import type { Store } from '../../../core/store/store.ts';
import { noticeOf } from './run-alerts.ts';

function completed(store: Store, model: string, valid: number, test: number, changes = {}): string {
  const metrics = { 'valid/ndcg@10': valid, 'test/ndcg@10': test };
  const { id } = addRun(store, { model, name: `${model} ${test}` });
  completeRun(store, id, { ...RESULT, metrics, protocol: { ...RESULT.protocol, ...changes } as never });
  return id;
}

it('says how a completed run stands beside the simple baseline that validation chooses', () => {
  const store = temporaryStore();
  completed(store, 'popularity', 0.05, 0.06);
  completed(store, 'ease', 0.08, 0.04);
  completed(store, 'itemknn', 0.9, 0.9, { historyFilter: 'none' });
  const told = (model: string, test: number) => {
    const { level, title, text } = noticeOf(store, store.runs.own(completed(store, model, 0.1, test))) ?? {};
    return [level, title, text];
  };
  expect([told('sasrec', 0.05), told('hstu', 0.03), told('popularity', 0.02)]).toEqual([
    ['info', 'sasrec 0.05 has completed', 'NDCG@10 0.0500; the best simple baseline, EASE, has 0.0400.'],
    [
      'warn',
      'hstu 0.03 has completed below EASE',
      'NDCG@10 0.0300; the best simple baseline, EASE, has 0.0400.',
    ],
    ['info', 'popularity 0.02 has completed', ''],
  ]);
});

it('says its own value where nothing was measured alike, and why a run failed', () => {
  const store = temporaryStore();
  const run = store.runs.own(completed(store, 'sasrec', 0.1, 0.05));
  expect(noticeOf(store, run)).toMatchObject({ level: 'info', text: 'NDCG@10 0.0500' });
  const message = 'the loss is NaN at step 3: the run has diverged; try a lower learningRate';
  expect(noticeOf(store, { ...run, status: 'diverged', message })).toMatchObject({
    level: 'error',
    text: message,
  });
  expect(noticeOf(store, { ...run, status: 'cancelled' })).toBeNull();
});

it('says once of a study that it is done, and before that only that a first run has failed', () => {
  const store = temporaryStore();
  const study = store.studies.create('sizes', { kind: 'scaling' } as never);
  const runs = [1, 2, 3, 4].map((seed) => {
    const { id } = addRun(store, { name: `cell-${seed}`, seed });
    store.queue.put(id, 'end');
    store.studies.setRun(study.id, { size: 0, share: 1, seed }, id);
    return id;
  });
  const endAs = (id: string, status: 'completed' | 'failed') => {
    if (status === 'completed') completeRun(store, id);
    else {
      store.lifecycle.begin(id, null);
      store.lifecycle.end(id, 'failed', 'out of luck');
    }
    return noticeOf(store, store.runs.own(id));
  };
  expect(endAs(runs[0], 'completed')).toBeNull();
  expect(endAs(runs[1], 'failed')).toMatchObject({
    level: 'error',
    title: 'sizes: cell-2 failed',
    run: runs[1],
  });
  expect(endAs(runs[2], 'failed')).toBeNull();
  const done = { level: 'warn', title: 'sizes is done', text: '2 of 4 runs completed', run: null };
  expect(endAs(runs[3], 'completed')).toEqual(done);
});
