/**
 * Takes a picture of every screen with MovieLens and Amazon Beauty from the folder TESSERA_DATA. Those that a document shows
 * go to docs/screens/, the others to out/screens/ to be looked at:
 * `TESSERA_DATA=FOLDER TESSERA_SCREENSHOTS=1 npm run test:e2e -- --project pictures`. Training takes about twenty
 * minutes; TESSERA_SCREENSHOTS=HOME keeps the trained runs in that home, in the system's temporary folder, for the next time.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { showTheme } from './fixtures/accessibility.ts';
import { test as base, expect } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { pressShortcut } from './pages/keys.ts';
import { choose } from './pages/select.ts';
import { SettingsPage } from './pages/settings.ts';

const PROJECT = join(import.meta.dirname, '..');
const documents = ['README.md', 'docs/tour.md'].map((file) => readFileSync(join(PROJECT, file), 'utf8'));
const DATA = process.env.TESSERA_DATA ?? '';
const KEPT = process.env.TESSERA_SCREENSHOTS ?? '1';

const test = base.extend({
  home: async ({ home }, use) => {
    if (KEPT !== '1') mkdirSync(KEPT, { recursive: true });
    await use(KEPT === '1' ? home : realpathSync(KEPT));
  },
});
/** Its runs go on when it ends, so its home is a copy. */
const onCopy = test.extend({
  home: async ({ home }, use) => {
    const copy = `${home}-copy`;
    cpSync(home, copy, { recursive: true });
    await use(copy);
    rmSync(copy, { recursive: true, force: true, maxRetries: 5 });
  },
});
if (DATA === '') throw new Error('set TESSERA_DATA to the folder that has ml-latest-small and amazon-beauty');
base.setTimeout(5_400_000);

/** One picture of each kind of screen is enough in the dark. */
const ALSO_DARK =
  /^(home|home-first|runs|run-curves|run-calibration|queue|compare|compare-calibration|compare-cold-start|data-set|import-clicks|new-run|published|scaling|sweep|codebooks.*)$/;

/** A picture tells of the program, and not of where it was taken. */
async function hidePlaces(page: Page, home: string): Promise<void> {
  const program = dirname(realpathSync(join(PROJECT, 'node_modules')));
  await page.evaluate(
    (places) => {
      const shown = (text: string) =>
        places.reduce((result, [place, name]) => result.replaceAll(place, name), text);
      const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
        if (node.nodeValue) node.nodeValue = shown(node.nodeValue);
      }
      for (const area of document.querySelectorAll('textarea')) area.value = shown(area.value);
    },
    [
      [home, '~/tessera'],
      [program, '/opt/tessera'],
      [DATA, '~/data'],
    ],
  );
}

async function picture(app: App, home: string, name: string): Promise<void> {
  await app.page.waitForLoadState('networkidle');
  await expect(app.page.locator('main[aria-busy="true"]')).toHaveCount(0);
  await settle(app.page);
  await takePicture(app, home, name);
}

/** Waits until two pictures are equal; what trains never stands still. */
async function settle(page: Page): Promise<void> {
  let before = await page.screenshot();
  for (let attempt = 0; attempt < 10; attempt++) {
    await page.waitForTimeout(300);
    const now = await page.screenshot();
    if (now.equals(before)) return;
    before = now;
  }
}

async function takePicture({ page, messages }: App, home: string, name: string): Promise<void> {
  await expect(messages.getByRole('listitem')).toHaveCount(0);
  await hidePlaces(page, home);
  // The ring of the keyboard is around what was pressed last.
  await page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement?.role === 'tab' && activeElement instanceof HTMLElement) activeElement.blur();
  });
  for (const theme of ALSO_DARK.test(name) ? (['light', 'dark'] as const) : (['light'] as const)) {
    await showTheme(page, theme);
    const file = `screens/${name}-${theme}.png`;
    const isShown = documents.some((text) => text.includes(file));
    await page.screenshot({ path: join(PROJECT, isShown ? 'docs' : 'out', file) });
  }
}

const settings = (...pairs: string[]) => pairs.flatMap((pair) => ['--set', pair]);

