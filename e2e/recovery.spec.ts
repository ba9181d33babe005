import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { BrowserShell } from './fixtures/browser-shell.ts';
import { CLI } from './fixtures/session.ts';
import { expect, type Fixtures, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

test.use({ ownSession: true });

async function importClub(home: string, tessera: Fixtures['tessera']): Promise<void> {
  const files = writeSample(join(home, 'files'), { users: 300, items: 150 });
  await tessera('datasets', 'import', ...files, '--name', 'club');
}

test('a trainer that is killed is told of, keeps what it had and goes on; a reload loses nothing', async ({
  app,
  home,
  shell,
  tessera,
}) => {
  const { page } = app;
  await importClub(home, tessera);
  await app.open();
  await expect(app.sidebar).toBeVisible();
  await pressShortcut(page, 'n');
  const config = { Epochs: '4000', Patience: '0' };
  await app.newRun.fill({ model: 'bprmf', dataset: 'club', name: 'long', config });
  await app.newRun.start();
  await app.command('Go to Runs');
  await app.runs.row('long').dblclick();
  await app.run.watchMove(app.run.chart('Loss'));

  await page.reload();
  await expect(app.run.progress).toBeVisible();
  await app.run.watchMove(app.run.chart('Loss'));

  const [trainer] = await shell.trainers();
  expect(trainer).toBeGreaterThan(0);
  process.kill(trainer, 'SIGKILL');
  await expect(app.messages).toContainText('long');
  await expect(page.getByRole('main')).toContainText(/crashed|killed/);
  await expect(page.getByRole('main')).toContainText(/Saved through epoch \d+, step \d+/);

  await app.run.button('Resume').click();
  await expect(app.run.progress).toBeVisible();
  await app.run.watchMove(app.run.chart('Loss'));
  expect(await shell.trainers()).toHaveLength(1);
  await app.run.button('Cancel').click();
  await expect(app.run.progress).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

test('runs that train when the program ends wait in the queue and go on in the next session', async ({
  app,
  home,
  shell,
  tessera,
  shellKind,
  page: another,
}) => {
  test.skip(shellKind !== 'browser', 'a second session of the desktop shell needs a second program');
  await importClub(home, tessera);
  await app.open();
  await expect(app.sidebar).toBeVisible();
  await pressShortcut(app.page, 'n');
  const config = { Epochs: '4000', Patience: '0' };
  await app.newRun.fill({ model: 'bprmf', dataset: 'club', name: 'long', config });
  await app.newRun.start();
  await expect(app.runs.row('long')).toContainText(/\d+ of 4000/);

  await shell.close();
  await expect(app.page.getByRole('alert')).toContainText('Tessera is not responding');
  const next = await BrowserShell.start(home, another, home);
  await next.open();
  await app.sidebar.getByRole('link', { name: 'Runs' }).click();
  await expect(app.runs.row('long')).toContainText(/\d+ of 4000/);
  await next.close();
});

test('a run that the command line trains is watched, and stopped from the window', async ({
  app,
  home,
  tessera,
}) => {
  test.skip(process.platform === 'win32', 'Windows has no such signal');
  const { page } = app;
  await importClub(home, tessera);
  const training = ['train', '--dataset', 'club', '--model', 'bprmf', '--name', 'elsewhere'];
  const endless = ['--set', 'epochs=4000', '--set', 'patience=0', '--device', 'cpu', '--threads', '1'];
  const trainer = spawn(process.execPath, [CLI, '--home', home, ...training, ...endless], {
    stdio: 'ignore',
  });
  try {
    await app.open('runs');
    await expect(app.runs.row('elsewhere')).toContainText(/Running|\d+ of 4000/);
    await app.runs.row('elsewhere').dblclick();
    await expect(page.getByRole('main')).toContainText(/Validation NDCG@10.*best so far.*Epoch/);
    await app.run.watchMove(app.run.chart('Loss'));
    await page.keyboard.press('Delete');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(app.messages).toBeEmpty();
    await app.run.button('Cancel').click();
    await expect(app.run.button('Resume')).toBeVisible();
  } finally {
    trainer.kill('SIGINT');
  }
  expect(app.problems).toEqual([]);
});
