import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { newRun, RESULT } from '../../../test/store/records.ts';
import type { UserOrder } from '../../core/api/datasets.ts';
import { importDataset } from '../../core/data/import/import.ts';
import { openInteractions, readUserIds } from '../../core/data/read.ts';
import { writeSample } from '../../core/data/sample/sample.ts';
import { leaveLastOut } from '../../core/data/splits/leave-last-out.ts';
import { splitByTime } from '../../core/data/splits/time.ts';
import { openStore } from '../../core/store/open-store.ts';
import type { RunResult } from '../../core/training/events.ts';
import { userList } from './user-list.ts';

test('users are found by id, by the length of their history, by a cold test item, and by where models differ', async () => {
  const home = temporaryHome();
  const store = openStore(home);
  const paths = writeSample(join(home, 'files'), { users: 80, items: 120 });
  const summary = await importDataset({ paths, name: 'club' }, { home });
  store.datasets.add(summary);
  const folder = store.datasets.folder(summary.id);
  const data = await openInteractions(folder);
  const ids = await readUserIds(folder);
  const split = leaveLastOut(data);
  const users = split.usersWithTargets();
  // By turns the second model finds the item of one user at once, and at rank 50.
  const [even, better] = [10, 20].map((first) => {
    const run = store.runs.create(newRun(summary)).id;
    const ranks = users.map((user) => (user === first ? 1 : user === first + 1 ? 50 : 3));
    store.ranks.save(run, {
      ...({ split: 'test', candidates: data.items, topK: 0, topItems: new Int32Array(0) } as const),
      users,
      ranks,
      targets: users.map((user) => data.itemIds[split.testIndex(user)]),
      historyLengths: users.map(() => 5),
    });
    return run;
  });
  const list = (order: UserOrder, search = '', runs = [even, better]) =>
    userList(store, { dataset: 'club', search, order, runs, limit: 500 });

  const longest = await list('longest');
  expect(longest.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  const lengths = longest.map(({ interactions }) => interactions);
  expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
  expect((await list('shortest')).map(({ interactions }) => interactions)).toEqual(lengths.toReversed());
  const [ninth] = await list('longest', ids[9]);
  expect(ninth).toMatchObject({ id: ids[9], ranks: [3, 3] });

  const random = await list('random');
  expect(random.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(random).not.toEqual(await list('random'));

  const different = await list('difference');
  expect(different.map(({ id, ranks }) => [id, ...ranks])).toEqual([
    [ids[10], 1, 3],
    [ids[20], 3, 1],
    [ids[11], 50, 3],
    [ids[21], 3, 50],
  ]);
  expect(await list('difference', '', [even, even])).toEqual([]);
  expect((await list('difference', ids[21])).map(({ id }) => id)).toEqual([ids[21]]);

  const training = (item: number) =>
    [...users].reduce((sum, user) => {
      const own = data.itemIds.subarray(data.offsets[user], split.trainEnd(user));
      return sum + own.filter((one) => one === item).length;
    }, 0);
  const counts = new Map(
    [...users].map((user) => [ids[user], training(data.itemIds[split.testIndex(user)])]),
  );
  const cold = (await list('cold')).map(({ id }) => counts.get(id));
  expect(cold).toEqual([...counts.values()].filter((count) => count < 5).toSorted((a, b) => a - b));
  expect(cold.length).toBeGreaterThan(0);

  // Of a run by time they are those of its test.
  const byTime = store.runs.create(newRun(summary)).id;
  const protocol = {
    ...RESULT.protocol,
    split: 'time',
    validShare: 0.1,
    testShare: 0.3,
  } as RunResult['protocol'];
  store.runs.setResult(byTime, { ...RESULT, protocol }, 'by time');
  const cut = splitByTime(data, { valid: 0.1, test: 0.3, validation: true });
  const tested = new Set(Array.from(cut.usersWithTargets(), (user) => ids[user]));
  const ofTime = (await list('cold', '', [byTime])).map(({ id }) => id);
  expect(ofTime).not.toEqual((await list('cold')).map(({ id }) => id));
  expect(ofTime.every((id) => tested.has(id))).toBe(true);
  store.close();
});
