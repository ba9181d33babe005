import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { hostSchema } from '../src/core/api/hosts.ts';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { expectAccessible } from './fixtures/accessibility.ts';
import { AwayRuns, HOSTS, jobOf, keepHosts } from './fixtures/hosts.ts';
import { StandInSsh } from './fixtures/ssh.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';
import { choose } from './pages/select.ts';

// Which ssh it takes, it learns when it starts.
test.use({ ownSession: true });
test.skip(process.platform === 'win32', 'the stand-in for ssh is a script of sh');

async function importClub(home: string, tessera: (...args: string[]) => Promise<void>): Promise<void> {
  const paths = writeSample(join(home, 'files'), { users: 200, items: 120 });
  await tessera('datasets', 'import', ...paths, '--name', 'club');
}

test('where runs train is asked once there is a host, and stays as it was the last time', async ({
  app,
  home,
  tessera,
}) => {
  const { page, newRun } = app;
  await importClub(home, tessera);
  await app.open();
  await pressShortcut(page, 'n');
  await newRun.open('Device');
  await expect(newRun.dialog.getByLabel('Train on', { exact: true })).toHaveCount(0);
  await expect(newRun.dialog.getByRole('link', { name: 'Train on another machine' })).toBeVisible();
  await page.keyboard.press('Escape');

  keepHosts(home);
  await pressShortcut(page, 'n');
  await newRun.fill({ model: 'bprmf' });
  await newRun.open('Where');
  const where = newRun.dialog.getByLabel('Train on', { exact: true });
  await choose(where, 'lab-2');
  await expect(newRun.dialog).toContainText('lab-2 has not been checked yet');
  await expect(newRun.dialog.getByLabel('Time limit', { exact: true })).toHaveCount(0);
  await choose(where, 'cluster');
  await expect(newRun.estimate).toContainText('No run on cluster to estimate from yet');
  await expect(newRun.estimate.getByRole('button', { name: 'Measure' })).toHaveCount(0);
  const time = newRun.dialog.getByLabel('Time limit', { exact: true });
  await expect(time).toHaveAttribute('placeholder', '4:00:00');
  await time.fill('soon');
  await expect(newRun.dialog).toContainText('Enter a time such as 4:00:00');
  await time.fill('1:00:00');
  await expect(newRun.command).toHaveAttribute('title', /--on cluster --time 1:00:00/);
  await expectAccessible(app);
  await newRun.start();

  await pressShortcut(page, 'n');
  await expect(newRun.dialog.getByRole('region', { name: 'Where' })).toContainText(
    'cluster: short, 4:00:00, 32G',
  );
  await page.keyboard.press('Escape');
  for (const [screen, button] of [
    ['sweeps', 'New sweep'],
    ['scaling', 'New study'],
  ]) {
    await page.evaluate((id) => {
      location.hash = `#/${id}`;
    }, screen);
    await page.getByRole('button', { name: button }).first().click();
    const dialog = page.getByRole('dialog');
    await newRun.open('Where');
    await expect(dialog.getByLabel('Train on', { exact: true })).toHaveAttribute('data-choice', 'cluster');
    await expect(dialog.getByLabel('Partition', { exact: true })).toHaveAttribute('placeholder', 'short');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  }
});

test('a run on a cluster says why it waits and what became of it, is not failed by silence, and can be taken home', async ({
  app,
  home,
  tessera,
}) => {
  const { page } = app;
  const ssh = new StandInSsh(home);
  keepHosts(home);
  await importClub(home, tessera);
  const run = ssh.sendRun(home);
  await app.open(`run/${run}`);
  const main = page.getByRole('main');
  await expect(main).toContainText(/Waiting on cluster for \d+ min: 2 jobs have a higher priority/);
  await expect(main).toContainText(
    'cluster · Slurm job 48213 · PENDING (Priority). Slurm expects a start about',
  );
  await expect(page.locator('.chip')).toHaveText(['Pending', 'cluster · job 48213']);
  await expect(main).toContainText('Submitted as 48213');
  await expect(main.locator('pre')).toHaveText(
    /^#!\/bin\/sh\n#SBATCH --job-name=\S+\n#SBATCH --output=\S+\n#SBATCH --partition=short/,
  );
  await expectAccessible(app);

  await page.evaluate(() => {
    location.hash = '#/queue';
  });
  const waiting = page.getByRole('region', { name: 'Waiting' });
  await expect(waiting).toContainText('2 jobs before it, since');
  await expect(waiting).toContainText('job 48213');
  ssh.silence(true);
  const stopped = page.getByRole('region', { name: 'Stopped' });
  await expect(stopped).toContainText('The job may still run; nothing is lost.');
  ssh.silence(false);
  await stopped.getByRole('button', { name: /^Check .* now$/ }).click();
  await expect(waiting).toContainText('PENDING (Priority)');
  const where = page.getByLabel('Where', { exact: true });
  await choose(where, 'This machine');
  await expect(waiting).toContainText('No runs are waiting.');
  expect(page.url()).toContain('?where=');
  await choose(where, 'cluster');
  await expect(waiting).toContainText('job 48213');
  await expectAccessible(app);

  await waiting.getByRole('link').click();
  await expect(main).toContainText('Submitted as 48213');
  // It is shown already. Asked for, it stays when the run ends.
  await page.getByRole('tab', { name: 'Timeline' }).click();
  ssh.endJob('OUT_OF_MEMORY');
  await expect(main).toContainText('No checkpoint was saved');
  await expect(main).toContainText('Submitted as 48213');
  await expect(main.getByRole('listitem').last()).toContainText('Out of memory');
  await page.evaluate(() => {
    location.hash = '#/queue';
  });
  await stopped.getByRole('button', { name: /^Start again with 64 GB/ }).click();
  await waiting.getByRole('link').click();
  expect(jobOf(home, run)).toEqual({ gpus: '1', memory: '64G' });
  await page.getByRole('button', { name: 'Train here instead' }).click();
  await expect(main).toContainText('Waiting in the queue, place 1');
  await expect(page.locator('.chip')).toHaveCount(0);
});