/** Everything that is looked at; what a kept home has already is not made again. */
async function prepare(home: string, tessera: (...args: string[]) => Promise<void>): Promise<void> {
  const once = async (name: string, ...args: string[]) => {
    const mark = join(home, `.picture-${name}`);
    if (existsSync(mark)) return;
    await tessera(...args);
    mkdirSync(mark);
  };
  await once('movielens', 'datasets', 'import', join(DATA, 'ml-latest-small'), '--name', 'movielens');
  await once('beauty', 'datasets', 'import', join(DATA, 'amazon-beauty'), '--name', 'beauty');
  const train = (model: string, dataset: string, seed: string, ...pairs: string[]) =>
    once(
      `${model}-${dataset}-${seed}`,
      ...['train', '--dataset', dataset, '--model', model, '--seed', seed, ...settings(...pairs)],
    );
  for (const model of ['popularity', 'itemknn', 'ease']) await train(model, 'movielens', '1');
  for (const seed of ['1', '2', '3']) {
    await train('bprmf', 'movielens', seed, 'epochs=20');
    await train('sasrec', 'movielens', seed, 'epochs=20', 'dim=64');
  }
  await train('hstu', 'movielens', '1', 'epochs=10', 'dim=64');
  await train('popularity', 'beauty', '1');
  await train('itemknn', 'beauty', '1');
  await train('sasrec', 'beauty', '1', 'epochs=3');
  for (const seed of ['1', '2']) await train('rq-vae', 'beauty', seed, 'epochs=20', 'evaluateEvery=2');
  await once(
    'tiger',
    ...['train', '--dataset', 'beauty', '--model', 'tiger', '--preset', 'small'],
    ...settings('epochs=2', 'evaluateEvery=1', 'tokeniser=rq-vae-beauty-seed2'),
  );
  const clicks = ['epochs=2', 'batchSize=1024', 'dim=16', 'bottom="32"', 'top=64-32'];
  for (const by of ['id', 'hash']) {
    await once(
      `dlrm-${by}`,
      ...['train', '--dataset', 'movielens', '--model', 'dlrm', '--name', `dlrm-by-${by}`],
      ...settings(...clicks, `itemRepresentation=${by}`, 'itemRows=2000', 'hiddenItems=0.1'),
    );
  }
  await once(
    'sweep',
    ...['sweep', 'run', '--dataset', 'movielens', '--model', 'sasrec', '--name', 'SASRec on MovieLens'],
    ...['--vary', 'dim=32,64,128', '--vary', 'dropout=0.1..0.6', '--vary', 'learningRate=log:3e-4..1e-2'],
    ...['--trials', '12', ...settings('epochs=10', 'maxLength=50')],
  );
  await once(
    'study',
    ...[
      'study',
      'run',
      '--dataset',
      'movielens',
      '--name',
      'sizes',
      '--sizes',
      '2x1x1,4x1x1,8x1x1,16x1x1,32x1x1',
    ],
    ...['--shares', '0.5,1', ...settings('epochs=2', 'maxLength=20', 'loss=full-softmax')],
    ...['--device', 'cpu', '--threads', '1'],
  );
}

base('the first launch', async ({ app, home }) => {
  const { page } = app;
  await app.open('home');
  await expect(page.getByText(/processor threads?, .* memory/).last()).toBeVisible();
  await picture(app, home, 'home-first');
  for (const empty of ['Runs', 'Compare', 'Data sets', 'Queue', 'Scaling']) {
    await app.command(`Go to ${empty}`);
    await expect(page.getByRole('heading', { name: empty, level: 1 })).toBeVisible();
    await picture(app, home, `${empty.toLowerCase().replace(' ', '-')}-empty`);
  }
  await app.command('Go to Codebooks');
  await expect(page.getByText('No Semantic IDs yet')).toBeVisible();
  await picture(app, home, 'codebooks-empty');
  await app.drop(join(DATA, 'ml-latest-small'));
  await app.import.remaining('Users');
  await picture(app, home, 'import');
  await app.page.keyboard.press('Escape');
  await app.command('Go to Data sets');
  await app.drop(join(DATA, 'ctr/frappe.csv'));
  await expect(page.getByRole('region', { name: 'Result after filters' })).toContainText(/\d/);
  await picture(app, home, 'import-clicks');
});

