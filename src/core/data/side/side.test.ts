/** Columns of items and interactions as codes: what the import keeps, and what the training part makes of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../math/random.ts';
import { openTrainingPart } from '../../training/ranking/context.ts';
import { importDataset } from '../import/import.ts';
import { previewImport } from '../import/preview.ts';
import type { ImportRequestInput } from '../import/request.ts';
import { openInteractions, readItemIds, readUserIds } from '../read.ts';
import { codedSide } from './coding.ts';
import { readSideColumnNames } from './read.ts';
import type { SideColumn } from './types.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-side-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Two users of five interactions each; the last two of each are held out. */
const EVENTS = [
  'user,item,timestamp,Surface,dwell ms,moods,rating,brand',
  'u1,a,1,home,10,calm|glad,4,x',
  'u1,b,2,search,,glad,5,x',
  'u1,c,3,home,30,,3,x',
  'u1,d,4,push,999,sad,4,x',
  'u1,e,5,home,40,calm,4,x',
  'u2,a,1,search,10,calm,2,x',
  'u2,c,2,home,20,glad|calm,3,x',
  'u2,e,3,mail,50,,4,x',
  'u2,b,4,home,10,calm,5,x',
  'u2,d,5,search,10,calm,5,x',
];
const ITEMS = [
  'item,title,brand,price',
  'a,First,Acme,1.5',
  'b,Second,Acme,2.5',
  'c,Third,Best,3.5',
  'd,Fourth,,4.5',
  'e,Fifth,Crown,',
];
const MAP = { categorical: 'Surface+brand', dense: 'dwell ms+price', multi: 'moods' };

async function imported(name: string, request: Partial<ImportRequestInput> = {}): Promise<string> {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ratings.csv'), `${EVENTS.join('\n')}\n`);
  writeFileSync(join(folder, 'items.csv'), `${ITEMS.join('\n')}\n`);
  const { id } = await importDataset({ paths: [folder], ...request }, { home });
  return join(home, 'datasets', id);
}

let plain: string;
let mapped: string;
beforeAll(async () => {
  plain = await imported('plain');
  mapped = await imported('mapped', { map: MAP });
});

const columnOf = async (name: string, directory = mapped, config = {}) => {
  const { data } = await openTrainingPart(directory, { sideFeatures: name, ...config });
  return { data, column: (data.side as SideColumn[])[0] };
};

/** The values of each row as texts; "?" of what training knows too little. */
const textsOf = ({ codes, width, values }: SideColumn) =>
  Array.from({ length: codes.length / width }, (_, row) =>
    Array.from(codes.subarray(row * width, (row + 1) * width))
      .filter((code) => code > 0)
      .map((code) => values[code - 1] || '?')
      .join('|'),
  );

describe('columns of interactions', () => {
  it('are kept where the map names them, and leave the rest of the data set as it was', async () => {
    expect(await readSideColumnNames(plain)).toEqual(['rating', 'title', 'brand', 'price']);
    expect(await readSideColumnNames(mapped)).toEqual([
      ...['rating', 'surface', 'dwell_ms', 'moods', 'brand'],
      ...['title', 'item_brand', 'price'],
    ]);
    const [before, after] = [await openInteractions(plain), await openInteractions(mapped)];
    expect(after).toEqual(before);
    expect(await readItemIds(mapped)).toEqual(await readItemIds(plain));
    expect(await readUserIds(mapped)).toEqual(await readUserIds(plain));
  });

  it('are shown as what they will be', async () => {
    const { files, problem } = await previewImport([join(home, 'mapped')], { map: MAP });
    expect(problem).toBeNull();
    expect(files.find(({ part }) => part === 'interactions')?.side).toEqual({
      ...{ Surface: 'categorical', 'dwell ms': 'dense', moods: 'multi', brand: 'categorical' },
    });
    expect((await previewImport([join(home, 'mapped')])).files[0].side).toBeNull();
  });

  it('stay with their interaction through filters', async () => {
    const filtered = await imported('filtered', { map: MAP, minRating: 3, dedupe: 'last' });
    const { column } = await columnOf('surface', filtered);
    expect(textsOf(column).slice(-4)).toEqual(['home', '?', 'home', '?']);
  });

  it('that are no numbers but were mapped to them are bad rows', async () => {
    const wrong = imported('wrong', { map: { dense: 'Surface' } });
    await expect(wrong).rejects.toThrow(/ratings\.csv.*2.*Surface/s);
  });
});

