import { betweenPageAndHub } from './fixtures/socket.ts';
import { expect, test } from './fixtures/test.ts';

const PLACES = [
  ['trash', '/trash/list'],
  ['codebooks', '/codebooks/list'],
  ['language/pipeline', '/language/pipeline'],
  ['settings', '/settings/system'],
] as const;

test('a screen whose question fails says why, and asks it again', async ({ app, shell, shellKind }) => {
  test.skip(shellKind !== 'browser', 'the desktop shell has no socket to stand in for');
  const { page } = shell;
  const { fail, reason } = await betweenPageAndHub(page);
  await app.open();
  for (const [place, procedure] of PLACES) {
    fail(procedure);
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${place}`);
    await page.reload();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert).toContainText(reason);
    fail(null);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expect(alert).toBeHidden();
  }
});
