import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { importDataset } from '../../core/data/import/import.ts';
import { activityOf } from './activity.ts';

const at = (day: string) => Date.parse(`${day}T12:00:00Z`) / 1000;

async function importRows(rows: string[]): Promise<string> {
  const home = temporaryHome();
  const path = join(home, 'log.csv');
  writeFileSync(path, `user,item,timestamp\n${rows.join('\n')}\n`);
  const { id } = await importDataset({ paths: [path], name: 'log' }, { home });
  return join(home, 'datasets', id);
}

test('users are counted by calendar months where that makes a readable number of bins, empty ones included', async () => {
  const rows = [
    ...['2020-01-03', '2020-01-31', '2020-02-01', '2020-05-09'].map((day, item) => `a,i${item},${at(day)}`),
    ...['2020-02-02', '2020-05-01', '2022-12-31'].map((day, item) => `b,i${item},${at(day)}`),
  ];
  const activity = await activityOf(await importRows(rows));
  expect(activity?.bin).toBe('month');
  expect(activity?.bins).toHaveLength(36);
  const month = (text: string) => Date.parse(`${text}-01T00:00:00Z`) / 1000;
  expect(activity?.bins.slice(0, 5)).toEqual([
    { from: month('2020-01'), users: 1, newUsers: 1, interactions: 2 },
    { from: month('2020-02'), users: 2, newUsers: 1, interactions: 2 },
    { from: month('2020-03'), users: 0, newUsers: 0, interactions: 0 },
    { from: month('2020-04'), users: 0, newUsers: 0, interactions: 0 },
    { from: month('2020-05'), users: 2, newUsers: 0, interactions: 2 },
  ]);
  expect(activity?.bins.at(-1)).toEqual({ from: month('2022-12'), users: 1, newUsers: 0, interactions: 1 });
});

test('a day is one bin, and times that are no dates have none', async () => {
  const rows = (times: number[]) =>
    times.flatMap((time, i) => ['a', 'b'].map((user) => `${user},i${i},${time}`));
  const [noon] = [at('2024-03-01')];
  expect(await activityOf(await importRows(rows([noon, noon + 1, noon + 2])))).toEqual({
    bin: 'day',
    bins: [{ from: noon - 43_200, users: 2, newUsers: 2, interactions: 6 }],
  });
  expect(await activityOf(await importRows(rows([1, 2e10, 4e10])))).toBeNull();
});
