import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { showTheme, THEMES, violations } from './fixtures/accessibility.ts';
import { expect, test } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { pressShortcut } from './pages/keys.ts';
import { QueuePage } from './pages/queue.ts';
import { SettingsPage } from './pages/settings.ts';

/** What is in the window now is without a violation that axe finds, in either theme. */
async function check({ page }: App, name: string): Promise<void> {
  // The preview of a report lets no script in, axe's neither, and axe would wait for it.
  await page.locator('iframe').evaluateAll((frames) => {
    for (const frame of frames) frame.remove();
  });
  for (const [theme, rules] of THEMES) {
    await showTheme(page, theme);
    expect.soft(await violations(page, rules), `${name}, ${theme}`).toEqual([]);
  }
}

test('every screen is accessible in both themes', async ({ app, home, tessera }) => {
  const { page } = app;
  await app.open('home');
  await expect(page.getByRole('heading', { name: 'Start with a data set' })).toBeVisible();
  await expect(page.getByText(/processor threads?, .* memory/).last()).toBeVisible();
  await check(app, 'home-first');
  for (const empty of [
    'Plans',
    'Runs',
    'Compare',
    'Data sets',
    'Queue',
    'Sweeps',
    'Scaling',
    'Published',
    'Machines',
    'Settings',
  ]) {
    await app.command(`Go to ${empty}`);
    await expect(page.getByRole('heading', { name: empty, level: 1 })).toBeVisible();
    await page.waitForLoadState('networkidle');
    if (empty === 'Published') await expect(page.getByRole('main')).toContainText(/0\.\d{4}/);
    if (empty === 'Settings') await expect(page.getByRole('radio', { name: /^CPU/ })).toBeVisible();
    const name = empty.toLowerCase().replace(' ', '-');
    await check(app, ['Published', 'Settings'].includes(empty) ? name : `${name}-empty`);
  }
  const settings = new SettingsPage(page);
  // It has the homes of specs, and can be written by whoever runs them.
  await settings.askForFolder(tmpdir());
  await expect(settings.dialog.getByRole('alert')).toContainText('not empty');
  await check(app, 'data-folder');
  await page.keyboard.press('Escape');
  await expect(settings.dialog).toHaveCount(0);
  await app.command('Show the log of Tessera');
  await expect(page.getByRole('grid', { name: 'Log' })).toContainText('opened: Tessera');
  await check(app, 'log');

  const files = writeSample(join(home, 'film-club'), { users: 600, items: 300 });
  await app.drop(...files);
  await app.import.remaining('Users');
  await check(app, 'import');
  await app.import.name('film-club');
  await app.import.start();
  await expect(page.getByRole('heading', { name: 'film-club', level: 1 })).toBeVisible();
  await expect(page.getByRole('img', { name: /Sequence length/ })).toBeVisible();
  await check(app, 'data-set');
  await page.getByRole('tab', { name: 'Items' }).click();
  await expect(page.getByRole('grid', { name: 'Items' }).getByRole('row').nth(5)).toBeVisible();
  await check(app, 'data-set-items');
  await app.command('Go to Data sets');
  await expect(page.getByRole('grid', { name: 'Data sets' })).toBeVisible();
  await check(app, 'data-sets');

  const train = (...options: string[]) => tessera('train', '--dataset', 'film-club', ...options);
  await train('--model', 'popularity');
  await train('--model', 'itemknn');
  await train('--model', 'ease');
  for (const seed of ['1', '2']) {
    await train('--model', 'bprmf', '--set', 'epochs=5', '--set', 'dim=32', '--seed', seed);
    await train('--model', 'sasrec', '--set', 'epochs=3', '--set', 'dim=32', '--seed', seed);
  }
  await app.command('Go to Runs');
  await expect(app.runs.row('sasrec')).toContainText(/0\.\d{4} ± /);
  await check(app, 'runs');
  await app.runs.row('sasrec').getByRole('button', { name: 'Open' }).click();
  await expect(app.runs.row('sasrec-film-club-seed2')).toContainText(/0\.\d{4}/);
  await check(app, 'runs-seeds');
  await app.runs.row('2 seeds').first().getByRole('button', { name: 'Close' }).click();
  await expect(app.runs.row('sasrec')).toHaveCount(1);

  await pressShortcut(page, 'n');
  await app.newRun.fill({ model: 'sasrec', seeds: '4-5', config: { Epochs: '60' } });
  await expect(app.newRun.estimate).toContainText('Parameters');
  await check(app, 'new-run');
  await app.newRun.start();
  await app.command('Go to Home');
  await expect(page.getByRole('table')).toContainText(/0\.\d{4}/);
  await expect(page.getByRole('region', { name: 'Running' }).getByRole('progressbar')).toBeVisible();
  await expect(page.getByRole('img', { name: /by step/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Running' })).toContainText(/Done (about|between) \d\d:\d\d/);
  await expect(page.getByRole('img', { name: /configurations on film-club/ })).toBeVisible();
  await expect(app.messages.getByRole('listitem')).toHaveCount(0);
  await check(app, 'home');
  await app.command('Go to Queue');
  await expect(page.getByRole('region', { name: 'Running' }).getByRole('progressbar')).toBeVisible();
  await check(app, 'queue');
  // Seen, they would train beside all that follows: the one that waits is cancelled first.
  const queue = new QueuePage(page);
  for (const seed of [5, 4]) await queue.button(new RegExp(`^Cancel SASRec.* seed ${seed}$`)).click();
  await expect(queue.list('Running').getByRole('progressbar')).toHaveCount(0);

  await app.command('Go to Runs');
  await app.runs.foldSeeds.uncheck();
  await app.runs.row('sasrec-film-club-seed1').dblclick();
  await expect(page.getByRole('link', { name: 'Against EASE' })).toBeVisible();
  await app.run.eachView((name) => check(app, name));

  await app.command('Go to Runs');
  await app.runs.foldSeeds.check();
  await expect(app.runs.row('bprmf').getByTitle('2 seeds')).toBeVisible();
  await app.runs.row('bprmf').click();
  for (const model of ['popularity', 'itemknn', 'ease', 'sasrec-film-club']) {
    await app.runs
      .row(model)
      .last()
      .click({ modifiers: ['ControlOrMeta'] });
  }
  await pressShortcut(page, 'c');
  await expect(app.compare.row('bprmf')).toContainText(/0\.\d{4}/);
  await app.compare.eachView((name) => check(app, name));
  await app.compare.show('Metrics');
  await app.compare.openReport();
  await app.compare.choose('HTML, one file', 'html');
  await check(app, 'report');
  await app.compare.closeReport();
  await app.command('Go to Home');
  await page
    .getByRole('region', { name: 'Continue' })
    .getByRole('button', { name: /^Compare \d+ runs$/ })
    .click();
  await expect(app.compare.row('bprmf')).toContainText(/0\.\d{4}/);

  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Command' }).fill('go');
  await check(app, 'commands');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await check(app, 'shortcuts');
});