describe('codes', () => {
  it('are by what training has seen twice; the rest shares one, and nothing has none', async () => {
    const { column } = await columnOf('surface');
    // Of the training interactions three are at home, two in a search, one in a mail.
    expect(column.values).toEqual(['', 'home', 'search']);
    expect(textsOf(column)).toEqual([
      ...['home', 'search', 'home', '?', 'home'],
      ...['search', 'home', '?', 'home', 'search'],
    ]);
    expect(textsOf((await columnOf('moods')).column)).toEqual([
      ...['calm|glad', 'glad', '', '?', 'calm', 'calm', 'glad|calm', '', 'calm', 'calm'],
    ]);
  });

  it('stay with their interaction where items are hidden', async () => {
    const [folder, random] = [join(home, 'hidden'), new Random(2)];
    mkdirSync(folder);
    const rows = Array.from(
      { length: 300 },
      (_, at) => `u${at % 20},i${random.below(30)},${at},${1 + random.below(5)}`,
    );
    writeFileSync(join(folder, 'ratings.csv'), `user,item,timestamp,rating\n${rows.join('\n')}\n`);
    const { id } = await importDataset({ paths: [folder] }, { home });
    const { data, column } = await columnOf('rating', join(home, 'datasets', id), { coldItems: 0.4 });
    expect(data.itemIds.length).toBeLessThan(300);
    expect(textsOf(column)).toEqual(Array.from(data.ratings ?? [], String));
  });

  it('of items count their training interactions', async () => {
    const { data, column } = await columnOf('item_brand');
    expect(data.catalogueItems).toBe(5);
    // a twice and b once; c twice; d never, and without a brand; e once.
    expect(textsOf(column)).toEqual(['Acme', 'Acme', 'Best', '', '?']);
  });

  it('of numbers are buckets of equally many training interactions, and of every number', async () => {
    const { column } = await columnOf('dwell_ms');
    // Training has 10, 30, 10, 20, 50.
    expect(column.values).toEqual(['10', '20', '30', '50']);
    expect(textsOf(column)).toEqual(['10', '', '30', '50', '30', '10', '20', '50', '10', '10']);
  });

  it('do not depend on what is held out', async () => {
    const { data, column } = await columnOf('surface');
    const known = new Int32Array(10);
    known.set([1, 1, 1, 2, 2]);
    const coded = (heldOut: number) => {
      const codes = known.map((code, at) => (at === 3 || at === 4 ? heldOut : code));
      return codedSide(
        { ...data, side: [{ ...column, codes, values: ['a', 'b', 'c'] }] },
        Int32Array.of(3, 8),
      )[0];
    };
    for (const heldOut of [0, 1, 2, 3]) expect(coded(heldOut).values).toEqual(['', 'a']);
    expect(textsOf(coded(3)).slice(0, 5)).toEqual(['a', 'a', 'a', '?', '?']);
  });

  it('name what there is where a name is wrong', async () => {
    await expect(columnOf('surfaces')).rejects.toThrow(
      'config "sideFeatures": data set "mapped" has no column "surfaces" of items or events; it has rating, surface, dwell_ms, moods, brand, title, item_brand, price',
    );
  });
});

it('a long list of numbers is parted at quantiles, and equal numbers stay together', () => {
  const values = Array.from({ length: 200 }, (_, at) => String(at));
  const codes = Int32Array.from({ length: 400 }, (_, at) => (at < 200 ? 1 : at - 199));
  const column: SideColumn = { name: 'n', of: 'event', width: 1, codes, values, numbers: true };
  const data = {
    ...{
      users: 1,
      items: 1,
      catalogueItems: 1,
      offsets: Int32Array.of(0, 400),
      itemIds: new Int32Array(400),
    },
    ...{ times: null, ratings: null, side: [column] },
  };
  const [coded] = codedSide(data, Int32Array.of(400));
  // Half of all is 0: the eight quantiles that it fills are one bucket.
  expect(coded.values).toEqual(['0', ...[1, 25, 50, 75, 100, 125, 150, 175].map(String)]);
  const counts = Map.groupBy(coded.codes, (code) => code);
  expect([...counts.values()].map(({ length }) => length)).toEqual([201, 24, ...Array<number>(7).fill(25)]);
});
