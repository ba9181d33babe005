import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { RESULT } from '../../../../test/store/records.ts';
import type { AppEvent } from '../../../core/api/events.ts';
import type { Store } from '../../../core/store/store.ts';
import { RunAlerts } from './run-alerts.ts';

type Notice = Omit<Extract<AppEvent, { type: 'notice' }>, 'type'>;

function alerts(store: Store): { told: Notice[]; alerts: RunAlerts } {
  const told: Notice[] = [];
  return { told, alerts: new RunAlerts(store, (notice) => told.push(notice)) };
}

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
  const { told, alerts: one } = alerts(store);
  const ended = (id: string) => one.ended(store.runs.own(id));
  ended(completed(store, 'sasrec', 0.1, 0.05));
  ended(completed(store, 'hstu', 0.1, 0.03));
  ended(completed(store, 'popularity', 0.1, 0.02));
  expect(told.map(({ level, title, text }) => [level, title, text])).toEqual([
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
  const { told, alerts: one } = alerts(store);
  const id = completed(store, 'sasrec', 0.1, 0.05);
  one.ended(store.runs.own(id));
  one.ended({
    ...store.runs.own(id),
    status: 'failed',
    message: 'the loss is NaN at step 3: the run has diverged, try a lower learningRate',
  });
  one.ended({ ...store.runs.own(id), status: 'cancelled' });
  expect(told.map(({ level, text }) => [level, text])).toEqual([
    ['info', 'NDCG@10 0.0500'],
    ['error', 'the loss is NaN at step 3: the run has diverged, try a lower learningRate'],
  ]);
});
