import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { type Filling, sample } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import { choose } from './pages/select.ts';

const VIEWS = ['Metrics', 'Differences', 'Configs', 'Curves', 'Slices', 'Scatter', 'Parallel coordinates'];

/** Two data sets, so that protocols differ; the first has a name that published results exist for. */
const twoClubs: Filling = {
  name: 'two-clubs',
  make: async (tessera, home) => {
    for (const [at, name] of ['beauty-club', 'other-club'].entries())
      await sample(name, { users: 400, items: 120, seed: at + 1 })(tessera, join(home, name));
    const train = (dataset: string, model: string, seed: number, ...rest: string[]) =>
      tessera('train', '--dataset', dataset, '--model', model, '--seed', String(seed), ...rest);
    for (const seed of [1, 2]) {
      await train('beauty-club', 'popularity', seed);
      await train('beauty-club', 'bprmf', seed, '--set', 'epochs=3', '--set', 'dim=16');
    }
    await train('beauty-club', 'sasrec', 1, '--set', 'epochs=1', '--set', 'dim=16');
    await train('other-club', 'popularity', 1);
  },
};

test.use({ filled: twoClubs });
test.beforeEach(({ app }) => app.open());

test('runs are compared with a pinned baseline, from every side', async ({ app }) => {
  const { compare, page } = app;
  await app.command('Go to Compare');
  await expect(page.getByRole('link', { name: 'Compare the models on beauty-club' })).toBeVisible();
  await expectAccessible(app);
  await compare.chooseRuns('popularity-beauty-club', 'bprmf-beauty-club', 'sasrec-beauty-club');
  await expect(compare.warnings).toHaveCount(0);
  // Unless another is chosen, the model that most others are compared with is the baseline.
  await expect(compare.row('SASRec Baseline')).toHaveCount(1);
  await compare.pin('Popularity');
  await expect(compare.row('Popularity Baseline')).toHaveCount(1);
  await expect(compare.row('BPRMF')).toContainText(
    /0\.\d{4}.*± 0\.\d{4}.*[+−]0\.\d{4}.*\[[+−]0\.\d{4}, [+−]0\.\d{4}\].*(Better|Worse|Not significant)/,
  );
  await expect(compare.verdict).toContainText(/Popularity/);
  await expect(page.getByRole('img', { name: /^Validation NDCG@10: .*; by epoch$/ })).toBeVisible();
  await expect(page.getByRole('img', { name: /^\S+ − \S+ by popularity of the item$/ })).toBeVisible();
  // A row is called here what its user calls it, until its name is emptied.
  await compare.row('SASRec').click();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Name of the row' }).fill('Ours');
  await page.keyboard.press('Enter');
  await expect(compare.row('Ours')).toHaveCount(1);
  await expect(compare.row('SASRec')).toHaveCount(0);
  await expect(page).toHaveURL(/labels=.*Ours/);
  await compare.row('Ours').click();
  await page.keyboard.press('F2');
  await page.getByRole('textbox', { name: 'Name of the row' }).fill('');
  await page.keyboard.press('Enter');
  await expect(compare.row('SASRec')).toHaveCount(1);
  const table = await compare.copied('CSV');
  expect(table.split('\r\n')[0]).toMatch(/^Run,Name,Seeds,NDCG@10,NDCG@10 ±,NDCG@10 Δ,NDCG@10 Δ %/);
  expect(table).toMatch(/^Popularity \(baseline\),popularity-beauty-club,1 2,/m);

  await compare.show('Differences');
  const differences = page.getByRole('table', { name: 'Differences' });
  await expect(differences.getByRole('row').filter({ hasText: 'BPRMF' }).first()).toContainText(
    /\d+ \/ \d+ \/ \d+/,
  );
  const intervals = page.getByRole('img', { name: /difference to Popularity.*95 % interval, 2 runs/ });
  await expect(intervals.first()).toBeVisible();
  expect(await compare.copied('LaTeX')).toContain('\\toprule');

  await compare.show('Configs');
  const configs = page.getByRole('table', { name: 'Configs' });
  await expect(configs.getByRole('row', { name: /^epochs / })).toContainText(/3.*1/);
  // What a row alone has is apart.
  await expect(configs.getByRole('row', { name: /^dim / })).toHaveCount(0);
  const differing = await configs.getByRole('row').count();
  await page.getByRole('checkbox', { name: 'Only what differs' }).uncheck();
  await expect.poll(() => configs.getByRole('row').count()).toBeGreaterThan(differing);

  await compare.show('Curves');
  await choose(page.getByRole('combobox', { name: 'Horizontal axis' }), 'time');
  await page.getByRole('slider', { name: 'Smoothing' }).fill('0.05');
  await expect(page.getByRole('img', { name: /since the start/ })).toBeVisible();

  await compare.show('Slices');
  const slices = page.getByRole('treegrid', { name: 'NDCG@10 by slice' });
  await expect(slices.getByRole('row', { name: /By popularity of the item/ })).toBeVisible();
  const head = slices.getByRole('row', { name: /^Head/ });
  await expect(head.getByTitle(/\(95 % interval [+−]0\.\d{4} to [+−]0\.\d{4}\), p /).first()).toBeVisible();
  await expect(compare.verdict).toContainText(/leads|No run is better than/);
  // The chosen slice is drawn below, by keys too.
  await head.click();
  await expect(page.getByRole('img', { name: 'Head: difference from Popularity' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(slices.getByRole('row', { name: /^Torso/ })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('img', { name: /^Where each NDCG@10 comes from/ })).toBeVisible();

  await compare.show('Published');
  const beside = page.getByRole('table', { name: 'NDCG@10 published and ours' });
  await expect(beside.getByRole('row', { name: /^SASRec/ })).toContainText(/[+−]0\.\d{4} [+−]\d+\.\d %/);
  await expect(beside.getByRole('row', { name: /^BPRMF/ })).toContainText('not published');

  await compare.show('Scatter');
  const svg = readFileSync(await app.shell.saved(() => compare.saveChart('SVG')), 'utf8');
  expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).toContain('BPRMF');
  await page.getByRole('button', { name: /^Full screen of / }).click();
  const full = page.getByRole('dialog', { name: / against / });
  const chart = full.getByRole('img', { name: / against / });
  // The window is 800 pixels high.
  await expect.poll(async () => (await chart.boundingBox())?.height).toBeGreaterThan(650);
  // A message under the pointer would stay, and hide what is below it.
  await expect(page.locator('.toast')).toHaveCount(0);
  // A chart that is drawn again under a resting pointer shows no tooltip until the pointer moves.
  await expect(async () => {
    await compare.pointAt(chart.locator('title', { hasText: 'BPRMF' }));
    await expect(page.locator('.scene-tip')).toContainText(/^BPRMF.*Time \(s\) [\d.]+, NDCG@10 0\.\d+$/s, {
      timeout: 1000,
    });
  }).toPass();
  await expectAccessible(app);
  await page.keyboard.press('Escape');
  await expect(full).toHaveCount(0);
  await expect(chart).toHaveCount(0);
  expect((await page.getByRole('img', { name: / against / }).boundingBox())?.height).toBeLessThan(500);

  await compare.show('Parallel coordinates');
  const png = readFileSync(await app.shell.saved(() => compare.saveChart('PNG')));
  expect(png.subarray(1, 4).toString()).toBe('PNG');

  await page.reload();
  await expect(page.getByRole('tab', { name: 'Parallel coordinates' })).toHaveAttribute(
    'data-state',
    'active',
  );

  // Of the two that the verdict is about, one lacks seeds; those that are added join the row.
  await compare.show('Metrics');
  await compare.verdict.getByRole('button', { name: /^add [12]/ }).click();
  await expect(compare.verdict.getByRole('button', { name: /^add/ })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'In progress' })).toBeVisible();
  await expect(compare.table.getByRole('gridcell', { name: '3', exact: true })).toBeVisible();
  expect(app.problems).toEqual([]);
});

