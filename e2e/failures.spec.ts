import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { some } from '../test/form.ts';
import { betweenPageAndHub } from './fixtures/socket.ts';
import { expect, test } from './fixtures/test.ts';

/** `known`: the answer is cached from before, until the page is reloaded. */
type Places = readonly (readonly [place: string, procedure: string, known?: 'known'])[];

/** Each place with the procedure that it asks, in the short form every other one: why there is no answer, and the answer once it is asked again. */
async function expectAskedAgain(page: Page, all: Places) {
  const tried = new Set(some(all, all.length / 2));
  // In their order: what one has asked may be known to the next.
  const places = all.filter((place) => tried.has(place));
  const { fail, reason } = await betweenPageAndHub(page);
  await page.reload();
  for (const [place, procedure, known] of places) {
    fail(procedure);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${place}`);
    if (known) await page.reload();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert, `${place} without ${procedure}`).toContainText(reason);
    fail(null);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(alert).toBeHidden();
  }
}

test.beforeEach(({ shellKind }) => {
  test.skip(shellKind !== 'browser', 'the desktop shell has no socket to stand in for');
});

test('a screen whose question fails says why, and asks it again', async ({ app, shell }) => {
  const { page } = shell;
  await app.open();
  await expectAskedAgain(page, [
    ['home', '/datasets/list', 'known'],
    ['runs', '/runs/totals', 'known'],
    ['datasets', '/datasets/list', 'known'],
    ['compare', '/runs/table'],
    ['trash', '/trash/list'],
    ['codebooks', '/codebooks/list'],
    ['language/pipeline', '/language/pipeline'],
    ['settings', '/settings/system', 'known'],
  ]);
});

test('a view whose question fails says why, and asks it again', async ({ app, home, shell, tessera }) => {
  const { page } = shell;
  const paths = writeSample(join(home, 'files'), { users: 200, items: 60, seed: 1 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
  await tessera('train', '--dataset', 'club', '--model', 'popularity', '--name', 'pop');
  await tessera('train', '--dataset', 'club', '--model', 'bprmf', '--name', 'mf', '--set', 'epochs=2');
  await app.open();
  const ids: string[] = [];
  for (const name of ['pop', 'mf']) {
    await app.command('Go to Runs');
    await app.runs.row(name).dblclick();
    await expect(page.getByRole('heading', { name })).toBeVisible();
    ids.push(/run\/(\w+)/.exec(page.url())?.[1] ?? '');
  }
  const [run, compare] = [`run/${ids[1]}`, `compare?runs=${ids.join(',')}`];
  await expectAskedAgain(page, [
    ['home', '/queue/show', 'known'],
    ['home', '/compare/leaderboards', 'known'],
    ['home', '/studies/list', 'known'],
    ['datasets/club', '/datasets/show'],
    ['datasets/club', '/datasets/activity', 'known'],
    ['datasets/club/items', '/datasets/items'],
    [run, '/runs/show', 'known'],
    [`${run}/curves`, '/runs/series', 'known'],
    [`${run}/slices`, '/compare/slices'],
    [`${run}/config`, '/models/list', 'known'],
    [`${run}/system`, '/runs/system'],
    [`${run}/log`, '/runs/logs'],
    [`${run}/recommendations`, '/datasets/users'],
    [compare, '/compare/table'],
    [`${compare}&view=curves`, '/compare/curves', 'known'],
    [`${compare}&view=slices`, '/compare/slices'],
  ]);
});
