import type { Page } from '@playwright/test';
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

const PLACES = [
  ['trash', '/trash/list'],
  ['codebooks', '/codebooks/list'],
  ['language/pipeline', '/language/pipeline'],
  ['settings', '/settings/system'],
] as const;

test('a screen whose question fails says why, and asks it again', async ({ app, shell, shellKind }) => {
  test.skip(shellKind !== 'browser', 'the desktop shell has no socket to stand in for');
  const { page } = shell;
  const fail = await failing(page);
  await app.open();
  for (const [place, procedure] of PLACES) {
    fail(procedure);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${place}`);
    await page.reload();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert).toContainText(REASON);
    fail(null);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(alert).toBeHidden();
  }
});