test('what differs is said where runs were not measured alike, and every view is accessible', async ({
  app,
}) => {
  const { compare, page } = app;
  await app.command('Go to Compare');
  await compare.chooseRuns('popularity-beauty-club', 'bprmf-beauty-club', 'popularity-other-club');
  await expect(compare.warnings).toHaveCount(0);
  await expect(compare.verdict).toContainText('Two protocols: not compared with each other');
  await expect(compare.row('Popularity other-club')).not.toContainText('[');
  for (const view of VIEWS) {
    await compare.show(view);
    await expectAccessible(app);
  }

  const saving = await compare.name(' ', 'Not to be compared');
  await expect(saving.getByRole('alert')).toHaveText('Enter a name');
  await saving.getByLabel('Name', { exact: true }).fill('Two data sets');
  await saving.getByLabel('Name', { exact: true }).press('Enter');
  await expect(saving).toHaveCount(0);
  await compare.show('Metrics');
  await compare.chooseRuns('sasrec-beauty-club');
  const taken = await compare.name('Two data sets');
  await expect(taken.getByRole('alert')).toContainText('Replaces the comparison of 5 runs');
  await expectAccessible(app);
  await taken.getByRole('button', { name: 'Replace' }).click();
  // The list of saved comparisons is asked for again after each change: both changes must have reached it.
  const current = page.getByRole('button', { name: 'Saved comparisons' });
  await expect(current).toHaveText('Two data sets');
  await app.undo('Replaced the comparison').click();
  await expect(current).toHaveText('Saved');
  const kept = await compare.openSaved();
  await kept.getByRole('menuitem', { name: 'Two data sets', exact: true }).click();
  await expect(compare.row('Popularity other-club')).toHaveCount(1);
  await expect(compare.row('SASRec')).toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect(current).toHaveText('Saved');
  await (await compare.openSaved()).getByRole('menuitem', { name: 'Two data sets', exact: true }).click();
  await expect(compare.row('SASRec')).toHaveCount(1);
  await (await compare.openSaved()).getByRole('menuitem', { name: 'Delete Two data sets' }).click();
  await expect((await compare.openSaved()).getByRole('menuitem')).toHaveText(['Save this comparison']);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(current).toHaveText('Two data sets');
  await page.goBack();
  await expect(compare.row('SASRec')).toHaveCount(0);
  await compare.show('Slices');
  await expect(compare.warnings).toContainText('Different data sets: beauty-club, other-club.');
  await compare.openReport();
  await compare.report.getByRole('button', { name: 'Include other documents' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Comparison: Two data sets' }).click();
  await page.keyboard.press('Escape');
  const preview = compare.report.getByTitle('Preview of the report').contentFrame();
  await expect(preview.getByRole('table').first()).toContainText('Two data sets');
  await expect(preview.getByRole('article')).toHaveCount(2);
  await compare.closeReport();
  await compare.warnings.getByRole('button', { name: 'Show the protocols' }).click();
  await expect(page.getByRole('table', { name: 'Protocols' })).toContainText('data set fingerprint');

  await app.command('Go to Published');
  await choose(page.getByRole('combobox', { name: 'Data set' }), 'MovieLens-1M');
  await choose(page.getByRole('combobox', { name: 'Metric' }), 'HR@10');
  await choose(page.getByRole('combobox', { name: 'Metric' }), 'NDCG@10');
  const printed = page.getByRole('table', { name: 'NDCG@10 published and ours' });
  await expect(printed.getByRole('row', { name: /^HSTU(?!,)/ })).toContainText('0.1639');
  await expect(printed.getByRole('link', { name: 'RecTools' })).toHaveAttribute(
    'href',
    /^https:\/\/github\.com/,
  );
  expect(page.url()).toContain('dataset=ml-1m');
  await expectAccessible(app);
  // Choosing leaves no trail: Back is where the user came from.
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Published', level: 1 })).toHaveCount(0);
  expect(app.problems).toEqual([]);
});
