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
  const message = 'the loss is NaN at step 3: the run has diverged, try a lower learningRate';
  expect(noticeOf(store, { ...run, status: 'failed', message })).toMatchObject({
    level: 'error',
    text: message,
  });
  expect(noticeOf(store, { ...run, status: 'cancelled' })).toBeNull();
});
