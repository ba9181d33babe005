import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { openStore } from '../src/core/store/open-store.ts';
import { unpack } from '../test/fixtures/old-home/answers.ts';
import { FORMS } from '../test/window/typed-forms.ts';
import type { Filling } from './fixtures/homes.ts';
import { keepHosts } from './fixtures/hosts.ts';
import { expect, test } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { pressShortcut } from './pages/keys.ts';
import { choose } from './pages/select.ts';
import { SettingsPage } from './pages/settings.ts';
import { type Typed, typedIn, typeInto } from './pages/typing.ts';

/** A run of every model, and a cluster. */
const everyModel: Filling = {
  name: 'every-model',
  make: async (_tessera, home) => {
    unpack(home);
    keepHosts(home);
  },
};
test.use({ filled: everyModel, ownSession: true });

type FormName = keyof typeof FORMS;

/** Shows a form with all of its fields, and tells where they are. */
type Open = () => Promise<Locator>;

/** Ids of runs by their names. */
function runsOf(home: string): Record<string, string> {
  const store = openStore(home);
  const ids = Object.fromEntries(store.runs.list().map(({ id, name }) => [name, id]));
  store.close();
  return ids;
}

/** Files that the window is given: ratings, lists of another program, and runs of another tracker. */
function filesOf(home: string) {
  const folder = `${home}-files`;
  const [ratings] = writeSample(folder, { users: 60, items: 60, seed: 1 });
  const rows = readFileSync(ratings, 'utf8').trim().split('\n').slice(1);
  const ids = (column: number) => [...new Set(rows.map((row) => row.split(',')[column]))];
  const items = ids(1);
  const lists = ids(0).flatMap((user) => items.slice(0, 20).map((item, at) => `${user},${item},${at + 1}`));
  const file = (name: string, lines: readonly string[]) => {
    writeFileSync(join(folder, name), lines.join('\n'));
    return join(folder, name);
  };
  return {
    folder,
    ratings,
    lists: file('lists.csv', ['user_id,item_id,rank', ...lists]),
    runs: file('runs.csv', ['name,ndcg@10,strange', 'theirs,0.5,1']),
  };
}

