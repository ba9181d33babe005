import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../import/import.ts';
import { previewImport } from '../import/preview.ts';
import type { ImportRequestInput } from '../import/request.ts';
import { type ClickDataOptions, featureNames, openClickData } from './open.ts';
import type { ClickTable } from './types.ts';

const ML_1M = join(import.meta.dirname, '../../../../../shared/data/ml-1m');
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tessera-side-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function imported(paths: string[], options: Partial<ImportRequestInput> = {}) {
  const summary = await importDataset({ paths, ...options }, { home });
  return { summary, directory: join(home, 'datasets', summary.id) };
}

const options: ClickDataOptions = {
  labels: 'auto',
  minRating: 4,
  actions: 'click',
  negatives: 1,
  historyLength: 0,
  features: 'all',
  split: 'random',
  validShare: 0.1,
  testShare: 0.1,
  hiddenItems: 0,
  splitSeed: 1,
};

function feature(table: ClickTable, name: string) {
  const found = table.features.find((known) => known.name === name);
  if (!found) throw new Error(`no feature ${name} among ${table.features.map((one) => one.name).join(', ')}`);
  return found;
}

function codesOf(table: ClickTable, name: string, row: number): number[] {
  const { width, read } = feature(table, name);
  const target = new Int32Array(width);
  return [...target.subarray(0, read(row, target, 0))];
}

const names = ({ dense, features }: ClickTable) => [
  dense.map(({ name }) => name),
  features.map(({ name }) => name),
];

/** A folder as KuaiRand's: a log, features of users and of videos; one user and one video without any. */
function kuaiRand(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder);
  const users = Array.from({ length: 30 }, (_, user) => user);
  const log = users.flatMap((user) =>
    [0, 1, 2, 3, 4].map((at) => {
      const video = (user * 3 + at * 7) % 40;
      return `${user},${video},${1_650_000_000_000 + 1000 * (user + 31 * at)},${(user + at) % 2},${(video + at) % 3 === 0 ? 1 : 0},${at * 100}`;
    }),
  );
  const write = (file: string, lines: string[]) => writeFileSync(join(folder, file), `${lines.join('\n')}\n`);
  write('log_standard_4_08_to_4_21.csv', ['user_id,video_id,time_ms,is_click,is_like,play_time_ms', ...log]);
  write('user_features.csv', [
    'user_id,user_active_degree,follow_user_num,register_days,onehot_feat0,is_constant',
    ...users
      .slice(1)
      .map(
        (user) =>
          `${user},${['', 'full_active', 'high_active'][user % 3]},${user * 1.5},${user * 11},${user % 4},1`,
      ),
  ]);
  write('video_features_basic.csv', [
    'video_id,author_id,video_duration,tag',
    ...Array.from(
      { length: 39 },
      (_, video) =>
        `${video},${video % 5},${video === 3 ? '' : video * 10.5},"${video % 3 ? `${video % 7},${20 + (video % 2)}` : '9'}"`,
    ),
  ]);
  return folder;
}

