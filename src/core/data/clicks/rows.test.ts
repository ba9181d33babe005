import { describe, expect, it } from 'vitest';
import { codesOf } from '../../../../test/fixtures/click-codes.ts';
import { importHome } from '../../../../test/fixtures/imports.ts';
import { type ClickDataOptions, openClickData } from './open.ts';
import { TEST, TRAIN, UNUSED, VALID } from './split.ts';

const { write, imported } = importHome();

const options: ClickDataOptions = {
  labels: 'auto',
  minRating: 4,
  actions: 'click',
  negatives: 2,
  historyLength: 3,
  features: 'all',
  split: 'random',
  validShare: 0.1,
  testShare: 0.2,
  hiddenItems: 0,
  splitSeed: 1,
};

describe('rows of ranking models', () => {
  it('samples negatives that the user has not used so far, with the features of the drawn item', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, at) => `u${at % 7},i${at % 5},${at % 5 < 2 ? 'paid' : 'free'},${at % 3}`,
    );
    const { directory } = await imported(write('apps.csv', ['user,item,cost,day', ...rows]), {
      kind: 'clicks',
    });
    // Seven users and five items meet in all 35 ways, so nothing can be drawn.
    await expect(openClickData(directory, options)).rejects.toThrow(
      /one user has interacted with every item/,
    );
    const fewer = rows.filter((_, at) => (at % 7) % 5 !== at % 5);
    const { directory: other } = await imported(write('fewer.csv', ['user,item,cost,day', ...fewer]), {
      kind: 'clicks',
    });
    const drawn = await openClickData(other, options);
    const { users, items } = drawn.table;
    if (!users || !items) throw new Error('no ids');
    expect(drawn.table.rows).toBe(3 * fewer.length);
    const used = new Map<string, number>();
    for (let row = 0; row < drawn.table.rows; row += 3) {
      const pair = `${users[row]} ${items[row]}`;
      used.set(pair, Math.min(used.get(pair) ?? UNUSED, drawn.parts[row]));
    }
    const cost = codesOf(drawn.table, 'cost');
    const day = codesOf(drawn.table, 'day');
    const costOf = new Map<number, number>();
    for (let row = 0; row < drawn.table.rows; row += 3) costOf.set(items[row], cost[row][0]);
    for (let row = 0; row < drawn.table.rows; row++) {
      expect(drawn.table.labels[0][row]).toBe(row % 3 === 0 ? 1 : 0);
      if (row % 3 !== 0) {
        expect(used.get(`${users[row]} ${items[row]}`) ?? UNUSED).toBeGreaterThan(drawn.parts[row]);
      }
      expect(cost[row][0]).toBe(costOf.get(items[row]));
      expect(day[row]).toEqual(day[row - (row % 3)]);
      expect(drawn.parts[row]).toBe(drawn.parts[row - (row % 3)]);
    }
  });

  it('tells ratings and times apart that the fingerprint of the sequences does not', async () => {
    const log = (rating: number, second: number) =>
      Array.from(
        { length: 40 },
        (_, at) => `u${at % 4},i${(at * 7) % 11},${rating * (1 + (at % 5))},${1000 + second * at}`,
      );
    const opened = async (name: string, lines: string[], changes: Partial<ClickDataOptions>) => {
      const { summary, directory } = await imported(write(name, ['user,item,rating,timestamp', ...lines]));
      return { summary, ...(await openClickData(directory, { ...options, ...changes })) };
    };
    const plain = await opened('plain.csv', log(1, 1), { split: 'last' });
    const rescaled = await opened('rescaled.csv', log(2, 1), { split: 'last' });
    const slower = await opened('slower.csv', log(1, 9), { split: 'time' });
    expect(rescaled.summary.fingerprint).toBe(plain.summary.fingerprint);
    expect(plain.hashes).toEqual({ ratings: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(rescaled.hashes).not.toEqual(plain.hashes);
    expect(slower.hashes).toEqual({ ...plain.hashes, times: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect((await opened('sampled.csv', log(1, 1), { labels: 'sampled', split: 'random' })).hashes).toEqual(
      {},
    );
  });

  it('draws held-out items as often as others in training, hidden ones never', async () => {
    const lines = Array.from({ length: 120 }, (_, at) => {
      const [user, step] = [at % 10, Math.floor(at / 10)];
      return `u${user},i${(user * 7 + step * 5) % 24},${1000 + at}`;
    });
    const { directory } = await imported(write('shops.csv', ['user,item,timestamp', ...lines]));
    const sampled = { ...options, labels: 'sampled', negatives: 40 } as const;
    const { table, parts } = await openClickData(directory, { ...sampled, split: 'last' });
    const { users, items, groupSize } = table;
    if (!users || !items) throw new Error('no ids');
    const rowsOf = (part: number, positive: boolean) =>
      [...users.keys()].filter((row) => parts[row] === part && (row % groupSize === 0) === positive);
    const negatives = rowsOf(TRAIN, false);
    const tested = new Map(rowsOf(TEST, true).map((row) => [users[row], items[row]]));
    expect(tested.size).toBe(10);
    const drawn = negatives.filter((row) => tested.get(users[row]) === items[row]).length;
    // Each user trains on 10 of the 24 items: of the other 14, one is tested.
    expect(drawn / negatives.length).toBeCloseTo(1 / 14, 1.7);
    const own = Map.groupBy(
      [...rowsOf(TRAIN, true), ...rowsOf(VALID, true), ...rowsOf(TEST, true)].map((row) => [
        users[row],
        items[row],
      ]),
      ([user]) => user,
    );
    const had = (row: number) => own.get(users[row])?.some(([, item]) => item === items[row]);
    expect(rowsOf(TEST, false).some(had)).toBe(false);
    const hiding = await openClickData(directory, { ...sampled, split: 'last', hiddenItems: 0.2 });
    const visible = new Set([...(hiding.table.items ?? [])].filter((_, row) => hiding.parts[row] === TRAIN));
    const hidden = new Set(
      [...(hiding.table.items ?? [])].filter(
        (_, row) => hiding.parts[row] === UNUSED && row % groupSize === 0,
      ),
    );
    expect(hidden.size).toBeGreaterThan(0);
    expect([...hidden].some((item) => visible.has(item))).toBe(false);
  });

  it('makes clicks of ratings, with histories of earlier training rows only', async () => {
    const lines = Array.from(
      { length: 40 },
      (_, at) => `u${at % 4},i${(at * 7) % 11},${1 + (at % 5)},${1000 + at}`,
    );
    const { directory } = await imported(write('ratings.csv', ['user,item,rating,timestamp', ...lines]));
    for (const split of ['random', 'time'] as const) {
      const { table, parts } = await openClickData(directory, { ...options, split, hiddenItems: 0.2 });
      const [history, marks] = [codesOf(table, 'history'), codesOf(table, 'history-labels')];
      for (let row = 0; row < table.rows; row++) {
        const earlier = Array.from({ length: row }, (_, at) => at).filter(
          (at) => table.users?.[at] === table.users?.[row] && parts[at] === TRAIN,
        );
        const recent = earlier.slice(-options.historyLength);
        expect(history[row]).toEqual(recent.map((at) => (table.items?.[at] ?? -9) + 1));
        expect(marks[row]).toEqual(recent.map((at) => table.labels[0][at] + 1));
      }
      const time = (part: number) => [...(table.times ?? [])].filter((_, row) => parts[row] === part);
      if (split === 'time') {
        expect(Math.max(...time(TRAIN))).toBeLessThan(Math.min(...time(VALID)));
        expect(Math.max(...time(VALID))).toBeLessThan(Math.min(...time(TEST)));
      }
      const hidden = new Set([...(table.items ?? [])].filter((_, row) => parts[row] === UNUSED));
      expect(hidden.size).toBeGreaterThan(0);
      for (let row = 0; row < table.rows; row++) {
        if (parts[row] !== TEST && parts[row] !== UNUSED)
          expect(hidden.has(table.items?.[row] ?? -1)).toBe(false);
      }
    }
    await expect(openClickData(directory, { ...options, minRating: 9 })).rejects.toThrow(
      /makes every label 0/,
    );
    await expect(openClickData(directory, { ...options, labels: 'actions' })).rejects.toThrow(/no actions/);
    await expect(openClickData(directory, { ...options, features: 'user,size' })).rejects.toThrow(
      /there is no column "size"; they are user, item/,
    );
  });

  it('holds the last two rows of each user out, with the validation row in the history of the test row', async () => {
    // Written against time, so that the order must come from the times; the last user has two rows.
    const lines = Array.from({ length: 41 }, (_, at) => {
      const user = at < 39 ? at % 3 : 3;
      return `u${user},i${(at * 7) % 23},${1 + (at % 5)},${2000 - at}`;
    });
    const { directory } = await imported(write('last.csv', ['user,item,rating,timestamp', ...lines]));
    for (const labels of ['rating', 'sampled'] as const) {
      const { table, parts } = await openClickData(directory, { ...options, labels, split: 'last' });
      const { users, times, groupSize } = table;
      if (!users || !times) throw new Error('no users or times');
      const history = codesOf(table, 'history');
      for (const user of new Set(users)) {
        const own = Array.from({ length: table.rows / groupSize }, (_, group) => group * groupSize)
          .filter((row) => users[row] === user)
          .sort((a, b) => times[a] - times[b]);
        const held = own.length < 3 ? [] : [VALID, TEST];
        expect(own.map((row) => parts[row])).toEqual([
          ...Array.from({ length: own.length - held.length }, () => TRAIN),
          ...held,
        ]);
        for (const row of own) {
          expect([...parts.subarray(row, row + groupSize)]).toEqual(new Array(groupSize).fill(parts[row]));
        }
        own.forEach((row, at) => {
          const recent = own.slice(Math.max(0, at - options.historyLength), at);
          expect(history[row]).toEqual(recent.map((before) => (table.items?.[before] ?? -9) + 1));
        });
      }
    }
    const anonymous = await imported(write('anonymous.csv', ['label,x', '0,1', '1,2', '0,3']), {
      map: { dense: 'x' },
    });
    await expect(openClickData(anonymous.directory, { ...options, split: 'last' })).rejects.toThrow(
      /has no user column for split=last/,
    );
  });

  it("splits by Criteo's days", async () => {
    const lines = Array.from({ length: 28 }, (_, at) => `${at & 1},${at}`);
    const { directory } = await imported(write('days.csv', ['label,x', ...lines]), { map: { dense: 'x' } });
    const { parts } = await openClickData(directory, { ...options, split: 'day-parts' });
    expect([...parts].join('')).toBe(`${`${TRAIN}`.repeat(24)}${`${TEST}`.repeat(2)}${`${VALID}`.repeat(2)}`);
    await expect(openClickData(directory, { ...options, split: 'time' })).rejects.toThrow(/has no times/);
  });
});