test('machines are added from the ssh config, checked, mended, set up, cleaned and removed in their screen', async ({
  app,
  home,
}) => {
  const { page } = app;
  const ssh = new StandInSsh(home);
  writeFileSync(join(home, 'ssh-config'), 'Host lab-2 box\n  User ada\nHost *.example\n');
  // The address of before leads there.
  await app.open('settings/hosts');
  const main = page.getByRole('main');
  await expect(main).toContainText('This machine is idle');
  await main.getByRole('button', { name: 'Add a machine' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Add a machine' });
  await expect(
    dialog.getByRole('group', { name: 'Hosts of your ssh config' }).getByRole('button'),
  ).toHaveText(['lab-2', 'box']);
  await dialog.getByRole('button', { name: 'lab-2' }).click();
  ssh.silence(true);
  await dialog.getByRole('button', { name: 'Connect and add' }).click();
  await expect(dialog).toContainText('Could not add the machine: lab-2');
  ssh.silence(false);
  await dialog.getByRole('button', { name: 'Connect and add' }).click();
  await expect(main).toContainText('lab-2 has not been checked');
  ssh.silence(true);
  await main.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(main).toContainText('lab-2 is not ready, one problem');
  await expect(main.getByRole('link', { name: 'lab-2' })).toHaveAccessibleDescription(
    'It is not ready, one problem.',
  );
  ssh.silence(false);
  await expectAccessible(app);

  keepHosts(home, [...HOSTS, hostSchema.parse({ name: 'old' })]);
  await page.evaluate(() => {
    location.hash = '#/machines';
  });
  await expect(app.sidebar.getByRole('link', { name: 'Machines' })).toHaveAttribute('data-count', '4');
  await main.getByRole('link', { name: 'This machine' }).press('ArrowDown');
  await expect(main).toContainText('cluster is idle');
  await main.getByRole('tab', { name: 'Check' }).click();
  await expect(main).toContainText('cluster is ready, one thing to know');
  await expect(main.getByRole('list', { name: 'What was checked' }).getByRole('listitem')).toHaveCount(8);
  await main.getByRole('button', { name: 'Use long' }).click();
  const stop = main.getByRole('button', { name: 'Stop checking' });
  await stop.click();
  await expect(stop).toHaveCount(0);
  await main.getByRole('tab', { name: 'Jobs' }).click();
  const jobs = main.getByRole('form', { name: 'How jobs are submitted' });
  await expect(jobs.getByLabel('Partition')).toHaveValue('long');
  await jobs.getByLabel('Time limit').fill('soon');
  await expect(jobs).toContainText('Enter a time such as 4:00:00');
  await jobs.getByLabel('Time limit').fill('8:00:00');
  await expect(jobs.locator('code')).toContainText('sbatch --parsable --partition=long --time=8:00:00');
  await jobs.getByRole('button', { name: 'Save' }).click();
  await expect(jobs.getByRole('button', { name: 'Save' })).toHaveCount(0);
  await expectAccessible(app);

  await main.getByRole('button', { name: 'More for cluster' }).click();
  await page.getByRole('menuitem', { name: 'Clean up what no run needs' }).click();
  await expect(app.messages).toContainText('on cluster');
  await main.getByRole('link', { name: 'old' }).click();
  await main.getByRole('button', { name: 'More for old' }).click();
  await page.getByRole('menuitem', { name: 'Remove machine' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(main.getByRole('link', { name: 'old' })).toHaveCount(0);
});

test('a machine that asks its user, one out of contact and one that is to stop a run say so, at 1,024 too', async ({
  app,
  home,
  tessera,
}) => {
  const { page } = app;
  await importClub(home, tessera);
  const others = await AwayRuns.begin(home);
  await app.open('machines/lab-gpu');
  const main = page.getByRole('main');
  await expect(main).toContainText('lab-gpu trains 2 runs: 1 is to stop, 1 waits');
  const list = main.getByRole('navigation', { name: 'Machines' });
  await expect(list.locator('.chip')).toHaveText(['1 running', 'Asks you', 'No contact 2 h', '2 running']);
  await expect(main.getByText('Pending: stop')).toHaveAttribute('title', /not obeyed there yet/);
  await expect(main).toContainText('Refused');
  await expect(main.getByRole('heading', { name: /^Elsewhere/ })).toBeVisible();
  await expectAccessible(app);

  await page.setViewportSize({ width: 1024, height: 768 });
  await expect(list).toBeHidden();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBe(1024);
  await expectInside(main.getByRole('listitem').getByRole('button'), 1024);
  await choose(main.getByLabel('Machine', { exact: true }), 'epyc-lab');
  await expect(main).toContainText('No contact with epyc-lab for 2 h: 1 run may continue there');
  await main.getByRole('link', { name: /^HSTU/ }).press('Enter');
  await expect(main).toContainText('If epyc-lab vanished now, training here would continue from epoch 24');
  await expect(main.getByRole('listitem').filter({ hasText: 'Epoch 24 saved here' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Train here from epoch 24' })).toBeVisible();
  others.end();
});

/** None of them is cut off at the right. */
async function expectInside(controls: Locator, width: number): Promise<void> {
  const boxes = await Promise.all((await controls.all()).map((control) => control.boundingBox()));
  expect(boxes.length).toBeGreaterThan(3);
  for (const box of boxes) expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
}
