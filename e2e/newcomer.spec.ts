import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { some } from '../test/form.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { expect, test } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { Clicks } from './pages/clicks.ts';

test.use({ filled: null });

/** From the page of a data set to a comparison of starter models, once `awaited` of them have results. */
async function compareStarters(app: App, clicks: Clicks, ...awaited: string[]): Promise<void> {
  // Its time stands behind it.
  await clicks.press(/^Compare starter models/);
  for (const model of awaited) {
    await expect(app.compare.row(model)).toContainText(/0\.\d{4}/);
  }
}

/** Saves the report of the comparison that is shown. */
async function report(app: App, clicks: Clicks): Promise<string> {
  await clicks.press('Report');
  return app.shell.saved(() => clicks.press('Save'));
}

async function openSample(app: App): Promise<void> {
  await app.open('home');
  await expectAccessible(app);
  const clicks = new Clicks(app);
  const answered = app.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let pressed = 0;
        addEventListener('click', () => (pressed = performance.now()), { capture: true, once: true });
        new MutationObserver((_, observer) => {
          if (!document.querySelector('button[aria-busy="true"]')) return;
          observer.disconnect();
          resolve(performance.now() - pressed);
        }).observe(document.body, { attributes: true, subtree: true });
      }),
  );
  await clicks.press('Open the sample');
  expect(await answered).toBeLessThan(100);
  await compareStarters(app, clicks, 'popularity', 'itemknn', 'ease');
  expect(readFileSync(await report(app, clicks), 'utf8')).toContain('EASE');
  expect(clicks.count).toBeLessThanOrEqual(4);
  await app.open('home');
  await expect(app.page.getByRole('region', { name: 'Best by data set' })).toContainText(/0\.\d{4}/);
  await expectAccessible(app);
  await app.page
    .getByRole('region', { name: 'Best by data set' })
    .getByRole('link', { name: 'sample' })
    .click();
  const leaderboard = app.page.getByRole('table', { name: 'Leaderboard' });
  await expect(leaderboard.getByRole('columnheader', { name: 'NDCG@10 on validation items' })).toBeVisible();
  await expect(leaderboard.getByRole('row', { name: /EASE.*(0\.\d{4}.*){4}/ })).toBeVisible();
  expect(app.problems).toEqual([]);
}

async function dropFolder(app: App, home: string): Promise<void> {
  writeSample(join(home, 'club'), { users: 60, items: 60 });
  await app.open('home');
  await app.drop(join(home, 'club'));
  await app.import.remaining('Users');
  const clicks = new Clicks(app);
  await clicks.press('Import');
  await compareStarters(app, clicks, 'popularity', 'itemknn', 'ease', 'sasrec');
  await report(app, clicks);
  expect(clicks.count).toBeLessThanOrEqual(4);
  expect(app.problems).toEqual([]);
}

test('a folder that is chosen is three clicks away from a comparison', async ({ app, home }) => {
  writeSample(join(home, 'club'), { users: 60, items: 60 });
  await app.open('home');
  const clicks = new Clicks(app);
  await clicks.choose('Import a folder', join(home, 'club'));
  await app.import.remaining('Users');
  await clicks.press('Import');
  await compareStarters(app, clicks, 'popularity', 'itemknn', 'ease');
  expect(clicks.count).toBeLessThanOrEqual(3);
  expect(app.problems).toEqual([]);
});

const BEGINNINGS = [
  ['a newcomer gets from the first launch to a report of the sample set in four clicks', openSample],
  ['a dropped folder is four clicks away from a report', dropFolder],
] as const;

for (const [title, begin] of some(BEGINNINGS, 1)) {
  test(title, ({ app, home }) => begin(app, home));
}
