import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Filling, tokeniser } from './fixtures/homes.ts';
import { outOfReach } from './fixtures/reach.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

const ranked: Filling = {
  name: 'tokeniser-and-ranked',
  from: tokeniser,
  make: async (tessera) => {
    for (const model of ['popularity', 'itemknn'])
      await tessera('train', '--dataset', 'film-club', '--model', model);
  },
};

test.use({ filled: ranked });

/** 1280 × 800 at 200 %. */
const ZOOMED = { width: 640, height: 400 };

test('at 200 % nothing of a screen is out of reach, and its head scrolls away', async ({ app, home }) => {
  const { page } = app;
  const main = page.getByRole('main');
  await app.open();
  const screen = (name: string) => [name, () => app.command(`Go to ${name}`)] as const;
  const file = join(home, 'visits.csv');
  writeFileSync(file, 'user,item,rating,timestamp\na,1,4,1\na,2,5,2\nb,1,3,3\n');
  const openRun = async () => {
    await app.command('Go to Runs');
    await app.runs.row('itemknn-film-club').dblclick();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('ItemKNN');
  };
  const screens: (readonly [string, () => Promise<unknown>])[] = [
    ...[
      'Home',
      'Runs',
      'Queue',
      'Sweeps',
      'Scaling',
      'Codebooks',
      'Language',
      'Published',
      'Settings',
      'Machines',
      'Trash',
    ].map(screen),
    ['a run', openRun],
    [
      'Recommendations',
      async () => {
        await openRun();
        await app.run.show('Recommendations');
      },
    ],
    [
      'Compare',
      async () => {
        await app.command('Go to Compare');
        await app.compare.chooseRuns('itemknn-film-club', 'popularity-film-club');
        await expect(app.compare.row('ItemKNN')).toContainText(/0\.\d{4}/);
      },
    ],
    [
      'Data set',
      async () => {
        await app.command('Go to Data sets');
        await main.getByRole('link', { name: 'film-club' }).first().click();
        await expect(page.getByRole('img', { name: /Sequence length/ })).toBeVisible();
      },
    ],
    [
      'Import',
      async () => {
        await app.drop(file);
        await expect(page.getByRole('heading', { name: /^Import/ })).toBeVisible();
      },
    ],
    [
      'New run',
      async () => {
        await app.command('Go to Home');
        await pressShortcut(page, 'n');
        await expect(app.newRun.dialog).toContainText('film-club');
      },
    ],
  ];
  for (const [name, open] of screens) {
    await open();
    await page.setViewportSize(ZOOMED);
    await page.waitForLoadState('networkidle');
    await expect.soft.poll(() => outOfReach(page), { message: name, timeout: 5000 }).toEqual([]);
    const stays = await page.evaluate(() => {
      const head = document.querySelector('main h1');
      for (let part: Element | null = head; part && part.tagName !== 'MAIN'; part = part.parentElement)
        if (/sticky|fixed/.test(getComputedStyle(part).position)) return part.className;
      return null;
    });
    expect.soft(stays, `${name}: its head stays`).toBeNull();
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  await page.keyboard.press('Escape');
  // What is cut is found.
  const narrow = 'width: 20px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap';
  const add = (style: string) =>
    document.body.insertAdjacentHTML('beforeend', `<p style="${style}">1,234,567</p>`);
  await page.evaluate(add, narrow);
  expect(await outOfReach(page)).toContain('1,234,567: X P.');
  expect(app.problems).toEqual([]);
});

test('in forced colours the focus and what is chosen are seen, and with reduced motion nothing moves', async ({
  app,
}) => {
  const { page } = app;
  await app.open();
  await expect(app.runs.row('itemknn-film-club')).toBeVisible();
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await page.keyboard.press('Tab');
  const ring = () =>
    page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement as Element);
      return [outlineStyle, Number.parseFloat(outlineWidth) >= 2];
    });
  expect(await ring()).toEqual(['solid', true]);
  const looks = (name: string) =>
    page.getByRole('button', { name }).evaluate((button) => {
      const { color, backgroundColor, borderColor } = getComputedStyle(button);
      return [color, backgroundColor, borderColor].join();
    });
  expect(await looks('Group seeds')).not.toBe(await looks('All runs'));
  // Colours that are data stay: the tile of a model, and what a drawing takes from the theme.
  const tile = await app.runs
    .row('itemknn-film-club')
    .locator('.run-tile')
    .evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(tile).toBe('rgb(163, 132, 0)');
  await pressShortcut(page, 'n');
  await expect(app.newRun.dialog).toBeVisible();
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 1)
      .map((animation) => (animation as CSSAnimation).animationName ?? 'transition'),
  );
  expect(moving).toEqual([]);
  await page.keyboard.press('Escape');
  await app.runs.row('itemknn-film-club').dblclick();
  const underlines = () =>
    page.getByRole('tab').evaluateAll((tabs) => tabs.map((tab) => getComputedStyle(tab).borderBottomStyle));
  await expect.poll(underlines).toContain('solid');
  expect((await underlines()).filter((style) => style === 'solid')).toHaveLength(1);
  expect(app.problems).toEqual([]);
});

test('in a narrow window what goes on behind the edge of a table fades, until its end is in sight', async ({
  app,
}) => {
  await app.page.setViewportSize({ width: 1024, height: 720 });
  await app.open();
  const { table } = app.runs;
  await expect(app.runs.row('itemknn-film-club')).toBeVisible();
  const fade = () => table.evaluate((element) => getComputedStyle(element).getPropertyValue('--fade'));
  await expect.poll(fade).toBe('56px');
  await table.evaluate((element) => {
    element.scrollLeft = element.scrollWidth;
  });
  await expect.poll(fade).toBe('0px');
});

test('in a wide window rows reach the margin, and every cell stands under its head', async ({ app }) => {
  const { page } = app;
  await page.setViewportSize({ width: 2560, height: 1000 });
  await app.open();
  await expect(app.runs.row('itemknn-film-club')).toBeVisible();
  const edges = () =>
    app.runs.table.evaluate((table) => {
      const row = table.querySelector('tr[aria-selected]') as HTMLElement;
      const left = (cells: Iterable<Element>) => [...cells].map((cell) => cell.getBoundingClientRect().left);
      return {
        heads: left(table.querySelectorAll('thead th')),
        cells: left(row.children),
        short: table.getBoundingClientRect().right - row.getBoundingClientRect().right,
      };
    });
  const { heads, cells, short } = await edges();
  expect(cells).toEqual(heads);
  expect(short).toBeLessThanOrEqual(1);
});
