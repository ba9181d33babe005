import { writeSample } from '../src/core/data/sample.ts';
import { expectAccessible, violations } from './fixtures/accessibility.ts';
import { expect, test } from './fixtures/test.ts';

test('runs of the command line are in the window, folded by seed, and can be deleted and brought back', async ({
  app,
  home,
  tessera,
}) => {
  const paths = writeSample(`${home}/sample`, { users: 200, items: 120 });
  tessera('datasets', 'import', ...paths, '--name', 'club');
  for (const seed of ['1', '2'])
    tessera('train', '--dataset', 'club', '--model', 'popularity', '--seed', seed);

  await app.open();
  await expect(app.runs.row('popularity-club')).toContainText('2 seeds');
  await expect(app.runs.row('popularity-club')).toContainText(/0\.\d{4} ± 0\.0000/);
  expect(app.page.url()).not.toContain('token');

  // The arrow keys open a folded row in place; its seeds are rows of their own.
  await app.runs.row('popularity-club').click();
  await app.runs.table.focus();
  await app.page.keyboard.press('ArrowRight');
  await expect(app.runs.row('popularity-club')).toHaveCount(3);
  await expect(app.runs.table).toHaveRole('treegrid');
  await expect(app.runs.row('2 seeds')).toHaveAttribute('aria-expanded', 'true');
  await app.page.keyboard.press('ArrowDown');
  await expect(app.runs.row('popularity-club-seed1')).toHaveAttribute('aria-selected', 'false');
  await app.page.keyboard.press('Space');
  await expect(app.runs.row('popularity-club-seed1')).toHaveAttribute('aria-selected', 'true');
  await app.page.keyboard.press('Shift+ArrowDown');
  await expect(app.page.getByText('2 runs selected')).toBeVisible();
  await expectAccessible(app);
  await app.page.keyboard.press('ArrowLeft');
  await app.page.keyboard.press('ArrowLeft');
  await expect(app.runs.row('popularity-club')).toHaveCount(1);
  await app.runs.row('2 seeds').getByRole('button', { name: 'Open' }).click();
  await expect(app.runs.row('popularity-club')).toHaveCount(3);
  await app.runs.row('popularity-club-seed2').dblclick();
  await expect(app.page.getByRole('heading', { name: 'popularity-club-seed2' })).toBeVisible();
  await app.page.goBack();

  await app.runs.foldSeeds.uncheck();
  await expect(app.runs.row('popularity-club')).toHaveCount(2);
  await app.runs.search.fill('seed2');
  await expect(app.runs.row('popularity-club')).toHaveCount(1);

  await app.runs.row('popularity-club-seed2').click();
  await app.runs.deleteSelected();
  await expect(app.runs.row('popularity-club')).toHaveCount(0);
  await app.messages.getByRole('button', { name: 'Undo' }).click();
  await expect(app.runs.row('popularity-club-seed2')).toHaveCount(1);

  tessera('train', '--dataset', 'club', '--model', 'popularity', '--seed', '3', '--name', 'seed2-again');
  await expect(app.runs.row('seed2-again')).toHaveCount(1);

  for (const theme of ['light', 'dark']) {
    await app.command(`${theme} theme`);
    await expect(app.page.locator(`html[data-theme=${theme}]`)).toBeAttached();
    expect(await violations(app.page)).toEqual([]);
  }
  expect(app.problems).toEqual([]);
});
