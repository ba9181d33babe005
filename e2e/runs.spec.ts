import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible, violations } from './fixtures/accessibility.ts';
import { twoSeeds } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

test.use({ filled: twoSeeds });

test('runs of the command line are in the window, folded by seed, and can be deleted and brought back', async ({
  app,
  tessera,
}) => {
  const train = (...options: string[]) =>
    tessera('train', '--dataset', 'club', '--model', 'popularity', ...options);
  await app.open();
  await expect(app.runs.row('popularity-club').getByTitle('2 seeds')).toHaveText('2');
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
  await expect(app.page.getByText('2 selected')).toBeVisible();
  await expectAccessible(app);
  await app.page.keyboard.press('ArrowLeft');
  await app.page.keyboard.press('ArrowLeft');
  await expect(app.runs.row('popularity-club')).toHaveCount(1);
  await app.runs.row('2 seeds').getByRole('button', { name: 'Open' }).click();
  await expect(app.runs.row('popularity-club')).toHaveCount(3);
  await app.runs.row('popularity-club-seed2').dblclick();
  await expect(app.page.getByRole('heading', { name: 'Popularity on club, seed 2' })).toBeVisible();
  await pressShortcut(app.page, 'F2');
  await expect(app.page.getByRole('textbox', { name: 'Name of the run' })).toHaveValue(/seed2$/);
  await app.page.keyboard.press('Escape');
  await app.page.goBack();

  await app.runs.foldSeeds.uncheck();
  await expect(app.runs.row('popularity-club')).toHaveCount(2);
  await app.runs.search.fill('seed2');
  await expect(app.runs.row('popularity-club')).toHaveCount(1);

  await app.runs.row('popularity-club-seed2').click();
  await app.runs.deleteSelected();
  await expect(app.runs.row('popularity-club')).toHaveCount(0);
  await app.undo('to the trash').click();
  await expect(app.runs.row('popularity-club-seed2')).toHaveCount(1);

  // What a saved comparison shows is asked about; the trash keeps it, longer than its toast.
  await app.runs.row('popularity-club-seed2').click();
  await pressShortcut(app.page, 'c');
  await (await app.compare.name('Club')).getByRole('button', { name: 'Save' }).click();
  await app.page.goBack();
  await app.runs.row('popularity-club-seed2').click();
  await app.runs.deleteSelected();
  const question = app.page.getByRole('dialog', { name: 'Delete 1 run?' });
  await expect(question).toContainText('Shown in saved comparisons: Club.');
  await expectAccessible(app);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(app.runs.row('popularity-club-seed2')).toHaveCount(1);
  await app.runs.deleteSelected();
  await question.getByRole('button', { name: 'Delete' }).click();
  await app.command('Go to Trash');
  const trash = app.page.getByRole('grid', { name: 'Trash' });
  await trash.getByRole('row').filter({ hasText: 'popularity-club-seed2' }).click();
  await expectAccessible(app);
  await app.page.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(app.page.getByText('The trash is empty')).toBeVisible();
  await pressShortcut(app.page, 'g', 'r');
  await app.runs.search.fill('seed2');
  await expect(app.runs.row('popularity-club-seed2')).toHaveCount(1);

  await train('--seed', '3', '--name', 'seed2-again');
  await expect(app.runs.row('seed2-again')).toHaveCount(1);
  await app.runs.search.fill('');
  await expect(app.runs.rows).toHaveCount(3);

  // Runs are moved to a project that is made on the way, which the sidebar leads to.
  await app.runs.move('popularity-club-seed1', 'Baselines');
  await app.sidebar.getByRole('link', { name: 'Baselines' }).click();
  await expect(app.runs.row('popularity-club')).toHaveCount(1);
  await app.runs.project('Edit name and description');
  await app.page.getByLabel('Description').fill('What others must beat');
  await app.page.getByRole('button', { name: 'Save' }).click();
  await expect(app.page.getByText('What others must beat')).toBeVisible();
  // What is started here is put in it.
  await pressShortcut(app.page, 'n');
  await expect(app.newRun.command).toHaveAttribute('title', /--project Baselines/);
  await app.newRun.fill({ model: 'popularity', seeds: '4' });
  await app.newRun.start();
  await expect(app.runs.row('popularity-club-seed4')).toContainText('Completed');
  await train('--seed', '5', '--project', 'Baselines');
  await expect(app.runs.row('popularity-club')).toHaveCount(3);
  await app.runs.project('Report of the project');
  await expect(app.compare.report.getByLabel('Title')).toHaveValue('Baselines');
  await expect(app.compare.report.getByLabel('Conclusion')).toHaveValue('What others must beat');
  await app.compare.closeReport();
  await expect(app.page).not.toHaveURL(/report=/);
  await app.command('baselines');
  await expect(app.runs.row('popularity-club')).toHaveCount(3);
  await app.runs.project('Delete Baselines');
  await expect(app.sidebar.getByRole('link', { name: 'Baselines' })).toHaveCount(0);
  await expect(app.runs.rows).toHaveCount(5);
  await app.undo('Deleted the project Baselines').click();
  await expect(app.runs.row('popularity-club')).toHaveCount(3);
  await app.runs.project('All projects');
  await app.runs.group('Project');
  await expect(app.runs.heading('Project: Baselines')).toBeVisible();
  await app.runs.row('popularity-club-seed1').click();
  await pressShortcut(app.page, 'm');
  const project = app.page.getByRole('dialog').getByLabel('Project');
  await expect(project).toHaveValue('Baselines');
  await project.fill('');
  await app.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await app.undo('from their project').click();
  await app.runs.project('Baselines');
  await expect(app.runs.row('popularity-club')).toHaveCount(3);

  for (const theme of ['light', 'dark']) {
    await app.command(`${theme} theme`);
    await expect(app.page.locator(`html[data-theme=${theme}]`)).toBeAttached();
    expect(await violations(app.page)).toEqual([]);
  }
  expect(app.problems).toEqual([]);
});

test('a trained model is exported as ONNX, and one without a graph says why it is not', async ({
  app,
  home,
  tessera,
}) => {
  const { page, runs } = app;
  await tessera('train', '--dataset', 'club', '--model', 'ease', '--name', 'linear');
  await app.open();
  await runs.row('linear').dblclick();
  await expect(page.getByRole('button', { name: 'More', exact: true })).toBeVisible();
  await app.command('Export this model as ONNX');
  const dialog = page.getByRole('dialog', { name: 'Export linear as ONNX' });
  await expectAccessible(app);
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByText('Exported linear')).toBeVisible();
  await expect(dialog).toBeHidden();
  const files = ['example.py', 'inputs.json', 'model.onnx', 'vocabulary.csv'];
  expect(readdirSync(join(home, 'exports', 'linear-onnx')).toSorted()).toEqual(files);

  await app.command('Go to Runs');
  await runs.foldSeeds.uncheck();
  await runs.row('popularity-club-seed2').dblclick();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  const choice = page.getByRole('menuitem', { name: 'Export this model as ONNX' });
  await expect(choice).toBeDisabled();
  await expect(choice).toContainText('Popularity cannot be written as ONNX');
  expect(app.problems).toEqual([]);
});
