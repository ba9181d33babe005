import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { badRowsError } from '../../../core/data/formats/bad-rows.ts';
import { previewImport } from '../../../core/data/import/preview.ts';
import { importRequestSchema } from '../../../core/data/import/request.ts';
import { composeMessage } from '../../../core/errors.ts';
import { fileNames, fileText } from '../../format/files.ts';
import {
  draftProblems,
  EMPTY_DRAFT,
  importRequest,
  mapClickColumn,
  mapColumn,
  overridesOf,
} from './import-draft.ts';

function droppedFile(text: string, name = 'visits.csv'): string {
  const folder = join(temporaryHome(), 'uploads', '11111111-2222-4333-8444-555555555555');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it('names files by as many of their folders as tell them apart', () => {
  expect(fileNames(['/data/2024/ratings.csv', '/data/2025/ratings.csv', 'C:\\data\\movies.csv'])).toEqual([
    '2024/ratings.csv',
    '2025/ratings.csv',
    'movies.csv',
  ]);
  expect(fileNames(['ratings.csv', 'a/ratings.csv', 'b/a/ratings.csv'])).toEqual([
    'ratings.csv',
    'a/ratings.csv',
    'b/a/ratings.csv',
  ]);
});

describe('what the core says of an import', () => {
  it('is said in the window without folders of its own and options of the command line', async () => {
    const path = droppedFile('visitor,product\n1,2\n3,4\n');
    const { problem } = await previewImport([path]);
    if (problem === null) throw new Error('the file has no user column');
    expect(composeMessage(problem, 'cli')).toContain('--map');
    expect(fileText(composeMessage(problem, 'window'))).toBe(
      'visits.csv:1: no user column among visitor, product; choose the meaning of each column above its values',
    );
    const spaced = '/home/Ada L/my data/uploads/11111111-2222-4333-8444-555555555555/';
    expect(fileText(`${spaced}a b.csv and ${spaced}c.csv: interactions with different columns`)).toBe(
      'a b.csv and c.csv: interactions with different columns',
    );
    const { details } = badRowsError(1, [{ file: path, line: 3, problem: 'time "x" is not a number' }]);
    expect(fileText(composeMessage(details, 'window'))).toBe(
      'visits.csv:3: time "x" is not a number (the only bad row); correct the file, or tick "Skip rows that cannot be read"',
    );
  });
});

it('offers a published cut for the files that it was made for', async () => {
  const video = 'user_id,video_id,time_ms,is_click,tab\n1,2,1650000000000,1,0\n1,3,1650000001000,0,0\n';
  expect((await previewImport([droppedFile(video, 'log_standard.csv')])).presets).toEqual([
    'kuairand-own-cut',
  ]);
  expect((await previewImport([droppedFile('user,item,rating\n1,2,3\n1,3,4\n')])).presets).toEqual([]);
});

describe('two dropped files without a user', () => {
  it('are both named', async () => {
    const paths = ['morning.csv', 'evening.csv'].map((name) =>
      droppedFile('visitor,product\n1,2\n3,4\n', name),
    );
    const { problem } = await previewImport(paths);
    if (problem === null) throw new Error('the files have no user column');
    expect(fileText(composeMessage(problem, 'window'))).toBe(
      'morning.csv, evening.csv: no file with a user and an item column; choose files that have both',
    );
  });
});

describe('the draft of an import', () => {
  it('is a request that the core takes, and nothing that was not said', () => {
    const plain = importRequest(['a.csv'], EMPTY_DRAFT);
    expect(importRequestSchema.parse(plain)).toEqual(importRequestSchema.parse({ paths: ['a.csv'] }));
    const draft = {
      ...EMPTY_DRAFT,
      map: { user: 'u' },
      separator: '::',
      header: 'no' as const,
      minUser: ' 5',
      minRating: '3.5',
      from: '2020-01-01',
      to: '2021-01-01',
      ties: 'shuffle' as const,
      seed: '7',
      skipBadRows: true,
    };
    expect(importRequestSchema.parse(importRequest(['a.csv'], draft))).toMatchObject({
      map: { user: 'u' },
      separator: '::',
      header: false,
      minUser: 5,
      minItem: 0,
      minRating: 3.5,
      from: 1577836800,
      to: 1609459200,
      ties: 'shuffle',
      seed: 7,
      skipBadRows: true,
    });
    expect(draftProblems(draft)).toEqual({});
    const bad = { ...draft, minUser: '1.5', minItem: '-1', minRating: 'x', to: '2020-01-01' };
    expect(Object.keys(draftProblems(bad)).sort()).toEqual(['minItem', 'minRating', 'minUser', 'to']);
  });

  it('gives a column a role, takes it away, and moves it, as the preview then shows', async () => {
    const path = droppedFile('visitor,product,other\n1,2,9\n3,4,8\n');
    const roles = async (map: typeof EMPTY_DRAFT.map) =>
      (await previewImport([path], overridesOf({ ...EMPTY_DRAFT, map }))).files[0].roles;
    const named = mapColumn(EMPTY_DRAFT, await roles({}), 'visitor', 'user');
    expect(await roles(named)).toEqual({ user: 'visitor', item: 'product' });
    const moved = mapColumn({ ...EMPTY_DRAFT, map: named }, await roles(named), 'other', 'user');
    expect(await roles(moved)).toEqual({ user: 'other', item: 'product' });
    const freed = mapColumn({ ...EMPTY_DRAFT, map: moved }, await roles(moved), 'product', '');
    expect(await roles(freed)).toEqual({ user: 'other' });
  });

  it('gives columns of a click log their meaning, one user and item at most', async () => {
    const path = droppedFile('label,a,b,c\n0,1,2,3\n1,4,5,6\n');
    const roles = async (map: typeof EMPTY_DRAFT.map) =>
      (await previewImport([path], overridesOf({ ...EMPTY_DRAFT, map }))).files[0].clicks;
    let map: typeof EMPTY_DRAFT.map = {};
    for (const [column, role] of [
      ['a', 'dense'],
      ['b', 'dense'],
      ['c', 'user'],
      ['b', 'user'],
    ] as const) {
      map = mapClickColumn(map, column, role);
    }
    expect(await roles(map)).toEqual({ label: 'label', a: 'dense', b: 'user', c: 'categorical' });
    expect(map).toEqual({ dense: 'a', user: 'b' });
  });

  it('gives side columns their meaning, and keeps a title that was chosen', async () => {
    const log = droppedFile('label,user_id,item_id\n0,1,2\n1,3,4\n');
    const items = droppedFile('item_id,name,price,kind\n2,A,1.5,x\n4,B,2.5,y\n');
    const files = async (map: typeof EMPTY_DRAFT.map) =>
      (await previewImport([log, items], overridesOf({ ...EMPTY_DRAFT, map }))).files;
    const [clicks, side] = await files({});
    expect(clicks.clicks).toEqual({ label: 'label', user_id: 'user', item_id: 'item' });
    expect(side.side).toEqual({ price: 'dense', kind: 'categorical' });
    const titled = mapColumn(EMPTY_DRAFT, side.roles, 'kind', 'title');
    const changed = mapClickColumn(titled, 'price', 'categorical');
    expect(changed).toEqual({ title: 'kind', categorical: 'price' });
    expect((await files(changed))[1].side).toEqual({ name: 'categorical', price: 'categorical' });
    const withoutTitle = mapColumn({ ...EMPTY_DRAFT, map: changed }, { title: 'kind' }, 'kind', '');
    expect((await files(withoutTitle))[1].side).toMatchObject({ kind: 'categorical', price: 'categorical' });
  });
});