function formsOf(app: App, home: string, files: ReturnType<typeof filesOf>): Record<FormName, Open> {
  const { page, newRun, compare } = app;
  const main = page.getByRole('main');
  const id = runsOf(home);
  const compared = `compare?runs=${id.popularity},${id.itemknn}`;
  const dialog = page.getByRole('dialog');
  const go = (place: string) =>
    page.evaluate((hash) => {
      location.hash = `#/${hash}`;
    }, place);
  const press = async (within: Locator, name: string | RegExp) => {
    const button = within.getByRole('button', { name, exact: true });
    if (await button.isVisible()) await button.click();
  };
  /** Whatever is folded away is shown; what was before stays so. */
  const unfold = async (...sections: string[]) => {
    await expect(newRun.dialog.getByRole('button', { name: /^(Queue|Start)/ })).toBeVisible();
    for (const name of sections) {
      const section = newRun.dialog.getByRole('button', { name, exact: true, expanded: false });
      if (await section.isVisible()) await section.click();
    }
    await press(newRun.dialog, /^All \d+ settings/);
    return newRun.dialog;
  };
  /** Files are dropped once; after that the address says which. */
  const dropped = (file: string, title: RegExp) => {
    let place = '';
    return async () => {
      if (place === '') {
        await app.command('Go to Data sets');
        await app.drop(file);
      } else await go(place);
      await expect(main.getByRole('heading', { name: title })).toBeVisible();
      place = new URL(page.url()).hash.slice(2);
    };
  };
  const importRatings = dropped(files.ratings, /^Import(?! runs)/);
  const importRuns = dropped(files.runs, /^Import runs of/);
  return {
    'a new run': async () => {
      await app.command('Go to Runs');
      await pressShortcut(page, 'n');
      await unfold('Where', 'Name, tags', 'Protocol', 'SASRec');
      await choose(newRun.dialog.getByLabel('Train on', { exact: true }), 'cluster');
      await expect(newRun.dialog.getByLabel('Extra script lines')).toBeVisible();
      return newRun.dialog;
    },
    'a new search': async () => {
      await app.command('Go to Sweeps');
      await page.getByRole('button', { name: 'New sweep' }).first().click();
      await unfold('Search');
      await press(newRun.dialog, 'Vary Dropout');
      await press(newRun.dialog, 'List of Dropout');
      await choose(newRun.dialog.getByLabel('Choice of trials'), 'random');
      return newRun.dialog;
    },
    'a new study': async () => {
      await app.command('Go to Scaling');
      await page.getByRole('button', { name: 'New study' }).first().click();
      await unfold('Scaling');
      await press(newRun.dialog, 'Vary Size');
      await press(newRun.dialog, 'Vary Share of the users');
      return newRun.dialog;
    },
    'results of another program': async () => {
      await app.command('Go to Runs');
      await app.drop(files.lists);
      await expect(dialog.getByLabel('Seed', { exact: true })).toBeVisible();
      return dialog;
    },
    'tags and notes': async () => {
      await go(`run/${id.popularity}`);
      await app.run.button('Tags and notes').click();
      return dialog;
    },
    'the project of a run': async () => {
      await go(`run/${id.popularity}`);
      await main.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Move to a project' }).click();
      return dialog;
    },
    'the name of a run in the table': async () => {
      await app.command('Go to Runs');
      await app.runs.row('bprmf').first().click();
      await page.keyboard.press('F2');
      return app.runs.table;
    },
    'the name of a run on its page': async () => {
      await go(`run/${id.ease}`);
      await app.run.button('Tags and notes').waitFor();
      await pressShortcut(page, 'F2');
      return main;
    },
    'the name of a row of a comparison': async () => {
      await go(compared);
      await compare.row('Popularity').first().click();
      await pressShortcut(page, 'F2');
      return compare.table;
    },
    'a report': async () => {
      await go(compared);
      await compare.row('Popularity').first().waitFor();
      await compare.openReport();
      return dialog;
    },
    'a bundle': async () => {
      await go(compared);
      await compare.row('Popularity').first().waitFor();
      await main.getByRole('button', { name: 'Bundle' }).click();
      return dialog;
    },
    'a saved comparison': async () => {
      await go(compared);
      await compare.row('Popularity').first().waitFor();
      await (await compare.openSaved()).getByRole('menuitem', { name: /^Save this/ }).click();
      return dialog;
    },
    'an import': async () => {
      await importRatings();
      await expect(main.getByLabel('Name', { exact: true })).toBeVisible();
      if (!(await app.import.options.isVisible())) await app.import.openOptions();
      await choose(app.import.options.getByLabel('Tied timestamps'), 'shuffle');
      return main;
    },
    'runs of another tracker': async () => {
      await importRuns();
      return main;
    },
    'a prompt': async () => {
      await go('language');
      const dataset = main.getByLabel('Data set', { exact: true });
      if (!(await dataset.textContent())?.startsWith('sample')) await choose(dataset, 'sample');
      await expect(main.getByLabel('Answer yes')).toBeVisible();
      if (!(await main.getByLabel('Template', { exact: true }).and(main.locator('textarea')).isVisible()))
        await main.getByText('Edit as JSON').click();
      return main;
    },
    'answers of a language model': async () => {
      await go(`language/pipeline?run=${id.brew}`);
      return main.getByRole('region', { name: 'Answers of brew' });
    },
    'the user of a beam': async () => {
      await go(`codebooks/${id['rq-vae']}/beam`);
      return main.locator('form');
    },
    'a picture': async () => {
      await go(`codebooks/${id['rq-vae']}`);
      await expect(app.codebooks.code).toBeVisible();
      await page.keyboard.press('Shift+P');
      return dialog;
    },
    'a machine': async () => {
      await go('machines');
      await page.getByRole('button', { name: 'Add a machine' }).first().click();
      return dialog;
    },
    'jobs of a cluster': async () => {
      await go('machines/cluster');
      await page.getByRole('tab', { name: 'Jobs' }).click();
      return main;
    },
    'a project': async () => {
      await go('runs');
      await app.runs.project('New project');
      return dialog;
    },
    'the name of a view': async () => {
      await go('runs');
      await app.runs.view('Save view as');
      return page.getByLabel('Name of the view').locator('..');
    },
    settings: async () => {
      await go('settings');
      return main;
    },
  };
}

