import { expect, it } from 'vitest';
import { addRun, temporaryHome } from '../../../../test/store/home.ts';
import { RESULT } from '../../../../test/store/records.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import { protocolFingerprint } from '../../evaluation/protocol.ts';
import type { UserRanks } from '../../evaluation/types.ts';
import { openConnection } from '../db/open.ts';
import { openStore } from '../open-store.ts';
import { Store } from '../store.ts';
import { runTableQuery } from '../table/run-table-types.ts';

const ranks: UserRanks = {
  ...{ split: 'test', candidates: 9, topK: 0, topItems: new Int32Array() },
  users: Int32Array.of(0, 1, 2),
  targets: Int32Array.of(3, 4, 5),
  ranks: Int32Array.of(1, 4, 9),
  historyLengths: Int32Array.of(2, 2, 2),
};
const whole = rankMetrics(ranks);

it('a metric that a program knows and the last one did not is in tables, filters and views for runs that were there', async () => {
  const home = temporaryHome();
  const older = openStore(home);
  const { id } = addRun(older);
  const { 'test/mrr@10': added, ...known } = whole;
  older.runs.setResult(id, { ...RESULT, metrics: known }, protocolFingerprint(RESULT.protocol));
  older.ranks.save(id, ranks);
  // As a program leaves it that knew one metric less, and has looked at every run.
  const connection = openConnection(home);
  connection.run("UPDATE counted_metrics SET names = replace(names, ' mrr@10', '')");
  connection.run('DELETE FROM uncounted_runs');
  new Store(home, connection).close();
  older.close();

  const store = openStore(home);
  expect(store.rankMetrics.pending).toBe(1);
  await store.rankMetrics.count();
  expect(store.rankMetrics.pending).toBe(0);
  expect(store.runs.get(id).metrics).toEqual(whole);
  expect(added).toBeCloseTo((1 + 1 / 4 + 1 / 9) / 3, 12);
  const filter = { field: 'metric:test/mrr@10', operator: '>', value: added - 1e-9 } as const;
  expect(store.table.page(runTableQuery.parse({ filters: [filter] })).total).toBe(1);
  const sql = "SELECT value FROM metrics WHERE metric = 'test/mrr@10'";
  expect(store.views.query(sql, 9).rows).toEqual([[added]]);
  store.close();
  // Looked at once: the next program that knows as much reads no ranks.
  const again = openStore(home);
  expect(again.rankMetrics.pending).toBe(0);
  again.close();
});

it('several targets of a user are kept behind each other, and have metrics of their own', async () => {
  const store = openStore(temporaryHome());
  const { id } = addRun(store);
  const several = { ...ranks, several: 'all' as const, users: Int32Array.of(0, 0, 1) };
  const known = { 'test/mrr': 1, 'test/recall@10': 1 };
  store.runs.setResult(id, { ...RESULT, metrics: known }, protocolFingerprint(RESULT.protocol));
  store.ranks.save(id, several);
  expect(store.ranks.read(id, 'test')).toEqual(several);
  await store.rankMetrics.count();
  const { 'test/r-precision': value } = store.runs.get(id).metrics;
  expect(value).toBeCloseTo((1 / 2 + 0) / 2, 12);
  store.close();
});