describe('side columns as features', () => {
  it('joins the files of a folder like KuaiRand to its interactions and to its click log alike', async () => {
    const folder = kuaiRand('kuairand');
    const asInteractions = await imported([folder], { name: 'sequences' });
    const asClicks = await imported([folder], { name: 'clicks', kind: 'clicks' });
    expect(asClicks.summary.side).toEqual({
      item: { author_id: 'categorical', video_duration: 'dense', tag: 'multi' },
      user: {
        user_active_degree: 'categorical',
        follow_user_num: 'dense',
        register_days: 'categorical',
        onehot_feat0: 'categorical',
        is_constant: 'categorical',
      },
    });
    expect(asInteractions.summary.side).toEqual(asClicks.summary.side);
    const sequences = await openClickData(asInteractions.directory, {
      ...options,
      labels: 'actions',
      actions: 'click,like',
    });
    const log = await openClickData(asClicks.directory, options);
    for (const { table } of [sequences, log]) {
      expect(table.tasks).toHaveLength(2);
      const [dense, features] = names(table);
      expect(dense).toEqual(['video_duration', 'follow_user_num']);
      expect(features.slice(2)).toEqual([
        ...['author_id', 'tag', 'user_active_degree', 'register_days', 'onehot_feat0'],
      ]);
      expect(feature(table, 'tag')).toMatchObject({ follows: 'item', width: 2 });
      expect(feature(table, 'onehot_feat0').follows).toBe('user');
      const [items, users] = [table.items as Int32Array, table.users as Int32Array];
      // Rows of one item have one value; a value that is empty, and an item that no file describes, have none.
      const duration = (row: number) => table.dense[0].value(row);
      const byItem = new Map<number, string>();
      for (let row = 0; row < table.rows; row++) {
        const own = JSON.stringify([codesOf(table, 'tag', row), duration(row)]);
        expect(byItem.get(items[row]) ?? own).toBe(own);
        byItem.set(items[row], own);
        if (Number.isNaN(table.dense[1].value(row))) expect(codesOf(table, 'onehot_feat0', row)).toEqual([0]);
      }
      expect([...byItem.values()].filter((own) => own.includes('null'))).toHaveLength(2);
      expect(byItem.size).toBe(40);
      expect(new Set(users).size).toBe(30);
    }
    for (const [directory, { table }] of [
      [asInteractions.directory, sequences],
      [asClicks.directory, log],
    ] as const) {
      const known = (await featureNames(directory)).filter((name) => !name.startsWith('history'));
      expect(known.toSorted()).toEqual(names(table).flat().toSorted());
    }
    // The sampled negatives have the side columns of their own item and of their user.
    const sampled = await openClickData(asInteractions.directory, { ...options, labels: 'sampled' });
    const { table } = sampled;
    const tagOf = new Map<number, string>();
    for (let row = 0; row < table.rows; row++) {
      const item = (table.items as Int32Array)[row];
      const tags = codesOf(table, 'tag', row).join();
      expect(tagOf.get(item) ?? tags).toBe(tags);
      tagOf.set(item, tags);
      expect(codesOf(table, 'register_days', row)).toEqual(codesOf(table, 'register_days', row - (row % 2)));
    }
  });

  it('shows the roles beforehand, takes others from the map, and refuses numbers that are none', async () => {
    const folder = kuaiRand('mapped');
    const map = { categorical: 'video_duration', dense: 'register_days', ignore: 'onehot_*' };
    const { files } = await previewImport([folder], { kind: 'clicks', map });
    const side = Object.assign({}, ...files.map((file) => file.side));
    expect(side).toMatchObject({
      video_duration: 'categorical',
      register_days: 'dense',
      onehot_feat0: 'ignore',
      tag: 'multi',
    });
    const { summary, directory } = await imported([folder], { name: 'mapped', kind: 'clicks', map });
    expect(summary.side?.user).toMatchObject({ register_days: 'dense', onehot_feat0: 'ignore' });
    const { table } = await openClickData(directory, options);
    expect(names(table)[0]).toEqual(['follow_user_num', 'register_days']);
    expect(names(table)[1]).not.toContain('onehot_feat0');
    await expect(imported([folder], { map: { dense: 'user_active_degree' } })).rejects.toThrow(
      /user_features\.csv: user_active_degree "full_active" is not a number/,
    );
    await expect(previewImport([folder], { map: { categorical: 'nowhere' } })).rejects.toThrow(
      /log_standard.*:1: no column "nowhere" for the role categorical; .*; those of .*user_features\.csv are .*register_days/,
    );
    await expect(openClickData(directory, { ...options, features: 'user_id,nothing' })).rejects.toThrow(
      'features: there is no column "nothing"',
    );
  });

  it("reads the lists of RecBole's side files as several values", async () => {
    const folder = join(home, 'box');
    mkdirSync(folder);
    const write = (name: string, lines: string[]) =>
      writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    const pairs = Array.from({ length: 24 }, (_, at) => `u${at % 4}\ti${(at * 5) % 9}\t${at % 2}\t${at}`);
    write('box.inter', ['user_id:token\titem_id:token\tlabel:float\ttimestamp:float', ...pairs]);
    write('box.item', [
      'item_id:token\tmovie_title:token_seq\tgenre:token_seq',
      ...Array.from(
        { length: 9 },
        (_, item) => `i${item}\tThe film ${item}\t${item % 2 ? 'Drama War' : 'Comedy'}`,
      ),
    ]);
    write('box.user', [
      'user_id:token\tage:token\tzip:token',
      ...[0, 1, 2, 3].map((user) => `u${user}\t${20 + user}\t0${user}`),
    ]);
    const { summary, directory } = await imported([folder]);
    expect(summary.clicks?.tasks).toEqual(['label']);
    const { table } = await openClickData(directory, { ...options, features: 'user_id,item_id,genre,zip' });
    expect(names(table)[1]).toEqual(['user_id', 'item_id', 'genre', 'zip']);
    expect(feature(table, 'genre')).toMatchObject({ vocabulary: 4, width: 2 });
    const genres = Array.from({ length: table.rows }, (_, row) => codesOf(table, 'genre', row).length);
    expect(new Set(genres)).toEqual(new Set([1, 2]));
  });

  it.skipIf(!existsSync(ML_1M))(
    'gives genres, gender, age and occupation of MovieLens-1M, and the zip code where it is named',
    async () => {
      const { directory, summary } = await imported([ML_1M]);
      expect(summary.side).toEqual({
        item: { genres: 'multi' },
        user: { gender: 'categorical', age: 'categorical', occupation: 'categorical', zip: 'categorical' },
      });
      const { table } = await openClickData(directory, { ...options, split: 'time' });
      expect(names(table)).toEqual([[], ['user', 'item', 'genres', 'gender', 'age', 'occupation']]);
      const vocabulary = (name: string) => feature(table, name).vocabulary - 1;
      expect(['genres', 'gender', 'age', 'occupation'].map(vocabulary)).toEqual([18, 2, 7, 21]);
      const named = await openClickData(directory, {
        ...options,
        split: 'time',
        features: 'item,zip,genres',
      });
      expect(names(named.table)[1]).toEqual(['item', 'genres', 'zip']);
      expect(feature(named.table, 'zip').vocabulary - 1).toBe(3439);
      expect(feature(named.table, 'genres').width).toBe(6);
    },
    120_000,
  );
});