/** A name that is being changed where it stands is given up by Escape, and kept where the window is left. */
const isName = (form: string) => form.startsWith('the name of');

test('whatever is typed is there after a reload and where its form is shown again, in its data folder alone', async ({
  app,
  home,
}) => {
  const { page } = app;
  const files = filesOf(home);
  // With the same data sets and runs, so that all forms can be shown there.
  const other = `${home}-other`;
  const [forms, formsThere] = [1, 2].map(() => Object.entries(formsOf(app, home, files)));
  cpSync(home, other, { recursive: true });
  const typed = new Map<string, Typed>();
  const leave = async (form: string, isKept: boolean) => {
    if (isName(form) && isKept) await page.reload();
    else await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  };
  const expectAllThere = async () => {
    for (const [form, open] of forms)
      await test.step(`${form} is as it was left`, async () => {
        const scope = await open();
        await expect.poll(() => typedIn(scope)).toEqual(typed.get(form));
        await leave(form, true);
      });
  };
  await app.open();
  for (const [form, open] of forms)
    await test.step(form, async () => {
      const scope = await open();
      const now = await typeInto(scope);
      typed.set(form, now);
      const labels = FORMS[form as FormName].map((field) => field.replace(/^.*?: /, ''));
      const named = labels.filter((label) => /^[\w (:)]+$/.test(label));
      expect(Object.keys(now)).toEqual(expect.arrayContaining(named));
      expect(Object.keys(now).length).toBeGreaterThanOrEqual(labels.length);
      await leave(form, true);
    });
  await page.reload();
  await expectAllThere();

  const settings = new SettingsPage(page);
  const change = async (folder: string) => {
    await settings.open();
    await settings.askForFolder(folder);
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByRole('button', { name: 'Change folder' }).click();
    await expect(settings.dialog.getByLabel('Folder', { exact: true })).toHaveValue(folder);
    await settings.dialog.getByRole('button', { name: 'Open this folder' }).click();
    // As long as it is open, it has messages of its own.
    await expect(settings.dialog).toHaveCount(0);
    await expect(app.messages).toContainText('Opened another data folder');
    await expect(settings.dataFolder).toHaveText(folder);
  };
  await change(other);
  for (const [form, open] of formsThere)
    await test.step(`${form} is as it is at first in another folder`, async () => {
      const scope = await open();
      await expect.poll(async () => Object.keys(await typedIn(scope)).length).toBeGreaterThan(0);
      const now = Object.entries(await typedIn(scope));
      expect(now.filter(([label, text]) => text !== '' && text === typed.get(form)?.[label])).toEqual([]);
      await leave(form, false);
    });
  await change(home);
  await expectAllThere();

  await pressShortcut(page, 'n');
  await app.newRun.dialog.getByRole('button', { name: 'Discard' }).click();
  await expect(app.newRun.dialog.getByLabel('Seeds', { exact: true })).toHaveValue('1');
  await page.keyboard.press('Escape');
  await settings.open();
  await page.getByRole('button', { name: 'Change folder' }).click();
  await expect(settings.dialog.getByLabel('Folder', { exact: true })).toHaveValue('');
  expect(app.problems).toEqual([]);
  for (const folder of [other, files.folder]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
