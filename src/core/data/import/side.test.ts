import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { readAllItemCards } from '../read.ts';
import { importDataset } from './import.ts';
import { previewImport } from './preview.ts';

/** Visits of 250 items, whose prices are numbers as far as the beginning of the file goes. */
function shop(): string[] {
  const home = temporaryHome();
  const write = (name: string, lines: string[]) => {
    const path = join(home, name);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  const items = Array.from({ length: 250 }, (_, item) => item);
  const prices = items.map((item) => (item === 240 ? 'sold out' : item === 241 ? 'NaN' : `${item}.5`));
  return [
    write('visits.csv', ['user,item', ...items.map((item) => `u${item % 10},i${item}`)]),
    write('items.csv', [
      'item,title,price,kinds',
      ...items.map(
        (item) => `i${item},Tom &amp; Jerry&#39;s &eacute;t&#xe9; ${item},${prices[item]},A&amp;B|C&#124;`,
      ),
    ]),
  ];
}

it('decodes the entities of HTML in titles and side columns, once', async () => {
  const paths = shop();
  writeFileSync(paths[1], 'i250,&amp;lt; AT&T &unknown; &amp,1,x\n', { flag: 'a' });
  const { files } = await previewImport(paths);
  expect(files[1].rows[0]).toEqual(['i0', "Tom & Jerry's été 0", '0.5', 'A&B|C&#124;']);
  const home = temporaryHome();
  const { id } = await importDataset({ paths }, { home });
  const cards = await readAllItemCards(join(home, 'datasets', id));
  const found = Object.fromEntries(cards.map((card) => [card.originalId, card]));
  expect(found.i7).toMatchObject({ title: "Tom & Jerry's été 7", side: { kinds: 'A&B|C&#124;' } });
  expect(found.i250.title).toBe('&lt; AT&T &unknown; &amp');
});

it('says which columns are categories though they look like numbers', async () => {
  const paths = shop();
  const { files } = await previewImport(paths);
  expect(files[1].side?.price).toBe('dense');
  const { side, mixed } = await importDataset({ paths }, { home: temporaryHome() });
  expect(side?.item.price).toBe('categorical');
  const price = { name: 'price', file: paths[1], column: 'price' };
  expect(mixed).toEqual([{ ...price, values: 249, others: 1, example: 'sold out' }]);
});

it('refuses a file of items with more columns than it could read in time, in one line', async () => {
  const [visits, items] = shop();
  const columns = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`);
  writeFileSync(items, `item,${columns(2000).join(',')}\ni0,${columns(2000).join(',')}\n`);
  await expect(previewImport([visits, items])).rejects.toThrow(
    `${items}:1: 2001 columns; a file of items may have 2000: write one with fewer`,
  );
});

it('has titles only where one is given', async () => {
  const paths = shop();
  const [head] = readFileSync(paths[1], 'utf8').split('\n');
  const rows = (title: string) => Array.from({ length: 250 }, (_, item) => `i${item},${title},1,x`);
  const titled = async (lines: string[]) => {
    writeFileSync(paths[1], `${lines.join('\n')}\n`);
    return (await importDataset({ paths }, { home: temporaryHome() })).statistics.hasTitles;
  };
  expect(await titled([head, ...rows(' ')])).toBe(false);
  expect(await titled([head, ...rows('').slice(1), 'i0,One,1,x'])).toBe(true);
});

it('says where ids of items in two files match nothing: then no item has a title', async () => {
  const [visits, items] = shop();
  const statistics = async () =>
    (await importDataset({ paths: [visits, items] }, { home: temporaryHome() })).statistics;
  expect(await statistics()).toMatchObject({ items: 250, described: 250, hasTitles: true });
  writeFileSync(items, readFileSync(items, 'utf8').replaceAll(/^i(?=\d)/gm, 'x'));
  expect(await statistics()).toMatchObject({ items: 250, described: 0, hasTitles: false });
});