test('data sets, runs and comparisons', async ({ app, home, tessera }) => {
  await prepare(home, tessera);
  const { page, runs, compare } = app;
  await app.open('datasets');
  await expect(page.getByRole('grid', { name: 'Data sets' })).toContainText('beauty');
  await picture(app, home, 'data-sets');
  await page
    .getByRole('grid', { name: 'Data sets' })
    .getByRole('row')
    .filter({ hasText: 'movielens' })
    .dblclick();
  await expect(page.getByRole('img', { name: /Sequence length/ })).toBeVisible();
  await picture(app, home, 'data-set');
  await page.getByRole('tab', { name: 'Items' }).click();
  await expect(page.getByRole('grid', { name: 'Items' }).getByRole('row').nth(5)).toBeVisible();
  await picture(app, home, 'data-set-items');

  for (const screen of ['Published', 'Settings', 'Runs']) {
    await app.command(`Go to ${screen}`);
    await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible();
    if (screen === 'Settings') await expect(page.getByRole('radio', { name: /^CPU/ })).toBeVisible();
    if (screen === 'Runs') {
      await runs.foldSeeds.check();
      await expect(runs.row('sasrec-movielens')).toContainText(/0\.\d{4} ± /);
    }
    await picture(app, home, screen.toLowerCase());
  }
  await runs.row('sasrec-movielens').getByRole('button', { name: 'Open' }).click();
  await expect(runs.row('sasrec-movielens-seed2')).toContainText(/0\.\d{4}/);
  await picture(app, home, 'runs-seeds');
  await runs.row('3 seeds').first().getByRole('button', { name: 'Close' }).click();

  await runs.foldSeeds.uncheck();
  await runs.search.fill('movielens-seed1');
  await runs.row('sasrec-movielens-seed1').dblclick();
  await app.run.eachView((name) => picture(app, home, name));
  await app.command('Go to Runs');
  await runs.search.fill('dlrm-by-hash');
  await runs.row('dlrm-by-hash').dblclick();
  await app.run.show('Calibration');
  await expect(page.getByRole('table', { name: 'Bins' }).getByRole('row')).not.toHaveCount(1);
  await picture(app, home, 'run-calibration');

  await app.command('Go to Compare');
  await compare.chooseRuns('dlrm-by-id', 'dlrm-by-hash');
  for (const tab of ['Calibration', 'Cold start']) {
    await compare.show(tab);
    await picture(app, home, `compare-${tab.toLowerCase().replace(' ', '-')}`);
  }
  await app.command('Go to Runs');
  await app.command('Go to Compare');
  const models = ['popularity', 'itemknn', 'ease', 'hstu', 'bprmf', 'sasrec'];
  await compare.chooseRuns(...models.map((model) => `${model}-movielens`));
  await expect(compare.row('bprmf')).toContainText(/0\.\d{4}/);
  await compare.eachView((name) => picture(app, home, name));
  await compare.show('Metrics');
  await compare.openReport();
  await compare.choose('HTML, one file', 'html');
  // Last: the frame of the preview, in which no script runs, is never idle.
  await takePicture(app, home, 'report');
});

test('codebooks, sweeps and scaling', async ({ app, home, tessera }) => {
  await prepare(home, tessera);
  const { codebooks, page } = app;
  await app.open('codebooks');
  await expect(codebooks.code).toBeVisible();
  await picture(app, home, 'codebooks');
  await codebooks.showFurther('Prefixes');
  await choose(page.getByRole('combobox', { name: 'Shape of the tree' }), 'Sunburst');
  await codebooks.tree.scrollIntoViewIfNeeded();
  await picture(app, home, 'codebooks-sunburst');
  await codebooks.show('Item');
  await codebooks.items.getByRole('row').nth(1).click();
  await expect(codebooks.card).toContainText('Nearest by prefix');
  await picture(app, home, 'codebooks-item');
  await page.keyboard.press('Escape');
  await codebooks.eachView((name) => picture(app, home, name));
  await app.command('Go to Sweeps');
  await expect(page.getByRole('link', { name: 'SASRec on MovieLens' })).toBeVisible();
  await picture(app, home, 'sweeps');
  await page.getByRole('link', { name: 'SASRec on MovieLens' }).click();
  await expect(page.getByRole('grid', { name: 'Trials' })).toBeVisible();
  await picture(app, home, 'sweep');
  await app.command('Go to Scaling');
  await picture(app, home, 'scaling-list');
  await page.getByRole('button', { name: 'New study' }).click();
  await expect(page.getByRole('dialog').getByRole('table', { name: 'Grid' })).toBeVisible();
  await picture(app, home, 'scaling-new');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'sizes' }).click();
  await expect(page.getByRole('table', { name: 'Laws' })).toBeVisible();
  await picture(app, home, 'scaling');
});

onCopy('what is open over a screen, and what trains', async ({ app, home }) => {
  const { page, newRun } = app;
  await app.open();
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Command' }).fill('go');
  await picture(app, home, 'commands');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await picture(app, home, 'shortcuts');
  await page.keyboard.press('Escape');
  await app.command('Go to Settings');
  const dialog = new SettingsPage(page);
  await dialog.askForFolder(tmpdir());
  await expect(dialog.dialog.getByRole('alert')).toContainText('not empty');
  await picture(app, home, 'data-folder');
  await page.keyboard.press('Escape');

  await pressShortcut(page, 'n');
  await newRun.fill({ model: 'sasrec', dataset: 'beauty', seeds: '2-3', config: { Epochs: '5' } });
  await expect(newRun.estimate).toContainText('Parameters');
  await picture(app, home, 'new-run');
  await newRun.start();
  await app.command('Go to Home');
  await expect(page.getByRole('img', { name: /by step/ })).toBeVisible({ timeout: 600_000 });
  await picture(app, home, 'home');
  await app.command('Go to Queue');
  await expect(page.getByRole('region', { name: 'Running' }).getByRole('progressbar')).toBeVisible();
  await picture(app, home, 'queue');
});
