import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { expect, test } from './fixtures/test.ts';
import { DatasetsPage } from './pages/datasets.ts';
import { choose } from './pages/select.ts';

/** 4,000 rows of 200 users and 80 adverts, some of them new on the last days; what is clicked depends on all of it. */
function clicksFile(home: string): string {
  const rows = Array.from({ length: 4000 }, (_, at) => {
    const [user, noise] = [(at * 37) % 200, (at * 7919) % 100];
    const advert = at < 3200 ? (at * 13) % 60 : (at * 13) % 80;
    const chance = 15 + (user % 4) * 15 + (advert % 5) * 8;
    const price = ((advert * 31) % 97) + 0.5;
    return `${noise < chance ? 1 : 0},u${user},a${advert},${['web', 'app', 'mail'][at % 3]},${price},${1_600_000_000 + 60 * at}`;
  });
  const path = join(home, 'adverts.csv');
  writeFileSync(path, `click,user_id,item_id,place,price,timestamp\n${rows.join('\n')}\n`);
  return path;
}

test('a click log is imported with its roles, and ranking runs on it are looked at from every side', async ({
  app,
  home,
  tessera,
}) => {
  const { page, compare } = app;
  const datasets = new DatasetsPage(page);
  await app.open();
  await datasets.open();
  await app.drop(clicksFile(home));
  const meaning = (column: string) => page.getByLabel(`Meaning of ${column}`);
  await expect(meaning('click')).toHaveAttribute('data-choice', 'label');
  await expect(meaning('price')).toHaveAttribute('data-choice', 'dense');
  await expect(meaning('place')).toHaveAttribute('data-choice', 'categorical');
  await choose(meaning('price'), 'Not used');
  await expect(meaning('price')).toHaveAttribute('data-choice', 'ignore');
  await choose(meaning('price'), 'Number');
  await expect(page.getByRole('region', { name: 'Result after filters' })).toContainText('4,000');
  await expectAccessible(app);
  await app.import.name('adverts');
  await app.import.start();
  await expect(page.getByRole('heading', { name: 'adverts', level: 1 })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Columns' })).toContainText('Category');
  await expect(datasets.statistics).toContainText('4,000');
  await expectAccessible(app);

  for (const representation of ['id', 'hash']) {
    await tessera(
      ...['train', '--dataset', 'adverts', '--model', 'dlrm', '--name', `by-${representation}`],
      ...['--set', 'bottom="16"', '--set', 'top="16"', '--set', 'epochs=2', '--set', 'batchSize=256'],
      ...['--set', `itemRepresentation=${representation}`, '--set', 'itemRows=20', '--set', 'dim=8'],
    );
  }
  await app.command('Go to Runs');
  await app.runs.row('by-hash').dblclick();
  await app.run.show('Results');
  await expect(page.getByRole('table', { name: 'Metrics' })).toContainText('AUC');
  await app.run.show('Calibration');
  await expect(page.getByRole('img', { name: /Predicted against observed clicks of by-hash/ })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Bins' }).getByRole('row')).not.toHaveCount(1);
  await expect(page.getByRole('tab', { name: 'Recommendations' })).toHaveCount(0);
  await expectAccessible(app);
  await app.run.show('Slices');
  const own = page.getByRole('treegrid', { name: 'AUC by slice' });
  await expect(own.getByRole('row', { name: /^All rows/ })).toContainText(/0\.\d{4} \[0\.\d{4}, 0\.\d{4}\]/);
  await expect(own).toContainText('items without a training row');
  await expectAccessible(app);

  await app.command('Go to Compare');
  await compare.chooseRuns('by-id', 'by-hash');
  await expect(compare.row('by-hash')).toContainText(/0\.\d{4}.*[+−]\d/);
  await expect(compare.warnings).toHaveCount(0);
  await compare.show('Differences');
  await expect(page.getByText("DeLong's test and interval")).toBeVisible();
  await compare.show('Calibration');
  await expect(page.getByRole('img', { name: /of by-id, by-hash/ })).toBeVisible();
  await expectAccessible(app);
  await compare.show('Slices');
  const slices = page.getByRole('treegrid', { name: 'AUC by slice' });
  // Where the table is wider than the window, what a row is stays in place.
  await page.setViewportSize({ width: 480, height: 800 });
  const places = await slices.evaluate((table) => {
    const first = table.querySelector('tbody [data-pinned]');
    const next = first?.nextElementSibling;
    const lefts = () => [first, next].map((cell) => cell?.getBoundingClientRect().left ?? 0);
    const before = lefts();
    let box: Element | null = table;
    while (box && (box.scrollWidth <= box.clientWidth || getComputedStyle(box).overflowX === 'visible')) {
      box = box.parentElement;
    }
    box?.scrollTo({ left: box.scrollWidth });
    return { before, after: lefts() };
  });
  expect(places.after[0]).toBe(places.before[0]);
  expect(places.after[1]).toBeLessThan(places.before[1]);
  await page.setViewportSize({ width: 1280, height: 800 });
  await slices.getByRole('row', { name: /^All rows/ }).click();
  const figure = page.getByRole('img', { name: 'All rows: difference from by-id' });
  await expect(figure).toBeVisible();
  const shown = await figure.evaluate((drawn) => {
    const words = [...drawn.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
    const meets = (one: DOMRect, other: DOMRect) =>
      one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
    return {
      words: words.length,
      overprinted: words.some((one, at) => words.slice(at + 1).some((other) => meets(one, other))),
    };
  });
  expect(shown.words).toBeGreaterThan(2);
  expect(shown.overprinted).toBe(false);
  await compare.show('Cold start');
  const cold = page.getByRole('table', { name: /by training rows of the item/ });
  await expect(cold.getByRole('row').nth(1)).toContainText(/^id.*by-id.*\[0\.\d{4}, /);
  await expect(cold.getByRole('row').nth(2)).toContainText('hash');
  await expect(cold).toContainText(/unseen \(\d+ rows\)/);
  expect(await compare.copied('CSV')).toContain('hash,by-hash');
  await expectAccessible(app);
  expect(app.problems).toEqual([]);
});
