import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expect, test } from './fixtures/test.ts';

const REASON = 'The disk cannot be read';

/** Lets a procedure fail as a defect of the program would, until it is let through again. */
async function failing(page: Page) {
  let failed: string | null = null;
  await page.routeWebSocket(/\/api$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const { i, p } = JSON.parse(String(message)) as { i: string; p?: { u?: string } };
      if (failed === null || !p?.u?.startsWith(failed)) return server.send(message);
      const error = { defined: false, code: 'INTERNAL_SERVER_ERROR', status: 500, message: REASON };
      socket.send(JSON.stringify({ i, p: { s: 500, b: { json: error } } }));
    });
  });
  return (procedure: string | null) => {
    failed = procedure;
  };
}

/** `known`: it was asked before, and is not again until the page is loaded anew. */
type Places = readonly (readonly [place: string, procedure: string, known?: 'known'])[];

/** Each place with the procedure that it asks: why there is no answer, and the answer once it is asked again. */
async function expectAskedAgain(page: Page, fail: (procedure: string | null) => void, places: Places) {
  for (const [place, procedure, known] of places) {
    fail(procedure);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${place}`);
    if (known) await page.reload();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert, `${place} without ${procedure}`).toContainText(REASON);
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
  const fail = await failing(page);
  await app.open();
  await expectAskedAgain(page, fail, [
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
  tessera('datasets', 'import', ...paths, '--name', 'club');
  tessera('train', '--dataset', 'club', '--model', 'popularity', '--name', 'pop');
  tessera('train', '--dataset', 'club', '--model', 'bprmf', '--name', 'mf', '--set', 'epochs=2');
  const fail = await failing(page);
  await app.open();
  await expectAskedAgain(page, fail, [
    ['home', '/queue/show', 'known'],
    ['home', '/compare/leaderboards', 'known'],
    ['home', '/studies/list', 'known'],
    ['datasets/club', '/datasets/show'],
    ['datasets/club', '/datasets/activity'],
    ['datasets/club/items', '/datasets/items'],
    ['run/mf', '/runs/show'],
    ['run/mf/curves', '/runs/series', 'known'],
    ['run/mf/slices', '/compare/slices'],
    ['run/mf/config', '/models/list', 'known'],
    ['run/mf/system', '/runs/system'],
    ['run/mf/log', '/runs/logs'],
    ['run/mf/recommendations', '/datasets/users'],
    ['compare?runs=pop,mf', '/compare/table'],
    ['compare?runs=pop,mf&view=curves', '/compare/curves'],
    ['compare?runs=pop,mf&view=slices', '/compare/slices'],
    ['compare?runs=pop,mf&view=published', '/published/datasets'],
  ]);
});
